package provider

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// source gives the type of a data source.
func (r *rig) source(name string) tftypes.Object {
	r.t.Helper()
	schemas, err := r.server.GetProviderSchema(r.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		r.t.Fatal(err)
	}
	return schemas.DataSourceSchemas[name].ValueType().(tftypes.Object)
}

// read validates and reads a data source.
func (r *rig) read(name string, config values) (tftypes.Value, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	typ := r.source(name)
	given := r.dynamic(typ, r.object(typ, config))
	valid, err := r.server.ValidateDataResourceConfig(r.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	if failed(valid.Diagnostics) {
		return tftypes.NewValue(typ, nil), valid.Diagnostics
	}
	resp, err := r.server.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	r.noSecrets(resp.Diagnostics)
	if failed(resp.Diagnostics) {
		return tftypes.NewValue(typ, nil), resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(typ)
	if err != nil {
		r.t.Fatal(err)
	}
	for attribute, value := range config { // Terraform refuses a result that differs from the configuration
		if got := attributesOf(state, nil)[attribute]; !value.IsNull() && !got.Equal(value) {
			r.t.Errorf("%s was configured as %s and came back as %s", attribute, value, got)
		}
	}
	return state, resp.Diagnostics
}

// mustRead is read without complaint.
func (r *rig) mustRead(name string, config values) tftypes.Value {
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
