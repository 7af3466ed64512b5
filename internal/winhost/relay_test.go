package winhost_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// eachAgent runs a test with the stand-in and, where a PowerShell is found, with the real agent.
func eachAgent(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) { test(t, newWorld(t, kind.agents)) })
	}
}

// tryElevate asks for an elevation and gives why it failed; nil: it did not.
func (c *client) tryElevate(t *testing.T, ms int) *agent.Error {
	t.Helper()
	token := newToken()
	a := c.call(t, fmt.Sprintf(`[{"op":"elevate","token":%q,"ms":%d}]`, token, ms))
	var r agent.Result
	if err := json.Unmarshal(a.results[0], &r); err != nil {
		t.Fatal(err)
	}
	if r.Error == nil {
		c.token, c.n = token, 0
	}
	return r.Error
}

// nothingLeft waits until no task, pipe and process of an elevation is left.
func (w *world) nothingLeft(t *testing.T) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(10 * time.Second); ; <-poll.C {
		running, names, left := w.running.Load(), w.pipes.Names(), w.tasks.Tasks()
		switch {
		case running == 0 && len(names) == 0 && len(left) == 0:
			return
		case time.Now().After(deadline):
			t.Fatalf("left after 10 s: %d processes, pipes %q, tasks %v", running, names, left)
		}
	}
}

// replaced alters what a task starts.
func replaced(option, value string) func(string) string {
	return func(arguments string) string {
		before, after, _ := strings.Cut(arguments, " -"+option+" '")
		_, after, _ = strings.Cut(after, "'")
		return before + " -" + option + " '" + value + "'" + after
	}
}

func TestAnElevationThatFailsSaysWhyAndLeavesTheAgentUsable(t *testing.T) {
	const other = "0123456789abcdef0123456789abcdef"
	failures := []struct {
		name         string
		be           windows.TaskBehaviour
		ms           int // 0: plenty
		step, result string
		hresult      string
	}{
		{name: "the scheduler refuses the task", be: windows.TaskBehaviour{Refuse: 0x80070005}, step: "task-register", hresult: "0x80070005"},
		{name: "the scheduler does not run", be: windows.TaskBehaviour{Refuse: 0x80041315}, step: "task-register", hresult: "0x80041315"},
		{name: "new tasks are disabled", be: windows.TaskBehaviour{Off: true}, step: "task-run", hresult: "0x80041326"},
		{name: "the task never starts", be: windows.TaskBehaviour{Never: windows.TaskResultHasNotRun}, ms: 5000, step: "pipe-connect", result: "0x00041303"},
		{name: "the task stays queued", be: windows.TaskBehaviour{Never: windows.TaskResultQueued}, ms: 5000, step: "pipe-connect", result: "0x00041325"},
		{name: "a policy blocks the program", be: windows.TaskBehaviour{Fail: windows.TaskResultBlocked}, step: "pipe-connect", result: "0x800704EC"},
		{name: "somebody ends the task", be: windows.TaskBehaviour{Fail: windows.TaskResultTerminated}, step: "pipe-connect", result: "0x00041306"},
		{name: "SYSTEM's language mode is constrained", be: windows.TaskBehaviour{Fail: agent.ExitLanguageMode}, step: "pipe-connect", result: "0x00000003"},
		{name: "the process finds no pipe", be: windows.TaskBehaviour{Alter: replaced("PipeName", "none")}, step: "pipe-connect", result: "0x0000000B"},
		{name: "the pipe is another account's", be: windows.TaskBehaviour{Alter: replaced("Owner", "S-1-5-21-9")}, step: "handshake"},
		{name: "the process expects another nonce", be: windows.TaskBehaviour{Alter: replaced("Expect", other)}, step: "handshake"},
		{name: "the process shows another nonce", be: windows.TaskBehaviour{Alter: replaced("Show", other)}, step: "handshake"},
	}
	eachAgent(t, func(t *testing.T, w *world) {
		c := start(t, w, admin.caller())
		for _, f := range failures {
			t.Run(f.name, func(t *testing.T) {
				w.tasks.Behave(f.be)
				ms := f.ms
				if ms == 0 {
					ms = 60000
				}
				e := c.tryElevate(t, ms)
				if e == nil {
					t.Fatal("it did not fail")
				}
				if e.Code != "refused" || e.Step != f.step || textOf(e.HResult) != f.hresult || textOf(e.Task) != f.result {
					t.Errorf("got %+v with HRESULT %s and result %s", e, textOf(e.HResult), textOf(e.Task))
				}
				c.call(t, `[{"op":"list"}]`)
				w.nothingLeft(t)
			})
		}
		w.tasks.Behave(windows.TaskBehaviour{})
		if e := c.tryElevate(t, 60000); e != nil {
			t.Errorf("after all that: %+v", e)
		}
	})
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestAUserWhoIsNoAdministratorCanNotElevate(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := start(t, w, user.caller())
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "task-register" || textOf(e.HResult) != "0x80070005" {
			t.Errorf("got %+v", e)
		}
		w.nothingLeft(t)
	})
}

func TestAnAgentOfSystemElevatesNoFurther(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startElevated(t, w, admin.caller())
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "elevate" {
			t.Errorf("got %+v", e)
		}
	})
}

func TestTheTaskIsWhatWasPromised(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		old := func(name string) windows.TaskDefinition {
			return windows.TaskDefinition{Name: name, Path: "x", UserID: "S-1-5-18"}
		}
		now := time.Now().UTC()
		stay := []string{
			"backup 20200101T000000Z", "terraform-provider-bits", "terraform-provider-bits notes",
			"terraform-provider-bits " + now.Add(-5*time.Minute).Format("20060102T150405Z") + " 01234567",
		}
		gone := "terraform-provider-bits " + now.Add(-16*time.Minute).Format("20060102T150405Z") + " 01234567"
		for _, name := range append(stay, gone) {
			if err := w.tasks.Register(admin.caller(), old(name)); err != nil {
				t.Fatal(err)
			}
		}
		c := startElevated(t, w, admin.caller())
		var left []string
		for _, task := range w.tasks.Tasks() {
			left = append(left, task.Name)
		}
		if len(left) != len(stay) || strings.Contains(strings.Join(left, "\n"), gone) {
			t.Errorf("left: %q", left)
		}
		all := w.tasks.Registered()
		d := all[len(all)-1]
		want := d
		want.UserID, want.LogonType, want.RunLevel, want.Priority = "S-1-5-18", 5, 1, 4
		want.ExecutionTimeLimit, want.DeleteExpiredTaskAfter = "PT24H", "PT0S"
		want.DisallowStartIfOnBatteries, want.StopIfGoingOnBatteries = false, false
		if d != want {
			t.Errorf("registered %+v", d)
		}
		start, _ := time.Parse(time.RFC3339, d.StartBoundary)
		end, _ := time.Parse(time.RFC3339, d.EndBoundary)
		if !start.Before(now) || end.Sub(now) < 9*time.Minute || end.Sub(now) > 12*time.Minute {
			t.Errorf("its trigger lasts from %s to %s", d.StartBoundary, d.EndBoundary)
		}
		if !strings.HasSuffix(d.Path, "powershell.exe") || len(d.Path) == len("powershell.exe") {
			t.Errorf("it starts %s", d.Path)
		}
		text := d.CommandLine() + d.Description + d.Name
		if strings.Contains(text, c.token) || strings.Contains(text, "EncodedCommand") || len(text) > 4000 {
			t.Errorf("its %d characters hold more than they have to: %s", len(text), text)
		}
	})
}

func TestAnAgentOfSystemEndsWithItsRelay(t *testing.T) {
	for _, end := range []struct {
		name string
		do   func(t *testing.T, w *world, c *client)
		code int
	}{
		{"its client says bye", func(t *testing.T, _ *world, c *client) {
			c.write(t, c.token+` {"b":1,"ops":[{"op":"bye","ms":1000}]}`+"\n")
		}, agent.ExitPeer},
		{"its client closes the shell's input", func(_ *testing.T, _ *world, c *client) { _ = c.stdin.Close() }, agent.ExitBye},
		{"the relay is killed", func(_ *testing.T, _ *world, c *client) { c.cancel() }, -1},
		{"it is killed itself", func(_ *testing.T, w *world, _ *client) { (*w.killSystem.Load())() }, agent.ExitPeer},
	} {
		t.Run(end.name, func(t *testing.T) {
			eachAgent(t, func(t *testing.T, w *world) {
				c := startElevated(t, w, admin.caller())
				end.do(t, w, c)
				if code := c.exit(t); code != end.code {
					t.Errorf("the relay's exit code is %d, want %d", code, end.code)
				}
				w.nothingLeft(t)
			})
		})
	}
}

// startWith starts an agent whose text has other limits.
func startWith(t *testing.T, w *world, old, changed string) *client {
	t.Helper()
	text := agentUpload()
	if !strings.Contains(text, old) {
		t.Fatalf("the agent has no %q", old)
	}
	c := launch(t, w, admin.caller())
	c.write(t, strings.Replace(text, old, changed, 1))
	return c
}

func TestAnAgentOfSystemEndsInSilence(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startWith(t, w, "$IdleLimit = 30000", "$IdleLimit = 3000")
		c.elevate(t)
		c.call(t, `[]`)
		w.clock.Advance(31 * time.Second) // for the stand-in, whose text does not matter
		if code := c.exit(t); code != agent.ExitPeer {
			t.Errorf("exit code %d", code)
		}
		w.nothingLeft(t)
	})
}

func TestAgentsAndRelaysLiveForADayAtMost(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startWith(t, w, "$LifeLimit = 86400000", "$LifeLimit = 8000")
		c.elevate(t)
		c.call(t, `[]`)
		w.clock.Advance(25 * time.Hour)
		if code := c.exit(t); code != agent.ExitPeer && code != agent.ExitAge {
			t.Errorf("exit code %d", code)
		}
		w.nothingLeft(t)
	})
}
