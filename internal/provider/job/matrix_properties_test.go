// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// managed is an attribute of the property matrix.
type managed struct {
	name  string
	first values          // as it was declared at first
	other values          // changed in the configuration
	same  values          // another spelling of the first; nil: there is none
	sent  bits.Properties // what the host has after the first
	drift bits.Properties // what somebody else set; empty: no host tells the property
}

// managedAttributes are all properties: those that a host tells, and secrets, of which the version is what changes.
func managedAttributes() []managed {
	others := map[string]values{
		"minimum_retry_delay": {"minimum_retry_delay": text("20m")}, "no_progress_timeout": {"no_progress_timeout": text("2h")},
		"maximum_download_time": {"maximum_download_time": text("3h")}, "transfer_policy": {"transfer_policy": textSet("standard")},
		"proxy": {"proxy": proxyOf(values{"usage": text("no_proxy")})}, "custom_headers": {"custom_headers": textMap("X-Key", "other")},
		"security_flags":     {"security_flags": textSet("enable_crl_check")},
		"client_certificate": {"client_certificate": certificateOfMachine(strings.Repeat("2C", 20))},
	}
	var all []managed
	for _, c := range propertyCases {
		all = append(all, managed{name: c.name, first: c.set, other: others[c.name], same: c.other, sent: c.sent, drift: c.drift})
	}
	for i, c := range secretCases {
		name := []string{"credentials", "proxy", "proxy", "custom_headers_wo_version"}[i]
		all = append(all, managed{name: name, first: c.set(testPassword, 1), other: c.set(otherSecret, 2), same: c.set(otherSecret, 1)})
	}
	return append(all,
		managed{name: "http_method", first: values{"http_method": text("POST")}, other: values{"http_method": text("PUT")}, sent: bits.Properties{HTTPMethod: new("POST")}},
		managed{name: "dynamic", first: values{"dynamic": yes()}, other: values{"dynamic": no()}, sent: bits.Properties{Dynamic: new(true)}},
	)
}

// propertyChange is what happens to a property between two plans.
type propertyChange struct {
	name   string
	before func(managed) values          // declared when the job was made
	after  func(managed, *rig) values    // declared now; nil: the property has no such thing
	drift  bool                          // somebody else set it
	ends   func(managed) bits.Properties // what a job that BITS still lists has in the end; nil: not compared
}

var propertyChanges = []propertyChange{
	{name: "nothing", before: first, after: firstAgain, ends: sent},
	{name: "set by somebody else", before: first, after: firstAgain, drift: true, ends: sent},
	{name: "declared", before: unset, after: firstAgain, ends: sent},
	{name: "declared, set before by somebody else", before: unset, after: firstAgain, drift: true, ends: sent},
	{name: "set by somebody else, not managed", before: unset, after: nothing, drift: true, ends: func(m managed) bits.Properties { return m.drift }},
	{name: "removed", before: first, after: nothing, ends: removed},
	{name: "another value", before: first, after: func(m managed, _ *rig) values { return m.other }},
	{name: "another spelling, or another secret of the same version", before: first, after: func(m managed, _ *rig) values { return m.same }, ends: sent},
	{name: "not known yet", before: first, after: func(m managed, r *rig) values { return m.unknown(r) }},
}

func first(m managed) values              { return m.first }
func unset(managed) values                { return nil }
func firstAgain(m managed, _ *rig) values { return m.first }
func nothing(managed, *rig) values        { return values{} }
func sent(m managed) bits.Properties      { return m.sent }

// removed is what the job has of a property that was removed: BITS' own default, or what it had.
func removed(m managed) bits.Properties {
	var own bits.Properties
	for _, row := range properties {
		if row.name == m.name && row.reset != nil {
			row.reset(&own)
			return own
		}
	}
	return m.sent
}

// has reports whether the job, where the host still has one, has properties.
func (h *fakeHost) has(p bits.Properties) bool {
	for _, job := range h.jobs {
		overlaid := *job
		h.set(&overlaid, p)
		if !reflect.DeepEqual(overlaid.Properties, job.Properties) {
			return false
		}
	}
	return true
}

// unknown are the attributes of the first declaration without their values.
func (m managed) unknown(r *rig) values {
	all := values{}
	for name := range m.first {
		all[name] = tftypes.NewValue(r.resource.AttributeTypes[name], tftypes.UnknownValue)
	}
	return all
}

// propertySituations are those that tell properties apart, by name.
var propertySituations = []string{
	"pending", "error", "transferred", "completed by somebody", "acknowledged", "acknowledged, replace for changes",
	"acknowledged, record changes",
}

// TestMatrixOfProperties does with each property what TestMatrix does with the other attributes, and compares with
// testdata/matrix_properties.txt: what the plan does with the property P, and for which ones. What is applied is
// compared with what the job has on the host then; of a job that is over nothing may be asked.
func TestMatrixOfProperties(t *testing.T) {
	tables := make([][]string, len(propertySituations))
	var cells atomic.Int64
	t.Run("situations", func(t *testing.T) {
		for i, name := range propertySituations {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				at := slices.IndexFunc(matrixStates, func(s situation) bool { return s.name == name })
				outcomes := make([]map[string][]string, len(propertyChanges))
				for k := range outcomes {
					outcomes[k] = map[string][]string{}
				}
				for _, m := range managedAttributes() {
					c := propertyCells{t: t, rig: ready(t), situation: matrixStates[at], managed: m, priors: map[priorKey]prior{}}
					for k, change := range propertyChanges {
						if outcome := c.plan(change); outcome != "" {
							outcomes[k][outcome] = append(outcomes[k][outcome], m.name)
							cells.Add(1)
						}
					}
				}
				for k, change := range propertyChanges {
					tables[i] = append(tables[i], tabulated(change.name, outcomes[k])...)
				}
			})
		}
	})
	var lines []string
	for i, name := range propertySituations {
		lines = append(append(lines, "# "+name), tables[i]...)
	}
	t.Logf("%d plans for %d properties", cells.Load(), len(managedAttributes()))
	golden(t, "matrix_properties.txt", strings.Join(lines, "\n")+"\n")
}

// propertyCells are the cells of one property in one situation, which share what the job was before.
type propertyCells struct {
	t         *testing.T
	rig       *rig
	situation situation
	managed   managed
	priors    map[priorKey]prior
}

// priorKey is what tells the jobs of one property in one situation apart, and prior such a job.
type (
	priorKey struct{ declared, drift bool }
	prior    struct {
		instance instance
		host     *fakeHost
	}
)

// before makes the job that a change is about, once, and returns it on a host of its own.
func (c *propertyCells) before(change propertyChange, declared values) instance {
	key := priorKey{len(change.before(c.managed)) > 0, change.drift}
	had, made := c.priors[key]
	if !made {
		s := c.situation
		if move := s.move; change.drift {
			s.move = func(j *bits.Job) {
				if move != nil {
					move(j)
				}
				c.rig.host.set(j, c.managed.drift)
			}
		}
		c.rig.host = newFakeHost()
		had.instance = s.reached(c.rig, s.declared(with(declared, change.before(c.managed))))
		had.host = c.rig.host
		c.priors[key] = had
	}
	c.rig.host = had.host.clone()
	return had.instance
}

// plan plans one change, and describes what becomes of the property P; what can't be is "". A plan that updates is applied.
func (c *propertyCells) plan(change propertyChange) string {
	t, r, m, s := c.t, c.rig, c.managed, c.situation
	t.Helper()
	over := s.ended || s.gone != ""
	after := change.after(m, r)
	if after == nil || change.drift && (s.ended || m.drift.Empty()) {
		return ""
	}
	declared := values{"files": fileList(urlA, pathA, urlB, pathB), "priority": text("foreground")} // which http_method and dynamic need
	prior := c.before(change, declared)
	config := s.declared(with(declared, after))
	p := r.plan(prior, config)
	refused := len(willFailAt(p.diags)) > 0
	if p.action() == "update" && p.config.IsFullyKnown() {
		name := strings.Join([]string{s.name, change.name, m.name}, ", ")
		r.keepsPromise(name, p, config)
		if over && r.host.mutated() {
			t.Errorf("%s: the host was asked for %v", name, r.host.called())
		}
		if change.ends != nil && !refused && !r.host.has(change.ends(m)) {
			t.Errorf("%s: the host has %+v", name, r.host.theJob(t).Properties)
		}
	}
	if words := strings.Fields(describe(p)); words[0] == "update" { // the property first, wherever its name comes in the alphabet
		at := slices.IndexFunc(words, func(word string) bool { return strings.TrimSuffix(word, "?") == m.name })
		if at > 0 {
			p := strings.ReplaceAll(words[at], m.name, "P")
			words = slices.Insert(slices.Delete(words, at, at+1), 1, p)
		}
		return strings.ReplaceAll(strings.Join(words, " "), `("`+m.name+`")`, `("P")`)
	}
	return strings.ReplaceAll(describe(p), m.name, "P")
}

// tabulated makes a line of each outcome, with the properties that have it unless all do.
func tabulated(change string, outcomes map[string][]string) []string {
	var lines []string
	for outcome, names := range outcomes {
		line := fmt.Sprintf("%-56s %s", change, outcome)
		if len(outcomes) > 1 {
			slices.Sort(names)
			line += ": " + strings.Join(slices.Compact(names), " ")
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}
