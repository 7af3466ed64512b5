package provider_test

import (
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestOperatorHasAFleet has hosts of which each is reached in a way of its own, by keys. One of them has a credential of its own, and
// a wrong one for the rest does not touch it. Their addresses change, a job is let go of and imported, and nothing is replaced.
func TestOperatorHasAFleet(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Hosts: 3})
	o.env = append(o.env, "BITS_PORT=1") // of no host
	declare := func(password, address string) {
		o.write(fmt.Sprintf(`
provider "bits" {
  password = %q
  hosts = {
    first  = { address = %[2]q, port = %[3]d }
    Second = { address = %[2]q, port = %[4]d, password = %[6]q }
    third  = { address = %[2]q, port = %[5]d }
  }
}

resource "bits_job" "payload" {
  for_each     = toset(["first", "second", "third"])
  host         = each.key
  display_name = "on the ${each.key}"
  files        = [%[7]s]
}
`, password, address, o.farm.Host(0).Port, o.farm.Host(1).Port, o.farm.Host(2).Port, o.settings.Password.Reveal(), o.file("a.bin", "size=5")))
	}
	for i := range 3 {
		o.call("POST", fmt.Sprintf("/hosts/%d/pause", i), nil, nil)
	}
	right := o.settings.Password.Reveal()

	declare("not-"+right, "127.0.0.1")
	o.run(1, "apply", "-auto-approve", "-parallelism=1").has("Logon Refused", `bits_job.payload["second"]: Creation complete`)
	failed := 0
	for i := range 3 {
		var s hostStats
		o.call("GET", fmt.Sprintf("/hosts/%d/stats", i), nil, &s)
		failed += s.FailedLogons
	}
	if failed != 1 {
		t.Errorf("%d logons failed, want one: the second host's credential is another", failed)
	}

	declare(right, "127.0.0.1")
	o.run(0, "apply", "-auto-approve").has("2 added, 0 changed, 0 destroyed")
	declare(right, "localhost") // the keys move to another address
	o.planIsEmpty()
	o.run(0, "state", "show", `bits_job.payload["second"]`).has(`host = "second"`)

	var jobs []hostJob
	o.call("GET", "/hosts/2/jobs", nil, &jobs)
	o.run(0, "state", "rm", `bits_job.payload["third"]`)
	o.run(0, "import", `bits_job.payload["third"]`, "THIRD/"+jobs[0].ID).has("Import successful")
	o.run(0, "apply", "-auto-approve").has("0 added", "0 destroyed")
	o.planIsEmpty()
	o.run(0, "destroy", "-auto-approve").has("3 destroyed")
	o.nothingIsLeft()
}
