// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestCLIQueryAdoptsTheJobsOfAFleet has the jobs of two hosts found, while a third is down, and imported with the configuration that the
// query writes.
func TestCLIQueryAdoptsTheJobsOfAFleet(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Hosts: 2})
	wd.needQueries()
	wd.pauseAll()
	var hosts []string
	config := ""
	for i, h := range wd.network.Hosts() {
		hosts = append(hosts, fmt.Sprintf("%s:%d", h.Name, h.Port))
		config += jobBlock(fmt.Sprintf("j%d", i), fmt.Sprintf("host = %q", hosts[i]), `count = 3`, `display_name = "nightly ${count.index}"`,
			`suspended = count.index == 0`, `files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
	}
	wd.write(config)
	wd.apply()
	wd.run(0, "state", "rm", "bits_job.j0", "bits_job.j1")
	wd.write("")
	const down = "127.0.0.1:1"
	wd.writeHere("fleet.tfquery.hcl", fmt.Sprintf("list \"bits_job\" \"fleet\" {\n  provider = bits\n  config {\n    hosts = [%q, %q, %q]\n  }\n}\n", hosts[0], down, hosts[1]))
	listed := wd.run(0, "query", "-generate-config-out=fleet.tf").
		has("Warning: Host Unreachable: "+down, "Unable to list the BITS jobs on "+down, ": nightly 0 (suspended)", ": nightly 2 (queued)").
		count(6, "list.bits_job.fleet ")
	for _, job := range append(wd.jobsOf(0), wd.jobsOf(1)...) {
		listed.has(job.ID)
	}
	if strings.Contains(readFile(t, wd.dir+"/fleet.tf"), wd.settings.Password.Reveal()) {
		t.Error("the configuration has the password")
	}
	wd.plan(2).has("6 to import, 0 to add, 0 to change, 0 to destroy")
	wd.applyOnce().has("6 imported, 0 added, 0 changed, 0 destroyed")
	wd.run(0, "destroy", "-auto-approve")
	wd.expectNothing()
}
