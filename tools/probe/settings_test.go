// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestSettingsAreTheProvidersOfTheEnvironment holds what the probe adds: package hosts has the tests of the variables.
func TestSettingsAreTheProvidersOfTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		variables map[string]string
		want      string // of the error; "" for none
		prints    string
	}{
		{name: "host, account and password", variables: map[string]string{"PASSWORD": "p"}},
		{name: "an account without a password and a terminal", want: "set BITS_PASSWORD", prints: "Password of u"},
		{name: "no account", variables: map[string]string{"USERNAME": "", "PASSWORD": "p"}, want: "BITS_USERNAME"},
		{name: "no certificate", variables: map[string]string{"AUTH": "certificate"}, want: "BITS_CLIENT_CERT and BITS_CLIENT_KEY"},
		{name: "no host", variables: map[string]string{"HOST": ""}, want: "BITS_HOST"},
		{name: "a wrong value", variables: map[string]string{"PORT": "many"}, want: "BITS_PORT"},
		{name: "a weakness", variables: map[string]string{"PASSWORD": "p", "INSECURE": "true"}, prints: "Warning: With insecure = true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{"BITS_HOST": "web01:88", "BITS_USERNAME": "u"}
			for name, value := range test.variables {
				variables["BITS_"+name] = value
			}
			var printed bytes.Buffer
			s, err := settings(func(name string) string { return variables[name] }, &printed)
			switch {
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("the error is %v, want %q in it", err, test.want)
			case test.want == "" && (err != nil || s.Host != "web01" || s.Port != 88 || s.Password.Reveal() != "p" || s.RunAs != connection.RunAsUser):
				t.Errorf("%+v, %v", s, err)
			}
			if !strings.Contains(printed.String(), test.prints) || test.prints == "" && printed.Len() > 0 {
				t.Errorf("printed %q, want %q", printed.String(), test.prints)
			}
		})
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
