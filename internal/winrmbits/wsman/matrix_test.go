// SPDX-License-Identifier: MPL-2.0

package wsman_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// TestAuthMatrix logs on with accounts of Samba's Active Directory to hosts of MIT's GSS-API and of Apache: only the client is this
// project's. It prints how many cases there are.
func TestAuthMatrix(t *testing.T) {
	m := newMatrix(t)
	credentials, hosts, refusals := m.credentials(t), m.hosts(t), m.refusals(t)
	m.serve(t)
	for _, name := range []string{sealed, bound, apache} {
		c := m.channel(t, name)
		for _, tt := range credentials {
			m.run(t, tt.name+"/"+name, func(t *testing.T) { accepts(t, c, m.settings(c, tt.change), tt.user+"@"+judges.Realm, "kerberos") })
		}
		for _, tt := range ntlmCredentials {
			if tt.user == foreign && name == apache {
				continue // Apache runs in the locale C, where gss-ntlmssp finds ASCII names only
			}
			m.run(t, "NTLM: "+tt.name+"/"+name, func(t *testing.T) { accepts(t, c, m.settings(c, byNTLM, tt.change), tt.user, "ntlm") })
		}
		for _, tt := range ntlmRefusals {
			m.run(t, "NTLM: "+tt.name+"/"+name, func(t *testing.T) {
				refuses(t, c, m.settings(c, byNTLM, tt.change), connection.Unauthorized, "refused the credential of "+tt.user)
			})
		}
	}
	m.runCaches(t)
	m.runChannels(t)
	m.runHosts(t, hosts)
	m.runRefusals(t, refusals)
	m.runTickets(t)
	m.runClocks(t)
	t.Logf("auth matrix: %d cases", m.cases)
}

// credential is one form of a credential, and the account that the host sees.
type credential struct {
	name, user string
	change     change
}

// as is a logon with another name, the password being the same.
func as(username string) change { return func(s *connection.Settings) { s.Username = username } }

// with is a logon with another password.
func with(password string) change {
	return func(s *connection.Settings) { s.Password = bits.NewSecret(password) }
}

// keyed is a logon with a keytab instead of a password.
func keyed(path, username string) change {
	return func(s *connection.Settings) {
		s.Kerberos.Keytab, s.Username, s.Password = path, username, bits.Secret{}
	}
}

// cached is a logon with a credential cache instead of a password.
func cached(path string) change {
	return func(s *connection.Settings) { s.Kerberos.CCache, s.Username, s.Password = path, "", bits.Secret{} }
}

// configured is a logon in the realm of a krb5.conf.
func configured(path string) change {
	return func(s *connection.Settings) { s.Kerberos.Config, s.Kerberos.Realm, s.Kerberos.KDC = path, "", "" }
}

func byNTLM(s *connection.Settings) { s.Auth, s.Kerberos = connection.AuthNTLM, connection.Kerberos{} }

// both is one change after the other.
func both(first, second change) change {
	return func(s *connection.Settings) { first(s); second(s) }
}

const foreign = `CORP\Müller` // a name with letters beyond ASCII

// ntlmCredentials are logons that gss-ntlmssp has to accept.
var ntlmCredentials = []credential{
	{`CORP\name`, `CORP\ops`, as(`CORP\ops`)},
	{"letters beyond ASCII", foreign, as(foreign)},
	{"an account of the host", `WEB01\Administrator`, as(`WEB01\Administrator`)},
	{"an account without a domain", "lone", as("lone")},
	{"name@domain", `\ops@corp.example`, as("ops@corp.example")}, // the domain of the message is empty
	{"negotiate without Kerberos", `CORP\ops`, both(as(`CORP\ops`), func(s *connection.Settings) { s.Auth = connection.AuthNegotiate })},
}

var ntlmRefusals = []credential{
	{"a wrong password", `CORP\ops`, both(as(`CORP\ops`), with("wrong"))},
	{"an unknown account", `CORP\nobody`, as(`CORP\nobody`)},
	{"an account of another domain", `OTHER\ops`, as(`OTHER\ops`)},
}

// credentials makes accounts, and returns each form of a credential that Kerberos has to accept.
func (m *matrix) credentials(t *testing.T) []credential {
	t.Helper()
	d := m.domain
	dir := t.TempDir()
	keytab := func(name string) string {
		path := filepath.Join(dir, name+".keytab")
		d.Keytab(t, path, name)
		return path
	}
	for _, name := range []string{"ops", "Müller", "日本語", "svc bits", "svc-bits.web.of_2026", "many", "before", "changed"} {
		d.User(t, name, secret, nil)
	}
	d.User(t, "aes128", secret, judges.Attributes{"msDS-SupportedEncryptionTypes": "8"})
	d.User(t, "aes256", secret, judges.Attributes{"msDS-SupportedEncryptionTypes": "16"})
	d.User(t, "unproven", secret, judges.Attributes{"userAccountControl": "4194816"})                  // DONT_REQ_PREAUTH: MS-ADTS 2.2.16
	d.User(t, "synced", secret, judges.Attributes{"userPrincipalName": "deploy.bits@company.example"}) // of no realm
	d.User(t, "prefix", secret, judges.Attributes{"userPrincipalName": "someone.else@corp.example"})
	d.User(t, "Jörg", secret, judges.Attributes{"userPrincipalName": "jörg.groß@company.example"})
	d.JoinGroups(t, "many", 1200)
	d.Rename(t, "before", "after")
	d.SetPassword(t, "changed", "Pa55 wörd of before")
	d.SetPassword(t, "changed", secret)
	d.Computer(t, "RUNNER01$", machinePassword, nil)
	caches := "DIR:" + t.TempDir()
	d.Kinit(t, m.config, caches, "ops", secret)
	included := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(included, []byte("includedir "+filepath.Dir(m.config)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []credential{
		{"a password", "ops", nil},
		{"name@REALM", "ops", as("ops@CORP.EXAMPLE")},
		{"name@realm", "ops", as("ops@corp.example")},
		{`CORP\name`, "ops", as(`CORP\ops`)},
		{`corp.example\name`, "ops", as(`corp.example\ops`)},
		{"a name in other case", "ops", as("OPS")},
		{"a name with a space", "svc bits", as("svc bits")},
		{"a name of 20 letters", "svc-bits.web.of_2026", as("svc-bits.web.of_2026")},
		{"a name with letters beyond ASCII", "Müller", as("Müller")},
		{"name@REALM with letters beyond ASCII", "Müller", as("Müller@CORP.EXAMPLE")},
		{"a keytab of a name with letters beyond ASCII", "Müller", keyed(keytab("Müller"), "Müller")},
		{"a credential cache of a name with letters beyond ASCII", "Müller", cached(d.Cache(t, m.config, "Müller", secret))},
		{"a name without Latin letters", "日本語", as("日本語")},
		{"a userPrincipalName whose suffix is not a realm", "synced", as("deploy.bits@company.example")},
		{"a userPrincipalName with a krb5.conf", "synced", both(configured(m.config), as("deploy.bits@company.example"))},
		{"a userPrincipalName in other case", "synced", as("Deploy.Bits@Company.Example")},
		{"a userPrincipalName that is not the account's name", "someone.else", as("someone.else@corp.example")},
		{"a userPrincipalName with letters beyond ASCII", "Jörg", as("jörg.groß@company.example")},
		{"the account of a userPrincipalName", "synced", as("synced@CORP.EXAMPLE")},
		{"a krb5.conf", "ops", configured(m.config)},
		{"a krb5.conf and name@realm", "ops", both(configured(m.config), as("ops@Corp.Example"))},
		{"a realm in other case", "ops", func(s *connection.Settings) { s.Kerberos.Realm = "corp.example" }},
		{"a KDC that is down, and another", "ops", func(s *connection.Settings) { s.Kerberos.KDC = "127.0.0.1:1," + m.kdc }},
		{"a krb5.conf that includes a folder", "ops", configured(included)},
		{"negotiate with Kerberos", "ops", func(s *connection.Settings) { s.Auth = connection.AuthNegotiate }},
		{"a keytab", "ops", keyed(keytab("ops"), "ops")},
		{"a keytab and name@REALM", "ops", keyed(keytab("ops"), "ops@CORP.EXAMPLE")},
		{"a keytab and a name in other case", "ops", keyed(keytab("ops"), "OPS")},
		{"a keytab of a changed password", "changed", keyed(keytab("changed"), "changed")},
		{"a credential cache", "ops", cached(d.Cache(t, m.config, "ops", secret))},
		{"a credential cache with FILE:", "ops", cached("FILE:" + d.Cache(t, m.config, "ops", secret))},
		{"a credential cache of a keytab", "ops", cached(d.Cache(t, m.config, "ops", "", "-k", "-t", keytab("ops")))},
		{"a folder of credential caches", "ops", cached(caches)},
		{"the default credential cache of a krb5.conf", "ops", both(configured(d.Config(t, m.kdc, "default_ccache_name = "+caches)), cached(""))},
		{"a member of 1,200 groups", "many", as("many")},
		{"a keytab of a member of 1,200 groups", "many", keyed(keytab("many"), "many")},
		{"an account that may have AES-128 alone", "aes128", as("aes128")},
		{"an account that may have AES-256 alone", "aes256", as("aes256")},
		{"an account that proves nothing", "unproven", as("unproven")},
		{"an account that was renamed", "after", as("after")}, // the salt of its key is of the name before
		{"a password that was changed", "changed", as("changed")},
		{"a machine account", "RUNNER01$", both(as("RUNNER01$"), with(machinePassword))},
		{"a machine account by keytab", "RUNNER01$", keyed(keytab("RUNNER01$"), "RUNNER01$")},
		{"a machine account by keytab in other case", "RUNNER01$", keyed(keytab("RUNNER01$"), "runner01$")},
		{"a machine account by credential cache", "RUNNER01$", cached(d.Cache(t, m.config, "RUNNER01$", machinePassword))},
	}
}

// runCaches logs on with the credential caches that the environment and a cache manager have.
func (m *matrix) runCaches(t *testing.T) {
	t.Helper()
	d, c := m.domain, m.channel(t, sealed)
	m.run(t, "the credential cache of the environment", func(t *testing.T) {
		t.Setenv("KRB5CCNAME", d.Cache(t, m.config, "ops", secret))
		accepts(t, c, m.settings(c, cached("")), "ops@"+judges.Realm, "kerberos")
	})
	t.Run("a cache manager", func(t *testing.T) {
		config := d.Config(t, m.kdc, "kcm_socket = "+judges.StartCacheManager(t), "default_ccache_name = KCM:")
		d.Kinit(t, config, "KCM:0", "ops", secret)
		d.Kinit(t, config, "KCM:0:named", "Müller", secret)
		for _, tt := range []credential{
			{"a cache by its name", "ops", cached("KCM:0")},
			{"the default cache", "Müller", cached("KCM:")}, // the newest
			{"the default cache of a krb5.conf", "Müller", cached("")},
		} {
			m.run(t, tt.name, func(t *testing.T) {
				accepts(t, c, m.settings(c, configured(config), tt.change), tt.user+"@"+judges.Realm, "kerberos")
			})
		}
	})
}
