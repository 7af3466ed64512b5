// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A model is read from the framework, and written to it, as an object of its attributes. The framework also converts structs, and
// compiles a regular expression for each of their fields every time, which was an eighth of what the provider did in a plan.

// record is a plan, a state or a configuration.
type record interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

// get reads a model.
func get(ctx context.Context, from record, m *model) diag.Diagnostics {
	var object types.Object
	diags := from.Get(ctx, &object)
	to := reflect.ValueOf(m).Elem()
	for name, value := range object.Attributes() {
		to.FieldByIndex(modelFields()[name]).Set(reflect.ValueOf(value))
	}
	return diags
}

// set writes a model.
func set(ctx context.Context, to interface {
	Set(ctx context.Context, value any) diag.Diagnostics
}, m model,
) diag.Diagnostics {
	from := reflect.ValueOf(m)
	values := make(map[string]attr.Value, len(modelFields()))
	for name, index := range modelFields() {
		values[name], _ = from.FieldByIndex(index).Interface().(attr.Value)
	}
	object, diags := types.ObjectValue(modelTypes(), values)
	if diags.HasError() {
		return diags
	}
	return append(diags, to.Set(ctx, object)...)
}

// modelFields returns the fields of a model by the names of their attributes.
var modelFields = sync.OnceValue(func() map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[model]()) {
		if name := f.Tag.Get("tfsdk"); name != "" {
			fields[name] = f.Index
		}
	}
	return fields
})

// modelTypes returns the types of a model's attributes.
var modelTypes = sync.OnceValue(func() map[string]attr.Type {
	attributes := map[string]attr.Type{}
	for name, a := range jobSchema(context.Background()).Attributes {
		attributes[name] = a.GetType()
	}
	return attributes
})
