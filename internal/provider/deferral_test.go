// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestUnknownSettingsDefer has settings of the provider that are not known yet. Where Terraform allows it, what needs them is put off, and
// what does not is not. The protocol is asked: only experimental builds of Terraform have -allow-deferral.
func TestUnknownSettingsDefer(t *testing.T) {
	credential := values{"username": text("svc-bits"), "password": text(testPassword)}
	entry := entriesOf("late", values{"password": unknownText()}, "web01", nil)
	const all = "import plan read bits_host bits_job bits_jobs"
	for _, test := range []struct {
		name     string
		provider values
		host     tftypes.Value // of what is asked for
		deferred string        // what is
	}{
		{name: "everything is known", provider: credential, host: text("web01")},
		{name: "the password is not", provider: values{"username": text("u"), "password": unknownText()}, host: text("web01"), deferred: all},
		{
			name:     "the host is not: what needs none goes on, such as a plan of a job that is made with the host",
			provider: with(credential, values{"host": unknownText()}),
			deferred: "import bits_host bits_job bits_jobs",
		},
		{name: "the host is not, and another is named", provider: with(credential, values{"host": unknownText()}), host: text("web01")},
		{
			name: "the password for one host is not", provider: with(credential, values{"hosts": entry}), host: text("late"),
			deferred: "import bits_host bits_job bits_jobs",
		},
		{name: "the password for another host is not", provider: with(credential, values{"hosts": entry}), host: text("web01")},
	} {
		for _, allowed := range []bool{true, false} {
			name := test.name
			if !allowed {
				name += ", and it is not allowed"
			}
			t.Run(name, func(t *testing.T) {
				r := newRig(t)
				r.mayDefer = allowed
				r.mustConfigure(test.provider)
				if test.host.IsNull() {
					test.host = tftypes.NewValue(tftypes.String, nil)
				}
				want := ""
				if allowed {
					want = test.deferred
				}
				if got := r.deferred(test.host); got != want {
					t.Errorf("it defers %q, want %q", got, want)
				}
			})
		}
	}
}

// deferred asks for everything of a host, and returns what the provider puts off.
func (r *rig) deferred(host tftypes.Value) string {
	r.t.Helper()
	ctx, all := r.t.Context(), ""
	note := func(what string, d *tfprotov6.Deferred, err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
		if d == nil {
			return
		}
		if d.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			r.t.Errorf("%s is deferred for %s", what, d.Reason)
		}
		if all != "" {
			all += " "
		}
		all += what
	}
	schemas, err := r.server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		r.t.Fatal(err)
	}
	typ := schemas.ResourceSchemas["bits_job"].ValueType().(tftypes.Object)
	const id = "00000000-0000-4000-8000-000000000001"
	at := id
	if !host.IsNull() {
		at = as[string](r.t, host) + "/" + id
	}
	imported, err := r.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: "bits_job", ID: at, ClientCapabilities: &tfprotov6.ImportResourceStateClientCapabilities{DeferralAllowed: r.mayDefer},
	})
	note("import", imported.Deferred, err)
	config := r.dynamic(typ, object(typ, values{
		"host": host, "display_name": text("d"), "files": tftypes.NewValue(typ.AttributeTypes["files"], tftypes.UnknownValue),
	}))
	planned, err := r.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: "bits_job", Config: config, ProposedNewState: config, PriorState: r.dynamic(typ, tftypes.NewValue(typ, nil)),
		ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: r.mayDefer},
	})
	note("plan", planned.Deferred, err)
	read, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: "bits_job", CurrentState: r.dynamic(typ, object(typ, values{"host": host, "id": text(id), "state": text("acknowledged")})),
		ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: r.mayDefer},
	})
	note("read", read.Deferred, err)
	for _, name := range []string{"bits_host", "bits_job", "bits_jobs"} {
		config := values{"host": host}
		if name == "bits_job" {
			config["id"] = text(id)
		}
		source := r.sources[name].ValueType().(tftypes.Object)
		resp, err := r.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
			TypeName: name, Config: r.dynamic(source, object(source, config)),
			ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: r.mayDefer},
		})
		note(name, resp.Deferred, err)
		if resp.Deferred != nil && failed(resp.Diagnostics) {
			r.t.Errorf("%s is deferred, and fails: %s", name, formatted(resp.Diagnostics))
		}
	}
	return all
}
