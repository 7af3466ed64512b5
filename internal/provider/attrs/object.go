package attrs

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// StringAttr returns a text of an object: null where the object is, unknown where it is.
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

// ListAttr returns a list of an object: null where the object is, unknown where it is.
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

// Int64Attr returns a number of an object; null where the object is null or unknown.
func Int64Attr(object types.Object, name string) types.Int64 {
	n, ok := object.Attributes()[name].(types.Int64)
	if !ok {
		return types.Int64Null()
	}
	return n
}

// IsSet reports whether a value is neither null nor unknown.
func IsSet(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

// Elements returns the known texts of a list or set.
func Elements[W ~string](list interface{ Elements() []attr.Value }) []W {
	var elements []W
	for _, e := range list.Elements() {
		if text, ok := e.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			elements = append(elements, W(text.ValueString()))
		}
	}
	return elements
}

// SetOrNull returns a set of words; null for nil.
func SetOrNull[W ~string](words []W) types.Set {
	if words == nil {
		return types.SetNull(types.StringType)
	}
	return types.SetValueMust(types.StringType, stringValues(words))
}

// ListOrNull returns a list of words; null for nil.
func ListOrNull[W ~string](words []W) types.List {
	if words == nil {
		return types.ListNull(types.StringType)
	}
	return types.ListValueMust(types.StringType, stringValues(words))
}

func stringValues[W ~string](words []W) []attr.Value {
	elements := make([]attr.Value, len(words))
	for i, w := range words {
		elements[i] = types.StringValue(string(w))
	}
	return elements
}

// FullyKnown reports whether a value and everything in it is known.
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
