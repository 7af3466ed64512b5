// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// precedence is an attribute with three values: of the configuration, of the environment, and the default.
type precedence struct {
	configured tftypes.Value
	variable   string
	from       [3]string                     // what the settings have of each
	of         func(connection.Settings) any // nil: not of a connection, but what a read of a host that is down comes to
	beside     values                        // what makes the attribute count
}

// precedences has every attribute of the provider, those within kerberos, too.
func precedences(t *testing.T) map[string]precedence {
	t.Helper()
	own, otherKey := keyPair(t)
	one, other := certificate(t), certificate(t)
	two, _ := keyPair(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	one64, two64 := strings.Repeat("01", 32), strings.Repeat("02", 32)
	asCertificate := values{"auth": text("certificate")}
	within := func(name string) precedence {
		return precedence{
			configured: kerberos(values{name: text("HTTP/one")}), variable: "HTTP/two", from: [3]string{"HTTP/one", "HTTP/two", ""},
			of: func(s connection.Settings) any {
				return map[string]string{
					"config": s.Kerberos.Config, "realm": s.Kerberos.Realm, "keytab": s.Kerberos.Keytab, "ccache": s.Kerberos.CCache, "spn": s.Kerberos.SPN,
				}[name]
			},
			beside: values{"auth": text("kerberos")},
		}
	}
	return map[string]precedence{
		"host":              {text("one"), "two", [3]string{"one", "two", "web01"}, func(s connection.Settings) any { return s.Host }, nil},
		"port":              {number(1), "2", [3]string{"1", "2", "5986"}, func(s connection.Settings) any { return s.Port }, nil},
		"https":             {yes(), "false", [3]string{"true", "false", "true"}, func(s connection.Settings) any { return s.HTTPS }, values{"auth": text("ntlm")}},
		"auth":              {text("ntlm"), "certificate", [3]string{"ntlm", "certificate", string(connection.DefaultAuth)}, func(s connection.Settings) any { return s.Auth }, values{"client_cert": text(own), "client_key": text(otherKey)}},
		"username":          {text("one"), "two", [3]string{"one", "two", "svc-bits"}, func(s connection.Settings) any { return s.Username }, nil},
		"password":          {text("one"), "two", [3]string{"one", "two", testPassword}, func(s connection.Settings) any { return s.Password.Reveal() }, nil},
		"client_cert":       {text(own), two, [3]string{own, "", ""}, func(s connection.Settings) any { return s.ClientCertificate }, with(asCertificate, values{"client_key": text(otherKey)})},
		"client_key":        {text(otherKey), "x", [3]string{otherKey, "", ""}, func(s connection.Settings) any { return s.ClientKey.Reveal() }, with(asCertificate, values{"client_cert": text(own)})},
		"allow_unencrypted": {no(), "true", [3]string{"false", "true", "false"}, func(s connection.Settings) any { return s.AllowUnencrypted }, nil},
		"ca_cert":           {text(one), other, [3]string{one, other, ""}, func(s connection.Settings) any { return s.CACert }, nil},
		"ca_file":           {text(file), file, [3]string{other, other, ""}, func(s connection.Settings) any { return s.CACert }, nil},
		"tls_server_name":   {text("one"), "two", [3]string{"one", "two", ""}, func(s connection.Settings) any { return s.TLSServerName }, nil},
		"tls_min_version":   {text("1.2"), "1.3", [3]string{"771", "772", "0"}, func(s connection.Settings) any { return s.TLSMinVersion }, nil},
		"tls_fingerprint":   {text(one64), two64, [3]string{one64, two64, ""}, func(s connection.Settings) any { return s.TLSFingerprint }, nil},
		"insecure":          {no(), "true", [3]string{"false", "true", "false"}, func(s connection.Settings) any { return s.Insecure }, nil},
		"proxy_url":         {text("http://one"), "http://two", [3]string{"http://one", "http://two", ""}, func(s connection.Settings) any { return s.ProxyURL.Reveal() }, nil},
		"max_sessions":      {number(1), "2", [3]string{"1", "2", "0"}, func(s connection.Settings) any { return s.MaxSessions }, nil},
		"run_as":            {text("system"), "user", [3]string{"system", "user", "system"}, func(s connection.Settings) any { return s.RunAs }, nil},
		"connect_timeout":   {text("1s"), "2s", [3]string{"1s", "2s", "30s"}, func(s connection.Settings) any { return s.ConnectTimeout }, nil},
		"operation_timeout": {text("1s"), "2s", [3]string{"1s", "2s", "1m0s"}, func(s connection.Settings) any { return s.OperationTimeout }, nil},
		"on_unreachable":    {text("error"), "warn", [3]string{"ERROR", "WARNING", "ERROR"}, nil, nil},
		"hosts": {
			entriesOf("web01", values{"address": text("one")}), `{"web01": {"address": "two"}}`, [3]string{"one", "two", "web01"},
			func(s connection.Settings) any { return s.Host }, nil,
		},
		"kerberos.config": within("config"),
		"kerberos.realm":  within("realm"),
		"kerberos.kdc": {
			kerberos(values{"kdc": text("one"), "realm": text("R")}), "two", [3]string{"one", "two", ""}, func(s connection.Settings) any { return s.Kerberos.KDC },
			values{"auth": text("negotiate"), "kerberos": kerberos(values{"realm": text("R")})},
		},
		"kerberos.keytab": within("keytab"),
		"kerberos.ccache": within("ccache"),
		"kerberos.spn":    within("spn"),
	}
}

// TestEveryAttributeHasItsPlaces goes through the schema: the page of the provider names the variables, the configuration wins
// over the variable of each attribute, and that wins over the default.
func TestEveryAttributeHasItsPlaces(t *testing.T) {
	rows := precedences(t)
	schemas, err := newRig(t).server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "index.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "`BITS_` and its name in upper case") {
		t.Error("the page of the provider does not name the variables")
	}
	for _, a := range schemas.Provider.Block.Attributes {
		if a.Name != "kerberos" {
			testPlaces(t, a.Name, rows)
			continue
		}
		if !strings.Contains(a.Description, "`BITS_KERBEROS_REALM`") {
			t.Errorf("the description does not name the variables: %s", a.Description)
		}
		for _, within := range a.NestedType.Attributes {
			testPlaces(t, "kerberos."+within.Name, rows)
		}
	}
}

func testPlaces(t *testing.T, name string, rows map[string]precedence) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		row, tried := rows[name]
		if !tried {
			t.Fatal("nothing tries it")
		}
		variable := "BITS_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
		root, _, _ := strings.Cut(name, ".")
		for i, place := range []string{"configuration", "environment", "default"} {
			r := newRig(t)
			config := with(values{"username": text("svc-bits"), "password": text(testPassword), "host": text("web01")}, row.beside)
			if place != "configuration" && root == name {
				delete(config, name)
			}
			switch place {
			case "configuration":
				config[root] = row.configured
				r.env[variable] = row.variable
			case "environment":
				r.env[variable] = row.variable
			case "default":
				config = with(values{"username": text("svc-bits"), "password": text(testPassword), "host": text("web01")}, row.beside)
			}
			if got := r.settingOf(config, row.of); got != row.from[i] {
				t.Errorf("%s: %q, want %q", place, got, row.from[i])
			}
		}
	})
}

// settingOf tells a setting of the connection to the provider's host; "" when it can't be made.
func (r *rig) settingOf(config values, of func(connection.Settings) any) string {
	r.t.Helper()
	if diags := r.checkProvider(config); failed(diags) {
		return ""
	}
	if of == nil {
		r.host.err = &connection.Error{Kind: connection.Unreachable}
	}
	_, diags := r.read("bits_host", nil)
	if of == nil {
		return diags[0].Severity.String()
	}
	if len(r.dialled) == 0 {
		return ""
	}
	return fmt.Sprint(of(r.dialled[0]))
}

// TestBITSHostsTakesWhatTheAttributeTakes holds the variable's JSON to the attributes of an entry.
func TestBITSHostsTakesWhatTheAttributeTakes(t *testing.T) {
	entry := map[string]any{}
	for name, typ := range hostObject.AttributeTypes {
		switch {
		case typ.Is(tftypes.Number):
			entry[name] = 15985
		case typ.Is(tftypes.Bool):
			entry[name] = false
		default:
			entry[name] = map[string]string{"auth": "ntlm", "run_as": "user", "spn": "HTTP/x"}[name]
			if entry[name] == "" {
				entry[name] = "x"
			}
		}
	}
	raw, err := json.Marshal(map[string]any{"web01": entry})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.env["BITS_HOSTS"] = string(raw)
	r.mustConfigure(values{"host": text("web01")})
	r.mustRead("bits_host", nil)
	s := r.dialled[0]
	if s.Host != "x" || s.Port != 15985 || s.HTTPS || s.Auth != connection.AuthNTLM || s.Username != "x" || s.Password.Reveal() != "x" || s.RunAs != connection.RunAsUser {
		t.Errorf("the settings are %+v", s)
	}
}
