// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// eachAgent runs a test with the stand-in and, where a PowerShell is found, with the real agent. Each has a host of its own, so they

// run in parallel.

func eachAgent(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, kind.agents))
		})
	}
}

// real reports whether a test of eachAgent runs the real agent, whose time is the machine's and not the host's.

func (*world) real(t *testing.T) bool {
	t.Helper()
	return strings.HasSuffix(t.Name(), "agent.ps1")
}

// elevation is the operation elevate, as the client sends it.

func elevation(t *testing.T, token string, ms int) string {
	t.Helper()
	op, err := json.Marshal(agent.Op{Name: agent.OpElevate, MS: ms, Token: token, Text: agent.Changes()})
	if err != nil {
		t.Fatal(err)
	}
	return string(op)
}

// tryElevate asks for an elevation and returns its error, or nil.

func (c *client) tryElevate(t *testing.T, ms int) *agent.Error {
	t.Helper()
	token := newToken()
	a := c.call(t, "["+elevation(t, token, ms)+"]")
	var r agent.Result
	if err := json.Unmarshal(a.results[0], &r); err != nil {
		t.Fatal(err)
	}
	if r.Error == nil {
		c.token, c.n = token, 0
		if err := json.Unmarshal(r.Value, &c.elevation); err != nil {
			t.Fatal(err)
		}
	}
	return r.Error
}

// nothingLeft waits until no task, pipe and process of an elevation is left.

func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	w.processesEnd(t)
	if left := w.tasks.Tasks(); len(left) != 0 {
		t.Errorf("left: tasks %v", left)
	}
}

// processesEnd waits until no pipe and process of an elevation is left.

func (w *world) processesEnd(t *testing.T) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(patience); ; <-poll.C {
		running, names := w.running.Load(), w.pipes.Names()
		switch {
		case running == 0 && len(names) == 0:
			return
		case time.Now().After(deadline):
			t.Fatalf("left after %s: %d processes, pipes %q", patience, running, names)
		}
	}
}

// passTime lets the clock of the stand-in run fast until stop, for what ends by a limit of time only. The real agent's clock is this
// machine's.

func (w *world) passTime(t *testing.T) (stop func()) {
	t.Helper()
	if w.real(t) {
		return func() {}
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				w.clock.Advance(500 * time.Millisecond)
			}
		}
	}()
	return func() { close(over); <-done }
}

// replaced alters what a task starts.

func replaced(option, value string) func(string) string {
	return func(arguments string) string {
		before, after, _ := strings.Cut(arguments, " -"+option+" '")
		_, after, _ = strings.Cut(after, "'")
		return before + " -" + option + " '" + value + "'" + after
	}
}

// elevationFailure is a host on which an elevation fails, and the error that the agent reports.
type elevationFailure struct {
	name         string
	tasks        windows.TaskBehaviour
	arrange      func(t *testing.T, w *world) (after func()) // what else there is to arrange and to check; nil: nothing
	ms           int                                         // deadline; 0: plenty
	waits        bool                                        // it ends by a limit of time
	step, result string
	hresult      string
}

func elevationFailures(realAgent bool) []elevationFailure {
	failures := []elevationFailure{
		{name: "the scheduler refuses the task", tasks: windows.TaskBehaviour{Refuse: 0x80070005}, step: "task-register", hresult: "0x80070005"},
		{name: "the scheduler does not run", tasks: windows.TaskBehaviour{Refuse: 0x80041315}, step: "task-register", hresult: "0x80041315"},
		{name: "new tasks are disabled", tasks: windows.TaskBehaviour{Off: true}, step: "task-run", hresult: "0x80041326"},
		{
			name: "the task never starts", tasks: windows.TaskBehaviour{Never: windows.TaskResultHasNotRun}, ms: 8000, waits: true,
			step: "pipe-connect", result: "0x00041303",
		},
		{
			name: "the task stays queued", tasks: windows.TaskBehaviour{Never: windows.TaskResultQueued}, ms: 8000, waits: true,
			step: "pipe-connect", result: "0x00041325",
		},
		{
			name: "a policy blocks the program", tasks: windows.TaskBehaviour{Fail: windows.TaskResultBlocked},
			step: "pipe-connect", result: "0x800704EC",
		},
		{
			name: "an administrator ends the task", tasks: windows.TaskBehaviour{Fail: windows.TaskResultTerminated},
			step: "pipe-connect", result: "0x00041306",
		},
		{
			name: "the process finds no pipe", tasks: windows.TaskBehaviour{Alter: replaced("PipeName", "none")}, waits: true,
			step: "pipe-connect", result: "0x0000000B",
		},
		{name: "the pipe is another account's", tasks: windows.TaskBehaviour{Alter: replaced("Owner", "S-1-5-21-9")}, step: "handshake"},
		{name: "the process shows another nonce", tasks: windows.TaskBehaviour{Alter: replaced("Show", otherNonce)}, step: "handshake"},
		{
			name: "another account has made the pipe before", step: "pipe-create", hresult: "0x80070005",
			arrange: func(t *testing.T, w *world) func() {
				t.Helper()
				registered := len(w.tasks.Registered())
				w.pipes.Squat(otherAccount)
				return func() {
					w.pipes.Squat("")
					if all := w.tasks.Registered(); len(all) != registered {
						t.Errorf("a task was registered nevertheless: %+v", all)
					}
				}
			},
		},
		{name: "another process opens the pipe first and sends nothing", step: "handshake", arrange: openFirst, waits: true},
		{
			name: "SYSTEM's language mode is constrained", tasks: windows.TaskBehaviour{Fail: agent.ExitLanguageMode},
			step: "pipe-connect", result: "0x00000003",
		},
	}
	if realAgent { // the stand-in has no language mode
		failures[len(failures)-1].tasks = windows.TaskBehaviour{Alter: func(arguments string) string {
			const constrain = `-Command "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; `
			return strings.Replace(arguments, `-Command "`, constrain, 1)
		}}
	}
	return failures
}

// openFirst has a process connect to the pipe before SYSTEM's, which then fails to start. It must receive the relay's nonce and no
// more.

func openFirst(t *testing.T, w *world) (after func()) {
	t.Helper()
	received := make(chan string, 1)
	w.tasks.Behave(windows.TaskBehaviour{Alter: func(arguments string) string {
		name := argument(arguments, "PipeName")
		conn, err := w.pipes.Connect(name)
		if process, dialled := pwsh.DialPipe(t.Context(), name); dialled == nil { // the real agent's
			conn, err = process, nil
		}
		if err != nil {
			t.Error(err)
			return arguments
		}
		go func() {
			text, _ := io.ReadAll(conn)
			_ = conn.Close() // a pipe of Windows lives as long as one of its ends
			received <- string(text)
		}()
		return "-NoScript"
	}})
	return func() {
		if text := <-received; strings.Count(text, "\n") != 1 || len(text) != agent.TokenLength+1 {
			t.Errorf("it received more than the nonce: %q", text)
		}
	}
}

// TestAFailedElevationNamesItsCause also proves that the agent stays usable, that nothing is left on the host, and that SYSTEM's process

// does not trust a pipe of another process.

func TestAFailedElevationNamesItsCause(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startReader(t, w, admin.caller())
		var queued string // command line of a task whose process was not started
		for _, f := range elevationFailures(w.real(t)) {
			t.Run(f.name, func(t *testing.T) {
				w.tasks.Behave(f.tasks)
				after := func() {}
				if f.arrange != nil {
					after = f.arrange(t, w)
				}
				ms := f.ms
				if ms == 0 {
					ms = 60000
				}
				stop := func() {}
				if f.waits {
					stop = w.passTime(t)
				}
				e := c.tryElevate(t, ms)
				stop()
				if e == nil {
					t.Fatal("the elevation succeeded")
				}
				if e.Code != "refused" || e.Step != f.step || textOf(e.HResult) != f.hresult || textOf(e.Task) != f.result {
					t.Errorf("got %+v with HRESULT %s and result %s", e, textOf(e.HResult), textOf(e.Task))
				}
				after()
				c.call(t, `[{"op":"list"}]`)
				w.nothingLeft(t)
				if f.tasks.Never == windows.TaskResultQueued {
					all := w.tasks.Registered()
					queued = all[len(all)-1].CommandLine()
				}
			})
		}
		for _, s := range squatters() {
			t.Run("the pipe is squatted: "+s.name, func(t *testing.T) { s.run(t, w, queued) })
		}
		w.tasks.Behave(windows.TaskBehaviour{List: 0x80041318}) // SCHED_E_INVALIDVALUE
		if e := c.tryElevate(t, 60000); e != nil {
			t.Fatalf("after all that: %+v", e)
		}
		if notes := c.elevation.Notes; len(notes) != 1 || !strings.Contains(notes[0], "the tasks: ") {
			t.Errorf("the notes are %q", notes)
		}
		_ = c.stdin.Close() // as the end of the shell does
		if code := c.exit(t); code != agent.ExitEnd {
			t.Errorf("the relay's exit code is %d, want %d", code, agent.ExitEnd)
		}
		w.nothingLeft(t)
	})
}

// TestATaskThatStartsWhileItIsReadHasNotEnded has a task become queued and start between the reads of its state and of its result.

// TestATaskWhoseMakerIsGoneDeletesItself ends the agent between the start of its task and that of the task's process.

// until waits for a condition.

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestAUserWhoIsNoAdministratorCanNotElevate(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startReader(t, w, user.caller())
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "task-register" || textOf(e.HResult) != "0x80070005" {
			t.Errorf("got %+v", e)
		}
		w.nothingLeft(t)
	})
}

// startWith starts an agent whose text has other limits.

func startWith(t *testing.T, w *world, old, changed string) *client {
	t.Helper()
	text := string(agent.Upload(false))
	if !strings.Contains(text, old) {
		t.Fatalf("the agent has no %q", old)
	}
	c := launch(t, w, admin.caller())
	c.write(t, strings.Replace(text, old, changed, 1))
	return c
}

func TestAnAgentOfSystemEndsInSilence(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startWith(t, w, "$IdleLimit = 90000", "$IdleLimit = 1500")
		c.elevate(t)
		c.call(t, `[]`)
		defer w.passTime(t)()
		if code := c.exit(t); code != agent.ExitPeer {
			t.Errorf("exit code %d", code)
		}
		w.nothingLeft(t)
	})
}

func TestAgentsAndRelaysLiveForADayAtMost(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startWith(t, w, "$LifeLimit = 86400000", "$LifeLimit = 20000")
		c.elevate(t)
		c.call(t, `[]`)
		if !w.real(t) {
			const life, step = 24 * time.Hour, 20 * time.Second // less than an agent waits for a line
			for age := step; age < life; age += step {
				w.clock.Advance(step)
				c.call(t, `[]`)
			}
			w.clock.Advance(step)
		}
		if code := c.exit(t); code != agent.ExitPeer && code != agent.ExitAge {
			t.Errorf("exit code %d", code)
		}
		w.nothingLeft(t)
	})
}
