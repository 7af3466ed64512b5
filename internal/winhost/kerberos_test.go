// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"errors"
	"net/http"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// web01 is the name that a host has in its realm.
const web01 = "web01.corp.example"

// TestNobodyReadsWhatTravelsOverHTTPInARealm has a command run over http, and reads along.
func TestNobodyReadsWhatTravelsOverHTTPInARealm(t *testing.T) {
	t.Parallel()
	k := judges.StartKDC(t)
	network := startInRealm(t, k, Config{Security: Security{HTTP: true}})
	s, wire := readAlong(t, network.Host(0))
	s.Kerberos = connection.Kerberos{Realm: judges.Realm, KDC: k.Address, SPN: "HTTP/" + web01}
	if said, err := converse(t.Context(), s); err != nil || said != "hello\r\n" {
		t.Fatalf("%q %v", said, err)
	}
	seen := wire.bytes()
	if !bytes.Contains(seen, []byte("multipart/encrypted")) || !bytes.Contains(seen, []byte("Authorization: Negotiate YI")) {
		t.Fatal("nothing sealed was seen")
	}
	unread(t, seen, s.Password.Reveal(), "Envelope", "windows/shell", "echo hello", "hello\r\n", "ShellId")
}

// TestKerberosIsNeverNTLM meets a host that takes NTLM and Basic, and no tickets.
func TestKerberosIsNeverNTLM(t *testing.T) {
	t.Parallel()
	k := judges.StartKDC(t)
	startInRealm(t, k, Config{Security: Security{HTTP: true}})
	k.Account(t, "ops", "secret of ops")
	for _, scheme := range []connection.Auth{connection.AuthKerberos, connection.AuthNegotiate} {
		network := startNetwork(t, Config{Security: Security{HTTP: true, AllowUnencrypted: true, Auth: []logon.Scheme{logon.NTLM, logon.Basic}}})
		s, wire := readAlong(t, network.Host(0))
		s.Auth, s.AllowUnencrypted, s.Username, s.Password = scheme, true, "ops", bits.NewSecret("secret of ops")
		s.Kerberos = connection.Kerberos{Realm: judges.Realm, KDC: k.Address, SPN: "HTTP/" + web01}
		_, err := converse(t.Context(), s)
		var failed *connection.Error
		if !errors.As(err, &failed) || failed.Kind != connection.NoLogon {
			t.Errorf("%s: %v", scheme, err)
		}
		seen := wire.bytes()
		if stats := network.Stats(); stats.HTTPRequests != 1 || bytes.Contains(seen, []byte("TlRMTVNTUA")) || bytes.Contains(seen, []byte("Authorization: Basic")) {
			t.Errorf("%s: %d requests: %s", scheme, stats.HTTPRequests, seen)
		}
		unread(t, seen, s.Password.Reveal(), "Envelope")
	}
}

// TestMITLogsOn has pywinrm and pypsrp log on over Kerberos, with MIT's GSS-API in them.
func TestMITLogsOn(t *testing.T) {
	t.Parallel()
	interpreter := otherClients(t)
	if exec.CommandContext(t.Context(), interpreter, "-c", "import pypsrp, gssapi, krb5, kerberos").Run() != nil {
		t.Skip("no python-gssapi, which has MIT Kerberos judge: pip install pypsrp gssapi krb5 pykerberos into that Python")
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
			k := judges.StartKDC(t)
			network := startInRealm(t, k, Config{Security: test.security})
			h := network.Host(0)
			cache := k.Cache(t, administrator, h.Password)
			got := judge(t, interpreter, "testdata/realm.py", map[string]any{name: map[string]any{
				"url": h.Settings().URL(), "host": h.Name, "port": h.Port, "username": administrator + "@" + judges.Realm, "password": h.Password,
				"ca_file": network.CAFile, "client_certificate": "", "client_key": "", "name": web01,
			}}, "KRB5_CONFIG="+k.Config, "KRB5CCNAME="+cache) // pywinrm takes no password
			if diff := cmp.Diff(map[string]map[string]any{name: test.want}, got); diff != "" {
				t.Errorf("the clients met (-want +got):\n%s", diff)
			}
			if s := network.Stats(); s.Logons != test.logons || s.FailedLogons != test.failed || s.ShellsOpen != 0 {
				t.Errorf("%d logons, %d failed, %d shells are open", s.Logons, s.FailedLogons, s.ShellsOpen)
			}
		})
	}
}
