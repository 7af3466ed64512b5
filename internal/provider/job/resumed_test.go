// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"slices"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestAJobThatFailsAgainFailsTheApply resumes a failed job without a wait for its transfer.
func TestAJobThatFailsAgainFailsTheApply(t *testing.T) {
	for _, test := range []struct {
		name     string
		during   func(*bits.Job) // before the second look
		looks    int
		severity string
		stage    string
	}{
		{name: "it fails again", during: failTransfer, looks: 2, severity: "ERROR", stage: "error"},
		{name: "bytes arrive", during: func(j *bits.Job) { j.State, j.BytesTransferred = bits.StateTransferring, 1000 }, looks: 2, stage: "pending"},
		{name: "all of it arrives", during: moveTo(bits.StateTransferred), looks: 2, stage: "transferred"},
		{name: "nothing happens", during: func(*bits.Job) {}, looks: 7, stage: "pending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.brought(jobConfig(nil), failTransfer, false)
			p := r.plan(prior, jobConfig(nil))
			r.host.called()
			r.onPause = func(n int) {
				if n == 2 {
					test.during(r.host.theJob(t))
				}
			}
			now, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, test.severity)
			want := append([]string{"change"}, slices.Repeat([]string{"get"}, test.looks)...)
			if calls := r.host.called(); !slices.Equal(calls, want) || textOf(now.value, "state") != test.stage {
				t.Errorf("the apply called %v and ended in %s", calls, textOf(now.value, "state"))
			}
		})
	}
}

// TestAnInterruptedLookAtAResumedJobKeepsIt interrupts the look whether a job fails again.
func TestAnInterruptedLookAtAResumedJobKeepsIt(t *testing.T) {
	r := ready(t)
	prior := r.brought(jobConfig(nil), failTransfer, false)
	ctx, cancel := context.WithCancel(t.Context())
	r.onPause = func(int) { r.slow = true; cancel() }
	after, diags := r.apply(ctx, r.plan(prior, jobConfig(nil)))
	expectDiagnostic(t, diags, "WARNING", "interrupted", "The job is kept")
	if got := textOf(after.value, "state"); got != "pending" {
		t.Errorf("state is %s", got)
	}
}

// TestAJobThatIsCompletedOutsideTerraformWhileAnApplyLooksAtIt completes a job during a wait, or a look, that is not to complete it.
func TestAJobThatIsCompletedOutsideTerraformWhileAnApplyLooksAtIt(t *testing.T) {
	for _, test := range []struct {
		name string
		move func(*bits.Job)
		set  values
	}{
		{name: "a wait", set: values{"wait_for_transfer": yes(), "complete_when_transferred": no()}},
		{name: "a look whether it fails again", move: failTransfer},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.brought(jobConfig(nil), test.move, false)
			p := r.plan(prior, jobConfig(test.set))
			r.onPause = func(int) { r.host.jobs = nil }
			r.host.history = bits.History{Ending: bits.EndingCompleted, At: &endedAt, By: `CORP\ops`}
			after, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "WARNING", "BITS Job Ended During Apply", `It was completed at 2026-11-20T10:12:12Z by CORP\ops`)
			after, _ = r.refresh(after)
			if got := describe(r.plan(after, jobConfig(test.set))); got != "update completed_at state=acknowledged" && got != "update completed_at error state=acknowledged" {
				t.Errorf("planned after it: %s", got)
			}
		})
	}
}
