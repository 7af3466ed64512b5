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
		provider func(wd *workingDir) map[string]string
	}{
		{
			"NTLM over http, which is sealed", winhost.Security{HTTP: true},
			func(*workingDir) map[string]string { return map[string]string{"auth": "", "https": "false"} },
		},
		{
			"NTLM over https, bound to the channel", winhost.Security{CBT: logon.CBTStrict},
			func(*workingDir) map[string]string { return map[string]string{"auth": ""} },
		},
		{
			"a client certificate", winhost.Security{Auth: []logon.Scheme{logon.Certificate}},
			func(wd *workingDir) map[string]string {
				return map[string]string{
					"auth": "certificate", "username": "", "password": "",
					"client_certificate": readFile(wd.t, wd.network.ClientCert), "client_key": readFile(wd.t, wd.network.ClientKey),
				}
			},
		},
		{
			"Basic inside TLS", winhost.Security{Auth: []logon.Scheme{logon.Basic}},
			func(*workingDir) map[string]string { return map[string]string{"auth": "basic"} },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wd := startWith(t, winhost.Config{Security: test.security})
			maps.Copy(wd.provider, test.provider(wd))
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
	maps.Copy(wd.provider, map[string]string{
		"https": "false", "auth": "negotiate", "kerberos_realm": judges.Realm, "kerberos_kdc": k.Address, "kerberos_spn": spn,
	})
	wd.with(map[string]string{"password": "", "kerberos_keytab": keytab}, func() {
		wd.declare(`priority = "high"`, waits)
		wd.apply()
		wd.expectFile(`C:\t\a.bin`, 5)
	})
	wd.env = append(wd.env, "TF_LOG=TRACE")
	wd.plan(0).has("WinRM exchange").lacks(wd.settings.Password.Reveal(), "Negotiate YI", "Negotiate oY") // the heads of tokens
	wd.env = wd.env[:len(wd.env)-1]
	wd.with(map[string]string{"password": "wrong"}, func() {
		wd.plan(0).has("Warning: Logon Refused", "the KDC refused the password or keytab of "+wd.settings.Username+"@"+judges.Realm)
	})
	if n := k.Failures(t, wd.settings.Username); n != 1 {
		t.Errorf("the KDC counts %d failed logons", n)
	}
	wd.with(map[string]string{"kerberos_spn": "HTTP/web99.corp.example"}, func() {
		wd.plan(0).has("the KDC knows no service HTTP/web99.corp.example", "setspn -L web99")
	})
}
