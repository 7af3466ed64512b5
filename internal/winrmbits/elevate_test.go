package winrmbits

import (
	"context"
	"errors"
	"strings"
	"testing"

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

// low sets the priority of a job to low.
func low(ctx context.Context, h *Host, id bits.JobID) (bits.Job, error) {
	priority := bits.PriorityLow
	return h.Change(ctx, id, bits.Change{Priority: &priority})
}

// registered counts the tasks that were registered so far.
func (r *rig) registered() int { return len(r.world.machine.Tasks.Registered()) }

func TestReadsOfAnAdministratorRegisterNoTask(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		if _, err := h.Get(t.Context(), id, systemSID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(t.Context(), bits.JobID(pendingID), systemSID); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("a job that is not there: %v", err)
		}
		if jobs, err := h.List(t.Context(), false); err != nil || len(jobs) != 1 {
			t.Errorf("listed %v, %v", jobs, err)
		}
		if jobs, err := h.List(t.Context(), true); err != nil || len(jobs) != 0 {
			t.Errorf("listed %v as SYSTEM's, %v", jobs, err)
		}
		r.expect("open 1; 1/1 hello get; 1/2 get; 1/3 list; 1/4 list")
		if n := r.registered(); n != 0 {
			t.Errorf("%d tasks", n)
		}
	})
}

// pendingID is the id of no job.
const pendingID = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"

func TestTheFirstChangeStartsAnAgentAsSystemToWhomEverythingGoesThen(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		if _, err := h.Get(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
		if job, err := low(t.Context(), h, id); err != nil || job.Priority != bits.PriorityLow {
			t.Fatal(job, err)
		}
		if _, err := h.Get(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
		r.expect("open 1; 1/1 hello get; 1/2 elevate; 1/1 hello; 1/2 sweep change; 1/3 get")
		if n := r.registered(); n != 1 {
			t.Errorf("%d tasks", n)
		}
		wait(keepAlive * 5) // the agent as SYSTEM gets the empty words, too
		if n := r.world.running.Load(); n != 1 {
			t.Errorf("%d agents as SYSTEM after a while", n)
		}
	})
}

func TestACreateMakesAJobOfSystem(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		job, err := r.systemHost().Create(t.Context(), pending, spec("a"))
		if err != nil || job.Owner.SID != systemSID {
			t.Fatal(job.Owner, err)
		}
		r.expect("open 1; 1/1 elevate; 1/1 hello; 1/2 sweep create")
		if jobs, err := r.systemHost().List(t.Context(), true); err != nil || len(jobs) != 1 {
			t.Errorf("listed %v as SYSTEM's, %v", jobs, err)
		}
	})
}

func TestAReadThatIsRefusedIsMadeAsSystem(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.caller = bitsvc.Caller{Account: `WEB00\anna`, SID: "S-1-5-21-1-2-3-1001"}
		r.world.machine.Tasks.Behave(windows.TaskBehaviour{Anyone: true})
		id, h := r.world.job("a"), r.systemHost()
		if job, err := h.Get(t.Context(), id, ""); err != nil || job.DisplayName != "a" {
			t.Errorf("%+v, %v", job, err)
		}
		if _, err := h.Get(t.Context(), pendingID, ""); !errors.Is(err, bits.ErrNotFound) {
			t.Errorf("a job that is not there: %v", err)
		}
		if jobs, err := h.List(t.Context(), false); err != nil || len(jobs) != 1 {
			t.Errorf("listed %v, %v", jobs, err)
		}
		r.expect("open 1; 1/1 hello get; 1/2 elevate; 1/1 hello; 1/2 get; 1/3 get; 1/4 list")
	})
}

func TestAHostThatRunsNoTaskIsToldOnceAndReadsGoOn(t *testing.T) {
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
		if job, err := h.Get(t.Context(), id, ""); err != nil || job.Priority != bits.PriorityNormal {
			t.Errorf("%+v, %v", job, err)
		}
		r.expect("open 1; 1/1 elevate; 1/2 hello get")
		if n := r.registered(); n != 1 {
			t.Errorf("%d tasks were tried", n)
		}
	})
}

func TestAnAccountThatMayNotRegisterTasksIsToldSo(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.caller = bitsvc.Caller{Account: `WEB00\anna`, SID: "S-1-5-21-1-2-3-1001"}
		id := r.world.job("a")
		_, err := r.systemHost().Get(t.Context(), id, "")
		var failed *connection.Error
		if !errors.As(err, &failed) || !strings.Contains(failed.Problem, "it has to be an administrator of the host") {
			t.Errorf("%v", err)
		}
	})
}

func TestAnAgentOfSystemThatIsKilledHasASuccessor(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id, h := r.world.job("a"), r.systemHost()
		if _, err := low(t.Context(), h, id); err != nil {
			t.Fatal(err)
		}
		(*r.world.killSystem.Load())()
		high := bits.PriorityHigh
		job, err := h.Change(t.Context(), id, bits.Change{Priority: &high})
		if err != nil || job.Priority != high {
			t.Errorf("%+v, %v", job, err)
		}
		if n := r.registered(); n != 2 || len(r.all()) != 2 {
			t.Errorf("%d tasks and %d shells", n, len(r.all()))
		}
	})
}

func TestASessionThatBreaksWhileSystemIsCalledBeginsAnew(t *testing.T) {
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
				})
			}
		}
	}
}
