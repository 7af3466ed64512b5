// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

var rewrite = flag.Bool("update", false, "rewrite the golden file of the schema")

func TestTheSchemaIsSoundAndAsPublished(t *testing.T) {
	r := newRig(t)
	schemas, err := r.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(schemas.Diagnostics) > 0 {
		t.Fatal(formatted(schemas.Diagnostics))
	}
	identities, err := r.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"provider": schemas.Provider, "bits_job": schemas.ResourceSchemas["bits_job"], "identity": identities.IdentitySchemas}
	for name, source := range schemas.DataSourceSchemas {
		all["data."+name] = source
		described(t, "data."+name, source.Block.Attributes)
	}
	for name, function := range schemas.Functions {
		all["function."+name] = function
	}
	for name, list := range schemas.ListResourceSchemas {
		all["list."+name] = list
		described(t, "list."+name, list.Block.Attributes)
	}
	for name, a := range schemas.ActionSchemas {
		all["action."+name] = a.Schema
		described(t, "action."+name, a.Schema.Block.Attributes)
	}
	golden, got := filepath.Join("testdata", "schema.json"), shape(t, all)
	if *rewrite {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the schema is not the published one (-published +now):\n%s", diff)
	}
	described(t, "bits_job", schemas.ResourceSchemas["bits_job"].Block.Attributes)
}

// described checks that every attribute says what it is.
func described(t *testing.T, where string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		name := where + "." + a.Name
		if a.Description == "" && name != "bits_job.timeouts" {
			t.Errorf("%s has no description", name)
		}
		if a.NestedType != nil {
			described(t, name, a.NestedType.Attributes)
		}
	}
}

func TestSettings(t *testing.T) {
	ca, other := certificate(t), certificate(t)
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	base := connection.Settings{
		Host: "web01", Port: 5986, HTTPS: true, Auth: connection.AuthNegotiate, Username: "svc-bits", Password: bits.NewSecret(testPassword),
		RunAs: connection.RunAsSystem, ConnectTimeout: 30 * time.Second, OperationTimeout: time.Minute,
	}
	with := func(change func(*connection.Settings)) connection.Settings {
		s := base
		change(&s)
		return s
	}
	minimal := values{"host": text("web01"), "username": text("svc-bits"), "password": text(testPassword)}
	for _, test := range []struct {
		name   string
		config values
		env    map[string]string
		want   connection.Settings
	}{
		{name: "everything has a default but host and credential", want: base},
		{
			name:   "a configured ca_cert wins over the variable of ca_file",
			config: values{"ca_cert": text(ca)},
			env:    map[string]string{"BITS_CA_FILE": "/does/not/exist"},
			want:   with(func(s *connection.Settings) { s.CACert = ca }),
		},
		{name: "ca_file is read", config: values{"ca_file": text(caFile)}, want: with(func(s *connection.Settings) { s.CACert = other })},
		{
			name:   "variables of the certificate check are ignored without one",
			config: values{"insecure": yes()},
			env:    map[string]string{"BITS_CA_FILE": "/does/not/exist", "BITS_TLS_SERVER_NAME": "name"},
			want:   with(func(s *connection.Settings) { s.Insecure = true }),
		},
		{name: "an empty variable counts as unset", env: map[string]string{"BITS_PORT": "", "BITS_HTTPS": ""}, want: base},
		{name: "a port behind the host wins", config: values{"host": text("WEB01:1234")}, want: with(func(s *connection.Settings) { s.Port = 1234 })},
		{name: "an IPv6 address", config: values{"host": text("[2001:DB8::1]:1234")}, want: with(func(s *connection.Settings) { s.Host, s.Port = "2001:db8::1", 1234 })},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.env = test.env
			config := values{}
			maps.Copy(config, minimal)
			maps.Copy(config, test.config)
			if diags := r.configure(config); failed(diags) {
				t.Fatal(formatted(diags))
			}
			r.mustRead("bits_host", nil)
			if len(r.dialled) == 0 {
				t.Fatal("nothing was dialled")
			}
			reveal := cmp.Transformer("reveal", func(s bits.Secret) string { return s.Reveal() })
			if diff := cmp.Diff(test.want, r.dialled[0], reveal); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingSettingsAreReportedWhenAHostIsNeeded(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		want   []string
	}{
		{"host", values{"username": text("u"), "password": text("p")}, []string{"Missing Host", "BITS_HOST"}},
		{"username", values{"host": text("web01"), "password": text("p")}, []string{"Missing Credential", "web01", "BITS_USERNAME"}},
		{"password", values{"host": text("web01"), "username": text("u")}, []string{"Missing Credential", "web01", "BITS_PASSWORD"}},
		{"username and password", values{"host": text("web01"), "auth": text("ntlm")}, []string{"Set username and password", "BITS_USERNAME and BITS_PASSWORD"}},
		{"client certificate", values{"host": text("web01"), "auth": text("certificate")}, []string{"Missing Credential", `auth = "certificate"`, "BITS_CLIENT_CERT and BITS_CLIENT_KEY"}},
		{"username for a keytab", values{"host": text("web01"), "auth": text("negotiate"), "kerberos": kerberos(values{"keytab": text("/etc/k")})}, []string{"Set username in", "BITS_USERNAME"}},
		{"username not known yet", values{"host": text("web01"), "username": unknownText(), "password": text("p")}, []string{"Unknown Connection Settings", "username"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(test.config)
			_, diags := r.read("bits_host", nil)
			if len(diags) != 1 {
				t.Fatalf("want one error, got: %s", formatted(diags))
			}
			for _, want := range test.want {
				if !strings.Contains(formatted(diags), want) {
					t.Errorf("%q is missing in: %s", want, formatted(diags))
				}
			}
			if len(r.dialled) > 0 {
				t.Error("a host was dialled")
			}
		})
	}
}

// shape is the JSON of a schema without its prose.
func shape(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	if raw, err = json.MarshalIndent(withoutProse(tree), "", "  "); err != nil {
		t.Fatal(err)
	}
	return string(raw) + "\n"
}

func withoutProse(tree any) any {
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			if value == nil || value == false || value == "" || strings.HasPrefix(key, "Description") {
				delete(node, key)
				continue
			}
			node[key] = withoutProse(value)
		}
	case []any:
		for i := range node {
			node[i] = withoutProse(node[i])
		}
	}
	return tree
}
