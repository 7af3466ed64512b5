// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// TestTheResultOfAnUnansweredChangeIsLookedFor ends the agent's process after it got a change, which it has executed or not.
func TestTheResultOfAnUnansweredChangeIsLookedFor(t *testing.T) {
	before, after := fault{before: errGone}, fault{after: errGone}
	lowWithFile := change(bits.Change{Priority: new(bits.PriorityLow), AddFiles: []bits.FileSpec{file("b")}})
	tests := []struct {
		verb    string
		fault   fault
		run     func(h *Host, id bits.JobID) error
		want    string
		unknown bool
		check   func(j bits.Job, listed bool) bool
	}{
		{verb: "commit", fault: before, run: commit, want: "close 1; open 2; 2/1 hello get; 2/2 commit", check: named},
		{verb: "commit", fault: after, run: commit, want: "1/2 commit; close 1; open 2; 2/1 hello get", check: named},
		{verb: "change", fault: before, run: lowWithFile, want: "close 1; open 2; 2/1 hello get; 2/2 change", check: changed},
		{verb: "change", fault: after, run: lowWithFile, want: "1/2 change; close 1; open 2; 2/1 hello get; 2/2 change", check: changed},
		{verb: "remove", fault: before, run: removal, want: "close 1; open 2; 2/1 hello get; 2/2 remove", check: absent},
		{verb: "remove", fault: after, run: removal, want: "1/2 remove; close 1; open 2; 2/1 hello get", check: absent},
		{verb: "complete", fault: before, run: complete, want: "close 1; open 2; 2/1 hello get; 2/2 complete", check: absent},
		{verb: "complete", fault: after, run: complete, want: "1/2 complete; close 1; open 2; 2/1 hello get", check: absent, unknown: true},
	}
	for _, tt := range tests {
		name := tt.verb + " was not executed"
		if tt.fault.after != nil {
			name = tt.verb + " was executed"
		}
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.transferred("a")
				if tt.verb != "complete" {
					id = r.world.job("b0")
				}
				r.warm()
				r.faults(func(e event) *fault {
					if e.shell == 1 && e.verb != "close" && (e.verb == "receive" || e.n == 2) {
						if tt.fault.after != nil && e.verb == "send" {
							return &fault{} // arrives; the end of the process shows at Receive
						}
						return &tt.fault
					}
					return nil
				})
				err := tt.run(r.host, id)
				if (err != nil) != tt.unknown || tt.unknown && !errors.Is(err, bits.ErrUnknownOutcome) {
					t.Errorf("%v", err)
				}
				r.expect(tt.want)
				job, failed := r.world.service.Job(administrator, id)
				if !tt.check(job, failed == nil) {
					t.Errorf("afterwards the job is %+v, %v", job, failed)
				}
			})
		})
	}
}

func commit(h *Host, id bits.JobID) error {
	_, err := h.Commit(context.Background(), id, "nightly", true)
	return err
}

func change(c bits.Change) func(*Host, bits.JobID) error {
	return func(h *Host, id bits.JobID) error {
		_, err := h.Change(context.Background(), id, c)
		return err
	}
}

func removal(h *Host, id bits.JobID) error {
	_, err := h.Remove(context.Background(), id)
	return err
}

func complete(h *Host, id bits.JobID) error {
	_, err := h.Complete(context.Background(), id)
	return err
}

func named(j bits.Job, listed bool) bool { return listed && j.DisplayName == "nightly" }

func absent(_ bits.Job, listed bool) bool { return !listed }

func changed(j bits.Job, listed bool) bool {
	return listed && j.Priority == bits.PriorityLow && len(j.Files) == 2
}

// loseShell has the second batch fail with a fault, and the shell fail to close, so that the old agent may still run.
func (r *rig) loseShell(code uint32) {
	r.warm()
	r.faults(func(e event) *fault {
		switch {
		case e == event{1, "send", 2}:
			return &fault{before: &wsman.Fault{Code: code}}
		case e.shell == 1 && e.verb == "close":
			return &fault{before: errBroken}
		}
		return nil
	})
}

// The fault comes while the agent may have got the change.
const codeAborted = 995

func TestACreateWhoseOutcomeStaysUnknownCreatesNoSecondJob(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.loseShell(codeAborted)
		_, err := r.host.Create(t.Context(), pending, spec("a"))
		if !errors.Is(err, bits.ErrUnknownOutcome) {
			t.Errorf("%v", err)
		}
		r.expect("open 2; 2/1 hello adopt")
		if _, err := r.host.Adopt(t.Context(), pending); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("%v", err)
		}
		wait(idleTimeout)
	})
}

func TestAFileIsNotAddedTwiceWhileTheOldAgentMayStillAddIt(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.loseShell(codeAborted)
		_, err := r.host.Change(t.Context(), id, bits.Change{AddFiles: []bits.FileSpec{file("b")}})
		if !errors.Is(err, bits.ErrUnknownOutcome) || !strings.Contains(err.Error(), "could not be stopped") {
			t.Errorf("%v", err)
		}
		wait(idleTimeout)
	})
}

// TestAChangeThatTheShellDidNotTakeIsRepeatedInTheNext has the service restart between two changes.
func TestAChangeThatTheShellDidNotTakeIsRepeatedInTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.loseShell(errGone.Code)
		if _, err := r.host.Create(t.Context(), pending, spec("a")); err != nil || len(r.world.jobs()) != 1 {
			t.Errorf("%v, %v", err, r.world.jobs())
		}
		r.expect("open 2; 2/1 hello adopt; 2/2 create")
		wait(idleTimeout)
	})
}
