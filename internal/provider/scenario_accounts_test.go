package provider_test

import (
	"slices"
	"testing"
)

// as has something done with the credential of an account of the host and another run_as.
func (o *operator) as(username, runAs string, do func()) {
	o.t.Helper()
	a, ok := o.farm.Host(0).FindAccount(username)
	if !ok {
		o.t.Fatalf("the host has no account %s", username)
	}
	before := o.env
	o.env = slices.Concat(before, []string{"BITS_USERNAME=" + a.Name, "BITS_PASSWORD=" + a.Password, "BITS_RUN_AS=" + runAs})
	do()
	o.env = before
}

// keeps expects that a command fails, says why, plans nothing and drops nothing from the state.
func (o *operator) keeps(id string, wants []string, args ...string) {
	o.t.Helper()
	o.run(1, args...).has(wants...).lacks("Is Missing", "Was Completed", "1 to add", "Destruction complete")
	o.run(0, "state", "show", address).has(id)
}

// TestOperatorReadsAsALesserAccount has jobs read, and destroyed, with an account that sees less than their owner: nothing
// is concluded, whether the job is still there or not, and whatever the event log has forgotten.
func TestOperatorReadsAsALesserAccount(t *testing.T) {
	const admin, anna = "Administrator", "anna"
	for _, test := range []struct {
		name        string
		owner, made string // account and run_as of the apply
		who, runAs  string // of who reads then
		lives, gone []string
	}{
		{
			name: "the job of SYSTEM, and an account that is no administrator", owner: admin, made: "system", who: anna, runAs: "user",
			lives: []string{"Error: Access Denied", "E_ACCESSDENIED (0x80070005)", `run_as = "system"`},
			gone:  []string{"Error: Job Not Visible", "This account sees its own jobs only", "an administrator of the host"},
		},
		{
			name: "the job of an administrator, and an account that is none", owner: admin, made: "user", who: anna, runAs: "user",
			lives: []string{"Error: Access Denied", "E_ACCESSDENIED (0x80070005)"},
			gone:  []string{"Error: Job Not Visible", "Use the account that owns the job"},
		},
		{
			name: "the job of SYSTEM, and an account that may not start anything as SYSTEM", owner: admin, made: "system", who: anna, runAs: "system",
			lives: []string{"Error: Elevation to SYSTEM Failed", "it has to be an administrator of the host"},
			gone:  []string{"Error: Elevation to SYSTEM Failed", "it has to be an administrator of the host"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			o.do("pause")
			o.do("log-on")
			o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
			o.as(test.owner, test.made, func() { o.apply() })
			id := o.job().ID
			asked := func(wants []string) {
				t.Helper()
				o.as(test.who, test.runAs, func() {
					o.keeps(id, wants, "plan")
					o.keeps(id, wants, "destroy", "-auto-approve")
					o.keeps(id, wants, "destroy", "-auto-approve", "-refresh=false")
				})
			}
			asked(test.lives)
			if job := o.job(); job.ID != id {
				t.Fatalf("the host has job %s", job.ID)
			}
			o.behind("cancel", nil)
			asked(test.gone)
			o.do("clear-log")
			asked(test.gone)
			o.as(test.owner, test.made, func() {
				o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Is Missing", "1 to add, 0 to change, 1 to destroy")
				o.destroy()
			})
		})
	}
}

// TestOperatorReadsJobsOfSystemAsAUser has an administrator leave run_as = "system": the job is seen as before, and its end
// is told from that of one that is not there; a change is refused by the host, and nothing is lost.
func TestOperatorReadsJobsOfSystemAsAUser(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	id := o.job().ID
	o.as("Administrator", "user", func() {
		o.planIsEmpty()
		o.keeps(id, []string{"Error: Access Denied", `run_as = "system"`}, "destroy", "-auto-approve")
	})
	o.do("run")
	o.transferred()
	o.behind("complete", map[string]string{"by": `CORP\ops`})
	o.do("clear-log")
	o.as("Administrator", "user", func() {
		o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Was Completed", `-> "acknowledged"`, "0 to add, 1 to change, 0 to destroy")
		o.apply().has("0 added, 1 changed, 0 destroyed")
	})
	o.planIsEmpty()
	o.destroy()
}

// TestOperatorIsNoAdministrator has an account that sees its own jobs only lead one through its life: of its own jobs it is
// believed that they are gone.
func TestOperatorIsNoAdministrator(t *testing.T) {
	t.Parallel()
	o := operate(t)
	h := o.farm.Host(0)
	anna, _ := h.FindAccount("anna")
	h.BITS.LogOn(anna.SID)
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.as(anna.Name, "user", func() {
		o.costs(1, 0, func() { o.apply() })
		if owner := o.owner(); owner != h.Caller(anna.Name).Account {
			t.Errorf("the job belongs to %s", owner)
		}
		o.transferred()
		o.run(2, "plan", "-detailed-exitcode").has(`~ state = "transferred" -> "acknowledged"`)
		o.apply()
		o.planIsEmpty()
		o.run(0, "destroy", "-auto-approve")
		o.do("pause")
		o.apply()
		o.behind("cancel", map[string]string{"by": `CORP\ops`})
		o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Is Missing", "1 to add, 0 to change, 1 to destroy")
		o.destroy()
	})
}
