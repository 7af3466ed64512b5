package provider_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
)

// TestOperatorsCommandsThatDial has every command that a pipeline runs, and tells which connect to the host: the table of the
// guide "In a pipeline".
func TestOperatorsCommandsThatDial(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	files := `files = [` + o.file("a.bin", "size=5") + `]`
	var id string
	for _, step := range []struct {
		name    string
		before  func()
		code    int
		run     string // ID is that of the job
		connect bool
	}{
		{name: "validate", before: func() { o.declareJob(payload, files) }, run: "validate"},
		{name: "a plan of a new job", code: 2, run: "plan -detailed-exitcode -out=saved.plan"},
		{name: "the apply of a saved plan", run: "apply saved.plan", connect: true},
		{name: "a plan of a job that is not over", run: "plan -detailed-exitcode", connect: true},
		{name: "the same without a refresh", run: "plan -detailed-exitcode -refresh=false"},
		{name: "a change planned without a refresh", before: func() { o.declareJob(payload, files, `priority = "high"`) }, code: 2,
			run: "plan -detailed-exitcode -refresh=false -out=saved.plan"},
		{name: "its apply", run: "apply saved.plan", connect: true},
		{name: "output", run: "output"},
		{name: "show", run: "show"},
		{name: "state list", run: "state list"},
		{name: "state rm", before: func() { id = o.job().ID }, run: "state rm " + address},
		{name: "import", run: "import " + address + " ID", connect: true},
		{name: "apply -refresh-only", run: "apply -refresh-only -auto-approve", connect: true},
		{name: "the end of the job", before: func() {
			o.do("run")
			o.transferred()
		}, run: "apply -auto-approve", connect: true},
		{name: "a plan of a completed job", run: "plan -detailed-exitcode", connect: true},
		{name: "the same without a refresh", run: "plan -detailed-exitcode -refresh=false"},
		{name: "the destruction of a completed job without a refresh", run: "destroy -auto-approve -refresh=false"},
	} {
		if step.before != nil {
			step.before()
		}
		o.call(http.MethodDelete, "/hosts/0/stats", nil, nil)
		o.run(step.code, strings.Fields(strings.ReplaceAll(step.run, "ID", id))...)
		if connected := o.stats().Connections > 0; connected != step.connect {
			t.Errorf("%s: connected is %t", step.name, connected)
		}
	}
	o.nothingIsLeft()
}

// TestOperatorHasNoRouteToTheHost has a runner that only plans, of which the host is not reached.
func TestOperatorHasNoRouteToTheHost(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(priority string) {
		o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`, `priority = "`+priority+`"`)
	}
	declare("low")
	o.apply()
	declare("high")
	alive := o.env
	o.env = slices.Concat(alive, []string{"BITS_PORT=" + closedPort(t)})
	o.run(1, "plan").has("Error: Host Unreachable")
	o.setEnv("BITS_PASSWORD", "")
	o.run(2, "plan", "-detailed-exitcode", "-refresh=false").has(`~ priority = "low" -> "high"`, "0 to add, 1 to change")
	o.env = alive
	o.destroy()
}

// TestOperatorAppliesASavedPlanLater has somebody be quicker than the apply: what was planned is what counts.
func TestOperatorAppliesASavedPlanLater(t *testing.T) {
	t.Parallel()
	o := operate(t)
	files := `files = [` + o.file("a.bin", "size=5") + `]`
	planned := func(attributes ...string) {
		o.declareJob(append([]string{payload, files}, attributes...)...)
		o.apply()
		o.transferred()
		o.run(2, "plan", "-detailed-exitcode", "-out=saved.plan").has(`~ state = "transferred" -> "acknowledged"`)
	}
	planned()
	o.behind("complete", map[string]string{"by": `CORP\ops`})
	o.run(0, "apply", "saved.plan").has("Warning: BITS Job Was Completed", "That is what was planned", "0 added, 1 changed, 0 destroyed")
	o.planIsEmpty()
	o.run(1, "apply", "saved.plan").has("Saved plan is stale")
	o.destroy()

	planned()
	o.behind("cancel", map[string]string{"by": `CORP\ops`})
	o.run(1, "apply", "saved.plan").has("Error: Invalid BITS Job State", "it was cancelled at 20", `by CORP\ops`)
	o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Is Missing", "1 to add, 0 to change, 1 to destroy")
	o.apply()
	o.destroy()
}

// TestOperatorForgetsDeadHosts has the jobs of a host that is gone be forgotten, without a connection to it.
func TestOperatorForgetsDeadHosts(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	o.env = slices.Concat(o.env, []string{"BITS_PORT=" + closedPort(t)})
	o.write(readFile(t, examples+"/guides/removed.tf"))
	if o.cli.Name == tfcli.Terraform {
		o.run(2, "plan", "-detailed-exitcode").has("will no longer be managed by Terraform", "0 to add, 0 to change, 0 to destroy")
	} else { // OpenTofu reads what it is about to forget
		o.run(1, "plan").has("Error: Host Unreachable")
	}
	o.run(0, "apply", "-auto-approve", "-refresh=false")
	if list := o.run(0, "state", "list"); list.line != "" {
		t.Errorf("the state has %s", list.line)
	}
}

// TestOperatorRenamesAResource has a resource keep its job under another address.
func TestOperatorRenamesAResource(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	files := `files = [` + o.file("a.bin", "size=5") + `]`
	o.declareJob(payload, files)
	o.apply()
	id := o.job().ID
	o.write("moved {\n  from = " + address + "\n  to   = bits_job.nightly[\"web01\"]\n}\n" +
		"resource \"bits_job\" \"nightly\" {\n" + lines(`for_each = toset(["web01"])`, payload, files) + "\n}\n")
	o.run(0, "plan").has("has moved to", "0 to add, 0 to change, 0 to destroy")
	o.apply()
	o.planIsEmpty()
	if job := o.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
	o.destroy()
}

// TestOperatorStagesFromPresignedURLs has a URL with another signature at each plan: ignored, it changes nothing until a
// trigger makes a new job, with the URL of that day.
func TestOperatorStagesFromPresignedURLs(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(signature, version string) {
		o.declareJob(payload, `files = [`+o.file("a.bin", "size=5&X-Amz-Signature="+signature)+`]`, `triggers = { version = "`+version+`" }`,
			"lifecycle {\n    ignore_changes = [files]\n  }")
	}
	declare("monday", "1")
	o.apply()
	id := o.job().ID
	declare("tuesday", "1")
	o.planIsEmpty()
	declare("wednesday", "2")
	o.run(2, "plan", "-detailed-exitcode").has("triggers", "# forces replacement", "1 to add, 0 to change, 1 to destroy")
	o.apply()
	if job := o.job(); job.ID == id || !strings.Contains(job.Files[0].RemoteName, "wednesday") {
		t.Errorf("the host has %+v", job)
	}
	declare("thursday", "2")
	o.planIsEmpty()
	o.destroy()
}
