// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"fmt"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Conditions of what a host reports.
var (
	behind = when("other jobs run first", func(s Situation) bool {
		higher, same := s.others()
		return len(higher)+len(same) > 0
	})
	maybeBehind = when("other jobs may run first", func(s Situation) bool { return s.Listing == nil || behind.holds(s) })

	away = when("the owner is not logged on", func(s Situation) bool {
		return s.Host != nil && s.Host.LoggedOn != nil && !*s.Host.LoggedOn
	})
	maybeAway = when("the owner may not be logged on", func(s Situation) bool {
		return s.Host == nil || s.Host.LoggedOn == nil || away.holds(s)
	})

	// Whether LocalSystem's jobs use WinHTTP's proxy is not certain: see winhttp_proxy of the data source bits_host.
	withProxy    = when("LocalSystem has a proxy", func(s Situation) bool { return s.Host != nil && has(s.Host.SystemProxy) })
	withoutProxy = when("LocalSystem has no proxy", func(s Situation) bool {
		return s.Host != nil && s.Host.SystemProxy != nil && !s.Host.SystemProxy.AutoDetect && !has(s.Host.SystemProxy) &&
			!has(s.Host.WinHTTPProxy)
	})
	unknownProxy = when("the proxy of LocalSystem is not known", func(s Situation) bool {
		return !withProxy.holds(s) && !withoutProxy.holds(s)
	})
)

// has reports whether settings name a proxy. One that is looked for in the network (WPAD), as Windows does by default, may not exist.
func has(p *bits.ProxySettings) bool { return p != nil && p.Proxies+p.ScriptURL != "" }

// others returns the listed jobs that BITS moves before a background job, or in turns with it. Foreground jobs run beside it.
// Source: "Life Cycle of a BITS Job", learn.microsoft.com.
func (s Situation) others() (higher, same []bits.Job) {
	if s.Listing == nil {
		return nil, nil
	}
	classes := bits.Priorities()
	own := slices.Index(classes, s.Job.Priority)
	for _, j := range s.Listing.Jobs {
		moves := j.State == bits.StateQueued || j.State == bits.StateConnecting || j.State == bits.StateTransferring
		if class := slices.Index(classes, j.Priority); !moves || j.ID == s.Job.ID || j.Priority == bits.PriorityForeground {
			continue
		} else if class < own {
			higher = append(higher, j)
		} else if class == own {
			same = append(same, j)
		}
	}
	return higher, same
}

// ahead words the jobs that go first; "" when none is known.
func (s Situation) ahead() string {
	higher, same := s.others()
	var parts []string
	if len(higher) > 0 {
		parts = append(parts, fmt.Sprintf("%s of higher priority that BITS has not transferred yet (%s)", count(higher), names(higher)))
	}
	if len(same) > 0 {
		parts = append(parts, fmt.Sprintf("%s of the same priority (%s)", count(same), names(same)))
	}
	return strings.Join(parts, ", and ")
}

func count(jobs []bits.Job) string {
	if len(jobs) == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", len(jobs))
}

// names names the first few jobs.
func names(jobs []bits.Job) string {
	const most = 3
	var list []string
	for _, j := range jobs[:min(len(jobs), most)] {
		list = append(list, fmt.Sprintf("%s %q: %s, %s", j.ID, j.DisplayName, j.Priority, j.State))
	}
	if len(jobs) > most {
		list = append(list, "...")
	}
	return strings.Join(list, "; ")
}

// session words that the owner is not logged on; "" where that is not known.
func (s Situation) session() string {
	if !away.holds(s) {
		return ""
	}
	return "the owner has no interactive session on " + s.Address
}

// systemProxy words the proxy settings of LocalSystem; "" when they are not known.
func (s Situation) systemProxy() string {
	if !withProxy.holds(s) {
		return ""
	}
	if p := s.Host.SystemProxy; p.Proxies == "" {
		return "the proxy of the script " + p.ScriptURL
	}
	return s.Host.SystemProxy.Proxies
}
