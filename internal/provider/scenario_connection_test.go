package provider_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestOperatorReachesNoHost has many jobs on a host that can't be used: the attempt is made once, however many jobs
// there are; one error tells all of it, those of the other jobs refer to it, and each names the address; nothing is
// left.
func TestOperatorReachesNoHost(t *testing.T) {
	const jobs = 12 // more than Terraform makes at once
	for _, test := range []struct {
		name  string
		env   func(o *operator) []string
		want  []string
		check func(o *operator)
	}{
		{
			name: "nothing listens on the port",
			env:  func(o *operator) []string { return []string{"BITS_PORT=" + closedPort(o.t)} },
			want: []string{"Error: Host Unreachable", "nothing listens on port", "winrm quickconfig -transport:https"},
		},
		{
			name: "the certificate is issued by a stranger",
			env:  func(*operator) []string { return []string{"BITS_CA_FILE="} },
			want: []string{"Error: Host Certificate Not Trusted", "Simulated Windows hosts", "ca_file or ca_cert"},
		},
		{
			name: "the certificate is for another name",
			env:  func(*operator) []string { return []string{"BITS_TLS_SERVER_NAME=web01.corp.example"} },
			want: []string{"Error: Host Certificate Not Trusted", "web01.corp.example", "tls_server_name"},
		},
		{
			name: "the password is wrong",
			env:  func(*operator) []string { return []string{"BITS_PASSWORD=" + wrongPassword} },
			want: []string{"Error: Logon Refused", "credential of Administrator", "Check username and password"},
			check: func(o *operator) {
				if s := o.stats(); s.FailedLogons != 1 || s.ShellsOpened != 0 {
					o.t.Errorf("%d failed logons and %d shells, want 1 and 0", s.FailedLogons, s.ShellsOpened)
				}
			},
		},
		{
			name: "the host accepts and never answers",
			env: func(o *operator) []string {
				port, connections := silentHost(o.t)
				o.t.Cleanup(func() {
					if n := connections(); n != 1 {
						o.t.Errorf("the host was dialled %d times for %d jobs, want once", n, jobs)
					}
				})
				return []string{"BITS_PORT=" + port, "BITS_CONNECT_TIMEOUT=1s"}
			},
			want: []string{"Error: Host Does Not Answer", "accepted the connection and did not answer within 1s", "connect_timeout"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			o.declareJob(`count = `+strconv.Itoa(jobs), `display_name = "job ${count.index}"`, `files = [`+o.file("${count.index}.bin", "size=5")+`]`)
			kept := o.env
			o.env = slices.Concat(kept, test.env(o))
			failed := o.run(1, "apply", "-auto-approve").has(test.want...).has("on " + o.settings.Host + ":").lacks(wrongPassword)
			short := strings.Count(failed.line, "The first resource that needed it has the full error.")
			if n := strings.Count(failed.line, "Error: "); n != jobs || short != jobs-1 {
				t.Errorf("%d errors for %d jobs, of which %d refer to another one:\n%s", n, jobs, short, failed.text)
			}
			o.env = kept
			o.nothingIsLeft()
			if test.check != nil {
				test.check(o)
			}
		})
	}
}

// TestOperatorLosesAHost has a host die under jobs: refresh and destroy say what to do, the state keeps the jobs.
func TestOperatorLosesAHost(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`)
	o.apply()
	alive := o.env
	o.env = slices.Concat(alive, []string{"BITS_PORT=" + closedPort(t)})
	o.run(1, "plan").has("Error: Host Unreachable", "Unable to read job "+o.job().ID, "terraform state rm ADDRESS")
	o.run(1, "destroy", "-auto-approve", "-refresh=false").has("Error: Host Unreachable", "Unable to remove job "+o.job().ID, "removed { from = ADDRESS lifecycle { destroy = false } }")
	o.run(0, "state", "show", address).has(o.job().ID)

	o.write("removed {\n  from = " + address + "\n  lifecycle {\n    destroy = false\n  }\n}\n")
	o.run(0, "apply", "-auto-approve", "-refresh=false")
	if list := o.run(0, "state", "list"); list.line != "" {
		t.Errorf("the state has %s", list.line)
	}
}

// TestOperatorHasTwoHosts has hosts that differ in nothing but their port: one that the provider names, one that the
// resource writes.
func TestOperatorHasTwoHosts(t *testing.T) {
	t.Parallel()
	o := operateOn(t, winhost.Config{Hosts: 2})
	second := o.farm.Host(1).Settings()
	declare := func(port int, host string) {
		o.write(fmt.Sprintf(`
provider "bits" {
  alias    = "second"
  port     = %d
  password = %q
}

resource "bits_job" "payload" {
  display_name = "on the first"
  files        = [%s]
}

resource "bits_job" "second" {
  provider     = bits.second
  host         = %q
  display_name = "on the second"
  files        = [%s]
}
`, port, second.Password.Reveal(), o.file("a.bin", "size=5"), host, o.file("b.bin", "size=5")))
	}
	listed := func(host int) []string {
		var jobs []hostJob
		o.call(http.MethodGet, fmt.Sprintf("/hosts/%d/jobs", host), nil, &jobs)
		var names []string
		for _, job := range jobs {
			names = append(names, job.DisplayName)
		}
		return names
	}
	o.do("pause")
	o.call(http.MethodPost, "/hosts/1/pause", nil, nil)
	written := fmt.Sprintf("%s:%d", second.Host, second.Port)
	declare(1, written)
	o.apply()
	if first, other := listed(0), listed(1); !slices.Equal(first, []string{"on the first"}) || !slices.Equal(other, []string{"on the second"}) {
		t.Errorf("the hosts have %v and %v", first, other)
	}
	o.run(0, "state", "show", address).has(`host = "` + o.settings.Host + `"`)
	o.run(0, "state", "show", "bits_job.second").has(`host = "` + written + `"`)
	o.planIsEmpty()
	for _, host := range []string{second.Host, written} { // the same host, written in another way
		declare(second.Port, host)
		o.run(2, "plan", "-detailed-exitcode").has(`" -> "`+host+`"`, "0 to add, 1 to change, 0 to destroy")
		o.apply()
	}
	declare(1, written)
	o.planIsEmpty()
	o.destroy()
	if left := listed(1); len(left) > 0 {
		t.Errorf("the second host has %v", left)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// closedPort is a port that nothing listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l := listen(t)
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}

// silentHost accepts connections and never answers. The second result ends it and tells how many there were.
func silentHost(t *testing.T) (port string, connections func() int) {
	t.Helper()
	l := listen(t)
	accepted := make(chan int)
	go func() {
		n := 0
		for {
			conn, err := l.Accept()
			if err != nil {
				accepted <- n
				return
			}
			n++
			defer func() { _ = conn.Close() }()
		}
	}()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), func() int {
		_ = l.Close()
		return <-accepted
	}
}
