// SPDX-License-Identifier: MPL-2.0

package windows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// TaskState is the state of a task. Source: TASK_STATE, learn.microsoft.com.
type TaskState int

// The states.
const (
	TaskDisabled TaskState = 1
	TaskQueued   TaskState = 2
	TaskReady    TaskState = 3
	TaskRunning  TaskState = 4
)

// The results of tasks and of the calls.
// Source: "Task Scheduler Error and Success Constants", and "System Error Codes", learn.microsoft.com.
const (
	TaskResultRunning    bits.HResult = 0x00041301 // SCHED_S_TASK_RUNNING
	TaskResultHasNotRun  bits.HResult = 0x00041303 // SCHED_S_TASK_HAS_NOT_RUN
	TaskResultTerminated bits.HResult = 0x00041306 // SCHED_S_TASK_TERMINATED
	TaskResultQueued     bits.HResult = 0x00041325 // SCHED_S_TASK_QUEUED
	TaskResultBlocked    bits.HResult = 0x800704EC // ERROR_ACCESS_DISABLED_BY_POLICY

	missingNode   bits.HResult = 0x80041319 // SCHED_E_MISSINGNODE: an expiring task without an end
	invalidValue  bits.HResult = 0x80041318 // SCHED_E_INVALIDVALUE
	taskDisabled  bits.HResult = 0x80041326 // SCHED_E_TASK_DISABLED
	alreadyExists bits.HResult = 0x800700B7
)

// Starter runs a command line as an account until it ends or ctx does.
type Starter func(ctx context.Context, caller bitsvc.Caller, commandLine string, stdin io.Reader, stdout, stderr io.Writer) (exitCode int)

// TaskBehaviour is what a host makes of tasks besides running them: its zero value runs them.
type TaskBehaviour struct {
	Refuse bits.HResult                  // what registering a task answers
	Off    bool                          // tasks are registered disabled
	Anyone bool                          // accounts that are not administrators may register tasks, too
	Never  bits.HResult                  // tasks are accepted and not started: the result they show meanwhile
	Fail   bits.HResult                  // tasks end at once with this result, and nothing is started
	List   bits.HResult                  // what listing the tasks answers
	Broken map[string]bits.HResult       // tasks by name that can't be read: what that answers, or 0 for one that shows no name
	Delay  time.Duration                 // between the call and the start, on the host's clock
	Lag    bool                          // a task that is queued or runs shows its result already, and still the state ready
	Alter  func(arguments string) string // what is started instead
}

// Task is a task as the scheduler shows it.
type Task struct {
	TaskDefinition
	State      TaskState    `json:"state"`
	LastResult bits.HResult `json:"last_result"`
}

// task is a registered task.
type task struct {
	Task
	limit  time.Duration
	runs   bool // its process
	expiry func() bool
	gone   bool // deleted, while its process may live on
}

// Scheduler is the service of one host. All errors of its calls are *bits.Error. It is safe for concurrent use.
type Scheduler struct {
	clock *machine.Clock
	meter *machine.Meter
	start Starter

	mu         sync.Mutex
	tasks      map[string]*task // by name in lower case
	registered []TaskDefinition // so far
	behaviour  TaskBehaviour
	closed     bool
	changed    chan struct{}   // closed and replaced whenever a task changes
	processes  context.Context //nolint:containedctx // of what tasks have started; ends with the scheduler
	end        context.CancelFunc
	running    sync.WaitGroup
}

// NewScheduler returns a scheduler without tasks, which starts them by start.
func NewScheduler(c *machine.Clock, m *machine.Meter, start Starter) *Scheduler {
	s := &Scheduler{clock: c, meter: m, start: start, tasks: map[string]*task{}, changed: make(chan struct{})}
	s.processes, s.end = context.WithCancel(context.Background())
	return s
}

// Close ends what tasks have started.
func (s *Scheduler) Close() {
	s.mu.Lock()
	s.closed = true
	s.end()
	for _, t := range s.tasks {
		t.expiry()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// Now is the time of the host.
func (s *Scheduler) Now() time.Time { return s.clock.Now() }

// Behave sets what becomes of tasks from now on.
func (s *Scheduler) Behave(b TaskBehaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = b
}

// Register registers a new task. SYSTEM's can be registered only by administrators.
func (s *Scheduler) Register(c bitsvc.Caller, d TaskDefinition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.ToLower(d.Name)
	end, limit, err := d.times()
	switch {
	case s.behaviour.Refuse != 0:
		return refuse(s.behaviour.Refuse)
	case !c.Elevated && !c.System && !s.behaviour.Anyone:
		return refuse(accessDenied)
	case s.tasks[key] != nil:
		return refuse(alreadyExists)
	case err != nil, d.Name == "", d.Path == "":
		return refuse(invalidValue)
	case d.DeleteExpiredTaskAfter != "" && d.EndBoundary == "":
		return refuse(missingNode)
	}
	ready := Task{TaskDefinition: d, State: TaskReady, LastResult: TaskResultHasNotRun}
	t := &task{Task: ready, limit: limit, expiry: func() bool { return false }}
	if s.behaviour.Off {
		t.State = TaskDisabled
	}
	if d.DeleteExpiredTaskAfter != "" {
		t.expiry = s.clock.AfterFunc(end.Sub(s.clock.Now()), func() { s.remove(t) })
	}
	s.tasks[key] = t
	s.registered = append(s.registered, d)
	s.meter.TasksRegistered.Add(1)
	s.meter.ScheduledTasks.Add(1)
	s.notify()
	return nil
}

// Delete forgets a task; what it has started runs on. Source: schtasks delete, learn.microsoft.com.
func (s *Scheduler) Delete(name string) error {
	s.mu.Lock()
	t := s.tasks[strings.ToLower(name)]
	s.mu.Unlock()
	if t == nil || !s.remove(t) {
		return refuse(fileNotFound)
	}
	return nil
}

// remove forgets a task, once.
func (s *Scheduler) remove(t *task) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.gone {
		return false
	}
	t.gone = true
	t.expiry()
	delete(s.tasks, strings.ToLower(t.Name))
	s.meter.ScheduledTasks.Add(-1)
	s.notify()
	return true
}

// Task reads a task.
func (s *Scheduler) Task(name string) (Task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[strings.ToLower(name)]
	if t == nil {
		return Task{}, refuse(fileNotFound)
	}
	shown := t.Task
	if s.behaviour.Lag && (t.State == TaskQueued || t.State == TaskRunning) {
		shown.State = TaskReady
	}
	return shown, nil
}

// Tasks lists the tasks by name.
func (s *Scheduler) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Task{}
	for _, name := range slices.Sorted(maps.Keys(s.tasks)) {
		list = append(list, s.tasks[name].Task)
	}
	return list
}

// List lists the tasks as Windows does where a task, or the folder, may be damaged.
func (s *Scheduler) List() ([]Listed, error) {
	s.mu.Lock()
	b := s.behaviour
	s.mu.Unlock()
	if b.List != 0 {
		return nil, refuse(b.List)
	}
	var list []Listed
	for _, t := range s.Tasks() {
		answer, broken := b.Broken[t.Name]
		switch {
		case broken && answer != 0:
			list = append(list, Listed{Err: refuse(answer)})
		case broken:
			list = append(list, Listed{})
		default:
			list = append(list, Listed{Task: t})
		}
	}
	return list, nil
}

// Listed is a task of a list, or why it can't be read. One that is damaged may have no name.
type Listed struct {
	Task

	Err error
}

// Registered returns every definition that was ever registered.
func (s *Scheduler) Registered() []TaskDefinition {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.registered)
}

// Changed is closed when a task changes.
func (s *Scheduler) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// notify wakes everything that waits for a change. The lock is held.
func (s *Scheduler) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

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
	case t.runs: // one instance at a time, and the new one is ignored
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
	ctx, cancel := context.WithCancel(s.processes)
	t.runs = true
	s.become(t, TaskRunning, TaskResultRunning)
	stop := s.clock.AfterFunc(t.limit, cancel)
	s.running.Go(func() {
		defer cancel()
		code := s.start(ctx, bitsvc.LocalSystem(), d.CommandLine(), strings.NewReader(""), io.Discard, io.Discard)
		ended := ctx.Err() != nil
		stop()
		s.mu.Lock()
		defer s.mu.Unlock()
		t.runs = false
		result := bits.HResult(uint32(code)) //nolint:gosec // an exit code is 32 bits of any meaning
		if ended {
			result = TaskResultTerminated
		}
		s.become(t, TaskReady, result)
	})
}

// TaskDefinition is what a task is registered with, named as in the XML of a task.
// Source: "Task Scheduler Schema", learn.microsoft.com.
type TaskDefinition struct {
	Name                       string `json:"name"`
	Description                string `json:"description"`
	UserID                     string `json:"user_id"`
	LogonType                  int    `json:"logon_type"` // 5: a service account
	RunLevel                   int    `json:"run_level"`  // 1: highest
	Path                       string `json:"path"`
	Arguments                  string `json:"arguments"`
	StartBoundary              string `json:"start_boundary"` // of its one trigger
	EndBoundary                string `json:"end_boundary"`
	DeleteExpiredTaskAfter     string `json:"delete_expired_task_after"`
	ExecutionTimeLimit         string `json:"execution_time_limit"`
	Priority                   int    `json:"priority"`
	DisallowStartIfOnBatteries bool   `json:"disallow_start_if_on_batteries"`
	StopIfGoingOnBatteries     bool   `json:"stop_if_going_on_batteries"`
	Sddl                       string `json:"sddl"` // of who may see and run it
}

// CommandLine is what the task starts.
func (d TaskDefinition) CommandLine() string { return `"` + d.Path + `" ` + d.Arguments }

// defaultTimeLimit is that of a definition without one: 72 hours.
// Source: TaskSettings.ExecutionTimeLimit, learn.microsoft.com.
const defaultTimeLimit = 72 * time.Hour

// times reads the end of a definition, none being the zero time, and its time limit.
func (d TaskDefinition) times() (end time.Time, limit time.Duration, err error) {
	_, errStart := boundary(d.StartBoundary)
	end, errEnd := boundary(d.EndBoundary)
	limit = defaultTimeLimit
	if d.ExecutionTimeLimit != "" {
		limit, err = machine.ParseDuration(d.ExecutionTimeLimit)
	}
	return end, limit, errors.Join(errStart, errEnd, err)
}

func boundary(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("a boundary is a date and time: %w", err)
	}
	return at, nil
}
