// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// askLimit is how long a host is asked what holds a job, after the time of the apply is over.
const askLimit = 15 * time.Second

// WhatHolds returns what to do about the last error of a job that BITS did not transfer in time; without one, what holds or can hold it;
// "" where nothing is known of its state.
type WhatHolds func(trouble.Situation) string

// AskWhatHolds asks the host for its jobs, policies and proxies when a wait timed out. ctx is that of the run: it does not end with the
// time of one apply.
func AskWhatHolds(ctx context.Context, to hosts.Host) WhatHolds {
	return func(s trouble.Situation) string {
		ctx, cancel := context.WithTimeout(ctx, askLimit)
		defer cancel()
		failed := s.Job.Error != nil
		if !failed && len(trouble.Held(s)) == 0 {
			return ""
		}
		// What can't be read stays unknown: this explains a warning, and decides nothing.
		if host, err := to.Describe(ctx, bits.HostQuery{Drive: s.Drive(), Account: s.Job.Owner.Name}); err == nil {
			s.Host = &host
		}
		if failed {
			return trouble.Explain(s).String()
		}
		if listing, err := to.Listing(ctx, false); err == nil {
			s.Listing = &listing
		}
		return heldWords(trouble.Held(s))
	}
}

// heldWords lists what holds a job, and what else can.
func heldWords(all []trouble.Advice) string {
	const mark = "\n  - "
	known, possible := "", ""
	for _, a := range all {
		if a.Known {
			known += mark + a.String()
		} else {
			possible += mark + a.String()
		}
	}
	var parts []string
	if known != "" {
		parts = append(parts, "The host reports what holds or slows it:"+known)
	}
	if possible != "" {
		parts = append(parts, "What can hold a job in this state:"+possible)
	}
	return strings.Join(parts, "\n\n")
}
