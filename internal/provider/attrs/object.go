package attrs

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// StringAttr gives a text of an object: null where the object is, unknown where it is.
func StringAttr(object types.Object, name string) types.String {
	if object.IsUnknown() {
		return types.StringUnknown()
	}
	text, ok := object.Attributes()[name].(types.String)
	if !ok {
		return types.StringNull()
	}
	return text
}

func ListAttr(object types.Object, name string) types.List {
	if object.IsUnknown() {
		return types.ListUnknown(types.StringType)
	}
	list, ok := object.Attributes()[name].(types.List)
	if !ok {
		return types.ListNull(types.StringType)
	}
	return list
}

func VersionAttr(object types.Object) attr.Value {
	if version, ok := object.Attributes()["password_wo_version"]; ok {
		return version
	}
	return types.Int64Null()
}

// Elements gives the known texts of a list or set.
func Elements[W ~string](list interface{ Elements() []attr.Value }) []W {
	var elements []W
	for _, e := range list.Elements() {
		if text, ok := e.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			elements = append(elements, W(text.ValueString()))
		}
	}
	return elements
}

func SetOf[W ~string](words []W) types.Set {
	return types.SetValueMust(types.StringType, StringValues(words))
}

func StringValues[W ~string](words []W) []attr.Value {
	elements := make([]attr.Value, len(words))
	for i, w := range slices.All(words) {
		elements[i] = types.StringValue(string(w))
	}
	return elements
}

// FullyKnown reports whether a value and all that lies in it is known.
func FullyKnown(v attr.Value) bool {
	switch v := v.(type) {
	case types.Set:
		return !v.IsUnknown() && allKnown(v.Elements())
	case types.List:
		return !v.IsUnknown() && allKnown(v.Elements())
	case types.Map:
		return !v.IsUnknown() && allKnown(slices.Collect(maps.Values(v.Elements())))
	case types.Object:
		return !v.IsUnknown() && allKnown(slices.Collect(maps.Values(v.Attributes())))
	}
	return !v.IsUnknown()
}

func allKnown(values []attr.Value) bool {
	return !slices.ContainsFunc(values, func(v attr.Value) bool { return !FullyKnown(v) })
}
