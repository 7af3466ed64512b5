package job

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// jobIdentity identifies a job: Terraform and OpenTofu keep it beside the state from 1.12 on.
type jobIdentity struct {
	Host types.String `tfsdk:"host"`
	ID   types.String `tfsdk:"id"`
}

func (*jobResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "Host the job lives on, with a port if it has one of its own. Default of an import: the provider's `host`.",
		},
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "GUID of the job, in any case, with or without braces."},
	}}
}

// identify sets the identity of a job, unless it had one before the call: an identity may not change, though the host may
// be spelled otherwise later. Without an id it is incomplete, and stays so if it is kept.
func identify(ctx context.Context, before, to *tfsdk.ResourceIdentity, m model) diag.Diagnostics {
	if !before.Raw.IsFullyNull() {
		return nil
	}
	return to.Set(ctx, m.identity())
}

func (m *model) identity() jobIdentity {
	return jobIdentity{Host: types.StringValue(strings.ToLower(m.Host.ValueString())), ID: m.ID}
}
