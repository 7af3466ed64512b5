// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// checkProvider validates and configures a provider as a plan does.
func (r *rig) checkProvider(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	if diags := r.validateProvider(config); len(diags) > 0 {
		return diags
	}
	return r.configure(config)
}

// TestInvalidConfigurationOfTheProvider proves for each attribute that it is checked; package connection has every wrong value.
func TestInvalidConfigurationOfTheProvider(t *testing.T) {
	unreadable := filepath.Join(t.TempDir(), "missing.pem")
	cert, key := keyPair(t)
	_, otherKey := keyPair(t)
	sha1 := strings.Repeat("AB:", 19) + "AB"
	certificateAuth := func(changes values) values {
		return with(values{"auth": text("certificate"), "client_cert": text(cert), "client_key": text(key)}, changes)
	}
	for _, test := range []struct {
		name   string
		config values
		env    map[string]string
		want   []string // all stand in the one error
	}{
		{name: "a port out of range", config: values{"port": number(65536)}, want: []string{`"port"`, `"65536" is not a port`}},
		{name: "a duration without a unit", config: values{"connect_timeout": text("30")}, want: []string{`"connect_timeout"`, `such as "30s"`}},
		{name: "another scheme of authentication", config: values{"auth": text("credssp")}, want: []string{`"auth"`, `["negotiate" "ntlm" "kerberos" "certificate" "basic"]`}},
		{name: "another account", config: values{"run_as": text("root")}, want: []string{`"run_as"`, "system", "user"}},
		{name: "text that is no certificate", config: values{"ca_cert": text("hello")}, want: []string{`"ca_cert"`, "BEGIN CERTIFICATE"}},
		{name: "a URL for a host", config: values{"host": text("https://user:" + testPassword + "@web01/wsman")}, want: []string{`"host"`, "without scheme"}},
		{name: "a colon in the user name", config: values{"username": text("a:b")}, want: []string{`"username"`, "colon"}},
		{name: "an empty password", config: values{"password": text("")}, want: []string{`"password"`, "can't be empty"}},
		{name: "BITS_PORT is no number", env: map[string]string{"BITS_PORT": "many"}, want: []string{`"port"`, "BITS_PORT", `"many" is not a port`}},
		{name: "ca_file can't be read", config: values{"ca_file": text(unreadable)}, want: []string{`"ca_file"`, "missing.pem"}},
		{name: "both of the certificates", config: values{"ca_cert": text(certificate(t)), "ca_file": text("ca.pem")}, want: []string{`"ca_cert"`, "both set"}},
		{name: "both variables of certificates", env: map[string]string{"BITS_CA_CERT": "a", "BITS_CA_FILE": "b"}, want: []string{"BITS_CA_CERT and BITS_CA_FILE"}},

		{name: "Basic over http", config: values{"https": no(), "auth": text("basic")}, want: []string{`"https"`, "Basic Authentication Without TLS", "https = true"}},
		{name: "BITS_HTTPS is false with Basic", config: values{"auth": text("basic")}, env: map[string]string{"BITS_HTTPS": "false"}, want: []string{`"https"`, "clear text"}},
		{name: "a certificate over http", config: certificateAuth(values{"https": no()}), want: []string{`"https"`, "Certificate Authentication Without TLS"}},
		{name: "a certificate with TLS 1.3", config: certificateAuth(values{"tls_min_version": text("1.3")}), want: []string{`"tls_min_version"`, "renegotiation"}},
		{name: "another version of TLS", config: values{"tls_min_version": text("1.1")}, want: []string{`"tls_min_version"`, `["1.2" "1.3"]`}},
		{name: "a key of another certificate", config: certificateAuth(values{"client_key": text(otherKey)}), want: []string{`"client_key"`, "does not belong to client_cert"}},
		{name: "a SHA-1 thumbprint", config: values{"tls_fingerprint": text(sha1)}, want: []string{`"tls_fingerprint"`, "SHA-1", `Get-ChildItem Cert:\LocalMachine\My`, "openssl x509 -noout -fingerprint -sha256\nBoth must be the same"}},
		{name: "a fingerprint and no check", config: values{"insecure": yes(), "tls_fingerprint": text(strings.Repeat("ab", 32))}, want: []string{`"insecure"`, "Remove one of them"}},
		{name: "a proxy of another kind", config: values{"proxy_url": text("socks5://u:" + testPassword + "@proxy")}, want: []string{`"proxy_url"`, "HTTP proxy"}},
		{name: "another policy for hosts that are down", config: values{"on_unreachable": text("ignore")}, want: []string{`"on_unreachable"`, `["error" "warn"]`}},
		{name: "no session at all", config: values{"max_sessions": number(0)}, want: []string{`"max_sessions"`, "at least 1"}},

		{name: "kerberos that says nothing", config: values{"kerberos": kerberos(nil)}, want: []string{`"kerberos"`, "kerberos is empty"}},
		{name: "a krb5.conf and a KDC", config: values{"kerberos": kerberos(values{"config": text("c"), "kdc": text("k"), "realm": text("R")})}, want: []string{`"kerberos"`, "kerberos.kdc are both set"}},
		{name: "BITS_KERBEROS_CCACHE beside a keytab", config: values{"kerberos": kerberos(values{"keytab": text("k")})}, env: map[string]string{"BITS_KERBEROS_CCACHE": "c"}, want: []string{`"kerberos"`, "kerberos.ccache are both set"}},
		{name: "an SPN without a service", config: values{"kerberos": kerberos(values{"spn": text("web01")})}, want: []string{`"kerberos"`, "kerberos.spn: ", "HTTP/web01.corp.example"}},
		{name: "an address under Kerberos", config: values{"auth": text("kerberos"), "host": text("10.0.0.5")}, want: []string{`"host"`, "Kerberos Requires a Name", "10.0.0.5"}},

		{name: "a key with a port", config: values{"hosts": entriesOf("web01:5985", nil)}, want: []string{`"hosts"`, "set port in its entry"}},
		{name: "a key that no resource could write", config: values{"hosts": entriesOf("web 01", nil)}, want: []string{`"hosts"`, "is not a host"}},
		{name: "an entry that is null", config: values{"hosts": tftypes.NewValue(tftypes.Map{ElementType: hostObject}, map[string]tftypes.Value{"web01": tftypes.NewValue(hostObject, nil)})}, want: []string{`"hosts"`, "null"}},
		{name: "a key twice", config: values{"hosts": entriesOf("web01", nil, "WEB01", nil)}, want: []string{`"hosts"`, "twice"}},
		{name: "a port in an address", config: values{"hosts": entriesOf("web01", values{"address": text("10.0.0.5:1")})}, want: []string{`"hosts"`, `hosts["web01"].address: `, "set port instead"}},
		{name: "a wrong scheme in an entry", config: values{"hosts": entriesOf("web01", values{"auth": text("x")})}, want: []string{`hosts["web01"].auth`, "one of"}},
		{name: "a key in capitals is named as written", config: values{"hosts": entriesOf("Web01", values{"auth": text("basic"), "https": no()})}, want: []string{`ElementKeyString("Web01")`, `hosts["Web01"]: `}},
		{name: "Basic over http for one host", config: values{"hosts": entriesOf("web01", values{"auth": text("basic"), "https": no()})}, want: []string{`hosts["web01"]`, "Basic Authentication Without TLS"}},
		{name: "BITS_HOSTS is no JSON", env: map[string]string{"BITS_HOSTS": `{"web01": {"password": "` + testPassword}, want: []string{`"hosts"`, "JSON object"}},
		{name: "BITS_HOSTS has an unknown attribute", env: map[string]string{"BITS_HOSTS": `{"web01": {"pasword": "` + testPassword + `"}}`}, want: []string{`"hosts"`, "JSON object"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.env = test.env
			diags := r.checkProvider(test.config)
			if len(diags) != 1 || !failed(diags) {
				t.Fatalf("%d diagnostics, want one error: %s", len(diags), formatted(diags))
			}
			r.noSecrets(diags)
			for _, want := range test.want {
				if !strings.Contains(formatted(diags), want) {
					t.Errorf("%q is missing in: %s", want, formatted(diags))
				}
			}
		})
	}
}

// TestEachEntryOfHostsIsChecked reports what is wrong with the provider's own settings once, and what is wrong with entries at each.
func TestEachEntryOfHostsIsChecked(t *testing.T) {
	basic := values{"auth": text("basic"), "https": no()}
	for _, test := range []struct {
		name   string
		config values
		want   []string
	}{
		{"two entries", values{"hosts": entriesOf("a", basic, "b", basic)}, []string{`hosts["a"]: `, `hosts["b"]: `}},
		{"what entries inherit", with(basic, values{"hosts": entriesOf("a", nil, "b", nil)}), []string{`"https"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			diags := newRig(t).checkProvider(test.config)
			if len(diags) != len(test.want) || !failed(diags) {
				t.Fatalf("%d diagnostics, want %d errors: %s", len(diags), len(test.want), formatted(diags))
			}
			for _, want := range test.want {
				if !strings.Contains(formatted(diags), want) {
					t.Errorf("%q is missing in: %s", want, formatted(diags))
				}
			}
		})
	}
}

// TestWhatWeakensAConnectionWarns has the same summary whatever the hosts are, so that a CLI shows it once.
func TestWhatWeakensAConnectionWarns(t *testing.T) {
	for name, want := range map[string]string{"insecure": "Certificates Not Verified", "allow_unencrypted": "Unencrypted Messages Allowed"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			config := values{name: yes(), "auth": text("ntlm"), "hosts": entriesOf("a", nil, "b", values{"https": no()})}
			if diags := r.validateProvider(config); len(diags) > 0 {
				t.Errorf("validate says, too: %s", formatted(diags))
			}
			diags := r.configure(config)
			if len(diags) != 1 || failed(diags) || diags[0].Summary != want || !strings.Contains(formatted(diags), name) {
				t.Errorf("want one warning, got: %s", formatted(diags))
			}
		})
	}
}

// TestWhatIsNotKnownIsNotJudged has conflicts of which one side may turn out otherwise.
func TestWhatIsNotKnownIsNotJudged(t *testing.T) {
	for name, config := range map[string]values{
		"the scheme":            {"https": no(), "auth": unknownText()},
		"what http may carry":   {"https": no(), "auth": text("basic"), "allow_unencrypted": unknown(t, "allow_unencrypted")},
		"the least TLS":         {"auth": text("certificate"), "tls_min_version": unknownText()},
		"the entry's scheme":    {"hosts": entriesOf("web01", values{"https": no(), "auth": unknownText()})},
		"the entry's address":   {"auth": text("kerberos"), "host": text("web01"), "hosts": entriesOf("web01", values{"address": unknownText()})},
		"a key":                 {"auth": text("certificate"), "client_cert": text(certificate(t)), "client_key": unknownText()},
		"where tickets are got": {"kerberos": kerberos(values{"keytab": unknownText(), "ccache": text("c")})},
	} {
		t.Run(name, func(t *testing.T) {
			if diags := newRig(t).checkProvider(config); len(diags) > 0 {
				t.Errorf("it is judged: %s", formatted(diags))
			}
		})
	}
}
