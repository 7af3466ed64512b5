// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// TestContractSweep is apart from the other cases, because its jobs have to be old: no agent of its world may be idle
// while the clock is set.
func TestContractSweep(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	pending := func() string { return bits.PendingPrefix + newToken() }
	tests := []struct {
		name    string
		display string
		owner   bitsvc.Caller
		age     time.Duration
		moves   bool // resumed
		goes    bool
	}{
		{name: "a pending job of more than an hour goes", display: pending(), owner: admin.caller(), age: hour + time.Minute, goes: true},
		{name: "another one goes, too", display: pending(), owner: admin.caller(), age: 30 * hour, goes: true},
		{name: "one that may be committed still stays", display: pending(), owner: admin.caller(), age: hour - time.Minute},
		{name: "one that somebody resumed stays", display: pending(), owner: admin.caller(), age: 2 * hour, moves: true},
		{name: "a job of another name stays", display: "nightly payload", owner: admin.caller(), age: 2 * hour},
		{name: "a name of 31 digits is no pending one", display: pending()[:len(pending())-1], owner: admin.caller(), age: 2 * hour},
		{name: "a name of 33 digits is no pending one", display: pending() + "0", owner: admin.caller(), age: 2 * hour},
		{name: "capitals are no pending name", display: bits.PendingPrefix + strings.Repeat("A", agent.TokenLength), owner: admin.caller(), age: 2 * hour},
		{name: "a pending name in capitals is none", display: strings.ToUpper(bits.PendingPrefix) + newToken(), owner: admin.caller(), age: 2 * hour},
		{name: "a pending name within another is none", display: "x" + pending(), owner: admin.caller(), age: 2 * hour},
		{name: "a line below a pending name makes another name", display: pending() + "\nx", owner: admin.caller(), age: 2 * hour},
		{name: "somebody else's pending job stays", display: pending(), owner: user.caller(), age: 2 * hour},
		{name: "a pending job of SYSTEM stays", display: pending(), owner: system(), age: 2 * hour},
	}
	const oldest = 30 * hour
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			w.pause()
			ids := make([]bits.JobID, len(tests))
			ages := []time.Duration{oldest, 2 * hour, hour + time.Minute, hour - time.Minute, 0}
			for k, age := range ages[:len(ages)-1] {
				for i, test := range tests {
					if test.age == age {
						ids[i] = w.named(t, test.owner, test.display, test.moves)
					}
				}
				w.clock.Advance(age - ages[k+1])
			}
			c := start(t, w, admin.caller())
			a := c.call(t, `[{"op":"sweep"},{"op":"list"}]`)
			removed := removedBy(t, a.results[0])
			again := c.again(t, `[{"op":"sweep"},{"op":"list"}]`)
			if string(again.results[0]) != string(a.results[0]) {
				t.Errorf("repeated, the sweep answers\n%s\ninstead of\n%s", again.results[0], a.results[0])
			}
			if more := removedBy(t, c.call(t, `[{"op":"sweep"}]`).results[0]); len(more) != 0 {
				t.Errorf("a second sweep removes %v", more)
			}
			for i, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					_, err := w.service.Job(system(), ids[i])
					if gone := err != nil; gone != test.goes || slices.Contains(removed, string(ids[i])) != test.goes {
						t.Errorf("the job is gone: %t, and told to be: %t", gone, slices.Contains(removed, string(ids[i])))
					}
				})
			}
			w.sweep(t)
			if kind.real {
				t.Run("times of any kind", func(t *testing.T) { sweepOddTimes(t, w, c) })
			} else {
				c = nil // the stand-in's idle time is over when the clock is set
			}
			t.Run("a job that can't be read stops nothing", func(t *testing.T) { sweepUnreadable(t, w, c) })
		})
		t.Run(kind.name+" leaves what it may not remove, and goes on", func(t *testing.T) {
			w := newWorld(t, kind.agents)
			mine, elevated := crowd.caller(), crowdElevated()
			id := w.named(t, mine, pending(), false)
			foreign := w.named(t, elevated, pending(), false) // which the process that is not elevated may not remove
			after := w.named(t, mine, pending(), false)
			w.clock.Advance(2 * hour)
			a := start(t, w, mine).call(t, `[{"op":"sweep"}]`)
			var r struct{ V agent.Swept }
			if err := json.Unmarshal(a.results[0], &r); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.V.Removed, []string{string(id), string(after)}) || len(r.V.Notes) != 1 ||
				!strings.Contains(r.V.Notes[0], string(foreign)) || !strings.Contains(r.V.Notes[0], "0x80070005") {
				t.Errorf("the sweep answers %s", a.results[0])
			}
		})
	}
}

// named makes a job of a name.
func (w *world) named(t *testing.T, owner bitsvc.Caller, name string, moves bool) bits.JobID {
	t.Helper()
	id := w.job(t, owner, "/hold")
	err := w.service.Do(owner, id, func(h *bitsvc.Handle) error { return h.SetDisplayName(name) })
	if err == nil && moves {
		err = w.service.Resume(owner, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// removedBy gives the ids of an answer to sweep.
func removedBy(t *testing.T, result json.RawMessage) []string {
	t.Helper()
	var r struct{ V *agent.Swept }
	if err := json.Unmarshal(result, &r); err != nil || r.V == nil || r.V.Removed == nil {
		t.Fatalf("%v: %s", err, result)
	}
	return r.V.Removed
}
