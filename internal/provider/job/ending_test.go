// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// endedAt is a minute after the jobs of these tests were made.
var endedAt = fakeNow.Add(time.Minute)

func TestARefreshReportsWhoEndedAJobAndWhen(t *testing.T) {
	for _, test := range []struct {
		name    string
		history bits.History
		says    []string
		kept    bool
	}{
		{
			name: "completed by somebody", history: bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}, kept: true,
			says: []string{"BITS Job Was Completed", `was completed at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it`},
		},
		{
			name: "cancelled by somebody", history: bits.History{Ending: bits.EndingCancelled, By: `CORP\ops`, At: &endedAt},
			says: []string{"BITS Job Is Missing", `It was cancelled at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`},
		},
		{
			name: "cancelled, and the log does not tell by whom", history: bits.History{Ending: bits.EndingCancelled, At: &endedAt},
			says: []string{"It was cancelled at 2026-11-20T10:12:12Z; BITS no longer lists it."},
		},
		{
			name: "expired", history: bits.History{Ending: bits.EndingExpired, At: &endedAt},
			says: []string{"It was cancelled at 2026-11-20T10:12:12Z by BITS itself after the inactivity timeout", "90 days"},
		},
		{
			name: "unknown", history: bits.History{Ending: bits.EndingUnknown, Remark: "The log is disabled."},
			says: []string{`("nightly payload") on web01 was error`, "BITS no longer lists it: it was completed, was cancelled or has expired, and it is unknown whether its files arrived"},
		},
		{
			name: "ended before it was made", history: bits.History{Ending: bits.EndingCompleted, At: new(fakeNow.Add(-48 * time.Hour))},
			says: []string{"BITS no longer lists it: it was completed, was cancelled or has expired"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.brought(jobConfig(nil), failTransfer, false)
			r.host.gone(r.host.theJob(t).ID)
			r.host.history = test.history
			r.host.called()
			read, diags := r.refresh(prior)
			expectDiagnostic(t, diags, "WARNING", test.says...)
			if r.host.mutated() {
				t.Errorf("a refresh changed the host: %v", r.host.called())
			}
			if !test.kept {
				if got := describe(r.plan(read, jobConfig(nil))); got != "replace for state" || textOf(read.value, "state") != "missing" || !attribute(read.value, "error").IsNull() {
					t.Errorf("planned: %s of %s", got, textOf(read.value, "state"))
				}
				return
			}
			r.recordsOnce(read, jobConfig(nil), "2026-11-20T10:12:12Z")
			if diags := r.destroy(read); len(diags) > 0 || len(r.host.called()) > 0 {
				t.Errorf("a destroy dials or complains: %s", formatted(diags))
			}
			p := r.plan(read, jobConfig(values{"priority": text("high")}))
			expectDiagnostic(t, p.diags, "WARNING", `it was completed at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it; `+
				`a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`)
		})
	}
}

// recordsOnce expects that a completion is planned until it was applied, and never again; the apply dials nothing.
func (r *rig) recordsOnce(read instance, config values, at string) instance {
	r.t.Helper()
	if !attribute(read.value, "completed_at").IsNull() {
		r.t.Error("a refresh records what a plan would not keep")
	}
	p := r.plan(read, config)
	if got := textOf(p.state, "state") + " " + textOf(p.state, "completed_at"); p.action() != "update" || got != "acknowledged "+at {
		r.t.Fatalf("planned: %s: %s: %s", describe(p), got, formatted(p.diags))
	}
	r.host.called()
	done, diags := r.apply(r.t.Context(), p)
	if calls := r.host.called(); len(diags) > 0 || len(calls) > 0 {
		r.t.Errorf("the apply calls %v and says %s", calls, formatted(diags))
	}
	r.host.history = bits.History{Ending: bits.EndingUnknown}
	if p := r.plan(done, config); p.action() != "none" {
		r.t.Errorf("after it was applied is planned: %s", describe(p))
	}
	return done
}

// TestNightsOfPlansWithoutApplyNeverTransferACompletedJobAgain clears the host's log between the plans: then only the files tell.
func TestNightsOfPlansWithoutApplyNeverTransferACompletedJobAgain(t *testing.T) {
	for _, move := range []func(*bits.Job){moveTo(bits.StateQueued), moveTo(bits.StateSuspended), failTransfer, moveTo(bits.StateTransferred), func(j *bits.Job) {
		j.State, j.Files[0].BytesTotal = bits.StateQueued, nil
	}} {
		r := ready(t)
		config := jobConfig(nil)
		kept := r.brought(config, move, false)
		job := r.host.theJob(t)
		t.Run(string(job.State), func(t *testing.T) {
			r.t = t
			r.host.arrive(job)
			r.host.gone(job.ID)
			r.host.history = bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}
			for night := range 5 {
				read, diags := r.refresh(kept)
				expectDiagnostic(t, diags, "WARNING", "BITS Job Was Completed")
				if p := r.plan(read, config); p.action() != "update" || textOf(p.state, "state") != "acknowledged" {
					t.Fatalf("night %d plans %s", night, describe(p))
				}
				r.host.history = bits.History{Ending: bits.EndingUnknown}
			}
			read, _ := r.refresh(kept)
			done := r.recordsOnce(read, config, "(null)")
			p := r.plan(done, jobConfig(values{"priority": text("high")}))
			expectDiagnostic(t, p.diags, "WARNING", "it was completed, as its files show; BITS no longer lists it")
		})
	}
}

func TestWithoutALogTheFilesShowHowAJobEnded(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		setup  func(h *fakeHost)
		want   string
		says   []string
	}{
		{name: "all are there with their sizes", want: "acknowledged"},
		{name: "one is not there", setup: func(h *fakeHost) { delete(h.files, bits.FileKey(pathB)) }, want: "missing"},
		{name: "one has another size", setup: func(h *fakeHost) { h.files[bits.FileKey(pathB)] = diskFile{size: 5} }, want: "missing"},
		{name: "one can't be looked at, so nothing is concluded", setup: func(h *fakeHost) { h.hidden = pathB }, want: "pending", says: []string{"BITS Job Files Not Checked", pathB}},
		{name: "one can't be looked at, and another is not there", setup: func(h *fakeHost) { h.hidden = pathB; delete(h.files, bits.FileKey(pathA)) }, want: "missing"},
		{name: "the file of an upload was there before", config: values{"transfer_type": text("upload"), "files": fileList(urlA, pathA)}, want: "missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"files": fileList(urlA, pathA, urlB, pathB)})
			maps.Copy(config, test.config)
			prior := r.created(config)
			job := r.host.theJob(t)
			r.host.arrive(job)
			r.host.gone(job.ID)
			if test.setup != nil {
				test.setup(r.host)
			}
			read, diags := r.refresh(prior)
			if test.says != nil {
				expectDiagnostic(t, diags, "WARNING", test.says...)
			}
			p := r.plan(read, config)
			got := textOf(read.value, "state")
			if p.action() == "update" {
				got = textOf(p.state, "state")
			}
			if got != test.want {
				t.Errorf("the job is %s, want %s: %s", got, test.want, describe(p))
			}
		})
	}
}

func TestAJobThatIsListedAgainIsNotOver(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	job := *r.host.theJob(t)
	r.host.gone(job.ID)
	missing, _ := r.refresh(prior)
	r.host.put(job)
	back, diags := r.refresh(missing)
	if p := r.plan(back, jobConfig(nil)); len(diags) > 0 || p.action() != "none" {
		t.Errorf("planned: %s: %s", describe(p), formatted(diags))
	}
	if diags := r.destroy(back); len(diags) > 0 || len(r.host.jobs) > 0 {
		t.Errorf("%d jobs are left: %s", len(r.host.jobs), formatted(diags))
	}
}

func TestFilesThatCantBeLookedAtAreAnErrorAndNoEnd(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	r.host.gone(r.host.theJob(t).ID)
	r.host.fail["stat"] = fmt.Errorf("EOF")
	read, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "ERROR", "Unable to read job")
	if !read.value.Equal(prior.value) {
		t.Errorf("the state is %s", read.value)
	}
}

func TestAHistoryThatCantBeHadIsNoError(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	r.host.gone(r.host.theJob(t).ID)
	r.host.fail["history"] = fmt.Errorf("EOF")
	read, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "WARNING", "BITS no longer lists it: it was completed, was cancelled or has expired")
	if got := textOf(read.value, "state"); got != "missing" {
		t.Errorf("state is %s", got)
	}
}

func TestAChangeOfAJobThatEndedMeanwhileReportsHow(t *testing.T) {
	for _, test := range []struct {
		name    string
		history bits.History
		says    string
		advice  string
	}{
		{"completed", bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}, `it was completed at 2026-11-20T10:12:12Z by CORP\ops; `, "terraform apply -replace=ADDRESS"},
		{"cancelled", bits.History{Ending: bits.EndingCancelled, By: `CORP\ops`, At: &endedAt}, `it was cancelled at 2026-11-20T10:12:12Z by CORP\ops; `, "Run terraform apply again"},
		{"expired", bits.History{Ending: bits.EndingExpired, At: &endedAt}, `it was cancelled at 2026-11-20T10:12:12Z by BITS itself after `, "Run terraform apply again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.created(jobConfig(nil))
			p := r.plan(prior, jobConfig(values{"priority": text("high")}))
			r.host.gone(r.host.theJob(t).ID)
			r.host.history = test.history
			after, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "ERROR", `[AttributeName("priority")] Invalid BITS Job State: Unable to set the priority of job `, test.says,
				"BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)", test.advice)
			if textOf(after.value, "priority") != "normal" {
				t.Error("the state has a priority that was never set")
			}
		})
	}
}

func TestACreateWhoseJobEndsMeanwhileReportsHow(t *testing.T) {
	r := ready(t)
	r.host.history = bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}
	r.host.onGet = nil
	r.host.fail["get"] = &bits.Error{Code: bits.CodeNotFound}
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"wait_for_transfer": yes()})))
	expectDiagnostic(t, diags, "WARNING", `ended while apply waited for it. It was completed at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`)
}
