// SPDX-License-Identifier: MPL-2.0

// Package attrs has what attributes of resources and data sources share: conversions, validators and computed attributes.
package attrs

import (
	"context"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Owner returns an account. It keeps a name that was known before where the host can't translate the same SID now.
func Owner(owner bits.Owner, prior types.Object) types.Object {
	sid, name := StringOrNull(owner.SID), StringOrNull(owner.Name)
	if name.IsNull() && !prior.IsNull() && !prior.IsUnknown() && sid.Equal(prior.Attributes()["sid"]) {
		name, _ = prior.Attributes()["name"].(types.String)
	}
	return types.ObjectValueMust(OwnerTypes, map[string]attr.Value{"sid": sid, "name": name})
}

// StringOrNull returns a text; null for an empty one.
func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// SizeOrNull returns a number of bytes; null for nil.
func SizeOrNull(n *uint64) types.Int64 {
	if n == nil || *n > math.MaxInt64 {
		return types.Int64Null()
	}
	return types.Int64Value(int64(*n))
}

// TimeOrNull returns a time in UTC; null for nil and for the zero time.
func TimeOrNull(t *time.Time) timetypes.RFC3339 {
	if t == nil || t.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(t.UTC())
}

// DurationOrNull returns a duration; null for nil.
func DurationOrNull(s *bits.Seconds) timetypes.GoDuration {
	if s == nil {
		return timetypes.NewGoDurationNull()
	}
	return timetypes.NewGoDurationValue(time.Duration(*s) * time.Second)
}

// WordOrNull returns a word of package bits; null for nil.
func WordOrNull[T ~string](word *T) types.String {
	if word == nil {
		return types.StringNull()
	}
	return types.StringValue(string(*word))
}

// OwnerTypes are the types of the parts of an account.
var OwnerTypes = textTypes(OwnerParts)

// ErrorTypes are the types of the parts of an error.
var ErrorTypes = textTypes(ErrorParts)

func textTypes(parts map[string]string) map[string]attr.Type {
	all := map[string]attr.Type{}
	for name := range parts {
		all[name] = types.StringType
	}
	return all
}

// JobError is the error of a job, in the words of this provider's table and not the host's.
func JobError(job bits.Job) types.Object {
	var e bits.JobError
	if job.Error != nil {
		e = *job.Error
	}
	code, name := types.StringNull(), types.StringNull()
	if e.HResult != 0 {
		code = types.StringValue(e.HResult.Hex())
	}
	if entry, ok := bits.Lookup(e.HResult); ok && e.HResult != 0 {
		name = StringOrNull(entry.Name)
	}
	return types.ObjectValueMust(ErrorTypes, map[string]attr.Value{
		"code":    code,
		"name":    name,
		"message": types.StringValue(report.Meaning(e.HResult)),
		"context": StringOrNull(string(e.Context)),
		"file":    StringOrNull(e.File),
	})
}

// Part returns an attribute of an object; null where the object is null or unknown.
func Part[V attr.Value](object types.Object, name string) V {
	value, _ := object.Attributes()[name].(V)
	return value
}

// TextOf returns a text of an object; "" where there is none.
func TextOf(object types.Object, name string) string {
	return Part[types.String](object, name).ValueString()
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
	set, _ := types.SetValueFrom(context.Background(), types.StringType, words)
	return set
}

// ListOrNull returns a list of words; null for nil.
func ListOrNull[W ~string](words []W) types.List {
	list, _ := types.ListValueFrom(context.Background(), types.StringType, words)
	return list
}

// FullyKnown reports whether a value and everything in it is known.
func FullyKnown(v attr.Value) bool {
	known := !v.IsUnknown()
	switch v := v.(type) {
	case interface{ Attributes() map[string]attr.Value }:
		for _, part := range v.Attributes() {
			known = known && FullyKnown(part)
		}
	case interface{ Elements() map[string]attr.Value }:
		for _, element := range v.Elements() {
			known = known && FullyKnown(element)
		}
	case interface{ Elements() []attr.Value }:
		for _, element := range v.Elements() {
			known = known && FullyKnown(element)
		}
	}
	return known
}
