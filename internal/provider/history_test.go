package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// endedAt is a minute after the jobs of these tests were made.
var endedAt = fakeNow.Add(time.Minute)

func TestARefreshTellsWhoEndedAJobAndWhen(t *testing.T) {
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
			says: []string{"BITS Job Is Gone", `It was cancelled at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`},
		},
		{
			name: "cancelled, and the log does not tell by whom", history: bits.History{Ending: bits.EndingCancelled, At: &endedAt},
			says: []string{"It was cancelled at 2026-11-20T10:12:12Z; BITS no longer lists it."},
		},
		{
			name: "expired", history: bits.History{Ending: bits.EndingExpired, At: &endedAt},
			says: []string{"It was cancelled at 2026-11-20T10:12:12Z by BITS itself, because nothing had happened to it", "90 days"},
		},
		{
			name: "unknown", history: bits.History{Ending: bits.EndingUnknown, Remark: "The log is disabled."},
			says: []string{"BITS no longer lists it: completed, cancelled or expired; whether its files arrived is not known"},
		},
		{
			name: "ended before it was made", history: bits.History{Ending: bits.EndingCompleted, At: new(fakeNow.Add(-24 * time.Hour))},
			says: []string{"BITS no longer lists it: completed, cancelled or expired"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.created(jobConfig(nil))
			r.host.gone(r.host.theJob(t).ID)
			r.host.history = test.history
			read, diags := r.refresh(prior)
			expectDiagnostic(t, diags, "WARNING", test.says...)
			if read.value.IsNull() == test.kept {
				t.Fatalf("the state is %s", read.value)
			}
			if !test.kept {
				return
			}
			if got := textOf(read.value, "state") + " " + textOf(read.value, "completed_at"); got != "acknowledged 2026-11-20T10:12:12Z" {
				t.Errorf("the state has %s", got)
			}
			if p := r.plan(read, jobConfig(nil)); p.action() != "none" {
				t.Errorf("a completed job is planned again: %s: %s", describe(p), tell(p.diags))
			}
			p := r.plan(read, jobConfig(values{"priority": text("high")}))
			expectDiagnostic(t, p.diags, "ERROR", `it was completed at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it; `+
				`a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`)
		})
	}
}

func TestAHistoryThatCantBeHadIsNoError(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	r.host.gone(r.host.theJob(t).ID)
	r.host.fail["history"] = fmt.Errorf("EOF")
	read, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "WARNING", "BITS no longer lists it: completed, cancelled or expired")
	if !read.value.IsNull() {
		t.Error("it is still in the state")
	}
}

func TestAChangeOfAJobThatEndedMeanwhileTellsHow(t *testing.T) {
	for _, test := range []struct {
		name    string
		history bits.History
		says    string
		advice  string
	}{
		{"completed", bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}, `it was completed at 2026-11-20T10:12:12Z by CORP\ops; `, "terraform taint"},
		{"cancelled", bits.History{Ending: bits.EndingCancelled, By: `CORP\ops`, At: &endedAt}, `it was cancelled at 2026-11-20T10:12:12Z by CORP\ops; `, "Run terraform apply again"},
		{"expired", bits.History{Ending: bits.EndingExpired, At: &endedAt}, `it was cancelled at 2026-11-20T10:12:12Z by BITS itself, because `, "Run terraform apply again"},
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

func TestACreateWhoseJobEndsMeanwhileTellsHow(t *testing.T) {
	r := ready(t)
	r.host.history = bits.History{Ending: bits.EndingCompleted, By: `CORP\ops`, At: &endedAt}
	r.host.onGet = nil
	r.host.fail["get"] = &bits.Error{Code: bits.CodeNotFound}
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"wait_for_transfer": yes()})))
	expectDiagnostic(t, diags, "WARNING", `ended while apply waited for it. It was completed at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`)
}
