// SPDX-License-Identifier: MPL-2.0

package provider_test

import "testing"

// TestCLIRecordsTheEndOfATransfer has a later apply complete the job, once.
func TestCLIRecordsTheEndOfATransfer(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.declare()
	wd.apply()
	wd.waitFor("transferred")
	wd.applyOnce().has(plansUpdate, updated).changes(`+ completed_at = (known after apply)`, `~ state = "transferred" -> "acknowledged"`)
	wd.control("clear-log")
	wd.plan(0)
}

// TestCLIPlansWithoutApply has a job completed outside Terraform, and the host's log cleared before each plan but the first.
func TestCLIPlansWithoutApply(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.declare()
	wd.apply()
	wd.waitFor("transferred")
	wd.outside("complete")
	for n := range 3 {
		plan := wd.plan(2).has("Warning: BITS Job Was Completed", `-> "acknowledged"`, plansUpdate)
		if n > 0 {
			plan.has("the event log of the host does not show how it ended. All its files exist")
		}
		wd.control("clear-log")
	}
	wd.applyOnce().has(updated)
}

// TestCLIChangesAfterTheEnd changes a job that was completed outside Terraform: the plan warns, and the apply fails. Each of the
// ways out that the error names works.
func TestCLIChangesAfterTheEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		wayOut func(wd *workingDir)
	}{
		{name: "revert the change", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "low"`, `triggers = { version = "1" }`)
			wd.plan(0) // the apply that failed has recorded the completion
		}},
		{name: "replace for changes", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "high"`, `triggers = { version = "1" }`, `on_finished_change = "replace"`)
			wd.apply().has(`~ priority = "low" -> "high" # forces replacement`, plansReplace)
		}},
		{name: "change a trigger", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "high"`, `triggers = { version = "2" }`)
			wd.apply().has(`# forces replacement`, plansReplace)
		}},
		{name: "record the change", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "high"`, `triggers = { version = "1" }`, `on_finished_change = "ignore"`)
			wd.applyOnce().has(updated)
		}},
		{name: "replace", wayOut: func(wd *workingDir) {
			wd.apply("-replace=" + address).has("1 added, 0 changed, 1 destroyed")
		}},
		{name: "destroy", wayOut: func(wd *workingDir) {
			wd.run(0, "destroy", "-auto-approve").has("1 destroyed")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wd := start(t)
			wd.declare(`priority = "low"`, `triggers = { version = "1" }`)
			wd.apply()
			wd.waitFor("transferred")
			wd.outside("complete")
			wd.declare(`priority = "high"`, `triggers = { version = "1" }`)
			wd.plan(2).has("Warning: Invalid BITS Job State", "Applying this plan will fail.", `~ priority = "low" -> "high"`)
			wd.applyFails().has("Error: Invalid BITS Job State", `priority = "high"`,
				`by CORP\ops; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`,
				`on_finished_change = "replace"`, `"ignore"`, "triggers", "terraform apply -replace=ADDRESS")
			test.wayOut(wd)
		})
	}
}

// TestCLIChangesAFleetOfWhichSomeHaveFinished raises the priority of five jobs, of which two are completed: the others get it in any case.
func TestCLIChangesAFleetOfWhichSomeHaveFinished(t *testing.T) {
	t.Parallel()
	wd := start(t)
	fleet := func(priority, policy string) {
		attributes := []string{`display_name = "job ${count.index}"`, `priority = "` + priority + `"`, `on_finished_change = "` + policy + `"`}
		wd.write(jobBlock("done", append(attributes, `count = 2`, waits, `files = [`+wd.file("d${count.index}.bin", "size=5")+`]`)...) +
			jobBlock("live", append(attributes, `count = 3`, `suspended = true`, `files = [`+wd.file("l${count.index}.bin", "size=5")+`]`)...))
	}
	expectPriorities := func(done, live string) {
		t.Helper()
		for _, address := range []string{"bits_job.done[0]", "bits_job.done[1]"} {
			wd.expectState(address, map[string]string{"priority": done})
		}
		for _, address := range []string{"bits_job.live[0]", "bits_job.live[1]", "bits_job.live[2]"} {
			wd.expectState(address, map[string]string{"priority": live})
		}
	}
	fleet("low", "error")
	wd.apply()
	fleet("foreground", "error")
	wd.applyFails().has("0 to add, 5 to change", "Warning: Invalid BITS Job State", "Error: Invalid BITS Job State")
	expectPriorities("low", "foreground")
	fleet("high", "ignore")
	wd.applyOnce().has("0 added, 5 changed")
	expectPriorities("high", "high")
	wd.run(0, "destroy", "-auto-approve").has("5 destroyed")
}

func TestCLIPolicyForAMissingJob(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare(`on_missing = "error"`)
	wd.apply()
	wd.outside("cancel")
	wd.applyFails().has("Warning: BITS Job Is Missing", "Error: BITS Job Is Missing", "It was cancelled at 20", `by CORP\ops; BITS no longer lists it.`,
		`on_missing = "replace"`, "terraform apply -replace=ADDRESS")
	wd.declare(`on_missing = "replace"`)
	wd.plan(2).has(`~ state = "missing" -> (known after apply) # forces replacement`)
	wd.declare(`on_missing = "error"`)
	wd.run(0, "destroy", "-auto-approve").has("1 destroyed")
}

// TestCLIChangesOutsideTerraform has a job changed or ended outside Terraform: the plan shows it, and one apply settles it.
func TestCLIChangesOutsideTerraform(t *testing.T) {
	for _, test := range []struct {
		verb    string
		plan    []string
		applied string
	}{
		{
			verb: "complete", applied: "0 added, 1 changed",
			plan: []string{"Warning: BITS Job Was Completed", `was completed at 20`, `by CORP\ops; BITS no longer lists it.`,
				`~ state = "pending" -> "acknowledged"`, plansUpdate},
		},
		{
			verb: "cancel", applied: "1 added",
			plan: []string{"Warning: BITS Job Is Missing", `It was cancelled at 20`, `by CORP\ops; BITS no longer lists it.`, plansReplace},
		},
		{
			verb: "fail", applied: "1 changed",
			plan: []string{"Warning: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", `~ state = "error" -> (known after apply)`, plansUpdate},
		},
		{verb: "suspend", plan: []string{"~ suspended = true -> false", plansUpdate}, applied: "1 changed"},
	} {
		t.Run(test.verb, func(t *testing.T) {
			t.Parallel()
			wd := start(t)
			if test.verb == "fail" { // an apply looks whether the job fails again until more of it arrives
				wd.declare(`files = [` + wd.file("a.bin", "size=1000000&rate=1000") + `]`)
			} else {
				wd.pauseAll()
				wd.declare()
			}
			wd.apply()
			wd.outside(test.verb)
			wd.applyOnce().has(test.plan...).has(test.applied)
		})
	}
}

// TestCLIFileOfACompletedJobIsDeleted follows on_file_missing.
func TestCLIFileOfACompletedJobIsDeleted(t *testing.T) {
	t.Parallel()
	wd := start(t)
	declare := func(policy string) {
		wd.declare(waits, `files = [`+wd.file("a.bin", "size=5")+`, `+wd.file("b.bin", "size=6")+`]`, `on_file_missing = "`+policy+`"`)
	}
	declare("warn")
	wd.apply()
	wd.costs(1, 0, func() { wd.plan(0) })
	wd.deleteFile(`C:\t\a.bin`)
	wd.plan(0).has("Warning: BITS Job Files Missing", `C:\t\a.bin`, "No changes.")
	declare("replace")
	wd.applyOnce().has("Warning: BITS Job Files Missing", plansReplace,
		`~ state = "acknowledged" -> (known after apply) # forces replacement`)
	wd.expectFile(`C:\t\a.bin`, 5)
}
