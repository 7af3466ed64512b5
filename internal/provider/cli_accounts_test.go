// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// keeps expects that a command fails, plans nothing and drops nothing from the state.
func (wd *workingDir) keeps(id string, wants []string, args ...string) {
	wd.t.Helper()
	wd.run(1, args...).has(wants...).lacks("Is Missing", "Was Completed", "1 to add", "Destruction complete")
	wd.expectState(address, map[string]string{"id": id})
}

// TestCLILesserAccountConcludesNothing has jobs read, and destroyed, with an account that sees less than their owner, whether the
// job is still there or not, and whatever the event log has forgotten.
func TestCLILesserAccountConcludesNothing(t *testing.T) {
	const admin, anna = "Administrator", "anna"
	for _, test := range []struct {
		name        string
		makes       string // run_as of the administrator who makes the job
		reads       string // run_as of the account that reads it
		lives, gone []string
	}{
		{
			name: "a job of SYSTEM, and an account that is not an administrator", makes: "system", reads: "user",
			lives: []string{"Error: Access Denied", "E_ACCESSDENIED (0x80070005)", `run_as = "system"`},
			gone:  []string{"Error: Job Not Visible", "This account sees only its own jobs", "an administrator of the host"},
		},
		{
			name: "a job of an administrator, and an account that is not one", makes: "user", reads: "user",
			lives: []string{"Error: Access Denied", "E_ACCESSDENIED (0x80070005)"},
			gone:  []string{"Error: Job Not Visible", "Use the account that owns the job"},
		},
		{
			name: "a job of SYSTEM, and an account that may not start anything as SYSTEM", makes: "system", reads: "system",
			lives: []string{"Error: Elevation to SYSTEM Failed", "it must be an administrator of the host"},
			gone:  []string{"Error: Elevation to SYSTEM Failed", "it must be an administrator of the host"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wd := start(t)
			wd.pauseAll()
			wd.control("log-on")
			wd.declare()
			wd.as(admin, test.makes, func() { wd.apply() })
			id := wd.job().ID
			reads := func(wants []string) {
				t.Helper()
				wd.as(anna, test.reads, func() {
					wd.keeps(id, wants, "plan")
					wd.keeps(id, wants, "destroy", "-auto-approve", "-refresh=false")
				})
			}
			reads(test.lives)
			if job := wd.job(); job.ID != id {
				t.Fatalf("the host has job %s", job.ID)
			}
			wd.outside("cancel")
			reads(test.gone)
			wd.control("clear-log")
			reads(test.gone)
			wd.as(admin, test.makes, func() {
				wd.plan(2).has("Warning: BITS Job Is Missing", plansReplace)
			})
		})
	}
}

// TestCLIUserReadsJobsOfSystem has an administrator leave run_as = "system": the job and its end are seen as before; the host
// refuses a change, and nothing is lost.
func TestCLIUserReadsJobsOfSystem(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare()
	wd.apply()
	wd.as("Administrator", "user", func() {
		wd.plan(0)
		wd.keeps(wd.job().ID, []string{"Error: Access Denied", `run_as = "system"`}, "destroy", "-auto-approve")
	})
	wd.control("run")
	wd.waitFor("transferred")
	wd.outside("complete")
	wd.control("clear-log")
	wd.as("Administrator", "user", func() {
		wd.apply().has("Warning: BITS Job Was Completed", `-> "acknowledged"`, plansUpdate, updated)
	})
	wd.plan(0)
}

// TestCLIAccountThatIsNotAnAdministrator has an account that sees its own jobs only take one through its life: when one of its
// own jobs is not listed, it is gone.
func TestCLIAccountThatIsNotAnAdministrator(t *testing.T) {
	t.Parallel()
	wd := start(t)
	anna, _ := wd.host.FindAccount("anna")
	wd.host.BITS.LogOn(anna.SID)
	wd.declare()
	wd.as(anna.Name, "user", func() {
		wd.costs(1, 0, func() { wd.apply() })
		if owner := wd.listed().Owner.Name; owner != wd.host.Caller(anna.Name).Account {
			t.Errorf("the job belongs to %s", owner)
		}
		wd.waitFor("transferred")
		wd.applyOnce().has(`~ state = "transferred" -> "acknowledged"`)
		wd.destroy()
		wd.pauseAll()
		wd.apply()
		wd.outside("cancel")
		wd.plan(2).has("Warning: BITS Job Is Missing", plansReplace)
	})
}

// TestCLIJobOfSystem takes a job of SYSTEM through its life. What only reads registers no task, and no task is left.
func TestCLIJobOfSystem(t *testing.T) {
	t.Parallel()
	wd := startProgram(t, winhost.Config{})
	wd.pauseAll()
	wd.declare()
	wd.costs(1, 1, func() { wd.apply() })
	if owner := wd.listed().Owner.Name; owner != `NT AUTHORITY\SYSTEM` {
		t.Errorf("the job belongs to %s", owner)
	}
	wd.costs(1, 0, func() { wd.plan(0) })
	wd.control("run")
	wd.waitFor("transferred")
	wd.costs(2, 1, func() { wd.apply().has(`~ state = "transferred" -> "acknowledged"`) })
	wd.expectFile(`C:\t\a.bin`, 5)
	wd.destroy()
	wd.expectFile(`C:\t\a.bin`, 5)
	for _, d := range wd.host.Tasks.Registered() {
		if text := d.CommandLine() + d.Description; strings.Contains(text, wd.settings.Password.Reveal()) || strings.Contains(text, "a.bin") {
			t.Errorf("a task holds more than it has to: %s", text)
		}
	}
}

// TestCLIRealPowerShell has the real agent, in a real PowerShell, make a job of SYSTEM and answer both data sources.
func TestCLIRealPowerShell(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{PowerShell: judges.PowerShell(t)})
	wd.host.BITS.SetKey(bitsvc.PolicyKey, map[string]uint32{"JobInactivityTimeout": 0x80000000})
	wd.write(jobBlock("payload", `display_name = "Größe 1"`, waits, `files = [`+wd.file("a.bin", "size=5")+`]`) +
		jobBlock("found", `display_name = "Größe 2"`, `suspended = true`, `files = [`+wd.file("b.bin", "size=5")+`]`) + `
data "bits_jobs" "none" {
  display_name = "grösse*"
  depends_on   = [bits_job.found]
}

data "bits_jobs" "found" {
  display_name = "GRÖ?E *"
  owner        = "S-1-5-18"
  bits_state   = "suspended"
  depends_on   = [bits_job.payload, bits_job.found]
}

data "bits_host" "this" {
  drive      = "C:"
  depends_on = [bits_job.found]
}

output "seen" {
  value = join(" ", [
    length(data.bits_jobs.none.jobs),
    data.bits_jobs.found.jobs[0].id == bits_job.found.id, data.bits_jobs.found.jobs[0].minimum_retry_delay,
    data.bits_host.this.service_start_type, data.bits_host.this.policies["JobInactivityTimeout"], data.bits_host.this.free_bytes,
  ])
}
`)
	wd.costs(2, 1, func() { wd.apply() })
	var seen string
	if wd.readOutput("seen", &seen); seen != "0 true 10m0s automatic_delayed 2147483648 42949672960" {
		t.Errorf("seen: %s", seen)
	}
	if owner := wd.listed().Owner.Name; owner != `NT AUTHORITY\SYSTEM` {
		t.Errorf("the job belongs to %s", owner)
	}
	wd.expectFile(`C:\t\a.bin`, 5)
	wd.costs(1, 0, func() { wd.plan(0) })

	// A job that can't be read spoils neither a list nor the refresh of the others.
	text := ""
	for _, name := range []string{"one", "two", "three", "odd"} {
		text += jobBlock(name, `display_name = "`+name+`"`, `suspended = true`, `files = [`+wd.file(name+".bin", "size=5")+`]`)
	}
	wd.write(text + `
data "bits_jobs" "all" { depends_on = [bits_job.one, bits_job.two, bits_job.three, bits_job.odd] }

output "all" { value = join(" ", sort(data.bits_jobs.all.jobs[*].display_name)) }
`)
	wd.apply()
	for _, job := range wd.jobs() {
		if job.DisplayName == "odd" {
			wd.host.Odd.Become(windows.Odd{Unreadable: map[bits.JobID]string{bits.JobID(job.ID): "FileList"}})
		}
	}
	wd.plan(2).has(`all = "odd one three two" -> "one three two"`, "without changing any real infrastructure", "its FileList can't be read").
		count(1, "Warning: BITS Job Not Readable")
	wd.destroy()
}

func TestCLIAccountThatIsNotLoggedOn(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.declare()
	wd.with(arguments{"run_as": "user"}, func() {
		wd.applyFails().has("Error: Job Owner Not Logged On", "0x800704DD", "BITS transfers a job only while its owner is logged on",
			`run_as = "user"`, `"system"`)
		wd.expectNothing()
		wd.control("log-on")
		wd.costs(1, 0, func() { wd.apply() })
		if owner := wd.listed().Owner.Name; owner != wd.host.Account.Account {
			t.Errorf("the job belongs to %s", owner)
		}
	})
}

func TestCLIHostThatRunsNoTasks(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.host.Tasks.Behave(windows.TaskBehaviour{Fail: windows.TaskResultBlocked})
	wd.declare(`count = 3`, `display_name = "job ${count.index}"`, `files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
	wd.applyFails().has("Error: Elevation to SYSTEM Failed", `set run_as = "user"`).
		count(1, "a policy (AppLocker or Software Restriction) does not allow SYSTEM to start powershell.exe")
	if n := len(wd.host.Tasks.Registered()); n != 1 {
		t.Errorf("%d tasks were tried, want one", n)
	}
	wd.expectIdle()
	wd.host.Tasks.Behave(windows.TaskBehaviour{})
	wd.apply()
}
