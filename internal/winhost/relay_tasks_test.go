// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

func TestATaskThatStartsWhileItIsReadHasNotEnded(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := startReader(t, w, admin.caller())
		w.tasks.Behave(windows.TaskBehaviour{Never: windows.TaskResultQueued, Lag: true})
		stop := w.passTime(t)
		e := c.tryElevate(t, 8000)
		stop()
		if e == nil {
			t.Fatal("a task that stays queued connected")
		}
		if e.Text != "The task did not connect in time." || textOf(e.Task) != windows.TaskResultQueued.Hex() {
			t.Errorf("a task that stays queued: %+v, result %s", e, textOf(e.Task))
		}
		w.tasks.Behave(windows.TaskBehaviour{Lag: true})
		if e := c.tryElevate(t, 60000); e != nil {
			t.Errorf("a task that starts: %+v, result %s", e, textOf(e.Task))
		}
		_ = c.stdin.Close()
		c.exit(t)
		w.nothingLeft(t)
	})
}

func TestATaskWhoseMakerIsGoneDeletesItself(t *testing.T) {
	const delay = 5 * time.Minute // less than the task lasts by itself
	eachAgent(t, func(t *testing.T, w *world) {
		w.tasks.Behave(windows.TaskBehaviour{Delay: delay})
		c := startReader(t, w, admin.caller())
		c.n++
		c.send(t, fmt.Sprintf(`{"b":%d,"ops":[%s]}`, c.n, elevation(t, newToken(), 60000)))
		until(t, func() bool {
			tasks := w.tasks.Tasks()
			return len(tasks) == 1 && tasks[0].State != windows.TaskReady
		})
		c.cancel() // as the deletion of its shell does
		c.exit(t)
		if left := w.tasks.Tasks(); len(left) != 1 {
			t.Fatalf("the tasks are %v", left)
		}
		expires, err := time.Parse(time.RFC3339, w.tasks.Registered()[0].EndBoundary)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(delay)
		until(t, func() bool {
			const step = time.Second
			if w.clock.Now().Add(2 * step).Before(expires) { // so the task never expires
				w.clock.Advance(step)
			}
			return len(w.tasks.Tasks()) == 0
		})
		w.processesEnd(t)
	})
}

func until(t *testing.T, met func() bool) {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(patience); !met(); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatalf("not met within %s", patience)
		}
	}
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
		damaged := map[string]bits.HResult{"z damaged": 0x80041321, "a nameless": 0} // SCHED_E_INVALID_TASK_HASH
		stay = slices.AppendSeq(stay, maps.Keys(damaged))
		for _, name := range append(stay, gone) {
			if err := w.tasks.Register(admin.caller(), old(name)); err != nil {
				t.Fatal(err)
			}
		}
		w.tasks.Behave(windows.TaskBehaviour{Broken: damaged})
		c := startReader(t, w, admin.caller())
		if e := c.tryElevate(t, 60000); e != nil {
			t.Fatalf("damaged tasks keep an agent from being elevated: %+v", e)
		}
		if notes := strings.Join(c.elevation.Notes, "\n"); len(c.elevation.Notes) != 2 || !strings.Contains(notes, "0x80041321") || !strings.Contains(notes, "shows no name") {
			t.Errorf("the notes are %q", notes)
		}
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
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "elevate" {
			t.Errorf("an agent of SYSTEM elevates further: %+v", e)
		}
		c.cancel() // kills the relay
		if code := c.exit(t); code != -1 {
			t.Errorf("the relay's exit code is %d", code)
		}
		w.processesEnd(t)
	})
}
