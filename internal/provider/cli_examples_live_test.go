// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// hostExample returns an example that is about jobs of a host, for the simulated host.
func (wd *workingDir) hostExample(file string) string {
	wd.t.Helper()
	example := exampleURLs.ReplaceAllString(readFile(wd.t, file), wd.network.FilesURL+"/")
	return strings.ReplaceAll(exampleHosts.ReplaceAllString(example, wd.settings.Host), "D:", "C:")
}

// TestCLIExamplesOfDataSourcesWork reads every example of a data source, on a host with much room and a suspended job.
func TestCLIExamplesOfDataSourcesWork(t *testing.T) {
	t.Parallel()
	wd := start(t)
	job := jobBlock("fixture", displayName, `suspended = true`, `files = [`+wd.file("a.bin", "size=5")+`]`)
	wd.write(job)
	wd.apply()
	wd.call(http.MethodPost, "/hosts/0/drive", map[string]int64{"free": 1 << 40}, &struct{}{})
	for _, file := range exampleFiles(t, "data-sources/*/*.tf") {
		t.Log(file)
		example := wd.hostExample(file)
		wd.write(job + example)
		wd.apply().lacks("Warning")
		if !strings.Contains(example, "\n  data ") { // a plan reads the data of a check again during the apply, always
			wd.plan(0)
		}
	}
	shows := func(name string, code int) output {
		wd.write(job + wd.hostExample(filepath.Join(examples, "data-sources", name)))
		return wd.plan(code)
	}
	wd.pauseAll()
	wd.outside("resume")
	shows("bits_jobs/data-source_gate.tf", 1).has("Resource postcondition failed", "Nightly jobs on "+wd.settings.Host+" are still running: nightly payload 0 %.")
	wd.outside("fail")
	const why = "HTTP status 404: the server has no such file"
	shows("bits_jobs/data-source_dashboard.tf", 2).has("Warning: Check block assertion failed", "nightly payload ("+wd.job().ID+"): "+why)
	shows("bits_job/data-source_check.tf", 2).has("Warning: Check block assertion failed", "The nightly payload has an error: "+why)
}

var exampleAction = regexp.MustCompile(`action "(\w+)" "(\w+)"`)

// TestCLIExamplesOfActionsWork invokes every example of an action, on jobs in the states that they are for.
func TestCLIExamplesOfActionsWork(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.needQueries()
	wd.pauseAll()
	jobs := jobBlock("payload", displayName, `files = [`+wd.file("a.bin", "size=5")+`]`) + jobBlock("stray", `display_name = "stray"`, `files = [`+wd.file("b.bin", "size=5")+`]`)
	wd.write(jobs)
	wd.apply()
	stray := wd.state().instances["bits_job.stray"]["id"].(string)
	invoke := func(name string) output {
		t.Helper()
		example := wd.hostExample(filepath.Join(examples, "actions", name))
		found := exampleAction.FindStringSubmatch(example)
		wd.write(jobs + strings.ReplaceAll(example, "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", stray))
		return wd.apply("-invoke=action." + found[1] + "." + found[2]).has("Actions: 1 invoked").lacks("Warning")
	}
	invoke("bits_job_set_priority/action_fleet.tf").has("priority normal -> foreground")
	invoke("bits_job_set_priority/action.tf").has("priority foreground (unchanged)")
	invoke("bits_job_suspend/action.tf").has("queued -> suspended")
	invoke("bits_job_resume/action.tf").has("suspended -> queued")
	invoke("bits_job_cancel/action.tf").has("cancelled")
	wd.control("run")
	invoke("bits_job_wait/action.tf").has("transferred")
	invoke("bits_job_complete/action.tf").has("completed")
}

// TestCLIExamplesOfQueriesWork runs every example of a query on a host with a failed job.
func TestCLIExamplesOfQueriesWork(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.needQueries()
	wd.write(jobBlock("fixture", displayName, `files = [`+wd.file("a.bin", "status=404")+`]`))
	wd.apply()
	wd.waitFor("error")
	for _, file := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") {
		t.Log(file)
		wd.writeHere("example.tfquery.hcl", wd.hostExample(file))
		wd.run(0, "query").has("nightly payload (error)").lacks("Warning")
	}
}
