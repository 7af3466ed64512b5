package provider_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	hostwindows "github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// owner is who owns the only job of the host.
func (o *operator) owner() string {
	o.t.Helper()
	jobs, err := o.farm.Host(0).BITS.Jobs(o.farm.Host(0).Account, true)
	if err != nil || len(jobs) != 1 {
		o.t.Fatalf("the host has %d jobs: %v", len(jobs), err)
	}
	return jobs[0].Owner.Name
}

func (o *operator) setEnv(name, value string) { o.env = append(o.env, name+"="+value) }

func TestOperatorHasJobsOfSystem(t *testing.T) {
	t.Parallel()
	operate(t).livesAsSystem()
}

func TestOperatorHasJobsOfSystemThroughARealPowerShell(t *testing.T) {
	path := os.Getenv("BITS_TEST_PWSH")
	if path == "" {
		var err error
		if path, err = exec.LookPath("pwsh"); err != nil {
			t.Skip("no PowerShell: set BITS_TEST_PWSH, or put pwsh on PATH")
		}
	}
	t.Parallel()
	operateOn(t, winhost.Config{PowerShell: path}).livesAsSystem()
}

// livesAsSystem leads a job of SYSTEM through its life. What only reads registers no task, and nothing that changes
// something leaves one.
func (o *operator) livesAsSystem() {
	o.t.Helper()
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.costs(1, 1, func() { o.apply() })
	if owner := o.owner(); owner != `NT AUTHORITY\SYSTEM` {
		o.t.Errorf("the job belongs to %s", owner)
	}
	o.costs(1, 0, o.planIsEmpty)
	o.do("run")
	o.until("the job is transferred", func() bool { return o.job().State == "transferred" })
	o.costs(1, 0, func() { o.run(2, "plan", "-detailed-exitcode").has(`~ state = "transferred" -> "acknowledged"`) })
	o.costs(2, 1, func() { o.apply() })
	if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
		o.t.Errorf("the file has %d bytes: %v", size, err)
	}
	o.destroy()
	for _, d := range o.farm.Host(0).Tasks.Registered() {
		if text := d.CommandLine() + d.Description; strings.Contains(text, o.settings.Password.Reveal()) || strings.Contains(text, "a.bin") {
			o.t.Errorf("a task holds more than it has to: %s", text)
		}
	}
}

func TestOperatorIsNotLoggedOnToTheHost(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.setEnv("BITS_RUN_AS", "user")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.run(1, "apply", "-auto-approve").has(
		"Error: Job Owner Not Logged On", "0x800704DD", "BITS moves a job only while its owner is logged on", `run_as = "user"`, `"system"`)
	if err := o.empty(); err != nil {
		t.Error(err)
	}
	o.call(http.MethodPost, "/hosts/0/log-on", nil, nil)
	o.costs(1, 0, func() { o.apply() })
	if owner := o.owner(); owner != o.farm.Host(0).Account.Account {
		t.Errorf("the job belongs to %s", owner)
	}
	o.destroy()
}

func TestOperatorsHostRunsNoTasks(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.farm.Host(0).Tasks.Behave(hostwindows.TaskBehaviour{Fail: hostwindows.TaskResultBlocked})
	o.declareJob(`count = 3`, `display_name = "job ${count.index}"`, `files = [`+o.file("${count.index}.bin", "size=5")+`]`)
	failed := o.run(1, "apply", "-auto-approve").has(
		"Error: Elevation to SYSTEM Failed", "a policy (AppLocker or Software Restriction) does not let SYSTEM start powershell.exe", `With run_as = "user"`)
	if n := strings.Count(failed.line, "AppLocker"); n != 1 {
		t.Errorf("the whole error stands there %d times", n)
	}
	if n := len(o.farm.Host(0).Tasks.Registered()); n != 1 {
		t.Errorf("%d tasks were tried, want one", n)
	}
	o.clean()
	o.farm.Host(0).Tasks.Behave(hostwindows.TaskBehaviour{})
	o.apply()
	o.destroy()
}
