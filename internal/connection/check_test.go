// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"crypto/tls"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func attributes(found []Finding) string {
	var names []string
	for _, f := range found {
		names = append(names, f.Attribute)
		if f.Summary == "" || f.Text == "" || !slices.Contains(f.From, f.Attribute) {
			names = append(names, "(incomplete)")
		}
	}
	return strings.Join(names, " ")
}

func TestSettingsThatDoNotGoTogether(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings Settings
		want     string
	}{
		{"NTLM over http", Settings{Auth: AuthNTLM}, ""},
		{"Basic over https", Settings{Auth: AuthBasic, HTTPS: true}, ""},
		{"Basic over http", Settings{Auth: AuthBasic}, "https"},
		{"Basic over http, when that is allowed", Settings{Auth: AuthBasic, AllowUnencrypted: true}, ""},
		{"a certificate over http", Settings{Auth: AuthCertificate, AllowUnencrypted: true}, "https"},
		{"a certificate with TLS 1.2", Settings{Auth: AuthCertificate, HTTPS: true, TLSMinVersion: tls.VersionTLS12}, ""},
		{"a certificate with TLS 1.3", Settings{Auth: AuthCertificate, HTTPS: true, TLSMinVersion: tls.VersionTLS13}, "tls_min_version"},
		{"a fingerprint that is not looked at", Settings{Auth: AuthNTLM, HTTPS: true, Insecure: true, TLSFingerprint: "ab"}, "insecure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := attributes(test.settings.Conflicts()); got != test.want {
				t.Errorf("conflicts of %q, want %q", got, test.want)
			}
		})
	}
	if got := attributes(Settings{Insecure: true, AllowUnencrypted: true}.Weaknesses()); got != "insecure allow_unencrypted" {
		t.Errorf("weaknesses are %q", got)
	}
	if got := attributes(Settings{HTTPS: true}.Weaknesses()); got != "" {
		t.Errorf("a safe connection has the weaknesses %q", got)
	}
}

func TestAKeyFitsItsCertificate(t *testing.T) {
	certificate, key := keyPair(t)
	_, other := keyPair(t)
	for name, test := range map[string]struct {
		key string
		ok  bool
	}{"its own": {key, true}, "another one": {other, false}, "none": {"", true}} {
		err := Settings{ClientCertificate: certificate, ClientKey: bits.NewSecret(test.key)}.CheckKeyPair()
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatALogonNeeds(t *testing.T) {
	secret := bits.NewSecret("x")
	for _, test := range []struct {
		name     string
		settings Settings
		want     string
	}{
		{"NTLM", Settings{Auth: AuthNTLM}, "username password"},
		{"NTLM with all", Settings{Auth: AuthNTLM, Username: "u", Password: secret}, ""},
		{"Kerberos by password", Settings{Auth: AuthKerberos, Password: bits.NewSecret("p")}, "username"},
		{"Kerberos by the ticket of kinit", Settings{Auth: AuthKerberos}, ""},
		{"Kerberos by the ticket of kinit, of an account", Settings{Auth: AuthKerberos, Username: "u"}, ""},
		{"Kerberos by keytab", Settings{Auth: AuthKerberos, Kerberos: Kerberos{Keytab: "k"}}, "username"},
		{"Kerberos by cache", Settings{Auth: AuthKerberos, Kerberos: Kerberos{CCache: "c"}}, ""},
		{"Kerberos through negotiate", Settings{Auth: AuthNegotiate, Kerberos: Kerberos{CCache: "c"}}, ""},
		{"NTLM beside a cache", Settings{Auth: AuthNTLM, Kerberos: Kerberos{CCache: "c"}}, "username password"},
		{"a certificate", Settings{Auth: AuthCertificate, Username: "u", Password: secret}, "client_cert client_key"},
		{"a certificate with all", Settings{Auth: AuthCertificate, ClientCertificate: "c", ClientKey: secret}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(test.settings.Missing(), " "); got != test.want {
				t.Errorf("missing %q, want %q", got, test.want)
			}
		})
	}
}

// TestWhatIsAroundARefusedPassword is told, and nothing of the password.
func TestWhatIsAroundARefusedPassword(t *testing.T) {
	for _, test := range []struct{ name, password, want string }{
		{"nothing", "hunter 2", ""},
		{"a line break after it", "hunter 2\n", " The password ends with a line break: remove it, for example with trimspace()."},
		{"that of Windows", "hunter 2\r\n", " The password ends with a line break: remove it, for example with trimspace()."},
		{"a carriage return alone", "hunter 2\r", " The password ends with a line break: remove it, for example with trimspace()."},
		{"one before it", "\nhunter 2", " The password begins with a line break: remove it, for example with trimspace()."},
		{"a space after it", "hunter 2 ", " The password ends with a space."},
		{"a space before it", " hunter 2", " The password begins with a space."},
		{"nothing else", "\n", " The password ends with a line break: remove it, for example with trimspace()."},
	} {
		if got := (Settings{Password: bits.NewSecret(test.password)}).PasswordHint(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestKerberosNeedsAName(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings Settings
		want     bool
	}{
		{"a name", Settings{Auth: AuthKerberos, Host: "web01"}, false},
		{"an address", Settings{Auth: AuthKerberos, Host: "10.0.0.5"}, true},
		{"an IPv6 address", Settings{Auth: AuthNegotiate, Host: "2001:db8::1", Kerberos: Kerberos{Realm: "R"}}, true},
		{"an address with the name of its service", Settings{Auth: AuthKerberos, Host: "10.0.0.5", Kerberos: Kerberos{SPN: "HTTP/web01"}}, false},
		{"an address under NTLM", Settings{Auth: AuthNTLM, Host: "10.0.0.5"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.settings.NeedsName(); got != test.want {
				t.Errorf("NeedsName() = %v", got)
			}
		})
	}
}

func TestSourcesOfTicketsThatDoNotGoTogether(t *testing.T) {
	for _, test := range []struct {
		name     string
		kerberos Kerberos
		want     string
	}{
		{"a realm and its KDC", Kerberos{Realm: "R", KDC: "k"}, ""},
		{"a krb5.conf and a KDC", Kerberos{Config: "c", Realm: "R", KDC: "k"}, "kdc"},
		{"a KDC without a realm", Kerberos{KDC: "k"}, "kdc"},
		{"a keytab and a cache", Kerberos{Keytab: "k", CCache: "c"}, "ccache"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, problem := test.kerberos.Conflict()
			if got != test.want || (problem == "") != (test.want == "") {
				t.Errorf("conflict of %q: %q; want %q", got, problem, test.want)
			}
		})
	}
}

// TestAuthoritiesAreForHTTPS has http do without them, unless an https proxy may have a certificate of theirs.
func TestAuthoritiesAreForHTTPS(t *testing.T) {
	for _, test := range []struct {
		settings Settings
		want     string
	}{
		{Settings{HTTPS: true, CACert: "c"}, "c"},
		{Settings{HTTPS: true, CACert: "c", Insecure: true}, ""},
		{Settings{CACert: "c"}, ""},
		{Settings{CACert: "c", ProxyURL: bits.NewSecret("http://proxy:3128")}, ""},
		{Settings{CACert: "c", ProxyURL: bits.NewSecret("https://proxy:3129")}, "c"},
	} {
		if got := test.settings.Used().CACert; got != test.want {
			t.Errorf("%+v uses %q", test.settings, got)
		}
	}
}

// TestTheAccountThatRunsTerraform logs on where nothing else is set, on Windows alone.
func TestTheAccountThatRunsTerraform(t *testing.T) {
	bare := Settings{Host: "web01", Auth: AuthNegotiate}
	for _, tt := range []struct {
		name   string
		change func(s *Settings)
		want   bool
	}{
		{"nothing is set", func(*Settings) {}, true},
		{"only the scheme is", func(s *Settings) { s.Auth = AuthKerberos }, true},
		{"only the service's name is", func(s *Settings) { s.Kerberos.SPN = "HTTP/web01.corp.example" }, true},
		{"NTLM needs a password", func(s *Settings) { s.Auth = AuthNTLM }, false},
		{"Basic, too", func(s *Settings) { s.Auth = AuthBasic }, false},
		{"a user name", func(s *Settings) { s.Username = "ops" }, false},
		{"a password", func(s *Settings) { s.Password = bits.NewSecret("x") }, false},
		{"a keytab", func(s *Settings) { s.Kerberos.Keytab = "x" }, false},
		{"a credential cache", func(s *Settings) { s.Kerberos.CCache = "x" }, false},
	} {
		s := bare
		tt.change(&s)
		if s.asThisAccount("windows") != tt.want || s.asThisAccount("linux") {
			t.Errorf("%s: %t on Windows, %t on Linux", tt.name, s.asThisAccount("windows"), s.asThisAccount("linux"))
		}
	}
	if onWindows := runtime.GOOS == "windows"; bare.UsesKerberos() != onWindows || (len(bare.Missing()) == 0) != onWindows {
		t.Errorf("%s, missing %q", bare.Scheme(), bare.Missing())
	}
}
