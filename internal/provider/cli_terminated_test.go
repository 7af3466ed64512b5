//go:build !windows

package provider_test

import (
	"syscall"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
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
