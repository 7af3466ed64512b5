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
			plan.has("the event log of the host does not tell how it ended. All its files are there")
		}
		wd.control("clear-log")
	}
	wd.applyOnce().has(updated)
}

// TestCLIChangesAfterTheEnd has a plan fail that changes a job which was completed outside Terraform. Each of the ways out that
// the error names works.
func TestCLIChangesAfterTheEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		wayOut func(wd *workingDir)
	}{
		{name: "take the change back", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "low"`, `triggers = { version = "1" }`)
			wd.applyOnce().has(updated)
		}},
		{name: "replace for changes", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "high"`, `triggers = { version = "1" }`, `on_finished_change = "replace"`)
			wd.apply().has(`~ priority = "low" -> "high" # forces replacement`, plansReplace)
		}},
		{name: "change a trigger", wayOut: func(wd *workingDir) {
			wd.declare(`priority = "high"`, `triggers = { version = "2" }`)
			wd.apply().has(`# forces replacement`, plansReplace)
		}},
		{name: "taint", wayOut: func(wd *workingDir) {
			wd.run(0, "taint", address)
			wd.apply().has("1 added, 0 changed, 1 destroyed")
		}},
		{name: "destroy without a refresh", wayOut: func(wd *workingDir) {
			wd.run(1, "destroy", "-auto-approve").has("Invalid BITS Job State", "terraform destroy -refresh=false")
			wd.destroy()
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
			wd.plan(1).has("Error: Invalid BITS Job State",
				`by CORP\ops; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`,
				`on_finished_change = "replace"`, "triggers", "terraform taint", "terraform destroy -refresh=false")
			test.wayOut(wd)
		})
	}
}

func TestCLIPolicyForAMissingJob(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare(`on_missing = "error"`)
	wd.apply()
	wd.outside("cancel")
	wd.plan(1).has("Error: BITS Job Is Missing", "It was cancelled at 20", `by CORP\ops; BITS no longer lists it.`,
		`on_missing = "recreate"`, "terraform destroy -refresh=false")
	wd.declare(`on_missing = "recreate"`)
	wd.plan(2).has(`~ state = "missing" -> (known after apply) # forces replacement`)
	wd.declare(`on_missing = "error"`)
	wd.destroy()
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
			wd.pauseAll()
			wd.declare()
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
	wd.plan(0).has("Warning: Files of a BITS Job Are Gone", `C:\t\a.bin`, "No changes.")
	declare("recreate")
	wd.applyOnce().has("Warning: Files of a BITS Job Are Gone", plansReplace,
		`~ state = "acknowledged" -> (known after apply) # forces replacement`)
	wd.expectFile(`C:\t\a.bin`, 5)
}
