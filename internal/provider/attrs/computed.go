// SPDX-License-Identifier: MPL-2.0

package attrs

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// OptionalText is a text of a data source's configuration.
func OptionalText(description string, valid ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: valid}
}

// ComputedString is a text that a host returns.
func ComputedString(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// ComputedInt64 is a number that a host returns.
func ComputedInt64(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

// ComputedBool is a switch that a host returns.
func ComputedBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

// ComputedSet is a set of texts that a host returns.
func ComputedSet(description string) schema.SetAttribute {
	return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// ComputedList is a list of texts that a host returns.
func ComputedList(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// ComputedObject is an object that a host returns.
func ComputedObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, Attributes: attributes, MarkdownDescription: description}
}

// ComputedTexts is an object of texts that a host returns, from their descriptions.
func ComputedTexts(description string, parts map[string]string) schema.SingleNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, description := range parts {
		attributes[name] = ComputedString(description)
	}
	return ComputedObject(description, attributes)
}

// ComputedTime is a time that a host returns.
func ComputedTime(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: description}
}

// ComputedDuration is a duration that a host returns.
func ComputedDuration(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, CustomType: timetypes.GoDurationType{}, MarkdownDescription: description}
}
