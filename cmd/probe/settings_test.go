package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// readSettings reads flags and an environment.
func readSettings(t *testing.T, variables map[string]string, args ...string) (s connection.Settings, said string, err error) {
	t.Helper()
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	w := settingsFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s, err = w.settings(func(name string) string { return variables[name] }, &out)
	return s, out.String(), err
}

// pair is the paths of a certificate and its key.
func pair(t *testing.T) (farm *winhost.Network, certificate, key string) {
	t.Helper()
	farm = start(t, winhost.Config{Security: winhost.Security{Auth: []logon.Scheme{logon.Certificate}}})
	return farm, content(t, farm.ClientCert), content(t, farm.ClientKey)
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEverySettingIsAVariableAndAFlag(t *testing.T) {
	t.Parallel()
	farm, certificate, key := pair(t)
	fingerprint := strings.Repeat("0a", 32)
	common := map[string]string{"host": "web01", "username": "u", "password": "p"}
	byCertificate := map[string]string{"host": "web01", "auth": "certificate", "client_certificate": certificate, "client_key": key}
	kerberos := map[string]string{"host": "web01", "auth": "kerberos", "username": "u", "password": "p"}
	for _, test := range []struct {
		name, text string
		with       map[string]string
		changes    func(s *connection.Settings) // of the settings without it
	}{
		{"host", "WEB02:88", common, func(s *connection.Settings) { s.Host, s.Port = "web02", 88 }},
		{"port", "88", common, func(s *connection.Settings) { s.Port = 88 }},
		{"https", "false", common, func(s *connection.Settings) { s.HTTPS, s.Port = false, 5985 }},
		{"auth", "ntlm", common, func(s *connection.Settings) { s.Auth = connection.AuthNTLM }},
		{"username", `CORP\svc`, common, func(s *connection.Settings) { s.Username = `CORP\svc` }},
		{"allow_unencrypted", "true", common, func(s *connection.Settings) { s.AllowUnencrypted = true }},
		{"ca_cert", farm.CACert, common, func(s *connection.Settings) { s.CACert = farm.CACert }},
		{"ca_file", farm.CAFile, common, func(s *connection.Settings) { s.CACert = farm.CACert }},
		{"insecure", "true", common, func(s *connection.Settings) { s.Insecure = true }},
		{"tls_server_name", "web", common, func(s *connection.Settings) { s.TLSServerName = "web" }},
		{"tls_min_version", "1.3", common, func(s *connection.Settings) { s.TLSMinVersion = tls.VersionTLS13 }},
		{"tls_fingerprint", strings.ToUpper(fingerprint), common, func(s *connection.Settings) { s.TLSFingerprint = fingerprint }},
		{"proxy_url", "http://u:p@proxy:3128", common, func(s *connection.Settings) { s.ProxyURL = bits.NewSecret("http://u:p@proxy:3128") }},
		{"connect_timeout", "5s", common, func(s *connection.Settings) { s.ConnectTimeout = 5 * time.Second }},
		{"client_certificate", certificate + "\n", byCertificate, func(s *connection.Settings) { s.ClientCertificate += "\n" }},
		{"client_key", key + "\n", byCertificate, func(s *connection.Settings) { s.ClientKey = bits.NewSecret(key + "\n") }},
		{"password", "q", kerberos, func(s *connection.Settings) { s.Password = bits.NewSecret("q") }},
		{"kerberos_config", "krb5.conf", kerberos, func(s *connection.Settings) { s.Kerberos.Config = "krb5.conf" }},
		{"kerberos_realm", "R", kerberos, func(s *connection.Settings) { s.Kerberos.Realm = "R" }},
		{"kerberos_kdc", "dc01", with(kerberos, "kerberos_realm", "R"), func(s *connection.Settings) { s.Kerberos.KDC = "dc01" }},
		{"kerberos_keytab", "u.keytab", kerberos, func(s *connection.Settings) { s.Kerberos.Keytab = "u.keytab" }},
		{"kerberos_ccache", "u.ccache", kerberos, func(s *connection.Settings) { s.Kerberos.CCache = "u.ccache" }},
		{"kerberos_spn", "HTTP/web01", kerberos, func(s *connection.Settings) { s.Kerberos.SPN = "HTTP/web01" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, _, err := readSettings(t, variables(test.with))
			if err != nil {
				t.Fatal(err)
			}
			test.changes(&want)
			if got, _, err := readSettings(t, variables(with(test.with, test.name, test.text))); err != nil || got != want {
				t.Errorf("the variable gives %+v, %v; want %+v", got, err, want)
			}
			flags := flag.NewFlagSet("probe", flag.ContinueOnError)
			settingsFlags(flags)
			switch secret := test.name == "password" || test.name == "client_key" || test.name == "proxy_url"; {
			case secret && flags.Lookup(test.name) != nil:
				t.Error("others could read it on the command line")
			case !secret:
				other := variables(with(test.with, test.name, "nonsense")) // the flag wins
				if test.name == "ca_file" {
					other = variables(with(test.with, "ca_cert", "nonsense"))
				}
				if got, _, err := readSettings(t, other, "-"+test.name, test.text); err != nil || got != want {
					t.Errorf("the flag gives %+v, %v; want %+v", got, err, want)
				}
			}
		})
	}
}

// with adds one setting.
func with(settings map[string]string, name, text string) map[string]string {
	all := map[string]string{name: text}
	for n, t := range settings {
		if n != name {
			all[n] = t
		}
	}
	return all
}

// variables names settings as an environment does.
func variables(settings map[string]string) map[string]string {
	all := map[string]string{}
	for name, text := range settings {
		all[variable(name)] = text
	}
	return all
}

func TestWhatALogonNeedsIsAsked(t *testing.T) {
	t.Parallel()
	_, certificate, key := pair(t)
	for _, test := range []struct {
		name     string
		settings map[string]string
		want     string // of the error; "" for none
	}{
		{"nothing", nil, "set -host or BITS_HOST"},
		{"no account", map[string]string{"password": "p"}, "set -username or BITS_USERNAME"},
		{"a certificate", map[string]string{"auth": "certificate", "client_certificate": certificate, "client_key": key}, ""},
		{"no certificate", map[string]string{"auth": "certificate"}, "set -client_certificate or BITS_CLIENT_CERTIFICATE"},
		{"no key", map[string]string{"auth": "certificate", "client_certificate": certificate}, "set BITS_CLIENT_KEY"},
		{"a keytab", map[string]string{"auth": "kerberos", "username": "u", "kerberos_keytab": "k"}, ""},
		{"a keytab of nobody", map[string]string{"auth": "kerberos", "kerberos_keytab": "k"}, "set -username or BITS_USERNAME"},
		{"a credential cache", map[string]string{"kerberos_ccache": "c"}, ""},
		{"a cache without Kerberos", map[string]string{"auth": "ntlm", "kerberos_ccache": "c"}, "set -username or BITS_USERNAME"},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := test.settings
			if settings != nil {
				settings = with(settings, "host", "web01")
			}
			_, said, err := readSettings(t, variables(settings))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || said != "" {
				t.Errorf("the error is %v, and printed is %q; want %q", err, said, test.want)
			}
		})
	}
}

func TestSettingsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	_, certificate, _ := pair(t)
	_, _, other := pair(t)
	for _, test := range []struct {
		name     string
		settings map[string]string
		want     string
	}{
		{"a variable that is wrong is named", map[string]string{"port": "hunter"}, "BITS_PORT"},
		{"a URL for a host", map[string]string{"host": "http://web01"}, "without scheme"},
		{"an unknown scheme", map[string]string{"auth": "credssp"}, "one of"},
		{"a proxy of another kind", map[string]string{"proxy_url": "socks5://u:hunter2@proxy"}, "HTTP proxy"},
		{"no fingerprint", map[string]string{"tls_fingerprint": "ab"}, "64 hexadecimal digits"},
		{"no key", map[string]string{"client_key": "hunter2"}, "BEGIN PRIVATE KEY"},
		{"both of the certificates", map[string]string{"ca_cert": "a", "ca_file": "b"}, "both set"},
		{"a file that is not there", map[string]string{"ca_file": filepath.Join(t.TempDir(), "none.pem")}, "none.pem"},
		{"Basic over http", map[string]string{"auth": "basic", "https": "false"}, "readable by anybody"},
		{"a certificate over http", map[string]string{"auth": "certificate", "https": "false"}, "https = true"},
		{"a key of another certificate", map[string]string{"client_certificate": certificate, "client_key": other}, "does not belong"},
		{"a KDC without a realm", map[string]string{"kerberos_kdc": "dc01"}, "set kerberos_realm"},
		{"an address under Kerberos", map[string]string{"auth": "kerberos", "host": "10.0.0.5"}, "kerberos_spn"},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := map[string]string{"host": "web01", "username": "u", "password": "p"}
			for name, text := range test.settings {
				all[name] = text
			}
			_, _, err := readSettings(t, variables(all))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error is %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestWhatWeakensAConnectionIsTold(t *testing.T) {
	for _, name := range []string{"insecure", "allow_unencrypted"} {
		_, said, err := readSettings(t, map[string]string{"BITS_HOST": "web01", "BITS_USERNAME": "u", "BITS_PASSWORD": "p"}, "-"+name, "true")
		if err != nil || !strings.Contains(said, "Warning: With "+name+" = true") {
			t.Errorf("%s: %q, %v", name, said, err)
		}
	}
}

// TestAHostIsAskedInEveryWay asks the question that tells the scheme and needs no PowerShell.
func TestAHostIsAskedInEveryWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		security winhost.Security
		change   func(t *testing.T, farm *winhost.Network, variables map[string]string)
		want     string
	}{
		{name: "NTLM over http, sealed", security: winhost.Security{HTTP: true}, want: "scheme negotiate"},
		{name: "NTLM by its name", change: func(_ *testing.T, _ *winhost.Network, v map[string]string) { v["BITS_AUTH"] = "ntlm" }, want: "scheme ntlm"},
		{name: "a certificate", security: winhost.Security{Auth: []logon.Scheme{logon.Certificate}}, want: "scheme certificate"},
		{name: "Basic", security: winhost.Security{Auth: []logon.Scheme{logon.Basic}}, want: "scheme basic"},
		{
			name: "one certificate that is trusted", want: "scheme negotiate",
			change: func(t *testing.T, farm *winhost.Network, v map[string]string) {
				delete(v, "BITS_CA_FILE")
				v["BITS_TLS_FINGERPRINT"] = fingerprint(t, farm.Host(0).Settings().Address())
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			farm := start(t, winhost.Config{Security: test.security})
			v := hostVariables(t, farm)
			if test.change != nil {
				test.change(t, farm, v)
			}
			var out, progress bytes.Buffer
			if err := run(t.Context(), []string{"-only", "28"}, func(name string) string { return v[name] }, &out, &progress); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("%q is missing in the table:\n%s", test.want, out.String())
			}
		})
	}
}

func TestACertificateWithAnotherFingerprintIsRefused(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	v := hostVariables(t, farm)
	delete(v, "BITS_CA_FILE")
	v["BITS_TLS_FINGERPRINT"] = strings.Repeat("ab", sha256.Size)
	err := run(t.Context(), []string{"-only", "28"}, func(name string) string { return v[name] }, io.Discard, io.Discard)
	if err == nil || farm.Stats().HTTPRequests != 0 || !strings.Contains(err.Error(), "tls_fingerprint") {
		t.Errorf("the error is %v", err)
	}
}

// fingerprint is that of the certificate which a host shows.
func fingerprint(t *testing.T, address string) string {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	sum := sha256.Sum256(conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw)
	return hex.EncodeToString(sum[:])
}
