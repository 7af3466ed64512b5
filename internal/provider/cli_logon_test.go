// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestCLILogon logs on by each scheme but Kerberos: one apply that makes a job and completes it, and an empty plan.
func TestCLILogon(t *testing.T) {
	for _, test := range []struct {
		name     string
		security winhost.Security
		auth     string
	}{
		{"NTLM over http, which is sealed", winhost.Security{HTTP: true}, ""},
		{"NTLM over https, bound to the channel", winhost.Security{CBT: logon.CBTStrict}, ""},
		{"a client certificate", winhost.Security{Auth: []logon.Scheme{logon.Certificate}}, "certificate"},
		{"Basic inside TLS", winhost.Security{Auth: []logon.Scheme{logon.Basic}}, "basic"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wd := startWith(t, winhost.Config{Security: test.security})
			wd.provider["auth"] = test.auth
			wd.declare(waits)
			wd.applyOnce()
			wd.expectFile(`C:\t\a.bin`, 5)
			if s := wd.host.Stats(); s.FailedLogons != 0 || s.Logons == 0 {
				t.Errorf("%d logons and %d failed ones", s.Logons, s.FailedLogons)
			}
		})
	}
}

// TestCLIKerberos reaches a host over http with a keytab, as a pipeline's container does, and with passwords that the KDC refuses.
func TestCLIKerberos(t *testing.T) {
	needCLI(t)
	t.Parallel()
	k := judges.StartKDC(t)
	const spn = "HTTP/web01.corp.example"
	service := k.Service(t, spn)
	wd := startProgram(t, winhost.Config{Security: winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.Kerberos}, Keytab: service}})
	k.Account(t, wd.settings.Username, wd.settings.Password.Reveal())
	keytab := k.Keytab(t, wd.settings.Username)
	maps.Copy(wd.provider, arguments{
		"auth": "negotiate", "kerberos_realm": judges.Realm, "kerberos_kdc": k.Address, "kerberos_spn": spn,
	})
	wd.with(arguments{"password": "", "kerberos_keytab": keytab}, func() {
		wd.declare(`priority = "high"`, waits)
		wd.apply()
		wd.expectFile(`C:\t\a.bin`, 5)
	})
	wd.env = append(wd.env, "TF_LOG=TRACE")
	wd.plan(0).has("WinRM exchange").lacks(wd.settings.Password.Reveal(), "Negotiate YI", "Negotiate oY") // the heads of tokens
	wd.env = wd.env[:len(wd.env)-1]
	wd.with(arguments{"password": "wrong"}, func() {
		wd.plan(0).has("Warning: Logon Refused", "the KDC refused the password or keytab of "+wd.settings.Username+"@"+judges.Realm)
	})
	if n := k.Failures(t, wd.settings.Username); n != 1 {
		t.Errorf("the KDC counts %d failed logons", n)
	}
	wd.with(arguments{"kerberos_spn": "HTTP/web99.corp.example"}, func() {
		wd.plan(0).has("the KDC does not know the service HTTP/web99.corp.example", "setspn -L web99")
	})
}
