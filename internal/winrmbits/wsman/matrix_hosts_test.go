// SPDX-License-Identifier: MPL-2.0

package wsman_test

import (
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// The channels that most cases use.
const (
	sealed  = "http, sealed"
	bound   = "https, RSA with SHA-256"
	unbound = "https, bound to another certificate"
	apache  = "Apache, https"
)

// runChannels logs on over each kind of certificate.
func (m *matrix) runChannels(t *testing.T) {
	t.Helper()
	asNTLM := both(byNTLM, as(`CORP\ops`))
	for _, c := range m.channels {
		switch c.name {
		case sealed, bound, apache: // the credentials had them
		case unbound:
			m.run(t, "Kerberos/"+c.name, func(t *testing.T) {
				refuses(t, c, m.settings(c), connection.NoLogon, "the host", "CbtHardeningLevel")
			})
			m.run(t, "NTLM/"+c.name, func(t *testing.T) {
				refuses(t, c, m.settings(c, asNTLM), connection.Unauthorized, "CbtHardeningLevel")
			})
		default:
			m.run(t, "Kerberos/"+c.name, func(t *testing.T) { accepts(t, c, m.settings(c, insecure), "ops@"+judges.Realm, "kerberos") })
			m.run(t, "NTLM/"+c.name, func(t *testing.T) { accepts(t, c, m.settings(c, both(asNTLM, insecure)), `CORP\ops`, "ntlm") })
		}
	}
}

// insecure takes any certificate: crypto/tls takes none of SHA-1.
func insecure(s *connection.Settings) { s.Insecure = true }

// host is a way to name a host and its service, and what becomes of it.
type host struct {
	name   string
	change change
	texts  []string // of the refusal; nil means that the host accepts
}

// to is another host.
func to(name string) change { return func(s *connection.Settings) { s.Host = name } }

// asks is a ticket for another service than HTTP and the host's name.
func asks(spn string) change { return func(s *connection.Settings) { s.Kerberos.SPN = spn } }

// hosts makes the accounts of hosts.
func (m *matrix) hosts(t *testing.T) []host {
	t.Helper()
	m.host(t, "aes128", judges.Attributes{"msDS-SupportedEncryptionTypes": "8"})
	m.host(t, "aes256", judges.Attributes{"msDS-SupportedEncryptionTypes": "16"})
	m.host(t, "rc4", judges.Attributes{"msDS-SupportedEncryptionTypes": "4"})
	m.host(t, "mapped", judges.Attributes{"servicePrincipalName": []string{"HOST/mapped.corp.example"}})
	m.host(t, "reset", nil)
	m.domain.SetPassword(t, "RESET$", "Machine.Pass2") // of which the host does not know
	return []host{
		{"a host that has AES-128 alone", to("aes128.corp.example"), nil},
		{"a host that has AES-256 alone", to("aes256.corp.example"), nil},
		{"a host that has RC4 alone", to("rc4.corp.example"), []string{"HTTP/rc4.corp.example", "AES", "KerberosEncryptionType"}},
		{"a service that HOST stands for", to("mapped.corp.example"), nil}, // sPNMappings. Source: MS-ADTS 3.1.1.5.2.1
		{"a host's name in other case", to("WEB01.Corp.Example"), nil},
		{"the service WSMAN", asks("WSMAN/web01.corp.example"), nil},
		{"the realm of the service", asks("HTTP/web01.corp.example@CORP.EXAMPLE"), nil},
		{"an address with the name of its service", both(to("127.0.0.1"), asks("HTTP/web01.corp.example")), nil},
		{"an unknown service", to("web99.corp.example"), []string{"does not know the service HTTP/web99.corp.example", "setspn -L web99"}},
		{"an unknown service class", asks("CIFX/web01.corp.example"), []string{"does not know the service CIFX/web01.corp.example"}},
		{"a realm by its NetBIOS name", func(s *connection.Settings) { s.Kerberos.Realm = "CORP" }, []string{"CORP.EXAMPLE", "realm"}},
		{"a KDC that is down", func(s *connection.Settings) { s.Kerberos.KDC = "127.0.0.1:1" }, []string{"no KDC of realm CORP", "88/tcp"}},
		{"a host that has not the password of its account", to("reset.corp.example"), []string{"can't decrypt the ticket for HTTP/reset"}},
	}
}

func (m *matrix) runHosts(t *testing.T, hosts []host) {
	t.Helper()
	c := m.channel(t, sealed)
	for _, tt := range hosts {
		m.run(t, tt.name, func(t *testing.T) {
			if tt.texts == nil {
				accepts(t, c, m.settings(c, tt.change), "ops@"+judges.Realm, "kerberos")
			} else {
				refuses(t, c, m.settings(c, tt.change), connection.NoLogon, tt.texts...)
			}
		})
	}
}

// runTickets has a host that takes short tickets, and refuses longer ones before it reads them.
func (m *matrix) runTickets(t *testing.T) {
	t.Helper()
	m.run(t, "a short ticket", func(t *testing.T) {
		accepts(t, m.short, m.settings(m.short), "ops@"+judges.Realm, "kerberos")
	})
	m.run(t, "a ticket that is too long", func(t *testing.T) {
		refuses(t, m.short, m.settings(m.short, as("many")), connection.NoLogon, "its logon header has", "fewer groups", "MaxFieldLength")
	})
}

// runClocks has domain controllers and hosts whose clocks differ from the client's. Kerberos allows 5 minutes.
func (m *matrix) runClocks(t *testing.T) {
	t.Helper()
	c := m.channel(t, sealed)
	for _, tt := range []struct {
		name  string
		ahead time.Duration
		says  string // "" means that it is close enough
	}{
		{"4 minutes ahead", 4 * time.Minute, ""},
		{"4 minutes behind", -4 * time.Minute, ""},
		{"12 minutes ahead", 12 * time.Minute, "is 12m ahead of that of this machine"},
		{"12 minutes behind", -12 * time.Minute, "is 12m behind that of this machine"},
	} {
		m.run(t, "a domain controller "+tt.name, func(t *testing.T) {
			kdc := m.domain.ServeKDC(t, tt.ahead)
			s := m.settings(c, func(s *connection.Settings) { s.Kerberos.KDC = kdc })
			if tt.says == "" {
				accepts(t, c, s, "ops@"+judges.Realm, "kerberos")
			} else {
				refuses(t, c, s, connection.NoLogon, "the clock of the KDC "+tt.says, "w32tm")
			}
		})
		m.run(t, "a host "+tt.name, func(t *testing.T) {
			c := channel{name: c.name, address: judges.StartAcceptor(t, m.accounts, tt.ahead, judges.Listener{})[0]}
			if tt.says == "" {
				accepts(t, c, m.settings(c), "ops@"+judges.Realm, "kerberos")
			} else {
				refuses(t, c, m.settings(c), connection.NoLogon, "the clock of the host "+tt.says, "w32tm")
			}
		})
	}
}
