// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestCLIAcceptsEveryPlan takes one job through its life. A CLI checks on its own that plans keep to the configuration and results
// to the plans.
func TestCLIAcceptsEveryPlan(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.provider["host"] = "localhost"
	a, b, c := wd.file("a.bin", "size=300000"), wd.file("b.bin", "size=5"), wd.file("c.bin", "size=6")
	declare := func(priority string, files []string, more ...string) {
		wd.declare(append(more, `priority = "`+priority+`"`, `files = [`+strings.Join(files, ", ")+`]`)...)
	}
	two, three := []string{a, b}, []string{c, b, a}
	unchanged := func(priority string, files []string, more ...string) {
		t.Helper()
		declare(priority, files, more...)
		wd.plan(0)
	}
	changes := func(priority string, files []string, more ...string) output {
		t.Helper()
		declare(priority, files, more...)
		return wd.applyOnce().has(plansUpdate, updated)
	}
	declare("normal", two)
	wd.costs(1, 1, func() { wd.apply() })
	id := wd.job().ID
	wd.costs(1, 0, func() { wd.plan(0) })
	unchanged("normal", []string{strings.ReplaceAll(b, `C:\\t\\b`, `c:\\T\\b`), a})
	unchanged("normal", two, `host = "LOCALHOST"`)
	changes("high", two).changes(`~ priority = "normal" -> "high"`)
	changes("high", three).has(`c.bin`)
	if job := wd.job(); job.ID != id || job.Priority != "high" || len(job.Files) != 3 {
		t.Errorf("the host has %+v instead of job %s", job, id)
	}
	declare("high", []string{c, a})
	wd.plan(2).has("# forces replacement", plansReplace)

	wd.outside("priority")
	declare("high", three)
	wd.costs(2, 1, func() { wd.apply().has(updated).changes(`~ priority = "low" -> "high"`) })
	if got := wd.job().Priority; got != "high" {
		t.Errorf("the host has priority %s", got)
	}
	wd.outside("suspend")
	changes("high", three)
	wd.outside("fail")
	wd.control("run")
	changes("foreground", three, waits)
	wd.expectState(address, map[string]string{"id": id, "state": "acknowledged"})
	wd.expectFile(`C:\t\a.bin`, 300000)
	wd.expectFile(`C:\t\b.bin`, 5)
	declare("low", three, waits)
	wd.applyFails().has("Invalid BITS Job State", "completed at 20", "by Terraform")
	unchanged("foreground", []string{strings.Replace(a, "size=300000", "size=300000&sig=2", 1), c, b}, waits)
	declare("low", three, waits)
	wd.run(0, "taint", address)
	wd.applyOnce().has(plansReplace)
	wd.run(0, "destroy", "-auto-approve")
	wd.expectNothing()
}

func TestCLIManyJobs(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	const many = 15
	declare := func(priority string) {
		wd.declare(`count = `+strconv.Itoa(many), `display_name = "job ${count.index}"`, `priority = "`+priority+`"`,
			`files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
	}
	declare("low")
	wd.costs(1, 1, func() { wd.apply() })
	wd.costs(1, 0, func() { wd.plan(0) })
	declare("high")
	wd.costs(2, 1, func() { wd.apply().has(fmt.Sprintf("0 added, %d changed, 0 destroyed", many)) })
	jobs := wd.jobs()
	for _, job := range jobs {
		if job.Priority != "high" {
			t.Errorf("%s has priority %s", job.DisplayName, job.Priority)
		}
	}
	if len(jobs) != many {
		t.Errorf("the host has %d jobs, want %d", len(jobs), many)
	}
	wd.destroy()
}

// TestCLIWarnings has each kind of trouble happen to three jobs: the CLI shows one warning for each kind. A wait that times out is
// one of them; the next apply continues it.
func TestCLIWarnings(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	config := ""
	for _, kind := range []string{"cancel", "complete", "fail", "wait"} {
		attributes := []string{
			`count = 3`, `display_name = "` + kind + ` ${count.index}"`, `files = [` + wd.file(kind+"${count.index}.bin", "size=5") + `]`,
		}
		if kind == "wait" {
			attributes = append(attributes, waits, `timeouts = { create = "20s", update = "10m" }`)
		}
		config += jobBlock(kind, attributes...)
	}
	wd.write(config)
	wd.apply().folds("Timeout").lacks("Destination Directory Open to Users").
		has("it timed out (timeouts.create). When last read, the job was in state queued",
			"The host reports what holds or slows it: - "+wd.settings.Host+" has 11 jobs of the same priority",
			"What can hold a job in this state: - BITS holds jobs on a metered or roaming network.",
			"The job is kept, and the next apply continues with it.")
	wd.plan(2).has("0 to add, 3 to change", `~ state = "pending" -> (known after apply)`).lacks("tainted")
	ids := map[string]bool{}
	for _, job := range wd.jobs() {
		kind, _, _ := strings.Cut(job.DisplayName, " ")
		if kind == "wait" {
			ids[job.ID] = true
			continue
		}
		wd.change(job.ID, kind)
	}
	wd.plan(2).has("3 to add, 9 to change, 3 to destroy").
		folds("BITS Job Was Completed").folds("BITS Job Is Missing").folds("BITS Job Failed")
	wd.control("run")
	wd.apply().lacks("Warning: Timeout")
	for i := range 3 {
		at := fmt.Sprintf("bits_job.wait[%d]", i)
		wd.expectState(at, map[string]string{"state": "acknowledged"})
		if id, _ := wd.state().instances[at]["id"].(string); !ids[id] {
			t.Errorf("%s has job %s, which is a new one", at, id)
		}
		wd.expectFile(fmt.Sprintf(`C:\t\wait%d.bin`, i), 5)
		wd.deleteFile(fmt.Sprintf(`C:\t\wait%d.bin`, i))
	}
	wd.plan(0, "-target=bits_job.wait").folds("BITS Job Files Missing")
}

// folds expects one warning for the three that have this summary.
func (p output) folds(summary string) output {
	p.t.Helper()
	p.count(1, "Warning: "+summary)
	_, after, _ := strings.Cut(p.line, "Warning: "+summary)
	warning, _, _ := strings.Cut(after, "Warning: ")
	if want := "(and 2 more similar warnings elsewhere)"; !strings.Contains(warning, want) {
		p.t.Errorf("the warning %q does not end with %s:\n%s", summary, want, p.text)
	}
	return p
}

func TestCLIStoppedService(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.control("stop-bits")
	wd.declare()
	wd.applyFails().has("Error: BITS Service Stopped", "on "+wd.settings.Host, "ERROR_SERVICE_NOT_ACTIVE (0x80070426)", "Start-Service BITS")
	wd.control("start-bits")
	wd.expectNothing()
	wd.pauseAll()
	wd.apply()
	wd.control("stop-bits")
	wd.plan(1).has("Error: BITS Service Stopped", "Start-Service BITS")
	wd.control("start-bits")
	wd.plan(0)
}

func TestCLIMissingDirectory(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.declare(`files = [{ remote_name = "`+wd.network.FilesURL+`/a.bin", local_name = "C:\\no\\a.bin" }]`, `create_directories = false`)
	wd.applyFails().has("Error: Path Not Found", `job "nightly payload" on `+wd.settings.Host, `C:\no\a.bin`, "Set create_directories = true, or create the directory")
	wd.expectNothing()
}

func TestCLIUnknownValues(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	declare := func(priority string) {
		wd.write(`
resource "terraform_data" "host" { input = "` + wd.settings.Host + `" }
resource "terraform_data" "url" { input = "` + wd.network.FilesURL + `/a.bin" }
resource "terraform_data" "priority" { input = "` + priority + `" }
` + jobBlock("payload", `host = terraform_data.host.output`, `display_name = "for ${terraform_data.host.output}"`,
			`priority = terraform_data.priority.output`, `files = [{ remote_name = terraform_data.url.output, local_name = "C:\\t\\a.bin" }]`))
	}
	declare("low")
	wd.applyOnce()
	id := wd.job().ID
	declare("high")
	wd.applyOnce().has(`~ priority = "low" -> (known after apply)`, "2 to change, 0 to destroy")
	if job := wd.job(); job.ID != id || job.Priority != "high" {
		t.Errorf("the host has %+v, want job %s with priority high", job, id)
	}
}

// TestCLIPriorityLoweredOnAServerWithoutRanges lowers a running job from foreground, which then asks for ranges that its server
// does not have: plan and apply say why the job fails and what to do. Source: "Best Practices When Using BITS", learn.microsoft.com.
func TestCLIPriorityLoweredOnAServerWithoutRanges(t *testing.T) {
	t.Parallel()
	wd := start(t)
	declare := func(priority string, more ...string) {
		wd.declare(append(more, `priority = "`+priority+`"`, `files = [`+wd.file("a.bin", "size=50000000&rate=1000000&norange=1")+`]`)...)
	}
	advice := []string{
		"BITS Job Failed", "BG_E_INSUFFICIENT_RANGE_SUPPORT (0x80200013)", `Set priority = "foreground" and restart the transfer`, "dynamic = true",
	}
	declare("foreground")
	wd.apply()
	wd.waitUntil("bytes arrive", func() bool { return wd.listed().BytesTransferred > 0 })
	declare("low")
	wd.apply().changes(`~ priority = "foreground" -> "low"`)
	wd.waitFor("error")
	wd.plan(2).has(advice...)
	declare("low", waits)
	wd.applyFails().has(append(advice, "Error: BITS Job Failed")...)
}
