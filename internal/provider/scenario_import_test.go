package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestOperatorImportsInEveryForm has a host at an IPv6 address and two jobs of one name.
func TestOperatorImportsInEveryForm(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Listen: "[::1]:0"})
	o.do("pause")
	twins := `
resource "bits_job" "payload" {
  count        = 2
  display_name = "twins"
  files        = [` + o.file("${count.index}.bin", "size=5") + `]
}
`
	o.write(twins)
	o.apply()
	o.planIsEmpty()
	if list := o.jobs(); len(list) != 2 || list[0].ID == list[1].ID || list[0].DisplayName != "twins" || list[1].DisplayName != "twins" {
		t.Fatalf("the host has %+v, want two jobs", list)
	}
	first, second := o.jobs()[0].ID, o.jobs()[1].ID
	if !strings.HasSuffix(o.jobs()[0].Files[0].LocalName, "0.bin") {
		first, second = second, first
	}
	host := fmt.Sprintf("[%s]:%d", o.settings.Host, o.settings.Port)
	o.run(0, "state", "rm", address+"[0]", address+"[1]")
	o.run(1, "import", address+"[0]", "name=twins").has("Error: Several Jobs Have This Name", "2 jobs on", first, second, "Import one of them by its id")
	o.run(1, "import", address+"[0]", "name=no such").has("Error: Job Not Found", `lists no job "no such"`)
	o.run(1, "import", address+"[0]", host+"/"+strings.Repeat("0", 8)).has("Error: Invalid Import ID", "host/guid")
	for _, form := range []string{
		first, strings.ToUpper("{" + first + "}"), host + "/" + first, "[" + o.settings.Host + "]/" + first, o.settings.Host + "/{" + first + "}",
	} {
		o.run(0, "import", address+"[0]", form)
		o.run(0, "state", "show", address+"[0]").has(first)
		o.run(0, "plan", "-target="+address+"[0]", "-detailed-exitcode")
		o.run(0, "state", "rm", address+"[0]")
	}
	o.run(0, "import", address+"[0]", first)
	o.run(0, "import", address+"[1]", host+"/"+second)
	o.planIsEmpty()
	o.run(0, "destroy", "-auto-approve", "-target="+address+"[0]")
	o.run(0, "state", "rm", address+"[1]")
	o.run(0, "import", address+"[1]", host+"/name=twins")
	o.run(0, "state", "show", address+"[1]").has(second)
	o.destroy()
}

// TestOperatorImportsAndDeclaresTheRest has what only Terraform knows declared after an import: nothing is replaced.
func TestOperatorImportsAndDeclaresTheRest(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	files := `files = [` + o.file("a.bin", "size=5") + `]`
	o.declareJob(payload, files)
	o.apply()
	id := o.job().ID
	o.run(0, "state", "rm", address)
	o.run(0, "import", address, id)
	o.planIsEmpty()
	o.declareJob(payload, files, `triggers = { version = "1" }`, `on_missing = "error"`, `on_finished_change = "replace"`, `on_file_missing = "recreate"`,
		`timeouts = { create = "1h" }`, `minimum_retry_delay = "10m"`)
	o.run(2, "plan", "-detailed-exitcode").has("0 to add, 1 to change, 0 to destroy")
	o.apply()
	o.planIsEmpty()
	if job := o.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
	o.destroy()
}
