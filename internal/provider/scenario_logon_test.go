package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestOperatorLogsOn reaches hosts in each way but Kerberos, as far as a CLI and the environment tell it apart: one apply
// that makes a job and completes it, and an empty plan.
func TestOperatorLogsOn(t *testing.T) {
	for _, test := range []struct {
		name     string
		security winhost.Security
		env      func(o *operator) []string
	}{
		{
			"by NTLM over http, which is sealed", winhost.Security{HTTP: true},
			func(*operator) []string { return []string{"BITS_AUTH=", "BITS_HTTPS=false"} },
		},
		{
			"by NTLM over https, bound to the channel", winhost.Security{CBT: logon.CBTStrict},
			func(*operator) []string { return []string{"BITS_AUTH="} },
		},
		{
			"by a client certificate", winhost.Security{Auth: []logon.Scheme{logon.Certificate}},
			func(o *operator) []string {
				return []string{
					"BITS_AUTH=certificate", "BITS_USERNAME=", "BITS_PASSWORD=",
					"BITS_CLIENT_CERTIFICATE=" + readFile(o.t, o.farm.ClientCert), "BITS_CLIENT_KEY=" + readFile(o.t, o.farm.ClientKey),
				}
			},
		},
		{
			"by Basic inside TLS", winhost.Security{Auth: []logon.Scheme{logon.Basic}},
			func(*operator) []string { return []string{"BITS_AUTH=basic"} },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := operateOn(t, winhost.Config{Security: test.security})
			o.env = slices.Concat(o.env, test.env(o))
			o.declareJob(payload, `files = [`+o.file("a.bin", "size=5")+`]`, `wait_for_transfer = true`)
			o.apply()
			if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
				t.Errorf("the file has %d bytes: %v", size, err)
			}
			o.planIsEmpty()
			if s := o.stats(); s.FailedLogons != 0 || s.Logons == 0 {
				t.Errorf("%d logons and %d failed ones", s.Logons, s.FailedLogons)
			}
			o.destroy()
		})
	}
}

// TestOperatorHasAWrongPasswordForManyHosts shows it once: the accounts of the other hosts are not brought nearer to
// being locked out, and one error tells all of it.
func TestOperatorHasAWrongPasswordForManyHosts(t *testing.T) {
	t.Parallel()
	const many = 200
	o := operateOn(t, winhost.Config{Hosts: many})
	ports := make([]string, many)
	for i, h := range o.farm.Hosts() {
		ports[i] = fmt.Sprintf("%q", h.Settings().Address())
	}
	o.write(`
resource "bits_job" "payload" {
  for_each     = toset([` + strings.Join(ports, ", ") + `])
  host         = each.key
  display_name = "nightly payload"
  files        = [` + o.file("a.bin", "size=5") + `]
}
`)
	o.env = slices.Concat(o.env, []string{"BITS_AUTH=", "BITS_PASSWORD=" + wrongPassword})
	failed := o.run(1, "apply", "-auto-approve", "-parallelism=10").has("Error: Logon Refused").lacks(wrongPassword)
	short := strings.Count(failed.line, "The first resource that needed it has the full error.")
	if n := strings.Count(failed.line, "Error: "); n != many || short != many-1 {
		t.Errorf("%d errors for %d hosts, of which %d refer to another one", n, many, short)
	}
	if s := o.farm.Stats(); s.FailedLogons != 1 || s.ShellsOpened != 0 {
		t.Errorf("%d failed logons and %d shells, want 1 and 0", s.FailedLogons, s.ShellsOpened)
	}
}
