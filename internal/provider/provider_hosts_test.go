// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// fleet configures a provider for a fleet: user names and passwords, and entries of hosts.
func fleet(entries tftypes.Value, changes values) values {
	return with(values{"auth": text("ntlm"), "username": text("svc-bits"), "password": text(testPassword), "hosts": entries}, changes)
}

func TestAnEntryOfHosts(t *testing.T) {
	common := connection.Settings{
		Host: "web01", Port: 5986, HTTPS: true, Auth: connection.AuthNTLM, Username: "svc-bits", Password: bits.NewSecret(testPassword),
		RunAs: connection.RunAsSystem, ConnectTimeout: connection.DefaultConnectTimeout, OperationTimeout: time.Minute,
	}
	for _, test := range []struct {
		name    string
		key     string // "" means web01
		entry   values
		changes values // of the provider
		host    string // of the resource; "" means the key
		want    func(*connection.Settings)
	}{
		{name: "kerberos is empty", want: func(*connection.Settings) {}},
		{name: "a name that has none", host: "web02", entry: values{"address": text("10.0.0.5")}, want: func(s *connection.Settings) { s.Host = "web02" }},
		{name: "another address by name", entry: values{"address": text("WEB01.corp.example")}, want: func(s *connection.Settings) { s.Host = "web01.corp.example" }},
		{
			name: "another address by number", entry: values{"address": text("10.0.0.5")},
			want: func(s *connection.Settings) { s.Host = "10.0.0.5" },
		},
		{
			name: "another address by number, whose certificate is for the key", key: "web01.corp.example", entry: values{"address": text("10.0.0.5")},
			want: func(s *connection.Settings) { s.Host, s.TLSServerName = "10.0.0.5", "web01.corp.example" },
		},
		{name: "a key that is an address", key: "10.0.0.5", entry: values{"address": text("10.0.0.6")}, want: func(s *connection.Settings) { s.Host = "10.0.0.6" }},
		{
			name: "another address by number with a name of its own", entry: values{"address": text("[2001:db8::1]")}, changes: values{"tls_server_name": text("any")},
			want: func(s *connection.Settings) { s.Host, s.TLSServerName = "2001:db8::1", "any" },
		},
		{name: "another port", entry: values{"port": number(1)}, want: func(s *connection.Settings) { s.Port = 1 }},
		{name: "a port behind the key", host: "web01:2", entry: values{"port": number(1), "address": text("a")}, want: func(s *connection.Settings) { s.Host, s.Port = "a", 2 }},
		{name: "another case of the key", host: "WEB01", entry: values{"port": number(1)}, want: func(s *connection.Settings) { s.Port = 1 }},
		{name: "http, with the port of http", entry: values{"https": no()}, changes: values{"port": number(15986)}, want: func(s *connection.Settings) { s.HTTPS, s.Port = false, 5985 }},
		{name: "http, without what TLS has", entry: values{"https": no()}, changes: values{"tls_server_name": text("any")}, want: func(s *connection.Settings) { s.HTTPS, s.Port = false, 5985 }},
		{name: "https among http", entry: values{"https": yes()}, changes: values{"https": no(), "tls_server_name": text("any")}, want: func(s *connection.Settings) { s.TLSServerName = "any" }},
		{
			name: "a credential of its own", entry: values{"username": text("Administrator"), "password": text("other"), "auth": text("negotiate"), "run_as": text("user")},
			want: func(s *connection.Settings) {
				s.Username, s.Password, s.Auth, s.RunAs = "Administrator", bits.NewSecret("other"), connection.AuthNegotiate, connection.RunAsUser
			},
		},
		{
			name: "a service's name makes negotiate Kerberos", entry: values{"auth": text("negotiate"), "spn": text("WSMAN/web01")},
			want: func(s *connection.Settings) { s.Auth, s.Kerberos.SPN = connection.AuthNegotiate, "WSMAN/web01" },
		},
		{
			name: "a service's name for an address", entry: values{"auth": text("kerberos"), "spn": text("WSMAN/web01"), "address": text("10.0.0.5"), "https": no()},
			want: func(s *connection.Settings) {
				s.Auth, s.Kerberos.SPN, s.Host, s.HTTPS, s.Port = connection.AuthKerberos, "WSMAN/web01", "10.0.0.5", false, 5985
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := common
			test.want(&want)
			key := cmp.Or(test.key, "web01")
			host := cmp.Or(test.host, key)
			r := newRig(t)
			r.mustConfigure(fleet(entriesOf(key, test.entry), test.changes))
			read := r.mustRead("bits_host", values{"host": text(host)})
			if got := r.dialled[0]; got != want {
				t.Errorf("dialled %+v, want %+v", got, want)
			}
			if got := read["host"]; got != host {
				t.Errorf("the state has the host %s", got)
			}
		})
	}
}

func TestWhatIsNotKnownConcernsItsHostOnly(t *testing.T) {
	for _, test := range []struct {
		name    string
		entries tftypes.Value
		changes values
		blocked string // what the error of web01 names; "" means it is dialled
	}{
		{"an attribute of its own", entriesOf("web01", values{"address": unknownText()}, "web02", nil), nil, `hosts["web01"].address`},
		{"an attribute of another host", entriesOf("web01", nil, "web02", values{"password": unknownText()}), nil, ""},
		{"the common one", entriesOf("web01", nil), values{"username": unknownText()}, "username"},
		{"the policy for hosts that are down, which no connection needs", entriesOf("web01", nil), values{"on_unreachable": unknownText()}, ""},
		{"the common one where it has its own", entriesOf("web01", values{"username": text("u")}), values{"username": unknownText()}, ""},
		{"its whole entry", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, map[string]tftypes.Value{"web01": tftypes.NewValue(hostObject, tftypes.UnknownValue)}), nil, `hosts["web01"]`},
		{"another's whole entry", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, map[string]tftypes.Value{"web02": tftypes.NewValue(hostObject, tftypes.UnknownValue)}), nil, ""},
		{"all of hosts", tftypes.NewValue(tftypes.Map{ElementType: hostObject}, tftypes.UnknownValue), nil, "hosts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(fleet(test.entries, test.changes))
			_, diags := r.read("bits_host", values{"host": text("web01")})
			if test.blocked == "" {
				if failed(diags) || len(r.dialled) == 0 {
					t.Errorf("the host is not dialled: %s", formatted(diags))
				}
				return
			}
			if !strings.Contains(formatted(diags), "Unknown Connection Settings") || !strings.Contains(formatted(diags), "unknown until apply: "+test.blocked+".") || len(r.dialled) > 0 {
				t.Errorf("a read says: %s", formatted(diags))
			}
		})
	}
}
