// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// kerberosCases are the logons that are tried in a realm. The settings that work have the administrator's password. What a KDC
// may answer is tried in internal/winrmbits/auth/kerberos, without a host.
func kerberosCases(k *judges.KDC, transport authTransport) []authCase {
	cases := []authCase{
		{name: "a good password"},
		{name: "negotiate, with a realm configured", change: func(_ *testing.T, _ *Host, s *connection.Settings) { s.Auth = connection.AuthNegotiate }},
		{name: "a keytab", change: func(t *testing.T, _ *Host, s *connection.Settings) {
			s.Kerberos.Keytab, s.Password = k.Keytab(t, administrator), bits.Secret{}
		}},
		{name: "a credential cache", change: func(t *testing.T, h *Host, s *connection.Settings) {
			s.Kerberos.CCache, s.Username, s.Password = k.Cache(t, administrator, h.Password), "", bits.Secret{}
		}},
		{name: "a wrong password", kind: connection.Unauthorized, says: []string{"the KDC refused the password", "Administrator@CORP.EXAMPLE"}, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Password = bits.NewSecret("wrong password")
		}},
		{name: "no password", kind: connection.NoLogon, says: []string{"neither a password nor a keytab is set, and there is no credential cache"}, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Password = bits.Secret{}
		}},
		{name: "the service of another host", kind: connection.NoLogon, failed: 1, says: []string{"can't decrypt the ticket for HTTP/web02.corp.example", "setspn -Q HTTP/web02.corp.example"}, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Kerberos.SPN = "HTTP/web02.corp.example"
		}},
		{name: "an account that the host does not have", kind: connection.NoLogon, failed: 1, says: []string{"HTTP 401", "Security log"}, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Username = "stranger"
		}},
		{name: "a clock that is an hour ahead", kind: connection.NoLogon, says: []string{"the clock of the host is 1h0m ahead of that of this machine", "w32tm"}, change: func(t *testing.T, h *Host, s *connection.Settings) {
			ahead := startNetwork(t, Config{Security: h.security, Time: time.Now().Add(time.Hour)}).Host(0).Settings()
			s.Port, s.CACert = ahead.Port, ahead.CACert
		}},
	}
	if !transport.security.HTTP {
		cases = append(cases, authCase{
			name: "a proxy ends TLS", kind: connection.NoLogon, says: []string{"HTTP 401", "terminates TLS"}, failed: 1, change: between,
		})
	}
	for i, c := range cases {
		cases[i].change = func(t *testing.T, h *Host, s *connection.Settings) {
			t.Helper()
			s.Kerberos = connection.Kerberos{Realm: judges.Realm, KDC: k.Address, SPN: "HTTP/" + web01}
			if c.change != nil {
				c.change(t, h, s)
			}
		}
	}
	return cases
}

// TestKerberosLogons tries Kerberos over every transport, with MIT's KDC.
func TestKerberosLogons(t *testing.T) {
	t.Parallel()
	cells := 0
	for _, transport := range authTransports {
		t.Run(transport.name, func(t *testing.T) {
			k := judges.StartKDC(t)
			cases := kerberosCases(k, transport)
			cells += len(cases)
			network := startInRealm(t, k, Config{Hosts: len(cases), Security: transport.security})
			k.Account(t, "stranger", network.Host(0).Password)
			k.Service(t, "HTTP/web02.corp.example")
			for i, c := range cases {
				t.Run(c.name, func(t *testing.T) { c.try(t, network.Host(i), string(connection.AuthKerberos)) })
			}
		})
	}
	t.Logf("%d transports: %d logons", len(authTransports), cells)
}

// startInRealm starts hosts that are a service of a realm, in which their administrator has an account.
func startInRealm(t *testing.T, k *judges.KDC, c Config) *Network {
	t.Helper()
	c.Security.Keytab = k.Service(t, "HTTP/"+web01)
	c.Security.Auth = []logon.Scheme{logon.Kerberos, logon.NTLM}
	network := startNetwork(t, c)
	k.Account(t, administrator, network.Host(0).Password)
	return network
}
