package provider

import (
	"slices"
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
