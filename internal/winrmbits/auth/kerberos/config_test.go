// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// fedora is a krb5.conf in the form that Fedora and RHEL install.
const fedora = `# To opt out of the system crypto-policies configuration of krb5, remove the symlink.
includedir DIR

[logging]
    default = FILE:/var/log/krb5libs.log

[libdefaults]
    dns_lookup_realm = false
    ticket_lifetime = 24h
    forwardable = true
    pkinit_anchors = FILE:/etc/pki/tls/certs/ca-bundle.crt
    spake_preauth_groups = edwards25519
    dns_canonicalize_hostname = fallback
    qualify_shortname = ""
    default_realm = CORP.EXAMPLE ; ours
    default_ccache_name = KEYRING:persistent:%{uid}

[realms]
    CORP.EXAMPLE = {
        kdc = dc01.corp.example
        kdc = [2001:db8::1]:8088
        admin_server = dc01.corp.example
        auth_to_local_names = {
            a = b
        }
    }

[domain_realm]
    .corp.example = CORP.EXAMPLE
    .far.example = FAR.EXAMPLE
`

func TestAKrb5ConfIsReadForItsRealms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(path, []byte(strings.Replace(fedora, "DIR", t.TempDir(), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KRB5_CONFIG", filepath.Join(t.TempDir(), "none")+string(filepath.ListSeparator)+path)
	for name, tt := range map[string]struct {
		settings connection.Kerberos
		realm    string
		kdcs     []string
		far      string // realm of a host of another domain
	}{
		"by its path":                    {connection.Kerberos{Config: path}, "CORP.EXAMPLE", []string{"dc01.corp.example:88", "[2001:db8::1]:8088"}, "FAR.EXAMPLE"},
		"the machine's":                  {connection.Kerberos{SPN: "HTTP/web01"}, "CORP.EXAMPLE", []string{"dc01.corp.example:88", "[2001:db8::1]:8088"}, "FAR.EXAMPLE"},
		"with another realm":             {connection.Kerberos{Config: path, Realm: "FAR.EXAMPLE"}, "FAR.EXAMPLE", []string{"dc01.corp.example:88", "[2001:db8::1]:8088"}, "FAR.EXAMPLE"},
		"not where the realm is set":     {connection.Kerberos{Realm: "CORP.EXAMPLE"}, "CORP.EXAMPLE", nil, ""},
		"nor where the KDC is":           {connection.Kerberos{Realm: "CORP.EXAMPLE", KDC: "dc02.corp.example"}, "CORP.EXAMPLE", []string{"dc02.corp.example:88"}, ""},
		"a KDC by its IPv6 address":      {connection.Kerberos{Realm: "CORP.EXAMPLE", KDC: "2001:db8::2"}, "CORP.EXAMPLE", []string{"[2001:db8::2]:88"}, ""},
		"a KDC by an address and a port": {connection.Kerberos{Realm: "CORP.EXAMPLE", KDC: "10.0.0.1:8088"}, "CORP.EXAMPLE", []string{"10.0.0.1:8088"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := configuration(tt.settings)
			if err != nil {
				t.Fatal(err)
			}
			var kdcs []string
			for _, r := range c.Realms {
				kdcs = append(kdcs, r.KDC...)
			}
			if c.LibDefaults.DefaultRealm != tt.realm || !slices.Equal(kdcs, tt.kdcs) || c.ResolveRealm("web01.far.example") != tt.far {
				t.Errorf("%s %v %v", c.LibDefaults.DefaultRealm, kdcs, c.DomainRealm)
			}
			if c.LibDefaults.Forwardable || c.LibDefaults.TicketLifetime != config.New().LibDefaults.TicketLifetime {
				t.Errorf("what is asked for depends on the file: %+v", c.LibDefaults)
			}
		})
	}
}

// TestWhereAKrb5ConfIs has the places of each system, whatever system this is.
func TestWhereAKrb5ConfIs(t *testing.T) {
	windows := map[string]string{"APPDATA": `C:\Users\ops\AppData\Roaming`, "ProgramData": `C:\ProgramData`, "SystemRoot": `C:\Windows`}
	for _, test := range []struct {
		name, system string
		env          map[string]string
		want         []string
	}{
		{"Linux", "linux", map[string]string{"HOME": "/home/ops"}, []string{"/etc/krb5.conf"}},
		{"FreeBSD", "freebsd", nil, []string{"/etc/krb5.conf"}},
		{"macOS", "darwin", map[string]string{"HOME": "/Users/ops"}, []string{
			"/Users/ops/Library/Preferences/edu.mit.Kerberos", "/Library/Preferences/edu.mit.Kerberos", "/etc/krb5.conf",
		}},
		{"macOS without HOME", "darwin", nil, []string{"/Library/Preferences/edu.mit.Kerberos", "/etc/krb5.conf"}},
		{"Windows", "windows", windows, []string{
			`C:\Users\ops\AppData\Roaming\MIT\Kerberos5\krb5.ini`, `C:\ProgramData\MIT\Kerberos5\krb5.ini`, `C:\Windows\krb5.ini`,
		}},
		{"Windows without variables", "windows", nil, nil},
		{"the variable alone, where it is set", "darwin", map[string]string{"HOME": "/Users/ops", "KRB5_CONFIG": "ours.conf"}, []string{"ours.conf"}},
	} {
		got := configPaths(test.system, func(name string) string { return test.env[name] })
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestAKrb5IniOfWindowsIsRead has one as Notepad or PowerShell 5.1 saves it.
func TestAKrb5IniOfWindowsIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "krb5.ini")
	text := "\ufeff" + strings.ReplaceAll("[libdefaults]\n default_realm = CORP.EXAMPLE\n", "\n", "\r\n")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := configuration(connection.Kerberos{Config: path}); err != nil || c.LibDefaults.DefaultRealm != "CORP.EXAMPLE" {
		t.Errorf("%+v %v", c, err)
	}
}

func TestAKrb5ConfThatCantBeReadIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "krb5.conf")
	for name, text := range map[string]string{
		"a realm on one line":    "[realms]\nCORP.EXAMPLE = { kdc = dc01.corp.example }\n",
		"a realm without a name": "[realms]\n{\n}\n",
		"braces that do not fit": "[realms]\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if c, err := configuration(connection.Kerberos{Config: path}); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%v %v", c, err)
			}
		})
	}
}
