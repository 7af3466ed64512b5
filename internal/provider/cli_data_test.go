// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// TestCLIListsJobsOfSeveralHosts costs each host one shell and one PowerShell, and no task.
func TestCLIListsJobsOfSeveralHosts(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Hosts: 3})
	wd.pauseAll()
	hosts := wd.addresses()
	made := jobBlock("made", `for_each = toset(`+hosts+`)`, `host = each.key`, `display_name = "nightly ${each.key}"`, `priority = "low"`,
		`files = [`+wd.file("a.bin", "size=5&sig=1")+`]`)
	made += jobBlock("other", `for_each = toset(`+hosts+`)`, `host = each.key`, `display_name = "weekly ${each.key}"`,
		`files = [`+wd.file("b.bin", "size=5")+`]`)
	lists := `
data "bits_jobs" "nightly" {
  for_each     = toset(` + hosts + `)
  host         = each.key
  display_name  = "NIGHTLY *"
  include_files = true
}

output "found" {
  value = { for host, found in data.bits_jobs.nightly : host => [
    for job in found.jobs : "${job.display_name} ${job.priority} ${job.state} ${job.owner.sid} ${job.files[0].local_name}"
  ] }
}
`
	want, none := map[string][]string{}, map[string][]string{}
	for _, h := range wd.network.Hosts() {
		at := h.Settings().Address()
		want[at], none[at] = []string{"nightly " + at + ` low pending S-1-5-18 C:\t\a.bin`}, []string{}
	}
	found := func(want map[string][]string) {
		t.Helper()
		var got map[string][]string
		wd.readOutput("found", &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	wd.write(lists)
	wd.costs(1, 0, func() { wd.apply() })
	found(none)
	wd.write(made)
	wd.apply()
	wd.write(made + lists)
	wd.apply()
	found(want)
	wd.costs(1, 0, func() { wd.plan(0) })
}

// TestCLIReadsDataDuringTheApply has Terraform postpone reads: until the host is known, which is not dialled before, and until
// what depends_on names is made. Then the account is read that logs on, though SYSTEM works for it.
func TestCLIReadsDataDuringTheApply(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.write(`
resource "terraform_data" "host" { input = "` + wd.settings.Host + `" }

data "bits_jobs" "late" {
  host = terraform_data.host.output
}

output "late" { value = length(data.bits_jobs.late.jobs) }
`)
	wd.host.ResetStats()
	wd.plan(2).has("data.bits_jobs.late will be read during apply")
	if s := wd.host.Stats(); s.Connections != 0 {
		t.Errorf("a plan with an unknown host dialled it: %+v", s)
	}
	wd.costs(1, 0, func() { wd.apply() })

	wd.declare()
	wd.write(readFile(t, wd.dir+"/main.tf") + `
data "bits_jobs" "made" {
  owner      = "S-1-5-18"
  depends_on = [bits_job.payload]
}

data "bits_job" "made" {
  id = bits_job.payload.id
}

data "bits_job" "named" {
  display_name = bits_job.payload.display_name
  depends_on   = [bits_job.payload]
}

data "bits_host" "after" {
  depends_on = [bits_job.payload]
}

output "made" { value = [for job in data.bits_jobs.made.jobs : job.id == bits_job.payload.id] }

output "one" {
  value = [for job in [data.bits_job.made, data.bits_job.named] : "${job.id == bits_job.payload.id} ${job.bits_state} ${job.files[0].local_name}"]
}

output "account" { value = data.bits_host.after.account.name }
`)
	wd.costs(2, 1, func() { wd.apply() })
	var made []bool
	if wd.readOutput("made", &made); len(made) != 1 || !made[0] {
		t.Errorf("found %v, want the one job", made)
	}
	var one []string
	if wd.readOutput("one", &one); !slices.Equal(one, []string{`true queued C:\t\a.bin`, `true queued C:\t\a.bin`}) {
		t.Errorf("bits_job is %q", one)
	}
	var account string
	if wd.readOutput("account", &account); account != `WEB01\Administrator` {
		t.Errorf("the account is %s", account)
	}
	wd.plan(0)
}

func TestCLIDataOfAHostThatCanNotBeRead(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.write("data \"bits_jobs\" \"all\" {\n  count = 2\n}\n")
	wd.control("stop-bits")
	wd.plan(1).has("Error: BITS Service Stopped", "Unable to list the BITS jobs on "+wd.settings.Host, "0x80070426", "Start-Service BITS")
	wd.control("start-bits")
	wd.listen(winhost.Refusing)
	wd.plan(1).has("Error: Host Unreachable", "Unable to list the BITS jobs", "nothing listens on port", "is not tried again")
}

func TestCLIReadsHosts(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Hosts: 3})
	wd.network.Host(1).BITS.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 5})
	wd.network.Host(2).BITS.Disable()
	wd.write(`
data "bits_host" "all" {
  for_each = toset(` + wd.addresses() + `)
  host     = each.key
  drive    = "C:"
}

output "hosts" {
  value = [for name in ` + wd.addresses() + ` : [for h in [data.bits_host.all[name]] : join(" ", [
    h.account.name, h.elevated, h.all_users, h.service_state, h.service_start_type, jsonencode(h.policies), h.free_bytes,
    contains(h.supported_parameters["Set-BitsTransfer"], "Priority"),
  ])][0]]
}
`)
	wd.costs(1, 0, func() { wd.apply() })
	var got []string
	wd.readOutput("hosts", &got)
	want := []string{
		`WEB01\Administrator true true running manual {} 42949672960 true`,
		`WEB02\Administrator true true running manual {"MaxJobsPerUser":5} 42949672960 true`,
		`WEB03\Administrator true false stopped disabled {} 42949672960 true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
