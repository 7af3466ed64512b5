// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

func TestUnknownSettingsOfTheProvider(t *testing.T) {
	for name, typ := range newRig(t).provider.AttributeTypes {
		if name == "on_unreachable" { // no connection needs it
			continue
		}
		t.Run(name, func(t *testing.T) {
			made := ready(t).created(jobConfig(nil))
			r := newRig(t)
			config := values{"host": text("web01"), "username": text("u"), "password": text("p")}
			config[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
			r.mustConfigure(config)

			read, diags := r.refresh(made)
			if name == "host" { // the state knows where this job lives
				return
			}
			if len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.Contains(formatted(diags), name) {
				t.Errorf("a refresh says: %s", formatted(diags))
			}
			if !read.value.Equal(made.value) {
				t.Error("a refresh changes the state")
			}
			if p := r.plan(made, jobConfig(nil)); p.action() != "none" {
				t.Errorf("planned: %s %s", describe(p), formatted(p.diags))
			}
			_, diags = r.apply(t.Context(), r.plan(made, jobConfig(values{"priority": text("low")})))
			if !failed(diags) || !strings.Contains(formatted(diags), name) {
				t.Errorf("an update says: %s", formatted(diags))
			}
			if diags := r.destroy(made); !failed(diags) || !strings.Contains(formatted(diags), name) {
				t.Errorf("a destroy says: %s", formatted(diags))
			}
			if len(r.dialled) > 0 {
				t.Error("a host was dialled")
			}
		})
	}
}

func TestTheHostMayBecomeKnownDuringTheApply(t *testing.T) {
	planning := newRig(t)
	planning.mustConfigure(values{"host": unknownText(), "username": text("u"), "password": text("p")})
	p := planning.plan(planning.none(), jobConfig(nil))
	if got := textOf(p.state, "host"); got != "(unknown)" {
		t.Fatalf("host is planned as %s: %s", got, formatted(p.diags))
	}
	r := ready(t)
	made, diags := r.apply(t.Context(), p)
	if got := textOf(made.value, "host"); got != "web01" || len(diags) > 0 {
		t.Errorf("host is %q: %s", got, formatted(diags))
	}
}

// TestAPortThatIsUsedAnywayIsRecorded has a job's port written before the provider's is taken away, and the other way round.
func TestAPortThatIsUsedAnywayIsRecorded(t *testing.T) {
	for _, test := range []struct{ name, from, to string }{
		{"a port is written", "web01", "web01:15986"},
		{"a port is left out", "WEB01:15986", "web01"},
	} {
		t.Run(test.name, func(t *testing.T) {
			on := func(port int64) *rig {
				r := newRig(t)
				r.mustConfigure(values{"port": tftypes.NewValue(tftypes.Number, port), "username": text("u"), "password": text("p")})
				return r
			}
			r := on(15986)
			config := jobConfig(values{"host": text(test.to)})
			p := r.plan(r.created(jobConfig(values{"host": text(test.from)})), config)
			r.host.called()
			recorded, diags := r.apply(t.Context(), p)
			if got := describe(p); got != "update host" || len(diags) > 0 || len(r.host.called()) > 0 {
				t.Errorf("planned: %s: %s", got, formatted(diags))
			}
			if got := describe(on(5986).plan(recorded, config)); got != "none" {
				t.Errorf("when the provider's port has changed is planned: %s", got)
			}
		})
	}
}

func TestTheProvidersHostMoves(t *testing.T) {
	made := ready(t).created(jobConfig(nil))
	for _, test := range []struct{ name, host, want string }{
		{"another case changes nothing", "Web01", "none"},
		{"the port that is used anyway is recorded", "web01:5986", "update host"},
		{"another host replaces", "web02", "replace for host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(values{"host": text(test.host), "username": text("u"), "password": text("p")})
			p := r.plan(made, jobConfig(nil))
			if got := describe(p); got != test.want {
				t.Errorf("planned %q, want %q", got, test.want)
			}
			if warned := strings.Contains(formatted(p.diags), "Job Moves to Another Host"); warned != (len(p.replace) > 0) {
				t.Errorf("diagnostics: %s", formatted(p.diags))
			}
		})
	}
}

func TestAKeyIsTheHostsIdentity(t *testing.T) {
	at := func(address string, port int64) tftypes.Value {
		return entriesOf("web01", values{"address": text(address), "port": number(port)})
	}
	for _, test := range []struct {
		name         string
		before       tftypes.Value
		host         string // before
		after        tftypes.Value
		wanted, want string
	}{
		{"the key moves to another address", at("10.0.0.5", 1), "web01", at("10.0.0.6", 2), "web01", "none"},
		{"a name gets an entry", entriesOf(), "web01", at("10.0.0.5", 5986), "web01", "none"},
		{"the entry is taken away", at("10.0.0.5", 1), "web01", entriesOf(), "web01", "none"},
		{"the key is written in another case", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "WEB01", "none"},
		{"its port is written", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "web01:1", "update host"},
		{"an address is written by its key", entriesOf(), "10.0.0.5", at("10.0.0.5", 5986), "web01", "update host"},
		{"a key is written as its address", at("10.0.0.5", 5986), "web01", at("10.0.0.5", 5986), "10.0.0.5", "update host"},
		{"another port of the same address is another host", entriesOf(), "10.0.0.5", at("10.0.0.5", 1), "web01", "replace for host"},
		{"another key is another host", at("10.0.0.5", 1), "web01", at("10.0.0.5", 1), "web02", "replace for host"},
		{"an IPv6 address is spelled otherwise", entriesOf(), "[2001:db8::1]", entriesOf(), "2001:DB8:0::1", "none"},
		{"the address is not known yet", at("10.0.0.5", 1), "web01", entriesOf("web01", values{"address": unknownText()}), "web01", "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(fleet(test.before, nil))
			made := r.created(jobConfig(values{"host": text(test.host)}))
			r = newRig(t)
			r.mustConfigure(fleet(test.after, nil))
			if got := describe(r.plan(made, jobConfig(values{"host": text(test.wanted)}))); got != test.want {
				t.Errorf("planned %q, want %q", got, test.want)
			}
		})
	}
}

// TestKerberosNeedsANameAtPlanTime is about a host that only a resource names.
func TestKerberosNeedsANameAtPlanTime(t *testing.T) {
	for _, test := range []struct {
		host    string
		entries tftypes.Value
		refused bool
	}{
		{"10.0.0.5", entriesOf(), true},
		{"web01", entriesOf("web01", values{"address": text("10.0.0.5")}), true},
		{"web01", entriesOf("web01", values{"address": text("10.0.0.5"), "spn": text("HTTP/web01")}), false},
		{"web01", entriesOf(), false},
		{"10.0.0.5", entriesOf("10.0.0.5", values{"auth": text("ntlm")}), false},
	} {
		r := newRig(t)
		r.mustConfigure(fleet(test.entries, values{"auth": text("kerberos")}))
		p := r.plan(r.none(), jobConfig(values{"host": text(test.host)}))
		if refused := failed(p.diags) && strings.Contains(formatted(p.diags), `"host"`) && strings.Contains(formatted(p.diags), "Kerberos Requires a Name"); refused != test.refused {
			t.Errorf("%s: %s", test.host, formatted(p.diags))
		}
	}
}

func TestAJobIsImportedByAKeyOfHosts(t *testing.T) {
	made := ready(t)
	job := textOf(made.created(jobConfig(nil)).value, "id")
	r := newRig(t)
	r.host = made.host
	r.mustConfigure(fleet(entriesOf("web-a", values{"address": text("10.0.0.5")}), nil))
	imported, diags := r.importJob("web-a/" + job)
	if len(diags) > 0 || textOf(imported.value, "host") != "web-a" || textOf(imported.value, "id") != job {
		t.Errorf("imported %s: %s", imported.value, formatted(diags))
	}
	if read, diags := r.refresh(imported); failed(diags) || read.value.IsNull() || r.dialled[0].Host != "10.0.0.5" {
		t.Errorf("dialled %s: %s", r.dialled[0].Host, formatted(diags))
	}
}

// entriesOf makes the map hosts of pairs of keys and entries; what an entry leaves out is null.
func entriesOf(pairs ...any) tftypes.Value {
	typ := hosts.Schema().Attributes["hosts"].GetType().TerraformType(context.Background()).(tftypes.Map)
	entries := map[string]tftypes.Value{}
	for i := 0; i < len(pairs); i += 2 {
		entries[pairs[i].(string)] = nested(typ.ElementType.(tftypes.Object).AttributeTypes, pairs[i+1].(values))
	}
	return tftypes.NewValue(typ, entries)
}

// fleet configures a provider for a fleet: user names and passwords, and entries of hosts.
func fleet(entries tftypes.Value, changes values) values {
	return with(values{"auth": text("ntlm"), "username": text("svc-bits"), "password": text(testPassword), "hosts": entries}, changes)
}

func number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
