package provider_test

import (
	"slices"
	"strings"
	"testing"
)

// transferred waits until the only job has all its bytes.
func (o *operator) transferred() {
	o.t.Helper()
	o.until("the job is transferred", func() bool { return o.job().State == "transferred" })
}

func TestOperatorSeesTheEndOfAJobPlannedOnce(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	o.transferred()
	plan := o.run(2, "plan", "-detailed-exitcode").has("0 to add, 1 to change, 0 to destroy")
	if got, want := plan.changes(), []string{`+ completed_at = (known after apply)`, `~ state = "transferred" -> "acknowledged"`}; !slices.Equal(got, want) {
		t.Errorf("the plan marks %q, want %q:\n%s", got, want, plan.text)
	}
	o.apply().has("0 added, 1 changed, 0 destroyed")
	o.planIsEmpty()
	o.do("clear-log")
	o.planIsEmpty()
	o.destroy()
}

// TestOperatorPlansForNightsWithoutApplying has somebody complete the job, and the host's log cleared before each plan
// but the first.
func TestOperatorPlansForNightsWithoutApplying(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	o.transferred()
	o.behind("complete", map[string]string{"by": `CORP\ops`})
	for night := range 3 {
		plan := o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Was Completed", `-> "acknowledged"`, "0 to add, 1 to change, 0 to destroy")
		if night > 0 {
			plan.has("the event log of the host does not tell how it ended. All its files are there")
		}
		o.do("clear-log")
	}
	o.apply().has("0 added, 1 changed, 0 destroyed")
	o.planIsEmpty()
	o.destroy()
}

// TestOperatorChangesAJobThatSomebodyCompleted has the plan fail with the ways out, each of which works.
func TestOperatorChangesAJobThatSomebodyCompleted(t *testing.T) {
	for _, test := range []struct {
		name  string
		check func(o *operator, declare func(...string))
	}{
		{name: "take the change back", check: func(o *operator, declare func(...string)) {
			declare(`priority = "low"`)
			o.apply().has("0 added, 1 changed, 0 destroyed")
			o.planIsEmpty()
			o.destroy()
		}},
		{name: "replace for changes", check: func(o *operator, declare func(...string)) {
			declare(`priority = "high"`, `on_finished_change = "replace"`)
			o.run(2, "plan", "-detailed-exitcode").has(`~ priority = "low" -> "high" # forces replacement`, "1 to add, 0 to change, 1 to destroy")
			o.apply()
			o.destroy()
		}},
		{name: "change a trigger", check: func(o *operator, declare func(...string)) {
			declare(`priority = "high"`, `triggers = { version = "2" }`)
			o.run(2, "plan", "-detailed-exitcode").has(`# forces replacement`, "1 to add, 0 to change, 1 to destroy")
			o.apply()
			o.destroy()
		}},
		{name: "taint", check: func(o *operator, _ func(...string)) {
			o.run(0, "taint", address)
			o.apply().has("1 added, 0 changed, 1 destroyed")
			o.destroy()
		}},
		{name: "destroy without a refresh", check: func(o *operator, _ func(...string)) {
			o.run(1, "destroy", "-auto-approve").has("Invalid BITS Job State", "terraform destroy -refresh=false")
			o.run(0, "destroy", "-auto-approve", "-refresh=false")
			o.nothingIsLeft()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			declare := func(attributes ...string) {
				attributes = append([]string{payload, `files = [` + o.file("a.bin", "size=5") + `]`}, attributes...)
				if !strings.Contains(strings.Join(attributes, " "), "triggers") {
					attributes = append(attributes, `triggers = { version = "1" }`)
				}
				o.declareJob(attributes...)
			}
			declare(`priority = "low"`)
			o.apply()
			o.transferred()
			o.behind("complete", map[string]string{"by": `CORP\ops`})
			declare(`priority = "high"`)
			o.run(1, "plan").has("Error: Invalid BITS Job State", `by CORP\ops; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`,
				`on_finished_change = "replace"`, "triggers", "terraform taint", "terraform destroy -refresh=false")
			test.check(o, declare)
		})
	}
}

func TestOperatorWantsToLookAtAMissingJob(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(policy string) {
		o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`, `on_missing = "`+policy+`"`)
	}
	declare("error")
	o.apply()
	o.behind("cancel", map[string]string{"by": `CORP\ops`})
	o.run(1, "plan").has("Error: BITS Job Is Missing", "It was cancelled at 20", `by CORP\ops; BITS no longer lists it.`, `on_missing = "recreate"`, "terraform destroy -refresh=false")
	declare("recreate")
	o.run(2, "plan", "-detailed-exitcode").has(`~ state = "missing" -> (known after apply) # forces replacement`)
	declare("error")
	o.run(0, "destroy", "-auto-approve", "-refresh=false")
	o.nothingIsLeft()
}
