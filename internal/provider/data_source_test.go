package provider

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

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
