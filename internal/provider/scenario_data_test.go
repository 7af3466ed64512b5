package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// output gives an output of the state.
func (o *operator) output(name string, into any) {
	o.t.Helper()
	if err := json.Unmarshal([]byte(o.run(0, "output", "-json", name).text), into); err != nil {
		o.t.Fatal(err)
	}
}

// costsEach is costs for the reads of several hosts: one shell and one PowerShell on each, and no task.
func (o *operator) costsEach(do func()) {
	o.t.Helper()
	hosts := o.farm.Hosts()
	for i := range hosts {
		o.call(http.MethodDelete, fmt.Sprintf("/hosts/%d/stats", i), nil, nil)
	}
	do()
	for i := range hosts {
		var s hostStats
		o.call(http.MethodGet, fmt.Sprintf("/hosts/%d/stats", i), nil, &s)
		if s.ShellsOpened != 1 || s.PowerShellStarts != 1 || s.TasksRegistered != 0 || s.ShellsOpen != 0 {
			o.t.Errorf("host %d counted %+v, want one shell and one PowerShell, none of them left, and no task", i, s)
		}
	}
}

// addresses are the hosts of a farm as HCL, and the credential that they share.
func (o *operator) addresses() string {
	list := "["
	for _, h := range o.farm.Hosts() {
		list += fmt.Sprintf(" \"%s:%d\",", h.Name, h.Port)
	}
	return list + " ]"
}

func TestOperatorLooksForJobsOnSeveralHosts(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Hosts: 3})
	for i := range 3 {
		o.call(http.MethodPost, fmt.Sprintf("/hosts/%d/pause", i), nil, nil)
	}
	made := `
resource "bits_job" "made" {
  for_each     = toset(` + o.addresses() + `)
  host         = each.key
  display_name = "nightly ${each.key}"
  priority     = "low"
  files        = [` + o.file("a.bin", "size=5&sig=1") + `]
}
`
	looked := `
data "bits_jobs" "nightly" {
  for_each     = toset(` + o.addresses() + `)
  host         = each.key
  display_name = "NIGHTLY *"
}

data "bits_jobs" "others" {
  for_each     = toset(` + o.addresses() + `)
  host         = each.key
  display_name = "weekly *"
}

output "found" {
  value = { for host, found in data.bits_jobs.nightly : host => [for job in found.jobs : "${job.display_name} ${job.priority} ${job.state} ${job.owner.sid} ${job.files[0].local_name}"] }
}

output "others" {
  value = flatten([for found in data.bits_jobs.others : found.jobs])
}
`
	want, none := map[string][]string{}, map[string][]string{}
	for _, h := range o.farm.Hosts() {
		at := fmt.Sprintf("%s:%d", h.Name, h.Port)
		want[at], none[at] = []string{"nightly " + at + ` low pending S-1-5-18 C:\t\a.bin`}, []string{}
	}
	found := func(want map[string][]string) {
		t.Helper()
		var got map[string][]string
		o.output("found", &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var others []any
		if o.output("others", &others); len(others) > 0 {
			t.Errorf("jobs of no such name: %v", others)
		}
	}
	o.write(looked)
	o.costsEach(func() { o.apply() })
	found(none)
	o.write(made)
	o.apply()
	o.write(made + looked)
	o.apply()
	found(want)
	o.costsEach(func() { o.run(0, "plan") })
	o.run(0, "destroy", "-auto-approve")
}

// TestOperatorLooksForWhatIsMadeByTheSameApply has Terraform put reads off: until what depends_on names is made, and
// until the host is known, which is not dialled before.
func TestOperatorLooksForWhatIsMadeByTheSameApply(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.write(`
resource "terraform_data" "host" {
  input = "` + o.settings.Host + `"
}

data "bits_jobs" "late" {
  host = terraform_data.host.output
}

output "late" {
  value = length(data.bits_jobs.late.jobs)
}
`)
	o.call(http.MethodDelete, "/hosts/0/stats", nil, nil)
	o.run(0, "plan").has("data.bits_jobs.late will be read during apply")
	if s := o.stats(); s.Connections != 0 {
		t.Errorf("a plan with an unknown host dialled it: %+v", s)
	}
	o.costs(1, 0, func() { o.apply() })

	o.write(`
resource "bits_job" "payload" {
  display_name = "made just now"
  files        = [` + o.file("a.bin", "size=5") + `]
}

data "bits_jobs" "made" {
  owner      = "S-1-5-18"
  depends_on = [bits_job.payload]
}

output "made" {
  value = [for job in data.bits_jobs.made.jobs : job.id == bits_job.payload.id]
}
`)
	o.apply()
	var made []bool
	if o.output("made", &made); len(made) != 1 || !made[0] {
		t.Errorf("found %v, want the one job", made)
	}
	o.planIsEmpty()
	o.destroy()
}

func TestOperatorLooksForJobsOnHostsThatCanNotTell(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.write(`
data "bits_jobs" "all" {
  count = 2
}
`)
	o.do("stop-bits")
	o.run(1, "plan").has("Error: BITS Service Stopped", "Unable to list the BITS jobs on "+o.settings.Host, "0x80070426", "Start-Service BITS")
	o.do("start-bits")
	o.env = append(o.env, "BITS_PORT="+closedPort(t))
	o.run(1, "plan").has("Error: Host Unreachable", "Unable to list the BITS jobs", "nothing listens on port", "it is not tried again")
}

func TestOperatorLooksAtHosts(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Hosts: 3})
	o.farm.Host(1).BITS.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 5})
	o.farm.Host(2).BITS.Disable()
	o.write(`
data "bits_host" "all" {
  for_each = toset(` + o.addresses() + `)
  host     = each.key
  drive    = "C:"
}

output "hosts" {
  value = [for name in ` + o.addresses() + ` : data.bits_host.all[name]]
}
`)
	o.costsEach(func() { o.apply() })
	type told struct {
		Computer string `json:"computer_name"`
		Account  struct {
			Name string `json:"name"`
		} `json:"account"`
		Elevated bool                `json:"elevated"`
		AllUsers bool                `json:"all_users"`
		State    string              `json:"service_state"`
		Start    string              `json:"service_start_type"`
		Policies map[string]int      `json:"policies"`
		Free     json.Number         `json:"free_bytes"`
		Cmdlets  map[string][]string `json:"supported_parameters"`
	}
	var got []told
	o.output("hosts", &got)
	want := []told{
		{Computer: "WEB01", State: "running", Start: "manual", AllUsers: true, Policies: map[string]int{}},
		{Computer: "WEB02", State: "running", Start: "manual", AllUsers: true, Policies: map[string]int{"MaxJobsPerUser": 5}},
		{Computer: "WEB03", State: "stopped", Start: "disabled", Policies: map[string]int{}},
	}
	for i := range got {
		if i < len(want) {
			want[i].Account.Name, want[i].Elevated, want[i].Free = want[i].Computer+`\Administrator`, true, "42949672960"
		}
		if len(got[i].Cmdlets["Set-BitsTransfer"]) == 0 {
			t.Errorf("%s tells no parameters", got[i].Computer)
		}
		got[i].Cmdlets = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestOperatorLooksAtAHostThatSYSTEMWorksOn has a host told of after a change: it is still the account that is told of.
func TestOperatorLooksAtAHostThatSYSTEMWorksOn(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.write(`
resource "bits_job" "payload" {
  display_name = "first"
  files        = [` + o.file("a.bin", "size=5") + `]
}

data "bits_host" "after" {
  depends_on = [bits_job.payload]
}

output "account" {
  value = data.bits_host.after.account.name
}
`)
	o.costs(2, 1, func() { o.apply() })
	var account string
	if o.output("account", &account); account != `WEB01\Administrator` {
		t.Errorf("it tells of %s", account)
	}
	o.destroy()
}

// TestOperatorHasARealPowerShellLook has the agent itself answer both data sources.
func TestOperatorHasARealPowerShellLook(t *testing.T) {
	powerShell := os.Getenv("BITS_TEST_PWSH")
	if powerShell == "" {
		t.Skip("no PowerShell: set BITS_TEST_PWSH")
	}
	t.Parallel()
	o := operateOn(t, winhost.Config{PowerShell: powerShell})
	o.do("pause")
	id, err := o.farm.Host(0).BITS.CreateJob(bitsvc.LocalSystem(), "Größe 1", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	o.farm.Host(0).BITS.SetKey(bitsvc.PolicyKey, map[string]uint32{"JobInactivityTimeout": 0x80000000})
	o.write(`
data "bits_jobs" "all" {
  display_name = "grösse*"
}

data "bits_jobs" "found" {
  display_name = "GRÖ?E *"
  owner        = "S-1-5-18"
  bits_state   = "suspended"
}

data "bits_host" "this" {
  drive = "C:"
}

output "seen" {
  value = join(" ", [
    length(data.bits_jobs.all.jobs), data.bits_jobs.found.jobs[0].id, data.bits_jobs.found.jobs[0].minimum_retry_delay,
    data.bits_host.this.service_start_type, data.bits_host.this.policies["JobInactivityTimeout"], data.bits_host.this.free_bytes,
  ])
}
`)
	o.costs(1, 0, func() { o.apply() })
	var seen string
	if o.output("seen", &seen); seen != fmt.Sprintf("0 %s 10m0s automatic_delayed 2147483648 42949672960", id) {
		t.Errorf("seen: %s", seen)
	}
}
