// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

// rig is a provider served in process and spoken to as Terraform does, without a CLI.
type rig struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	host     *fakeHost
	dialled  []connection.Settings
	provider tftypes.Object
	sources  map[string]*tfprotov6.Schema
	env      map[string]string
	mayDefer bool // Terraform allows the provider to defer
}

// fakeHost is a host that is only looked at: data sources ask for nothing else.
type fakeHost struct {
	hosts.Client
	jobs      []bits.Job
	unread    []bits.UnreadJob
	described bits.Host
	blind     bool // other users' jobs are not listed
	err       error
	calls     []string
}

const (
	fakeSID   = "S-1-5-21-1-2-3-1001"
	fakeOwner = `WEB01\svc-bits`
)

var fakeNow = time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC)

func (h *fakeHost) put(job bits.Job) { h.jobs = append(h.jobs, job) }

// called returns the calls since the last time and forgets them.
func (h *fakeHost) called() []string {
	calls := h.calls
	h.calls = nil
	return calls
}

func (h *fakeHost) Listing(_ context.Context, mine bool) (bits.Listing, error) {
	h.calls = append(h.calls, fmt.Sprintf("list mine=%t", mine))
	listing := bits.Listing{AllUsers: !mine && !h.blind, At: fakeNow, Unread: h.unread}
	for _, job := range h.jobs {
		if listing.AllUsers || job.Owner.SID == fakeSID {
			listing.Jobs = append(listing.Jobs, job)
		}
	}
	return listing, h.err
}

func (h *fakeHost) Get(_ context.Context, id bits.JobID, ownerSID string) (bits.Job, error) {
	h.calls = append(h.calls, fmt.Sprintf("get %s %s", id, ownerSID))
	if h.err != nil {
		return bits.Job{}, h.err
	}
	for _, job := range h.jobs {
		if job.ID == id && (!h.blind || job.Owner.SID == fakeSID) {
			return job, nil
		}
	}
	if h.blind {
		return bits.Job{}, bits.ErrNotVisible
	}
	return bits.Job{}, &bits.Error{Code: bits.CodeNotFound, Step: "read"}
}

func (h *fakeHost) Describe(_ context.Context, query bits.HostQuery) (bits.Host, error) {
	h.calls = append(h.calls, strings.TrimSpace("describe "+query.Drive))
	return h.described, h.err
}

// values is an object as Terraform sends it; absent attributes are null.
type values map[string]tftypes.Value

const testPassword = "hunter2-never-seen"

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func yes() tftypes.Value { return tftypes.NewValue(tftypes.Bool, true) }

func no() tftypes.Value { return tftypes.NewValue(tftypes.Bool, false) }

func unknownText() tftypes.Value { return tftypes.NewValue(tftypes.String, tftypes.UnknownValue) }

// with returns a configuration with changes.
func with(config, changes values) values {
	all := maps.Clone(config)
	maps.Copy(all, changes)
	return all
}

// newRig serves a provider that is not configured yet.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, host: &fakeHost{}, env: map[string]string{}}
	open := func(s connection.Settings) hosts.Client {
		r.dialled = append(r.dialled, s)
		return r.host
	}
	server, err := newServer(&bitsProvider{version: "test", hosts: open, env: func(name string) string { return r.env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	r.server = server
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r.provider, r.sources = schemas.Provider.ValueType().(tftypes.Object), schemas.DataSourceSchemas
	return r
}

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

func (r *rig) configure(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ConfigureProvider(r.t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: r.dynamic(r.provider, object(r.provider, config)), ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: r.mayDefer},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

func (r *rig) validateProvider(config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	resp, err := r.server.ValidateProviderConfig(r.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: r.dynamic(r.provider, object(r.provider, config))})
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.Diagnostics
}

func (r *rig) dynamic(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	r.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		r.t.Fatal(err)
	}
	return &d
}

func (r *rig) noSecrets(diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	if strings.Contains(formatted(diags), testPassword) {
		r.t.Errorf("the password is in a diagnostic: %s", formatted(diags))
	}
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

// read validates and reads a data source.
func (r *rig) read(name string, config values) (map[string]any, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	typ := r.sources[name].ValueType().(tftypes.Object)
	given := r.dynamic(typ, object(typ, config))
	valid, err := r.server.ValidateDataResourceConfig(r.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	if failed(valid.Diagnostics) {
		return nil, valid.Diagnostics
	}
	resp, err := r.server.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	r.noSecrets(resp.Diagnostics)
	if failed(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	value, err := resp.State.Unmarshal(typ)
	if err != nil {
		r.t.Fatal(err)
	}
	state := plain(r.t, value).(map[string]any)
	for attribute, value := range config { // Terraform refuses a result that differs from the configuration
		if want := plain(r.t, value); !value.IsNull() && state[attribute] != want {
			r.t.Errorf("%s was configured as %s and came back as %s", attribute, want, state[attribute])
		}
	}
	return state, resp.Diagnostics
}

// mustRead is read without complaint.
func (r *rig) mustRead(name string, config values) map[string]any {
	r.t.Helper()
	state, diags := r.read(name, config)
	if len(diags) > 0 {
		r.t.Fatalf("read %s: %s", name, formatted(diags))
	}
	return state
}

// plain spells a value as short as can be: texts bare, objects by the names of their attributes.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	switch {
	case !v.IsKnown():
		return "(unknown)"
	case v.IsNull():
		return nil
	}
	switch typ := v.Type(); {
	case typ.Is(tftypes.String):
		return as[string](t, v)
	case typ.Is(tftypes.Bool):
		return as[bool](t, v)
	case typ.Is(tftypes.Number):
		n, _ := as[*big.Float](t, v).Float64()
		return n
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		object := map[string]any{}
		for name, inner := range as[map[string]tftypes.Value](t, v) {
			object[name] = plain(t, inner)
		}
		return object
	default:
		list := []any{}
		for _, inner := range as[[]tftypes.Value](t, v) {
			list = append(list, plain(t, inner))
		}
		return list
	}
}

func as[T any](t *testing.T, v tftypes.Value) T {
	t.Helper()
	var out T
	if err := v.As(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// keyPair makes a PEM certificate and its key.
func keyPair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// certificate makes a PEM certificate.
func certificate(t *testing.T) string {
	t.Helper()
	cert, _ := keyPair(t)
	return cert
}

var (
	kerberosObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"config": tftypes.String, "realm": tftypes.String, "kdc": tftypes.String, "keytab": tftypes.String, "ccache": tftypes.String, "spn": tftypes.String,
	}}
	hostObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"address": tftypes.String, "port": tftypes.Number, "https": tftypes.Bool, "auth": tftypes.String, "username": tftypes.String,
		"password": tftypes.String, "spn": tftypes.String, "run_as": tftypes.String,
	}}
)

// object fills in null for what is absent. It panics for a value without an attribute.
func object(typ tftypes.Object, v values) tftypes.Value {
	all := maps.Clone(v)
	if all == nil {
		all = values{}
	}
	for name, t := range typ.AttributeTypes {
		if _, ok := v[name]; !ok {
			all[name] = tftypes.NewValue(t, nil)
		}
	}
	return tftypes.NewValue(typ, map[string]tftypes.Value(all))
}

func kerberos(v values) tftypes.Value { return object(kerberosObject, v) }

// entriesOf makes the map hosts of pairs of keys and entries; an entry of nil says nothing.
func entriesOf(pairs ...any) tftypes.Value {
	entries := map[string]tftypes.Value{}
	for i := 0; i < len(pairs); i += 2 {
		entry, _ := pairs[i+1].(values)
		entries[pairs[i].(string)] = object(hostObject, entry)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: hostObject}, entries)
}

// unknown is a value of an attribute of the provider that is not known yet.
func unknown(t *testing.T, attribute string) tftypes.Value {
	t.Helper()
	return tftypes.NewValue(newRig(t).provider.AttributeTypes[attribute], tftypes.UnknownValue)
}
