package windows

import (
	"context"
	"io"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// Run starts a task now, as IRegisteredTask::Run does, which returns before anything has started.
func (s *Scheduler) Run(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[strings.ToLower(name)]
	b := s.behaviour
	switch {
	case t == nil, s.closed:
		return refuse(fileNotFound)
	case t.State == TaskDisabled:
		return refuse(taskDisabled)
	case t.cancel != nil: // one instance at a time, and the new one is ignored
	case b.Never != 0:
		s.become(t, TaskQueued, b.Never)
	case b.Fail != 0:
		s.become(t, TaskReady, b.Fail)
	case b.Delay != 0:
		s.become(t, TaskQueued, TaskResultQueued)
		s.clock.AfterFunc(b.Delay, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !t.gone && !s.closed {
				s.launch(t, b)
			}
		})
	default:
		s.launch(t, b)
	}
	return nil
}

// become puts a task into a state. The lock is held.
func (s *Scheduler) become(t *task, state TaskState, result bits.HResult) {
	t.State, t.LastResult = state, result
	s.notify()
}

// launch starts a task's process, which ends at its time limit. The lock is held.
func (s *Scheduler) launch(t *task, b TaskBehaviour) {
	d := t.TaskDefinition
	if b.Alter != nil {
		d.Arguments = b.Alter(d.Arguments)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	s.processes[t] = true
	s.become(t, TaskRunning, TaskResultRunning)
	stop := s.clock.AfterFunc(t.limit, cancel)
	s.running.Go(func() {
		defer cancel()
		code := s.start(ctx, bitsvc.LocalSystem(), d.CommandLine(), strings.NewReader(""), io.Discard, io.Discard)
		ended := ctx.Err() != nil
		stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.processes, t)
		t.cancel = nil
		result := bits.HResult(uint32(code)) //nolint:gosec // an exit code is 32 bits of any meaning
		if ended {
			result = TaskResultTerminated
		}
		s.become(t, TaskReady, result)
	})
}
