package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// source is what every data source has.
type source struct {
	connections *connections // nil until the provider is configured
}

func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	c, ok := req.ProviderData.(*connections)
	if !ok {
		resp.Diagnostics.AddError("Unexpected Provider Data", fmt.Sprintf("%T is no connection. This is a bug of the provider.", req.ProviderData))
		return
	}
	s.connections = c
}

// open gives the jobs of a host. Terraform puts a data source off whose own values are not known yet, but not one
// whose provider's are not.
func (s *source) open(host types.String) (target, diag.Diagnostics) {
	to, diags := s.connections.open(host)
	if len(s.connections.unknownFor(host)) > 0 {
		diags = diag.Diagnostics{diag.NewErrorDiagnostic(diags[0].Summary(), diags[0].Detail()+
			" A data source with depends_on is read after what is named there was applied.")}
	}
	return to, diags
}

func hostAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "Host to ask: a name or an address, such as `web01.corp.example`, optionally with a port " +
			"(`web01.corp.example:5986`, `[2001:db8::1]:5986`). Default: the provider's `host`.",
		Validators: []validator.String{hostValidator{}},
	}
}

func toldText(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func toldNumber(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func toldBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
}

func toldSet(description string) schema.SetAttribute {
	return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func toldList(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

func toldObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{Computed: true, Attributes: attributes, MarkdownDescription: description}
}
