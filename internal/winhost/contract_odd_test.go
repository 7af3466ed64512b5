// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// become makes a world odd for one case.
func (w *world) become(t *testing.T, odd windows.Odd) {
	t.Helper()
	w.setup.Odd.Become(odd)
	t.Cleanup(func() { w.setup.Odd.Become(windows.Odd{}) })
}

// unreadable arranges two suspended jobs, {good} and {job}, a member of which can't be read.
func unreadable(member string) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		v["good"] = string(w.job(t, w.admin(), "/hold"))
		in(bits.StateSuspended)(t, w, v)
		w.become(t, windows.Odd{Unreadable: map[bits.JobID]string{bits.JobID(v["job"]): member}})
	}
}

// odd arranges a job in a state on an odd host: {job}.
func odd(state bits.State, how windows.Odd) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		in(state)(t, w, v)
		w.become(t, how)
	}
}

// oddCases are about objects of the module BitsTransfer that do not show all of a job, show it in another way than most, or forget
// what was set: nothing documents their getters, their types and what they do with unbound parameters.
func oddCases() []contractCase {
	const unread = `{"code":"unreadable","hresult":"0x80200001","step":"read:FileList","text":"*"}`
	forgets := windows.Odd{ForgetsPriority: true}
	high := func(state bits.State) func(t *testing.T, w *world, v vars) {
		return func(t *testing.T, w *world, v vars) {
			t.Helper()
			odd(state, forgets)(t, w, v)
			if err := w.service.SetPriority(w.admin(), bits.JobID(v["job"]), bits.PriorityHigh); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []contractCase{
		{
			name: "a list survives a job that can't be read", arrange: unreadable("FileList"), ask: `[{"op":"list"}]`,
			want: `[{"v":{"count":2},"jobs":[{"id":"{good}","unread":null},{"id":"{job}","display_name":"contract","unread":` + unread + `}]}]`,
		},
		{
			name: "a list survives a job without an id", arrange: unreadable("JobId"), ask: `[{"op":"list"}]`,
			want: `[{"v":{"count":2},"jobs":[{"id":"{good}"},{"id":"#1","display_name":"contract","unread":{"step":"read:JobId"}}]}]`,
		},
		{
			name: "a list survives a job without a name", arrange: unreadable("DisplayName"), ask: `[{"op":"list"}]`,
			want: `[{"v":{"count":2},"jobs":[{"id":"{good}"},{"id":"{job}","display_name":"","unread":{"step":"read:DisplayName"}}]}]`,
		},
		{
			name: "a job that can't be read is listed all the same", arrange: unreadable("FileList"),
			ask:  `[{"op":"get","id":"{job}"},{"op":"complete","id":"{job}"},{"op":"get","id":"{good}"}]`,
			want: `[{"e":` + unread + `},{"e":` + unread + `},{"v":{"job":{"id":"{good}"}}}]`,
		},
		{
			name: "a job that can't be read can be removed", arrange: unreadable("FileList"), ask: `[{"op":"remove","id":"{job}"}]`,
			want: `[{"v":{"absent":false}}]`, after: gone,
		},
		{
			name: "what a job can be without is null", arrange: unreadable("OwnerAccount"), ask: `[{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"id":"{job}","owner_sid":null,"owner_name":null,"priority":"normal"}}}]`,
		},
		{
			name: "a job without a time of creation", arrange: unreadable("CreationTime"), ask: `[{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"id":"{job}","created_at":null,"modified_at":"*"}}}]`,
		},
		{
			name: "a create whose job can't be read leaves nothing behind",
			arrange: func(t *testing.T, w *world, _ vars) {
				t.Helper()
				w.become(t, windows.Odd{Unreadable: map[bits.JobID]string{windows.EveryJob: "FileList"}})
			},
			ask: `[{"op":"create","token":"{token}","job":{"transfer_type":"download","priority":"normal",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}]`,
			want: `[{"e":` + unread + `}]`,
			after: func(_ *testing.T, w *world, _ vars) error {
				if jobs, err := w.service.Jobs(system(), true); err != nil || len(jobs) > 0 {
					return fmt.Errorf("%d jobs are left, %w", len(jobs), err)
				}
				return nil
			},
		},
		{
			name: "a code that is unsigned is the same code", arrange: odd(bits.StateError, windows.Odd{UnsignedCodes: true}),
			ask: `[{"op":"get","id":"{job}"}]`, want: `[{"v":{"job":{"state":"error","error":{"hresult":"0x80190194"}}}}]`,
		},
		{
			name: "an error whose code the module does not tell comes with the host's words",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				in(bits.StateError)(t, w, v)
				w.become(t, windows.Odd{Unreadable: map[bits.JobID]string{bits.JobID(v["job"]): "InternalErrorCode"}})
			},
			ask: `[{"op":"get","id":"{job}"}]`, want: `[{"v":{"job":{"state":"error","error":{"hresult":null,"context":"remote_file","text":"*"}}}}]`,
		},
		{
			name: "a commit sets the priority again that Set-BitsTransfer forgot", arrange: high(bits.StateSuspended),
			ask:  `[{"op":"commit","id":"{job}","display_name":"named","suspended":true}]`,
			want: `[{"v":{"job":{"display_name":"named","priority":"high"}}}]`,
		},
		{
			name: "a change sets the priority again that Set-BitsTransfer forgot", arrange: high(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"priority":"low","description":"d","minimum_retry_delay":90}},
				{"op":"change","id":"{job}","set":{"no_progress_timeout":5}}]`,
			want: `[{"v":{"job":{"description":"d","priority":"low","minimum_retry_delay":90}}},
				{"v":{"job":{"priority":"low","no_progress_timeout":5}}}]`,
		},
	}
}

// The time zones of odd hosts: one on each side of UTC, and one whose offset is no whole hour.
var oddZones = []string{"America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"}

// oddTimes are the kinds of time that a job may show.
var oddTimes = []string{"", windows.TimesUTC, windows.TimesBareUTC, windows.TimesBareLocal}

// timesScript reads a new job whose times are of each kind, in each zone.
func timesScript(t *testing.T, w *world) {
	id := w.jobIn(t, bits.StateTransferred)
	made, err := w.service.Job(w.admin(), id)
	if err != nil {
		t.Fatal(err)
	}
	c := w.client(t, admin)
	for _, zone := range oddZones {
		for _, kind := range oddTimes {
			w.become(t, windows.Odd{Times: kind, Zone: zone})
			job := jobOf(t, c.call(t, fmt.Sprintf(`[{"op":"get","id":%q}]`, id)).results[0])
			for what, pair := range map[string]struct {
				shown *string
				want  time.Time
			}{
				"creation": {job.CreatedAt, made.CreatedAt}, "change": {job.ModifiedAt, made.ModifiedAt},
				"end": {job.TransferredAt, *made.TransferredAt},
			} {
				if at, err := time.Parse(time.RFC3339, *pair.shown); err != nil || at.Sub(pair.want).Abs() > time.Microsecond {
					t.Errorf("%s %q: the time of its %s is %s, want %s", zone, kind, what, *pair.shown, pair.want)
				}
			}
		}
	}
}

// sweepOddTimes sweeps a pending job of more than an hour, and none that is younger, whatever the kind of its times. The clock is set
// while the agent waits, so that it has to be one that does not measure its idle time by it.
func sweepOddTimes(t *testing.T, w *world, c *client) {
	t.Helper()
	name := func() string { return bits.PendingPrefix + newToken() }
	for _, zone := range oddZones {
		for _, kind := range oddTimes {
			w.become(t, windows.Odd{Times: kind, Zone: zone})
			old := w.named(t, admin.caller(), name(), false)
			w.clock.Advance(time.Hour)
			young := w.named(t, admin.caller(), name(), false)
			w.clock.Advance(time.Minute)
			if removed := removedBy(t, c.call(t, `[{"op":"sweep"}]`).results[0]); len(removed) != 1 || removed[0] != string(old) {
				t.Errorf("%s %q: %v are removed, want %s alone, and not %s", zone, kind, removed, old, young)
			}
			if _, err := w.service.Cancel(admin.caller(), young); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// sweepUnreadable sweeps beside a job that can't be read, by a new agent where c is nil.
func sweepUnreadable(t *testing.T, w *world, c *client) {
	t.Helper()
	first := w.named(t, admin.caller(), bits.PendingPrefix+newToken(), false)
	odd := w.named(t, admin.caller(), bits.PendingPrefix+newToken(), false)
	last := w.named(t, admin.caller(), bits.PendingPrefix+newToken(), false)
	w.clock.Advance(2 * time.Hour)
	w.become(t, windows.Odd{Unreadable: map[bits.JobID]string{odd: "CreationTime"}})
	if c == nil {
		c = start(t, w, admin.caller())
	}
	result := c.call(t, `[{"op":"sweep"}]`).results[0]
	var swept struct{ V struct{ Notes []string } }
	if err := json.Unmarshal(result, &swept); err != nil {
		t.Fatal(err)
	}
	if removed := removedBy(t, result); !slices.Equal(removed, []string{string(first), string(last)}) {
		t.Errorf("removed are %v", removed)
	}
	if len(swept.V.Notes) != 1 || !strings.Contains(swept.V.Notes[0], string(odd)) {
		t.Errorf("the sweep answers %s", result)
	}
}
