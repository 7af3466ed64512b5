// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

// rig is a provider served in process and spoken to as Terraform does, without a CLI.
type rig struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	host     *fakeHost
	others   map[string]*fakeHost // hosts of their own, by name
	mu       sync.Mutex           // held while a host is opened
	dialled  []connection.Settings
	resource tftypes.Object
	provider tftypes.Object
	env      map[string]string
	looks    int         // pauses of waits
	onPause  func(n int) // before the n-th look of a wait
	slow     bool        // waits never look again
	old      bool        // the CLI knows neither write-only attributes nor identities

	configured values // the provider's configuration
	oneRun     bool   // all calls belong to one command
}

// values is an object as Terraform sends it; absent attributes are null.
type values map[string]tftypes.Value

const testPassword = "hunter2-never-seen"

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
func yes() tftypes.Value          { return tftypes.NewValue(tftypes.Bool, true) }
func no() tftypes.Value           { return tftypes.NewValue(tftypes.Bool, false) }
func unknownText() tftypes.Value  { return tftypes.NewValue(tftypes.String, tftypes.UnknownValue) }
func nullText() tftypes.Value     { return tftypes.NewValue(tftypes.String, nil) }

var fileObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"remote_name": tftypes.String, "local_name": tftypes.String, "sha256": tftypes.String}}

// fileList makes a list of files from pairs of remote and local names.
func fileList(names ...string) tftypes.Value {
	var files []tftypes.Value
	for i := 0; i < len(names); i += 2 {
		files = append(files, tftypes.NewValue(fileObject, map[string]tftypes.Value{"remote_name": text(names[i]), "local_name": text(names[i+1]), "sha256": nullText()}))
	}
	return tftypes.NewValue(tftypes.List{ElementType: fileObject}, files)
}

// newRig serves a provider that is not configured yet.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, host: newFakeHost(), env: map[string]string{}}
	p := &testProvider{
		hosts: func(s connection.Settings) hosts.Client {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.dialled = append(r.dialled, s)
			return cmp.Or(r.others[s.Host], r.host)
		},
		env: func(name string) string { return r.env[name] },
		pace: Pace{first: time.Second, max: 10 * time.Second, after: func(time.Duration) <-chan time.Time {
			r.looks++
			if r.onPause != nil {
				r.onPause(r.looks)
			}
			now := make(chan time.Time, 1)
			if r.slow {
				return now // only the context ends this wait
			}
			now <- time.Time{}
			return now
		}},
	}
	server, err := providerserver.NewProtocol6WithError(p)()
	if err != nil {
		t.Fatal(err)
	}
	r.server = server
	r.resource, r.provider = schemaTypes()
	return r
}

// schemaTypes returns the types of the resource and of the provider's configuration.
var schemaTypes = sync.OnceValues(func() (job, provider tftypes.Object) {
	ctx := context.Background()
	return jobSchema(ctx).Type().TerraformType(ctx).(tftypes.Object), hosts.Schema().Type().TerraformType(ctx).(tftypes.Object)
})

// ready serves a provider that knows host and credential.
func ready(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.mustConfigure(values{"host": text("web01"), "username": text("svc-bits"), "password": text(testPassword)})
	return r
}

func (r *rig) mustConfigure(config values) {
	r.t.Helper()
	if diags := r.configure(config); len(diags) > 0 {
		r.t.Fatalf("configure: %s", formatted(diags))
	}
}

// newRun configures the provider anew, as each command of a CLI does, unless a test does all in one run.
func (r *rig) newRun() {
	if r.configured != nil && !r.oneRun {
		r.configure(r.configured)
	}
}

func (r *rig) configure(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	r.configured = config
	resp, err := r.server.ConfigureProvider(r.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: r.dynamic(r.provider, r.object(r.provider, config))})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

func (r *rig) validateProvider(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ValidateProviderConfig(r.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: r.dynamic(r.provider, r.object(r.provider, config))})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

// object fills in null for what is absent.
func (r *rig) object(typ tftypes.Object, v values) tftypes.Value {
	for name := range v {
		if _, ok := typ.AttributeTypes[name]; !ok {
			r.t.Fatalf("no attribute %s", name)
		}
	}
	return nested(typ.AttributeTypes, v)
}

func (r *rig) dynamic(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	r.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		r.t.Fatal(err)
	}
	return &d
}

// jobConfig is the configuration of a job that is not waited for, unless the changes say so.
func jobConfig(changes values) values {
	return with(values{
		"display_name":      text("nightly payload"),
		"files":             fileList("https://dl.example/p.cab", `C:\ProgramData\Acme\p.cab`),
		"wait_for_transfer": no(),
	}, changes)
}

// with returns a configuration with changes.
func with(config, changes values) values {
	all := maps.Clone(config)
	maps.Copy(all, changes)
	return all
}

// instance is what Terraform keeps of a resource.
type instance struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData // nil: none, or a CLI that does not know identities
}

func (r *rig) none() instance { return instance{value: tftypes.NewValue(r.resource, nil)} }

func (r *rig) validate(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ValidateResourceConfig(r.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: "bits_job", Config: r.dynamic(r.resource, r.object(r.resource, config)),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: !r.old},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

// planned is the answer to a plan.
type planned struct {
	config  tftypes.Value
	prior   instance
	state   tftypes.Value
	private []byte
	replace []string
	diags   []*tfprotov6.Diagnostic

	identity *tfprotov6.ResourceIdentityData
}

// action tells what Terraform would print in front of the resource.
func (p planned) action() string {
	switch {
	case failed(p.diags):
		return "error"
	case p.prior.value.IsNull():
		return "create"
	case len(p.replace) > 0:
		return "replace"
	case p.state.Equal(p.prior.value):
		return "none"
	}
	return "update"
}

// plan asks for a plan as Terraform does: computed attributes that the configuration leaves null are proposed as
// they are in the prior state, or unknown for a new resource.
func (r *rig) plan(prior instance, changes values) planned {
	r.t.Helper()
	config := r.object(r.resource, changes)
	proposed := maps.Clone(attributesOf(config, nil))
	if !prior.value.IsNull() {
		for name, had := range attributesOf(prior.value, nil) {
			if proposed[name].IsNull() && optionalOrComputed[name] {
				proposed[name] = had
			}
		}
	}
	resp, err := r.server.PlanResourceChange(r.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         "bits_job",
		PriorState:       r.dynamic(r.resource, prior.value),
		ProposedNewState: r.dynamic(r.resource, tftypes.NewValue(r.resource, map[string]tftypes.Value(proposed))),
		Config:           r.dynamic(r.resource, config),
		PriorPrivate:     prior.private,
		PriorIdentity:    prior.identity,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	p := planned{config: config, prior: prior, private: resp.PlannedPrivate, diags: resp.Diagnostics, identity: r.kept(resp.PlannedIdentity)}
	for _, path := range resp.RequiresReplace {
		p.replace = append(p.replace, path.String())
	}
	if p.state, err = resp.PlannedState.Unmarshal(r.resource); err != nil {
		r.t.Fatal(err)
	}
	return p
}

var optionalOrComputed = map[string]bool{
	"id": true, "host": true, "priority": true, "transfer_type": true, "suspended": true, "wait_for_transfer": true,
	"complete_when_transferred": true, "create_directories": true, "state": true, "owner": true, "error": true, "created_at": true, "completed_at": true,
}

// apply carries out a plan, and checks what Terraform checks: known planned values come back as planned.
func (r *rig) apply(ctx context.Context, p planned) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	r.newRun()
	resp, err := r.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:       "bits_job",
		PriorState:     r.dynamic(r.resource, p.prior.value),
		PlannedState:   r.dynamic(r.resource, p.state),
		Config:         r.dynamic(r.resource, p.config),
		PlannedPrivate: p.private, PlannedIdentity: p.identity,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	state, err := resp.NewState.Unmarshal(r.resource)
	if err != nil {
		r.t.Fatal(err)
	}
	if !state.IsFullyKnown() {
		r.t.Errorf("the state holds unknown values: %s", state)
	}
	if !failed(resp.Diagnostics) && !p.state.IsNull() {
		results := attributesOf(state, nil)
		for name, want := range attributesOf(p.state, nil) {
			got := results[name]
			if want.IsFullyKnown() && !want.Equal(got) {
				r.t.Errorf("inconsistent result: %s was planned as %s and came back as %s", name, want, got)
			}
		}
	}
	r.noSecrets(resp.Diagnostics)
	return instance{value: state, private: resp.Private, identity: r.kept(resp.NewIdentity)}, resp.Diagnostics
}

func (r *rig) destroy(prior instance) []*tfprotov6.Diagnostic {
	r.t.Helper()
	null := tftypes.NewValue(r.resource, nil)
	_, diags := r.apply(r.t.Context(), planned{config: null, prior: prior, state: null, private: prior.private})
	return diags
}

func (r *rig) refresh(prior instance) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	return r.refreshIn(r.t.Context(), prior)
}

func (r *rig) refreshIn(ctx context.Context, prior instance) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	r.newRun()
	resp, err := r.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: "bits_job", CurrentState: r.dynamic(r.resource, prior.value), Private: prior.private, CurrentIdentity: prior.identity,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	state, err := resp.NewState.Unmarshal(r.resource)
	if err != nil {
		r.t.Fatal(err)
	}
	r.noSecrets(resp.Diagnostics)
	return instance{value: state, private: resp.Private, identity: r.kept(resp.NewIdentity)}, resp.Diagnostics
}

// created makes a job from a configuration, without complaint.
func (r *rig) created(config values) instance {
	r.t.Helper()
	p := r.plan(r.none(), config)
	if len(p.diags) > 0 {
		r.t.Fatalf("plan: %s", formatted(p.diags))
	}
	made, diags := r.apply(r.t.Context(), p)
	if len(diags) > 0 {
		r.t.Fatalf("apply: %s", formatted(diags))
	}
	return made
}

func (r *rig) noSecrets(diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	if strings.Contains(formatted(diags), testPassword) {
		r.t.Errorf("the password is in a diagnostic: %s", formatted(diags))
	}
}

func attribute(object tftypes.Value, name string) tftypes.Value {
	return attributesOf(object, nil)[name]
}

// attributesOf gives the attributes of an object with changes.
func attributesOf(object tftypes.Value, changes values) values {
	var all map[string]tftypes.Value
	if err := object.As(&all); err != nil {
		panic(err)
	}
	maps.Copy(all, changes)
	return all
}

// textOf gives a string attribute: "(null)" and "(unknown)" where it is no text.
func textOf(object tftypes.Value, name string) string {
	v := attribute(object, name)
	switch {
	case v.IsNull():
		return "(null)"
	case !v.IsKnown():
		return "(unknown)"
	}
	var s string
	if err := v.As(&s); err != nil {
		return v.String()
	}
	return s
}

func failed(diags []*tfprotov6.Diagnostic) bool {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// formatted returns diagnostics one after the other: severity, attribute, summary, detail.
func formatted(diags []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diags {
		line := d.Severity.String() + " "
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			line += "[" + d.Attribute.String() + "] "
		}
		lines = append(lines, line+d.Summary+": "+d.Detail)
	}
	return strings.Join(lines, "\n")
}

// testProvider is a provider with the configuration of the real one and the one resource.
type testProvider struct {
	hosts hosts.Open
	env   func(string) string
	pace  Pace
}

func (*testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "bits"
}

func (*testProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = hosts.Schema()
}

func (*testProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	resp.Diagnostics.Append(hosts.Validate(ctx, req.Config)...)
}

func (p *testProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	c, diags := hosts.Configure(ctx, req.Config, p.env, p.hosts)
	resp.Diagnostics.Append(diags...)
	resp.ResourceData, resp.ListResourceData = c, c
}

func (p *testProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &jobResource{pace: p.pace} }}
}

func (*testProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (*testProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{NewListResource}
}
