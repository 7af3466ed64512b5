// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package provider_test

import (
	"context"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// TestCLITerminatedDuringAWait sends SIGTERM to the process group of a CLI and its provider, as timeout(1), systemd and CI
// systems do: the CLI stops the provider and stores both jobs.
func TestCLITerminatedDuringAWait(t *testing.T) {
	t.Parallel()
	wd := startProgram(t, winhost.Config{})
	wd.pauseAll()
	wd.declare(waits, `count = 2`, `files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
	apply, out := wd.command("apply", "-auto-approve")
	apply.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	wd.waitUntil("both jobs wait for their transfer", func() bool {
		jobs := wd.jobs()
		return len(jobs) == 2 && jobs[0].State == "queued" && jobs[1].State == "queued"
	})
	if err := syscall.Kill(-apply.Process.Pid, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	wd.ended(apply, apply.Wait(), 1, out.String()).has("Warning: Interrupted").lacks("Plugin did not respond")
	ids := map[string]bool{}
	for _, job := range wd.jobs() {
		ids[job.ID] = true
	}
	for _, index := range []string{"[0]", "[1]"} {
		wd.expectState(address+index, map[string]string{"state": "pending"})
		delete(ids, wd.state().instances[address+index]["id"].(string))
	}
	if len(ids) > 0 {
		t.Errorf("the state lacks the jobs %v", ids)
	}
	wd.control("run")
	wd.apply().has("0 added, 2 changed, 0 destroyed")
	if jobs := wd.jobs(); len(jobs) > 0 {
		t.Errorf("the host has %+v", jobs)
	}
}

// TestCLIKilledDuringACreate kills a CLI and its provider between the two steps of a create: the job keeps its pending name, no state has
// it, and the next apply leaves the declared job only.
func TestCLIKilledDuringACreate(t *testing.T) {
	t.Parallel()
	wd := startProgram(t, winhost.Config{})
	wd.pauseAll()
	wd.declare()
	apply, out := wd.command("apply", "-auto-approve")
	apply.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	reached, killed := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	wd.host.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if !strings.Contains(string(e.Input), `"op":"commit"`) || once.Swap(true) {
			return wsmansvc.Action{}
		}
		close(reached)
		<-killed
		return wsmansvc.Action{Outcome: wsmansvc.CutBefore}
	})
	defer wd.host.Intercept(nil)
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-time.After(patience):
		t.Errorf("no commit: %s", out)
	}
	if err := syscall.Kill(-apply.Process.Pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	_ = apply.Wait()
	close(killed)
	wd.host.DropShells() // of the killed provider, as WinRM does it after three minutes
	left := wd.job()
	if !strings.HasPrefix(left.DisplayName, bits.PendingPrefix) {
		t.Errorf("the host has %+v", left)
	}
	wd.apply().has("1 added").lacks("Adopted")
	if job := wd.job(); job.DisplayName != "nightly payload" || job.ID == left.ID {
		t.Errorf("the host has %+v", job)
	}
}
