// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// needSignals skips the test on Windows, where no process is interrupted by another.
func needSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals")
	}
}

// interrupt runs a command and sends it Ctrl-C when it asks the host for an operation. When the provider knows, the host
// continues, or breaks the connection first.
func (wd *workingDir) interrupt(operation string, then wsmansvc.Outcome, args ...string) {
	wd.t.Helper()
	cmd, out := wd.command(args...)
	select {
	case <-wd.attached.interrupted: // another time
	default:
	}
	reached, sent := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	wd.host.Intercept(func(ctx context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if !strings.Contains(string(e.Input), `"op":"`+operation+`"`) || once.Swap(true) {
			return wsmansvc.Action{}
		}
		close(reached)
		select {
		case <-sent:
		case <-ctx.Done():
		}
		return wsmansvc.Action{Outcome: then}
	})
	defer wd.host.Intercept(nil)
	if err := cmd.Start(); err != nil {
		wd.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // whether it fails depends on how far it came
		close(ended)
	}()
	select {
	case <-reached:
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			wd.t.Error(err)
		}
		select {
		case <-wd.attached.interrupted:
		case <-time.After(patience):
			wd.t.Errorf("%v was not interrupted at %s:\n%s", args, operation, out)
		}
	case <-ended:
		wd.t.Errorf("%v ended without %s:\n%s", args, operation, out)
	}
	close(sent)
	<-ended
	wd.attached.closeSessions()
	if strings.Contains(out.String(), "panic") || strings.Contains(out.String(), "inconsistent") {
		wd.t.Errorf("%v:\n%s", args, out)
	}
}

// TestCLICtrlCAtEachStep has Ctrl-C come at each step of a job's life: the next apply repairs what it left, with one job on the
// host.
func TestCLICtrlCAtEachStep(t *testing.T) {
	needSignals(t)
	for _, then := range []struct {
		name string
		wsmansvc.Outcome
	}{
		{"the step is done", wsmansvc.Proceed},
		{"the connection breaks before the step", wsmansvc.CutBefore},
		{"the connection breaks after the step", wsmansvc.CutAfter},
	} {
		t.Run(then.name, func(t *testing.T) {
			t.Parallel()
			wd := start(t)
			wd.pauseAll()
			wd.declare(`priority = "low"`)
			for _, step := range []string{"elevate", "create", "commit"} {
				wd.interrupt(step, then.Outcome, "apply", "-auto-approve")
				wd.applyOnce()
				if job := wd.job(); job.DisplayName != "nightly payload" {
					t.Errorf("the host has %+v", job)
				}
				wd.destroy()
			}
			wd.apply()
			wd.declare(`priority = "high"`)
			wd.interrupt("change", then.Outcome, "apply", "-auto-approve")
			wd.applyOnce()
			if job := wd.job(); job.Priority != "high" {
				t.Errorf("the host has %+v", job)
			}
			wd.control("run")
			wd.declare(`priority = "high"`, waits)
			wd.interrupt("complete", then.Outcome, "apply", "-auto-approve")
			wd.applyOnce()
			wd.expectState(address, map[string]string{"state": "acknowledged"})
			wd.expectFile(`C:\t\a.bin`, 5)
			wd.destroy()

			wd.pauseAll()
			wd.declare(`priority = "low"`)
			wd.apply()
			wd.interrupt("remove", then.Outcome, "destroy", "-auto-approve")
			wd.destroy()
		})
	}
}

// startWait starts an apply that waits for a transfer, which the host does not begin, and returns when it waits.
func (wd *workingDir) startWait() (*exec.Cmd, *bytes.Buffer) {
	wd.t.Helper()
	wd.pauseAll()
	wd.declare(waits)
	apply, out := wd.command("apply", "-auto-approve")
	if err := apply.Start(); err != nil {
		wd.t.Fatal(err)
	}
	wd.waitUntil("the job waits for its transfer", func() bool {
		jobs := wd.jobs()
		return len(jobs) == 1 && jobs[0].State == "queued"
	})
	return apply, out
}

func TestCLICtrlCDuringAWait(t *testing.T) {
	needSignals(t)
	t.Parallel()
	wd := startProgram(t, winhost.Config{})
	apply, out := wd.startWait()
	if err := apply.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	wd.ended(apply, apply.Wait(), 1, out.String()).
		has("Warning: Interrupted", "this run was interrupted", "The job is kept, and the next apply continues with it.")
	wd.expectState(address, map[string]string{"id": wd.job().ID, "state": "pending"})
	wd.plan(2).has("1 to change", `~ state = "pending" -> (known after apply)`).lacks("tainted")
}

// TestCLIKilledDuringAWait kills the CLI, which can't stop its provider then: the provider ends, the job stays, and the next apply has it.
func TestCLIKilledDuringAWait(t *testing.T) {
	t.Parallel()
	wd := startProgram(t, winhost.Config{})
	apply, _ := wd.startWait()
	if err := apply.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = apply.Wait()
	wd.expectIdle()
	job := wd.job()
	if job.DisplayName != "nightly payload" {
		t.Errorf("the host has %+v", job)
	}
	wd.control("run")
	wd.waitFor("transferred")
	wd.applyOnce().has("Warning: BITS Job Was Adopted", "1 added")
	wd.expectState(address, map[string]string{"id": job.ID, "state": "acknowledged"})
	wd.run(0, "destroy", "-auto-approve")
	wd.expectNothing()
}
