package provider_test

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

const payload = `display_name = "nightly payload"`

func TestOperatorSeesADriftOfPriorityAsOneLine(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.costs(2, 1, func() { o.apply() })
	o.costs(1, 0, o.planIsEmpty)

	o.behind("priority", map[string]string{"priority": "low"})
	plan := o.run(2, "plan", "-detailed-exitcode")
	if got, want := plan.changes(), []string{`~ priority = "low" -> "normal"`}; !slices.Equal(got, want) {
		t.Errorf("the plan marks %q, want %q:\n%s", got, want, plan.text)
	}
	o.costs(2, 1, func() { o.apply() })
	if got := o.job().Priority; got != "normal" {
		t.Errorf("the host has priority %s", got)
	}
	o.planIsEmpty()
	o.destroy()
}

func TestOperatorHasManyJobs(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	const many = 50
	declare := func(priority string) {
		o.declareJob(`count = `+strconv.Itoa(many), `display_name = "job ${count.index}"`, `priority = "`+priority+`"`,
			`files = [`+o.file("${count.index}.bin", "size=5")+`]`)
	}
	declare("low")
	o.costs(1, 1, func() { o.run(0, "apply", "-auto-approve", "-parallelism=10") })
	o.costs(1, 0, o.planIsEmpty)
	declare("high")
	o.costs(2, 1, func() { o.apply().has("0 added, 50 changed, 0 destroyed") })
	for _, job := range o.jobs() {
		if job.Priority != "high" {
			t.Errorf("%s has priority %s", job.DisplayName, job.Priority)
		}
	}
	if n := len(o.jobs()); n != many {
		t.Errorf("the host has %d jobs, want %d", n, many)
	}
	o.destroy()
}

func TestOperatorIsTooImpatientForATransfer(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`, `wait_for_transfer = true`, `timeouts = { create = "4s", update = "1m" }`)
	o.apply().has("Warning: Timeout", "its time (timeouts.create) was used up. When last read the job was in state queued", "The job is kept, and the next apply goes on with it.")
	id := o.job().ID
	o.run(2, "plan", "-detailed-exitcode").has(`~ state = "pending" -> (known after apply)`)
	o.do("run")
	o.apply().has(id, "0 added, 1 changed, 0 destroyed").lacks("Warning: Timeout")
	if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
		t.Errorf("the file has %d bytes: %v", size, err)
	}
	o.planIsEmpty()
	o.destroy()
}

func TestOperatorInterruptsAWait(t *testing.T) {
	t.Parallel()
	o := operate(t)
	url, asked := o.source()
	o.declareJob(payload, `files = [{ remote_name = "`+url+`/a.bin", local_name = "C:\\t\\a.bin" }]`, `wait_for_transfer = true`)
	var out bytes.Buffer
	apply := o.command("apply", "-auto-approve")
	apply.Stdout, apply.Stderr = &out, &out
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	o.until("the host asks for the file", func() bool { return len(asked) > 0 })
	if err := apply.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	o.ended(apply, apply.Wait(), 1, out.String()).has("Warning: Interrupted", "this run was interrupted", "The job is kept, and the next apply goes on with it.")

	id := o.job().ID
	o.run(0, "state", "show", address).has(id, `state = "pending"`)
	o.run(2, "plan", "-detailed-exitcode").has("1 to change", `~ state = "pending" -> (known after apply)`).lacks("tainted")
	o.destroy()
}

func TestOperatorsMachineKillsTheCLI(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not tell a process that its parent is gone")
	}
	t.Parallel()
	o := operate(t)
	url, asked := o.source()
	o.declareJob(payload, `files = [{ remote_name = "`+url+`/a.bin", local_name = "C:\\t\\a.bin" }]`, `wait_for_transfer = true`)
	apply := o.command("apply", "-auto-approve")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	o.until("the host asks for the file", func() bool { return len(asked) > 0 })
	if err := apply.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = apply.Wait()
	o.clean()
	if job := o.job(); job.DisplayName != "nightly payload" {
		t.Errorf("the host has %+v", job)
	}
}

func TestOperatorDeclaresASourceThatIsNotThere(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.declareJob(payload, `files = [`+o.file("a.bin", "status=404")+`]`, `wait_for_transfer = true`)
	o.run(1, "apply", "-auto-approve").has("Error: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", `File: C:\t\a.bin, remote name`, "terraform untaint")
	id := o.job().ID
	o.run(0, "untaint", address)
	o.run(0, "plan").has("will be updated in-place", id, `~ state = "error" -> (known after apply)`, "Warning: BITS Job Failed")
	o.run(1, "apply", "-auto-approve").has("Error: BITS Job Failed", id).lacks("tainted")
	o.destroy()
}

func TestOperatorFindsTheServiceStopped(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("stop-bits")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.run(1, "apply", "-auto-approve").has("Error: BITS Service Stopped", "on "+o.settings.Host, "ERROR_SERVICE_NOT_ACTIVE (0x80070426)", "Start-Service BITS")
	o.do("start-bits")
	o.nothingIsLeft()
	o.apply()
	o.destroy()
}

func TestOperatorForgotADirectory(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.declareJob(payload, `files = [{ remote_name = "`+o.farm.FilesURL+`/a.bin", local_name = "C:\\no\\a.bin" }]`)
	o.run(1, "apply", "-auto-approve").has("Error: Path Not Found", `job "nightly payload" on `+o.settings.Host, `C:\no\a.bin`, "BITS makes no directories")
	o.nothingIsLeft()
}

func TestOperatorLearnsHowAJobEndedBehindTheBack(t *testing.T) {
	for _, test := range []struct {
		name string
		verb string
		body any
		plan []string
		exit int      // of plan -detailed-exitcode
		left []string // after the next apply
	}{
		{
			name: "completed", verb: "complete", exit: 2, body: map[string]string{"by": `CORP\ops`},
			plan: []string{"Warning: BITS Job Was Completed", `was completed at 20`, `by CORP\ops; BITS no longer lists it.`, `~ state = "pending" -> "acknowledged"`, "0 to add, 1 to change, 0 to destroy"},
			left: []string{"0 added, 1 changed"},
		},
		{
			name: "cancelled", verb: "cancel", exit: 2, body: map[string]string{"by": `CORP\ops`},
			plan: []string{"Warning: BITS Job Is Missing", `It was cancelled at 20`, `by CORP\ops; BITS no longer lists it.`, "1 to add, 0 to change, 1 to destroy"}, left: []string{"1 added"},
		},
		{
			name: "failed", verb: "fail", exit: 2, body: map[string]string{"hresult": "0x80190194"},
			plan: []string{"Warning: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", `~ state = "error" -> (known after apply)`, "0 to add, 1 to change, 0 to destroy"},
			left: []string{"1 changed"},
		},
		{
			name: "suspended", verb: "suspend", exit: 2,
			plan: []string{"~ suspended = true -> false", "0 to add, 1 to change, 0 to destroy"}, left: []string{"1 changed"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			o.do("pause")
			o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
			o.apply()
			o.behind(test.verb, test.body)
			o.run(test.exit, "plan", "-detailed-exitcode").has(test.plan...)
			o.apply().has(test.left...)
			o.planIsEmpty()
			o.destroy()
		})
	}
}

func TestOperatorImportsAJobAndHasItsConfigurationWritten(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(`display_name = "a\"b'c$(x)`+"`"+`\n😀"`, `description = "words"`, `priority = "foreground"`, `suspended = true`,
		`files = [`+o.file("a.bin", "size=5")+`, `+o.file("b.bin", "size=6")+`]`)
	o.apply()
	job := o.job()
	if want := "a\"b'c$(x)`\n😀"; job.DisplayName != want {
		t.Errorf("the host has %q, want %q", job.DisplayName, want)
	}
	o.run(0, "state", "rm", address)

	o.write("import {\n  to = " + address + "\n  id = \"" + o.settings.Host + "/{" + job.ID + "}\"\n}\n")
	o.run(0, "plan", "-generate-config-out=job.tf").has("1 to import, 0 to add, 0 to change, 0 to destroy")
	o.apply().has("1 imported, 0 added, 0 changed, 0 destroyed")
	o.planIsEmpty()
	if after := o.job(); after.ID != job.ID || after.State != "suspended" {
		t.Errorf("the host has %+v, and had %+v", after, job)
	}
	o.destroy()
}

func TestOperatorImportsAJobByItsName(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(`display_name = "a/b = c"`, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	job := o.job()
	o.run(0, "state", "rm", address)
	o.run(0, "import", address, o.settings.Host+"/name=a/b = c")
	o.run(0, "state", "show", address).has(job.ID)
	o.planIsEmpty()
	o.destroy()
}

func TestOperatorDeclaresValuesThatAreNotKnownYet(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(priority string) {
		o.write(`
resource "terraform_data" "host" { input = "` + o.settings.Host + `" }
resource "terraform_data" "url" { input = "` + o.farm.FilesURL + `/a.bin" }
resource "terraform_data" "priority" { input = "` + priority + `" }

resource "bits_job" "payload" {
  host         = terraform_data.host.output
  display_name = "for ${terraform_data.host.output}"
  priority     = terraform_data.priority.output
  files        = [{ remote_name = terraform_data.url.output, local_name = "C:\\t\\a.bin" }]
}
`)
	}
	declare("low")
	o.apply()
	id := o.job().ID
	o.planIsEmpty()
	declare("high")
	o.run(0, "plan").has(`~ priority = "low" -> (known after apply)`, "2 to change, 0 to destroy")
	o.apply()
	if job := o.job(); job.ID != id || job.Priority != "high" {
		t.Errorf("the host has %+v, want job %s with priority high", job, id)
	}
	o.planIsEmpty()
	o.destroy()
}
