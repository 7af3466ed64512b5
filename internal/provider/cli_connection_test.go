// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

const (
	wrongPassword = "hunter2-never-seen"

	// refersToFirst is what the errors of a host say that follow the first.
	refersToFirst = "The first resource that needed it has the full error."
)

// TestCLIHostThatCanNotBeUsed has more jobs on a host than Terraform makes at once: one attempt is made, one error is complete,
// the others refer to it, each names the address, and nothing is left.
func TestCLIHostThatCanNotBeUsed(t *testing.T) {
	const jobs = 12
	for _, test := range []struct {
		name     string
		port     winhost.Behaviour
		provider arguments
		want     []string
		logons   int64 // that fail
	}{
		{
			name: "nothing listens on the port", port: winhost.Refusing,
			want: []string{"Error: Host Unreachable", "nothing listens on port", "winrm enumerate winrm/config/listener"},
		},
		{
			name: "the host accepts and never answers", port: winhost.Silent, provider: arguments{"connect_timeout": "1s"},
			want: []string{"Error: Host Not Responding", "accepted the connection but did not respond within 1s", "connect_timeout"},
		},
		{
			name: "the authority of the certificate is unknown", provider: arguments{"ca_file": ""},
			want: []string{"Error: Host Certificate Not Trusted", "Simulated Windows hosts", "ca_file or ca_cert"},
		},
		{
			name: "the certificate is for another name", provider: arguments{"tls_server_name": "web01.corp.example"},
			want: []string{"Error: Host Certificate Not Trusted", "web01.corp.example", "tls_server_name"},
		},
		{
			name: "the password is wrong", provider: arguments{"password": wrongPassword}, logons: 1,
			want: []string{"Error: Logon Refused", "credential of Administrator", "Check username and password"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wd := start(t)
			wd.listen(test.port)
			wd.declare(`count = `+strconv.Itoa(jobs), `display_name = "job ${count.index}"`, `files = [`+wd.file("${count.index}.bin", "size=5")+`]`)
			wd.with(test.provider, func() {
				wd.applyFails().has(test.want...).has("on "+wd.settings.Host+":").lacks(wrongPassword).
					count(jobs, "Error: ").count(jobs-1, refersToFirst)
			})
			wd.expectNothing()
			s := wd.host.Stats()
			if s.FailedLogons != test.logons || s.ShellsOpened != 0 || (test.port == winhost.Silent && s.Connections != 1) {
				t.Errorf("counted %+v, want %d failed logons, no shell, and one connection to a silent host", s, test.logons)
			}
		})
	}
}

// TestCLIWrongPasswordForManyHosts sends it to one host: the accounts of the others are not brought nearer to being locked out.
func TestCLIWrongPasswordForManyHosts(t *testing.T) {
	t.Parallel()
	const many = 25
	wd := startWith(t, winhost.Config{Hosts: many})
	wd.declare(`for_each = toset(`+wd.addresses()+`)`, `host = each.key`)
	wd.with(arguments{"auth": "", "password": wrongPassword}, func() {
		wd.applyFails().has("Error: Logon Refused").lacks(wrongPassword).count(many, "Error: ").count(many-1, refersToFirst)
	})
	if s := wd.network.Stats(); s.FailedLogons != 1 || s.ShellsOpened != 0 {
		t.Errorf("%d failed logons and %d shells, want 1 and 0", s.FailedLogons, s.ShellsOpened)
	}
}

// TestCLIDeadHost has a host die under a job: refresh and destroy name the ways out, the state keeps the job, a plan without a
// refresh shows a change, and the job can be forgotten without a connection.
func TestCLIDeadHost(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.declare(`priority = "low"`)
	wd.apply()
	id := wd.job().ID
	wd.declare(`priority = "high"`)
	wd.listen(winhost.Refusing)
	wd.plan(1).has("Error: Host Unreachable", "Unable to read job "+id, "terraform state rm ADDRESS")
	wd.run(1, "destroy", "-auto-approve", "-refresh=false").
		has("Error: Host Unreachable", "Unable to remove job "+id, "removed { from = ADDRESS lifecycle { destroy = false } }")
	wd.expectState(address, map[string]string{"id": id})
	wd.with(arguments{"password": ""}, func() {
		wd.plan(2, "-refresh=false").has(`~ priority = "low" -> "high"`, "0 to add, 1 to change")
	})
	wd.write(readFile(t, examples+"/guides/removed.tf"))
	if wd.cli.Name == tfcli.Terraform {
		wd.plan(2).has("will no longer be managed by Terraform", "0 to add, 0 to change, 0 to destroy")
	} else { // OpenTofu reads what it is about to forget
		wd.plan(1).has("Error: Host Unreachable")
	}
	wd.apply("-refresh=false")
	if left := wd.state().instances; len(left) > 0 {
		t.Errorf("the state has %v", left)
	}
}

// TestCLIDeadHostOfManyJobs has a host die under completed and unfinished jobs: a command costs one timeout, one error is
// complete, nothing is dropped from the state, and completed jobs are destroyed without the host.
func TestCLIDeadHostOfManyJobs(t *testing.T) {
	t.Parallel()
	wd := start(t)
	const done, open = 5, 12
	wd.write(jobBlock("done", `count = `+strconv.Itoa(done), `display_name = "done ${count.index}"`, waits,
		`files = [`+wd.file("${count.index}.bin", "size=5")+`]`) +
		jobBlock("open", `count = `+strconv.Itoa(open), `display_name = "open ${count.index}"`, `suspended = true`,
			`files = [`+wd.file("open${count.index}.bin", "size=5")+`]`))
	wd.apply()
	fails := func(want int, args ...string) output {
		t.Helper()
		var out output
		wd.whileSilent(func() { out = wd.run(1, args...) })
		if short := strings.Count(out.line, refersToFirst); short < open-1 {
			t.Errorf("%d references to the complete error, want %d:\n%s", short, open-1, out.text)
		}
		if n := len(wd.state().instances); n != want {
			t.Errorf("the state has %d jobs, want %d", n, want)
		}
		return out.count(open, "Error: Host Not Responding").count(1, "accepted the connection but did not respond within 1s")
	}
	fails(done+open, "plan").has("Warning: BITS Job Files Not Checked", "more similar warnings elsewhere")
	fails(done+open, "plan", "-target=bits_job.open")
	wd.whileSilent(func() { wd.run(0, "destroy", "-auto-approve", "-target=bits_job.done[0]").has("1 destroyed") })
	fails(open, "destroy", "-auto-approve", "-refresh=false").has("removed { from = ADDRESS lifecycle { destroy = false } }")
	wd.destroy()
}

// TestCLIFleetWithAHostThatIsDown has one of three hosts go down: plans go on without it, and a change of all jobs fails for its job only.
func TestCLIFleetWithAHostThatIsDown(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Hosts: 3})
	wd.pauseAll()
	declare := func(priority string) {
		wd.write(jobBlock("fleet", `for_each = toset(`+wd.addresses()+`)`, `host = each.key`, displayName, `priority = "`+priority+`"`,
			`files = [`+wd.file("a.bin", "size=5")+`]`) + `
data "bits_jobs" "all" {
  for_each = toset(` + wd.addresses() + `)
  host     = each.key
}

output "found" {
  value = sum([for d in data.bits_jobs.all : length(d.jobs)])
}
`)
	}
	declare("low")
	wd.apply()
	wd.apply() // reads the lists again
	down := wd.network.Host(1)
	listen := func(b winhost.Behaviour) {
		t.Helper()
		if err := down.Listen(b); err != nil {
			t.Fatal(err)
		}
	}
	listen(winhost.Refusing)
	wd.plan(1).has("Error: Host Unreachable", `on_unreachable = "warn"`)
	wd.with(arguments{"on_unreachable": "warn"}, func() {
		wd.plan(2).has("Warning: Host Unreachable", "on "+down.Settings().Address()+":", "nothing listens on port").
			has("found = 3 -> 2", "The state keeps the last known values").
			lacks("Error: ", "# bits_job.fleet")
		declare("high")
		wd.applyFails().has("0 to add, 3 to change, 0 to destroy").count(1, "Error: ").count(2, "Modifications complete after")
	})
	listen(winhost.Answering)
	for i, want := range []string{"high", "low", "high"} {
		if jobs := wd.jobsOf(i); len(jobs) != 1 || jobs[0].Priority != want {
			t.Errorf("host %d has %+v, want one with priority %s", i, jobs, want)
		}
	}
	wd.apply().has(updated)
	wd.destroy()
}

// TestCLIProviderAliases has two hosts that differ in nothing but their port: one of the provider's environment, one that the
// resource of another provider block names.
func TestCLIProviderAliases(t *testing.T) {
	t.Parallel()
	wd := startProgram(t, winhost.Config{Hosts: 2})
	second := wd.network.Host(1).Settings()
	declare := func(port int, host string) {
		wd.write(fmt.Sprintf(`
provider "bits" {
  alias    = "second"
  port     = %d
  password = %q
}
`, port, second.Password.Reveal()) +
			jobBlock("payload", `display_name = "on the first"`, `files = [`+wd.file("a.bin", "size=5")+`]`) +
			jobBlock("second", `provider = bits.second`, fmt.Sprintf(`host = %q`, host), `display_name = "on the second"`,
				`files = [`+wd.file("b.bin", "size=5")+`]`))
	}
	wd.pauseAll()
	written := fmt.Sprintf("%s:%d", second.Host, second.Port)
	declare(1, written)
	wd.applyOnce()
	for i, want := range []string{"on the first", "on the second"} {
		if jobs := wd.jobsOf(i); len(jobs) != 1 || jobs[0].DisplayName != want {
			t.Errorf("host %d has %+v, want one job %q", i, jobs, want)
		}
	}
	wd.expectState(address, map[string]string{"host": wd.settings.Host})
	wd.expectState("bits_job.second", map[string]string{"host": written})
	for _, host := range []string{second.Host, written} { // the same host, written in another way
		declare(second.Port, host)
		wd.apply().has(`" -> "`+host+`"`, plansUpdate)
	}
	declare(1, written)
	wd.plan(0)
	wd.destroy()
	if left := wd.jobsOf(1); len(left) > 0 {
		t.Errorf("the second host has %v", left)
	}
}

// TestCLIHostsByKeys has hosts that the provider knows by keys. One has a credential of its own, and a wrong one for the others
// does not touch it. Their addresses change, a job is removed from the state and imported, and nothing is replaced.
func TestCLIHostsByKeys(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Hosts: 3})
	wd.pauseAll()
	right := wd.settings.Password.Reveal()
	wd.declare(`for_each = toset(["first", "second", "third"])`, `host = each.key`)
	declare := func(password, address string) {
		at := func(i int) map[string]any { return map[string]any{"address": address, "port": wd.network.Host(i).Port} }
		entries := map[string]map[string]any{"first": at(0), "Second": at(1), "third": at(2)}
		entries["Second"]["password"] = right
		maps.Copy(wd.provider, arguments{"host": "", "port": 1, "password": password, "hosts": entries})
	}
	declare(wrongPassword, "127.0.0.1")
	wd.applyFails("-parallelism=1").has("Logon Refused", `bits_job.payload["second"]: Creation complete`)
	if s := wd.network.Stats(); s.FailedLogons != 1 {
		t.Errorf("%d logons failed, want one: the second host's credential is another", s.FailedLogons)
	}
	declare(right, "127.0.0.1")
	wd.apply().has("2 added, 0 changed, 0 destroyed")
	declare(right, "localhost") // the keys move to another address
	wd.plan(0)
	wd.expectState(`bits_job.payload["second"]`, map[string]string{"host": "second"})

	wd.run(0, "state", "rm", `bits_job.payload["third"]`)
	wd.run(0, "import", `bits_job.payload["third"]`, "THIRD/"+wd.jobsOf(2)[0].ID).has("Import successful")
	wd.applyOnce().has("0 added", "0 destroyed")
	wd.run(0, "destroy", "-auto-approve").has("3 destroyed")
	wd.expectNothing()
}

// addresses returns the hosts as a list in HCL.
func (s *simulation) addresses() string {
	var list []string
	for _, h := range s.network.Hosts() {
		list = append(list, fmt.Sprintf("%q", h.Settings().Address()))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// listen makes the WinRM port of the host behave differently.
func (s *simulation) listen(b winhost.Behaviour) {
	s.t.Helper()
	if err := s.host.Listen(b); err != nil {
		s.t.Fatal(err)
	}
}

// whileSilent runs a command while the host accepts connections and never answers, and expects one connection.
func (wd *workingDir) whileSilent(do func()) {
	wd.t.Helper()
	wd.listen(winhost.Silent)
	wd.host.ResetStats()
	wd.with(arguments{"connect_timeout": "1s"}, do)
	if n := wd.host.Stats().Connections; n != 1 {
		wd.t.Errorf("%d connections, want one", n)
	}
	wd.listen(winhost.Answering)
}
