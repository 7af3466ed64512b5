// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"
)

// TestCLICommandsThatConnect runs every command of a pipeline and checks which of them connect to the host: the table of the
// guide "In a pipeline".
func TestCLICommandsThatConnect(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	var id string
	for _, step := range []struct {
		name     string
		before   func()
		code     int
		run      string // ID is that of the job
		connects bool
	}{
		{name: "validate", before: func() { wd.declare() }, run: "validate"},
		{name: "a plan of a new job", code: 2, run: "plan -detailed-exitcode -out=saved.plan"},
		{name: "the apply of a saved plan", run: "apply saved.plan", connects: true},
		{name: "a plan of a job that is not over", run: "plan -detailed-exitcode", connects: true},
		{name: "the same without a refresh", run: "plan -detailed-exitcode -refresh=false"},
		{name: "a change planned without a refresh", before: func() { wd.declare(`priority = "high"`) }, code: 2,
			run: "plan -detailed-exitcode -refresh=false -out=saved.plan"},
		{name: "its apply", run: "apply saved.plan", connects: true},
		{name: "output", run: "output"},
		{name: "show", run: "show"},
		{name: "state list", run: "state list"},
		{name: "state show", run: "state show " + address},
		{name: "state rm", before: func() { id = wd.job().ID }, run: "state rm " + address},
		{name: "import", run: "import " + address + " ID", connects: true},
		{name: "apply -refresh-only", run: "apply -refresh-only -auto-approve", connects: true},
		{name: "the end of the job", before: func() {
			wd.control("run")
			wd.waitFor("transferred")
		}, run: "apply -auto-approve", connects: true},
		{name: "a plan of a completed job", run: "plan -detailed-exitcode", connects: true},
		{name: "the same without a refresh", run: "plan -detailed-exitcode -refresh=false"},
		{name: "the destruction of a completed job without a refresh", run: "destroy -auto-approve -refresh=false"},
	} {
		if step.before != nil {
			step.before()
		}
		wd.host.ResetStats()
		wd.run(step.code, strings.Fields(strings.ReplaceAll(step.run, "ID", id))...)
		if connected := wd.host.Stats().Connections > 0; connected != step.connects {
			t.Errorf("%s: connected is %t", step.name, connected)
		}
	}
	wd.expectNothing()
}

// TestCLISavedPlan applies a plan after the job has ended outside Terraform: only an end other than the planned one is an error.
func TestCLISavedPlan(t *testing.T) {
	t.Parallel()
	wd := start(t)
	planned := func() {
		wd.declare()
		wd.apply()
		wd.waitFor("transferred")
		wd.plan(2, "-out=saved.plan").has(`~ state = "transferred" -> "acknowledged"`)
	}
	planned()
	wd.outside("complete")
	wd.run(0, "apply", "saved.plan").has("Warning: BITS Job Was Completed", "The result is as planned", updated)
	wd.plan(0)
	wd.run(1, "apply", "saved.plan").has("Saved plan is stale")
	wd.destroy()

	planned()
	wd.outside("cancel")
	wd.run(1, "apply", "saved.plan").has("Error: Invalid BITS Job State", "it was cancelled at 20", `by CORP\ops`)
	wd.pauseAll()
	wd.apply().has("Warning: BITS Job Is Missing", plansReplace)

	wd.declare(`priority = "high"`)
	wd.plan(2, "-out=saved.plan")
	wd.outside("complete")
	wd.run(1, "apply", "saved.plan").
		has("Error: Invalid BITS Job State", "it was completed at 20", `by CORP\ops; BITS no longer lists it`, "0x80200002")
}

func TestCLIMovedBlock(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare()
	wd.apply()
	id := wd.job().ID
	wd.write("moved {\n  from = " + address + "\n  to   = bits_job.nightly[\"web01\"]\n}\n" +
		jobBlock("nightly", `for_each = toset(["web01"])`, displayName, `files = [`+wd.file("a.bin", "size=5")+`]`))
	wd.applyOnce().has("has moved to", "0 to add, 0 to change, 0 to destroy")
	if job := wd.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
}

// TestCLIPresignedURLs has a URL with another signature at each plan: ignored, it changes nothing until a trigger makes a new job,
// with the URL of that day.
func TestCLIPresignedURLs(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	declare := func(signature, version string) {
		wd.declare(`files = [`+wd.file("a.bin", "size=5&X-Amz-Signature="+signature)+`]`, `triggers = { version = "`+version+`" }`,
			"lifecycle {\n    ignore_changes = [files]\n  }")
	}
	declare("monday", "1")
	wd.apply()
	id := wd.job().ID
	declare("tuesday", "1")
	wd.plan(0)
	declare("wednesday", "2")
	wd.apply().has("triggers", "# forces replacement", plansReplace)
	if job := wd.job(); job.ID == id || !strings.Contains(job.Files[0].RemoteName, "wednesday") {
		t.Errorf("the host has %+v", job)
	}
	declare("thursday", "2")
	wd.plan(0)
}
