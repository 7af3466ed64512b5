// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// systemHost is the host of a rig with run_as = "system".
func (r *rig) systemHost() *Host {
	s := settings(0)
	s.RunAs = connection.RunAsSystem
	return r.fleet.Host(s)
}

// ordinaryUser is an account that is not an administrator.
var ordinaryUser = bitsvc.Caller{Account: `WEB00\anna`, SID: "S-1-5-21-1-2-3-1001"}

// registered counts the tasks that were registered so far.
func (r *rig) registered() int { return len(r.world.machine.Tasks.Registered()) }

func TestReadsOfAnAdministratorRegisterNoTask(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		get(t, h, id)
		if _, err := h.Get(t.Context(), noJob, systemSID); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("a job that does not exist: %v", err)
		}
		if jobs := list(t, h, false); len(jobs) != 1 {
			t.Errorf("listed %v", jobs)
		}
		if jobs := list(t, h, true); len(jobs) != 0 {
			t.Errorf("listed %v as SYSTEM's", jobs)
		}
		r.expect("open 1; 1/1 hello get list; 1/2 get; 1/3 list; 1/4 list")
		if n := r.registered(); n != 0 {
			t.Errorf("%d tasks", n)
		}
	})
}

// noJob is the id of a job that does not exist.
const noJob bits.JobID = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"

func TestTheFirstChangeStartsAnAgentAsSystemThatGetsAllFurtherBatches(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		get(t, h, id)
		if job, err := low(t.Context(), h, id); err != nil || job.Priority != bits.PriorityLow {
			t.Fatal(job, err)
		}
		get(t, h, id)
		r.expect("open 1; 1/1 hello get list; 1/2 elevate; 1/1 hello; 1/2 sweep change; 1/3 get")
		if n := r.registered(); n != 1 {
			t.Errorf("%d tasks", n)
		}
		wait(closeAfter - time.Second)
		if n := r.world.running.Load(); n != 1 {
			t.Errorf("%d agents as SYSTEM after a while", n)
		}
	})
}

func TestACreatedJobBelongsToSystem(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		job, err := r.systemHost().Create(t.Context(), pending, spec("a"))
		if err != nil || job.Owner.SID != systemSID {
			t.Fatal(job.Owner, err)
		}
		r.expect("open 1; 1/1 elevate; 1/1 hello; 1/2 sweep create")
		if jobs := list(t, r.systemHost(), true); len(jobs) != 1 {
			t.Errorf("listed %v as SYSTEM's", jobs)
		}
	})
}

func TestARefusedReadIsRepeatedAsSystem(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.caller = ordinaryUser
		r.world.machine.Tasks.Behave(windows.TaskBehaviour{Anyone: true})
		id, h := r.world.job("a"), r.systemHost()
		get(t, h, id)
		if _, err := h.Get(t.Context(), noJob, ""); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("a job that does not exist: %v", err)
		}
		if jobs := list(t, h, false); len(jobs) != 1 {
			t.Errorf("listed %v", jobs)
		}
		r.expect("open 1; 1/1 hello get list; 1/2 elevate; 1/1 hello; 1/2 get; 1/3 get; 1/4 list")
	})
}

func TestAFailedElevationIsReportedOnceAndReadsGoOn(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.machine.Tasks.Behave(windows.TaskBehaviour{Fail: windows.TaskResultBlocked})
		id, h := r.world.job("a"), r.systemHost()
		for i := range 3 {
			_, err := low(t.Context(), h, id)
			var failed *connection.Error
			if !errors.As(err, &failed) || failed.Kind != connection.NoSystem || failed.Repeated != (i > 0) {
				t.Fatalf("change %d: %v", i, err)
			}
			whole := strings.Contains(failed.Problem, "AppLocker") && strings.Contains(failed.Remedy, `run_as = "user"`)
			if !whole || errors.Is(err, bits.ErrUnknownOutcome) {
				t.Errorf("change %d: %s %s", i, failed.Problem, failed.Remedy)
			}
		}
		if job := get(t, h, id); job.Priority != bits.PriorityNormal {
			t.Errorf("%+v", job)
		}
		r.expect("open 1; 1/1 elevate; 1/2 hello get")
		if n := r.registered(); n != 1 {
			t.Errorf("%d tasks were tried", n)
		}
	})
}

// refuseElevation fails the test unless a change fails because no agent can be started as SYSTEM.
func refuseElevation(t *testing.T, h *Host, id bits.JobID, repeated bool) {
	t.Helper()
	_, err := low(t.Context(), h, id)
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != connection.NoSystem || failed.Repeated != repeated {
		t.Errorf("the change returns %v, want an error of the elevation (repeated: %t)", err, repeated)
	}
}

func TestWhereAnElevationHasWorkedOneThatFailsIsTriedAgain(t *testing.T) {
	for name, retry := range map[string]func(r *rig){
		"in the next session": func(r *rig) {
			r.kill()
			get(r.t, r.systemHost(), r.world.job("another"))
		},
		"after a while": func(r *rig) {
			for range 3 { // reads keep the session
				wait(elevationPause / 3)
				get(r.t, r.systemHost(), r.world.job("another"))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id, h := r.world.job("a"), r.systemHost()
				change := func() {
					t.Helper()
					if job, err := low(t.Context(), h, id); err != nil || job.Priority != bits.PriorityLow {
						t.Errorf("%+v, %v", job.Priority, err)
					}
				}
				change()
				r.kill()
				r.world.machine.Tasks.Behave(windows.TaskBehaviour{Fail: windows.TaskResultTerminated})
				for i := range 3 {
					refuseElevation(t, h, id, i > 0)
				}
				retry(r)
				refuseElevation(t, h, id, false)
				r.world.machine.Tasks.Behave(windows.TaskBehaviour{})
				retry(r)
				change()
				if n := r.registered(); n != 4 {
					t.Errorf("%d tasks were tried, want 4", n)
				}
			})
		})
	}
}

// TestACallerThatLeavesDoesNotEndTheElevation has the task start after its first caller's time.
func TestACallerThatLeavesDoesNotEndTheElevation(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.machine.Tasks.Behave(windows.TaskBehaviour{Delay: 5 * time.Second})
		id, h := r.world.job("a"), r.systemHost()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := low(ctx, h, id); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first change: %v", err)
		}
		if job, err := low(t.Context(), h, id); err != nil || job.Priority != bits.PriorityLow {
			t.Errorf("the second change: %+v, %v", job.Priority, err)
		}
		if n := r.registered(); n != 1 {
			t.Errorf("%d tasks were tried", n)
		}
	})
}

func TestTheErrorNamesAnAccountThatMayNotRegisterTasks(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.caller = ordinaryUser
		id := r.world.job("a")
		_, err := r.systemHost().Get(t.Context(), id, "")
		wantFailure(t, err, connection.NoSystem, "it must be an administrator of the host")
	})
}

func TestAKilledAgentAsSystemIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		if _, err := low(t.Context(), h, id); err != nil {
			t.Fatal(err)
		}
		(*r.world.killSystem.Load())()
		job, err := h.Change(t.Context(), id, bits.Change{Priority: new(bits.PriorityHigh)})
		if err != nil || job.Priority != bits.PriorityHigh {
			t.Errorf("%+v, %v", job, err)
		}
		if n := r.registered(); n != 2 || len(r.all()) != 2 {
			t.Errorf("%d tasks and %d shells", n, len(r.all()))
		}
	})
}

func TestASessionThatBreaksDuringTheElevationIsReplaced(t *testing.T) {
	for _, verb := range []string{"send", "receive"} {
		for n := 1; n <= 3; n++ {
			for _, lost := range []fault{{before: wsman.ErrConnectionLost}, {after: wsman.ErrConnectionLost}, {after: wsman.ErrShellGone}} {
				bubble(t, func(t *testing.T, r *rig) {
					id, h := r.world.job("a"), r.systemHost()
					r.faults(func(e event) *fault {
						if e.shell == 1 && e.verb == verb && e.n == n {
							return &lost
						}
						return nil
					})
					job, err := low(t.Context(), h, id)
					if err != nil || job.Priority != bits.PriorityLow {
						t.Errorf("%s %d, %+v: %+v, %v", verb, n, lost, job.Priority, err)
					}
					wait(90 * time.Second) // an agent as SYSTEM that got no pipe, or no line, ends by itself
				})
			}
		}
	}
}
