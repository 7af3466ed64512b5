package winrmbits

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// TestAnUnansweredChangeIsLookedForAndNotRepeated has the agent's process end after it got a change, with and
// without having carried it out.
func TestAnUnansweredChangeIsLookedForAndNotRepeated(t *testing.T) {
	gone := &wsman.Fault{Code: 2150858843}
	before, after := fault{before: gone}, fault{after: gone}
	low := bits.PriorityLow
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
		{verb: "change", fault: before, run: change(bits.Change{Priority: &low, AddFiles: []bits.FileSpec{file("b")}}), want: "close 1; open 2; 2/1 hello get; 2/2 change", check: changed},
		{verb: "change", fault: after, run: change(bits.Change{Priority: &low, AddFiles: []bits.FileSpec{file("b")}}), want: "1/2 change; close 1; open 2; 2/1 hello get; 2/2 change", check: changed},
		{verb: "remove", fault: before, run: removal, want: "close 1; open 2; 2/1 hello get; 2/2 remove", check: absent},
		{verb: "remove", fault: after, run: removal, want: "1/2 remove; close 1; open 2; 2/1 hello get", check: absent},
		{verb: "complete", fault: before, run: complete, want: "close 1; open 2; 2/1 hello get; 2/2 complete", check: absent},
		{verb: "complete", fault: after, run: complete, want: "1/2 complete; close 1; open 2; 2/1 hello get", check: absent, unknown: true},
	}
	for _, tt := range tests {
		name := tt.verb + " was not carried out"
		if tt.fault.after != nil {
			name = tt.verb + " was carried out"
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
func absent(_ bits.Job, listed bool) bool {
	return !listed
}

func changed(j bits.Job, listed bool) bool {
	return listed && j.Priority == bits.PriorityLow && len(j.Files) == 2
}

// TestACreateWhoseOutcomeStaysUnknownMakesNoSecondJob has the old agent left running: it may still make the job.
func TestACreateWhoseOutcomeStaysUnknownMakesNoSecondJob(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		r.faults(func(e event) *fault {
			switch {
			case e == event{1, "send", 2}:
				return &fault{before: &wsman.Fault{Code: 995}} // while the agent had it, perhaps
			case e.shell == 1 && e.verb == "close":
				return &fault{before: errBroken}
			}
			return nil
		})
		_, err := r.host.Create(t.Context(), pending, spec("a"))
		if !errors.Is(err, bits.ErrUnknownOutcome) {
			t.Errorf("%v", err)
		}
		r.expect("open 2; 2/1 hello adopt")
		if _, err := r.host.Adopt(t.Context(), pending); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("%v", err)
		}
		wait(3 * time.Minute)
	})
}

func TestAFileIsNotAddedTwiceWhileTheOldAgentMayStillAddIt(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		r.faults(func(e event) *fault {
			switch {
			case e == event{1, "send", 2}:
				return &fault{before: &wsman.Fault{Code: 995}} // while the agent had it, perhaps
			case e.shell == 1 && e.verb == "close":
				return &fault{before: errBroken}
			}
			return nil
		})
		_, err := r.host.Change(t.Context(), id, bits.Change{AddFiles: []bits.FileSpec{file("b")}})
		if !errors.Is(err, bits.ErrUnknownOutcome) || !strings.Contains(err.Error(), "could not be ended") {
			t.Errorf("%v", err)
		}
		wait(3 * time.Minute)
	})
}

// TestAChangeThatTheShellDidNotTakeIsMadeInTheNext has the service restart between two changes, with an agent as SYSTEM
// that outlives its shell for a while.
func TestAChangeThatTheShellDidNotTakeIsMadeInTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		r.faults(func(e event) *fault {
			switch {
			case e == event{1, "send", 2}:
				return &fault{before: &wsman.Fault{Code: 2150858843}}
			case e.shell == 1 && e.verb == "close":
				return &fault{before: errBroken}
			}
			return nil
		})
		if _, err := r.host.Create(t.Context(), pending, spec("a")); err != nil || len(r.world.jobs()) != 1 {
			t.Errorf("%v, %v", err, r.world.jobs())
		}
		r.expect("open 2; 2/1 hello adopt; 2/2 create")
		wait(3 * time.Minute)
	})
}
