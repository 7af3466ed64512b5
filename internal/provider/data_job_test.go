// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestOneJob reads the data source bits_job.
func TestOneJob(t *testing.T) {
	const third = "abcdef00-0000-4000-8000-000000000003"
	for _, test := range []struct {
		name   string
		config values
		want   map[string]any
		calls  string
	}{
		{"by id", values{"id": text(third)}, map[string]any{"id": third, "display_name": "weekly*", "state": "suspended", "host": "web01"}, "get " + third},
		{
			"by an id in capitals and braces, which stays as it is", values{"id": text("{ABCDEF00-0000-4000-8000-000000000003}")},
			map[string]any{"id": "{ABCDEF00-0000-4000-8000-000000000003}", "display_name": "weekly*"}, "get " + third,
		},
		{"by display name, in which nothing is a wildcard", values{"display_name": text("weekly*")}, map[string]any{"id": third, "display_name": "weekly*"}, "list mine=false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			population(r)
			state := r.mustRead("bits_job", test.config)
			for name, want := range test.want {
				if state[name] != want {
					t.Errorf("%s is %v, want %v", name, state[name], want)
				}
			}
			if calls := r.host.called(); len(calls) != 1 || strings.TrimSpace(calls[0]) != test.calls {
				t.Errorf("the host was asked %v", calls)
			}
		})
	}
}

func TestOneJobThatIsNotFound(t *testing.T) {
	const absent = "abcdef00-0000-4000-8000-000000000009"
	unreadable := bits.UnreadJob{ID: absent, DisplayName: "odd", Err: &bits.Error{Code: bits.CodeUnreadable, Step: "read:FileList", HResult: 0x80200001}}
	for _, test := range []struct {
		name   string
		config values
		blind  bool
		want   []string
		calls  int
	}{
		{"no job has the id", values{"id": text(absent)}, false, []string{`"id"`, "Job Not Found", "Unable to read job " + absent + " on web01", "only unfinished jobs"}, 1},
		{"no job has the name", values{"display_name": text("other")}, false, []string{`"display_name"`, "Job Not Found", `Unable to find job "other" on web01`, "no job with this name"}, 1},
		{"case matters", values{"display_name": text("nightly payload")}, false, []string{"no job with this name", "case-sensitive"}, 1},
		{
			"several jobs have the name", values{"display_name": text("twice")}, false,
			[]string{`"display_name"`, "2 jobs have this name: abcdef00-0000-4000-8000-000000000007, abcdef00-0000-4000-8000-000000000008", "Set id to one of these"}, 1,
		},
		{"a job that the host can't show", values{"display_name": text("odd")}, false, []string{"BITS Job Not Readable", "BG_E_NOT_FOUND"}, 1},
		{"an account that sees its own only, by id", values{"id": text("abcdef00-0000-4000-8000-000000000003")}, true, []string{"Job Not Visible"}, 1},
		{"an account that sees its own only, by name", values{"display_name": text("weekly*")}, true, []string{"sees only its own jobs"}, 1},
		{"neither", nil, false, []string{`"id"`, "Neither id nor display_name is set"}, 0},
		{"both", values{"id": text(absent), "display_name": text("odd")}, false, []string{`"display_name"`, "Both id and display_name are set"}, 0},
		{"an empty name", values{"display_name": text("")}, false, []string{`"display_name"`, "can't be empty"}, 0},
		{"no GUID", values{"id": text("nightly")}, false, []string{`"id"`, "Invalid Job ID"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			population(r)
			for _, last := range []string{"8", "7"} {
				r.host.put(bits.Job{ID: bits.JobID("abcdef00-0000-4000-8000-00000000000" + last), DisplayName: "twice", State: bits.StateQueued})
			}
			r.host.unread, r.host.blind = []bits.UnreadJob{unreadable}, test.blind
			_, diags := r.read("bits_job", test.config)
			if !failed(diags) {
				t.Fatal("it was found")
			}
			for _, want := range test.want {
				if !strings.Contains(formatted(diags), want) {
					t.Errorf("%q is missing in: %s", want, formatted(diags))
				}
			}
			if calls := r.host.called(); len(calls) != test.calls {
				t.Errorf("the host was asked %v", calls)
			}
		})
	}
}
