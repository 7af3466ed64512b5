// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestCLIImportIDs has a host at an IPv6 address and two jobs of one name.
func TestCLIImportIDs(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Listen: "[::1]:0"})
	wd.declare(`count = 2`, `display_name = "twins"`, `suspended = true`, `files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
	wd.applyOnce()
	list := wd.jobs()
	if len(list) != 2 || list[0].ID == list[1].ID || list[0].DisplayName != "twins" || list[1].DisplayName != "twins" {
		t.Fatalf("the host has %+v, want two jobs", list)
	}
	first, second := list[0].ID, list[1].ID
	if !strings.HasSuffix(list[0].Files[0].LocalName, "0.bin") {
		first, second = second, first
	}
	host := fmt.Sprintf("[%s]:%d", wd.settings.Host, wd.settings.Port)
	const one, two = address + "[0]", address + "[1]"
	wd.run(0, "state", "rm", one, two)
	wd.run(1, "import", one, "name=twins").has("Error: Several Jobs Have This Name", "2 jobs have this name", first, second, "Import one of them by its id")
	wd.run(1, "import", one, "name=no such").has("Error: Job Not Found", `find job "no such"`)
	wd.run(1, "import", one, "00000000-0000-0000-0000-000000000000").has("Error: Job Not Found")
	wd.run(1, "import", one, host+"/"+strings.Repeat("0", 8)).has("Error: Invalid Import ID", "host/guid")
	for _, form := range []string{
		strings.ToUpper("{" + first + "}"), host + "/" + first, "[" + wd.settings.Host + "]/" + first, wd.settings.Host + "/{" + first + "}", first,
	} {
		wd.run(0, "import", one, form)
		wd.expectState(one, map[string]string{"id": first})
		wd.plan(0, "-target="+one)
		if form != first { // the last one stays
			wd.run(0, "state", "rm", one)
		}
	}
	wd.run(0, "import", two, host+"/"+second)
	wd.plan(0)
	wd.run(0, "destroy", "-auto-approve", "-refresh=false", "-target="+one)
	wd.run(0, "state", "rm", two)
	wd.run(0, "import", two, host+"/name=twins")
	wd.expectState(two, map[string]string{"id": second})
	wd.destroy()
}

// TestCLIImportThenDeclare imports a job by a name with the characters of an import ID, and then declares what only Terraform
// knows: nothing is replaced.
func TestCLIImportThenDeclare(t *testing.T) {
	t.Parallel()
	wd := start(t)
	attributes := []string{`display_name = "a/b = c"`, `description = "words"`, `priority = "low"`, `suspended = true`}
	wd.declare(attributes...)
	wd.apply()
	id := wd.job().ID
	wd.run(0, "state", "rm", address)
	wd.run(0, "import", address, wd.settings.Host+"/name=a/b = c")
	wd.expectState(address, map[string]string{"id": id, "description": "words", "priority": "low"})
	wd.plan(0)
	wd.declare(append(attributes, `triggers = { version = "1" }`, `on_missing = "error"`, `on_finished_change = "replace"`,
		`on_file_missing = "replace"`, `timeouts = { create = "1h" }`, `minimum_retry_delay = "10m"`)...)
	wd.applyOnce().has(plansUpdate)
	if job := wd.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
}

// TestCLIImportBlock has Terraform write the configuration of a job whose display name needs every kind of quoting.
func TestCLIImportBlock(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare(`display_name = "a\"b'c$(x)`+"`"+`\n😀"`, `description = "words"`, `priority = "foreground"`, `suspended = true`,
		`files = [`+wd.file("a.bin", "size=5")+`, `+wd.file("b.bin", "size=6")+`]`)
	wd.apply()
	job := wd.job()
	if want := "a\"b'c$(x)`\n😀"; job.DisplayName != want {
		t.Errorf("the host has %q, want %q", job.DisplayName, want)
	}
	wd.run(0, "state", "rm", address)
	wd.write("import {\n  to = " + address + "\n  id = \"" + wd.settings.Host + "/{" + job.ID + "}\"\n}\n")
	wd.run(0, "plan", "-generate-config-out=job.tf").has("1 to import, 0 to add, 0 to change, 0 to destroy")
	wd.applyOnce().has("1 imported, 0 added, 0 changed, 0 destroyed")
	if after := wd.job(); after.ID != job.ID || after.State != "suspended" {
		t.Errorf("the host has %+v, and had %+v", after, job)
	}
}

// TestCLIStatesOfEarlierReleases plans with the state files that the releases wrote, without a refresh: only the job that failed and the
// one that was cancelled are planned.
func TestCLIStatesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"0.1.0"} { // each has its folder from its release on
		wd := start(t)
		wd.ownRequirements = true
		config := readFile(t, filepath.Join("testdata", release, "main.tf"))
		if wd.tooOld(config) {
			t.Skipf("%s CLI version %s is below the one that wrote the state", wd.cli.Name, wd.cli.Version)
		}
		wd.write(config)
		wd.writeHere("terraform.tfstate", readFile(t, filepath.Join("testdata", release, "terraform.tfstate")))
		wd.plan(2, "-refresh=false").has("bits_job.error will be updated in-place", "bits_job.missing must be replaced", "1 to add, 1 to change, 1 to destroy")
	}
}
