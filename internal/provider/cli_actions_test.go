// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// startForActions is start for a CLI that has actions.
func startForActions(t *testing.T) *workingDir {
	t.Helper()
	wd := start(t)
	wd.needQueries()
	return wd
}

// onText is output of a command that does something when a text comes.
type onText struct {
	into *bytes.Buffer
	text string
	then func()
	done bool
}

func (o *onText) Write(p []byte) (int, error) {
	n, err := o.into.Write(p)
	if !o.done && strings.Contains(o.into.String(), o.text) {
		o.done = true
		o.then()
	}
	return n, err
}

func actionBlock(name, label string, config ...string) string {
	return fmt.Sprintf("action \"bits_job_%s\" %q {\n  config {\n    %s\n  }\n}\n", name, label, strings.Join(config, "\n    "))
}

// TestCLIInvokesActions leads a job of the state through its life by actions, one command each. What they did shows in the next plan.
func TestCLIInvokesActions(t *testing.T) {
	t.Parallel()
	wd := startForActions(t)
	const of = `id = bits_job.payload.id`
	config := jobBlock("payload", displayName, `suspended = true`, `files = [`+wd.file("a.bin", "size=5")+`]`) +
		actionBlock("set_priority", "boost", of, `priority = "high"`) + actionBlock("suspend", "pause", of) + actionBlock("resume", "go", of) +
		actionBlock("wait", "arrival", of, `timeout = "3m"`) + actionBlock("complete", "end", of) + actionBlock("cancel", "stop", of) +
		actionBlock("suspend", "unknown", `display_name = "no such job"`)
	wd.write(config)
	wd.apply()
	invoke := func(action string) output { t.Helper(); return wd.apply("-invoke=action.bits_job_" + action) }
	where := wd.settings.Host + " nightly payload: "
	invoke("set_priority.boost").has(where+"priority normal -> high", "Actions: 1 invoked")
	wd.plan(2).changes(`~ priority = "high" -> "normal"`)
	invoke("suspend.pause").has(where + "suspended (unchanged)")
	wd.control("pause")
	invoke("resume.go").has(where + "suspended -> queued")
	wd.plan(2).has(`~ suspended = false -> true`)
	wd.control("run")
	invoke("wait.arrival").has(where + "transferred, 5 B")
	invoke("complete.end").has(where + "completed, 5 B")
	wd.expectFile(`C:\t\a.bin`, 5)
	wd.plan(2).has(`~ state = "transferred" -> "acknowledged"`)
	wd.applyFails("-invoke=action.bits_job_cancel.stop").has("Invalid BITS Job State", "Unable to cancel job", "it was completed at", "BITS no longer lists it")
	wd.applyFails("-invoke=action.bits_job_suspend.unknown").has("Job Not Found", `Unable to suspend job "no such job" on`)
}

// TestCLIShowsTheProgressOfAWait has a new job trigger actions. The host's jobs do not move until Terraform shows that it waits.
func TestCLIShowsTheProgressOfAWait(t *testing.T) {
	t.Parallel()
	wd := startForActions(t)
	trigger := `lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.bits_job_set_priority.boost, action.bits_job_wait.arrival, action.bits_job_complete.end]
    }
  }`
	const of = `id = bits_job.payload.id`
	wd.write(jobBlock("payload", displayName, `priority = "low"`, `files = [`+wd.file("a.bin", "size=2500000")+`]`, trigger) +
		actionBlock("set_priority", "boost", of, `priority = "high"`) + actionBlock("wait", "arrival", of, `timeout = "3m"`) + actionBlock("complete", "end", of))
	wd.control("pause")
	cmd, out := wd.command("apply", "-auto-approve")
	shown := &onText{into: out, text: ", queued", then: func() { wd.control("run") }}
	cmd.Stdout, cmd.Stderr = shown, shown
	wd.ended(cmd, cmd.Run(), 0, out.String()).has("Plan: 1 to add, 0 to change, 0 to destroy. Actions: 3 to invoke.", "nightly payload: priority low -> high",
		"nightly payload: 0 B, queued", "nightly payload: transferred, 2.5 MB", "nightly payload: completed, 2.5 MB", "Actions: 3 invoked")
	wd.plan(2).has(`~ state = "pending" -> "acknowledged"`, "was completed at")
}
