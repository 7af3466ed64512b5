package winhost

import (
	"net/http"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/kdc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// web01 is the name that a host has in its realm.
const web01 = "web01.corp.example"

// TestMITLogsOn has pywinrm and pypsrp log on over Kerberos, with MIT's GSS-API in them.
func TestMITLogsOn(t *testing.T) {
	interpreter := python(t)
	if exec.CommandContext(t.Context(), interpreter, "-c", "import gssapi, krb5, kerberos").Run() != nil {
		t.Skip("no python-gssapi, which has MIT Kerberos judge: pip install gssapi krb5 pykerberos into that Python")
	}
	const hello, clearText = "hello\r\n", float64(http.StatusInternalServerError)
	tests := map[string]struct {
		security       Security
		logons, failed int64
		want           map[string]any
	}{
		"http": {
			security: Security{HTTP: true}, logons: 3,
			want: map[string]any{"pywinrm: sealed": hello, "pypsrp: sealed": hello, "pypsrp: in clear text": clearText},
		},
		"https": {
			security: Security{CBT: logon.CBTStrict}, logons: 2, failed: 1,
			want: map[string]any{
				"pypsrp: bound to the channel": hello, "pypsrp: bound to the channel, sealed": hello, "pypsrp: without a channel binding": "refused",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := kdc.Run(t)
			farm := startInRealm(t, k, Config{Security: test.security})
			h := farm.Host(0)
			cache, err := k.Cache(t.Context(), administrator, h.Password)
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("KRB5_CONFIG", k.Config)
			t.Setenv("KRB5CCNAME", cache) // pywinrm takes no password
			got := judge(t, interpreter, "testdata/realm.py", map[string]any{name: map[string]any{
				"url": h.Settings().URL(), "host": h.Name, "port": h.Port, "username": administrator + "@" + kdc.Realm, "password": h.Password,
				"ca_file": farm.CAFile, "client_certificate": "", "client_key": "", "name": web01,
			}})
			if diff := cmp.Diff(map[string]map[string]any{name: test.want}, got); diff != "" {
				t.Errorf("the clients met (-want +got):\n%s", diff)
			}
			if s := farm.Stats(); s.Logons != test.logons || s.FailedLogons != test.failed || s.ShellsOpen != 0 {
				t.Errorf("%d logons, %d failed, %d shells are open", s.Logons, s.FailedLogons, s.ShellsOpen)
			}
		})
	}
}
