// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestAPlanKnowsThatAJobWillHaveNoError is about plans that an apply either fails, or leaves without an error of the job.
func TestAPlanKnowsThatAJobWillHaveNoError(t *testing.T) {
	for _, test := range []struct {
		name string
		move func(*bits.Job)
		set  values
		want string
	}{
		{name: "a job that is resumed", move: failTransfer, want: "update error state?"},
		{name: "a job that is resumed and waited for", move: failTransfer, set: values{"wait_for_transfer": yes()}, want: "update completed_at? error state? wait_for_transfer"},
		{name: "a job that is suspended instead", move: failTransfer, set: values{"suspended": yes()}, want: "update error state? suspended"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			p := r.plan(r.brought(jobConfig(nil), test.move, false), jobConfig(test.set))
			if got := describe(p); got != test.want || !attribute(p.state, "error").IsNull() {
				t.Errorf("planned: %s, with the error %s", got, attribute(p.state, "error"))
			}
		})
	}
	for name, set := range map[string]values{
		"a new job": nil, "a new job that is waited for": {"wait_for_transfer": yes()}, "a new job, of which little is known": {"wait_for_transfer": unknownBool(), "host": unknownText()},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready(t)
			p := r.plan(r.none(), jobConfig(set))
			if got := attribute(p.state, "error"); !got.IsNull() {
				t.Errorf("planned the error %s", got)
			}
			if got := attribute(p.state, "completed_at"); got.IsNull() != (set == nil) {
				t.Errorf("planned completed_at as %s", got)
			}
		})
	}
}

// TestAJobThatFailsWhenTheTimeIsOverFailsTheApply is about a last look, or a last resume, that finds the job failed: an apply that
// warned would have planned no error, and leave one.
func TestAJobThatFailsWhenTheTimeIsOverFailsTheApply(t *testing.T) {
	waits := jobConfig(values{"wait_for_transfer": yes()})
	for name, arrange := range map[string]func(r *rig, cancel func()){
		"the last look finds it failed": func(r *rig, cancel func()) {
			r.host.onGet = func(j *bits.Job) { failTransfer(j); cancel() }
		},
		"the last resume finds it failed": func(r *rig, cancel func()) {
			r.host.onGet = moveTo(bits.StateTransientError)
			r.failsBefore("change")
			r.endsAt(2, cancel)
		},
		"its completion finds that it got a file that failed": func(r *rig, cancel func()) {
			r.host.onGet = moveTo(bits.StateTransferred)
			r.failsBefore("complete")
			r.endsAt(2, cancel)
		},
	} {
		for _, prior := range []string{"a new job", "a job that is resumed"} {
			t.Run(prior+": "+name, func(t *testing.T) {
				r := ready(t)
				p := r.plan(r.none(), waits)
				if prior == "a job that is resumed" {
					p = r.plan(r.brought(jobConfig(nil), failTransfer, false), waits)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				arrange(r, cancel)
				after, diags := r.apply(ctx, p)
				expectDiagnostic(t, diags, "ERROR", "BITS Job Failed", "BG_E_HTTP_ERROR_404")
				if textOf(after.value, "state") != "error" || attribute(after.value, "error").IsNull() {
					t.Errorf("the state is %s, with the error %s", textOf(after.value, "state"), attribute(after.value, "error"))
				}
			})
		}
	}
}

// TestAJobThatFailsAsItIsResumedFailsTheApply resumes a suspended job without a wait.
func TestAJobThatFailsAsItIsResumedFailsTheApply(t *testing.T) {
	r := ready(t)
	p := r.plan(r.brought(jobConfig(values{"suspended": yes()}), nil, false), jobConfig(values{"suspended": no()}))
	r.host.resumed = failTransfer
	after, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "ERROR", "BITS Job Failed", "BG_E_HTTP_ERROR_404")
	if textOf(after.value, "state") != "error" || attribute(after.value, "error").IsNull() {
		t.Errorf("the state is %s, with the error %s", textOf(after.value, "state"), attribute(after.value, "error"))
	}
}

// failsBefore lets the job fail just before a call has its effect.
func (r *rig) failsBefore(verb string) {
	r.host.before = map[string]func(){verb: func() {
		for _, job := range r.host.jobs {
			failTransfer(job)
		}
	}}
}

// endsAt ends the time of an apply in the n-th pause of its wait.
func (r *rig) endsAt(n int, cancel func()) {
	r.onPause = func(pause int) {
		if pause == n {
			r.slow = true
			cancel()
		}
	}
}
