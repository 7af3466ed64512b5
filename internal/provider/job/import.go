// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const byName = "name="

// importRequest is what is to be imported: an id, or an identity, with the words for what is wrong with it.
type importRequest struct {
	host, job string
	hasHost   bool
	invalid   report.Summary
	form      string // what is expected
	noHost    string // what to do where the provider has no host either
}

// ImportState takes host/guid, or host/name=Display Name, or either without the host for a job on the provider's host; or an identity.
func (r *jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	wanted, diags := readImport(ctx, req)
	resp.Diagnostics.Append(diags...)
	if req.ClientCapabilities.DeferralAllowed && len(r.connections.UnknownFor(attrs.StringOrNull(wanted.host))) > 0 {
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonProviderConfigUnknown}
		resp.State.Raw = tftypes.NewValue(resp.State.Schema.Type().TerraformType(ctx), tftypes.UnknownValue)
		return
	}
	host, d := r.importHost(wanted)
	if d != nil {
		resp.Diagnostics.Append(d)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var id bits.JobID
	if name, ok := strings.CutPrefix(wanted.job, byName); ok && req.ID != "" {
		id, diags = r.findNamed(ctx, host, name)
		resp.Diagnostics.Append(diags...)
	} else {
		var err error
		if id, err = bits.ParseJobID(wanted.job); err != nil {
			resp.Diagnostics.Append(wanted.problem(err))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	known := model{Host: host, ID: types.StringValue(string(id))}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), known.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), known.Host)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, known.identity())...)
}

func readImport(ctx context.Context, req resource.ImportStateRequest) (importRequest, diag.Diagnostics) {
	if req.ID == "" && !req.Identity.Raw.IsNull() {
		var given jobIdentity
		diags := req.Identity.Get(ctx, &given)
		return importRequest{
			host: given.Host.ValueString(), job: given.ID.ValueString(), hasHost: !given.Host.IsNull(), invalid: report.InvalidImportIdentity,
			form:   "An identity has id (the GUID of the job) and, unless the job is on the provider's host, host.",
			noHost: "The identity has no host, and the provider's host is not set or unknown. Add host to the identity.",
		}, diags
	}
	host, job, hasHost := splitImport(req.ID)
	return importRequest{
		host: host, job: job, hasHost: hasHost, invalid: report.InvalidImportID,
		form:   "Use host/guid or host/name=Display Name; without host/, the provider's host applies.",
		noHost: "The ID has no host, and the provider's host is not set or unknown. Import as host/guid or host/name=Display Name.",
	}, nil
}

func (w importRequest) problem(err error) diag.Diagnostic {
	return report.Problem(path.Empty(), w.invalid, "%s %s", report.Sentence(err.Error()), w.form)
}

// importHost returns the host that is asked for, spelled as the provider does where it is the provider's.
func (r *jobResource) importHost(wanted importRequest) (types.String, diag.Diagnostic) {
	host := r.connections.Host
	if wanted.hasHost {
		if _, _, err := connection.SplitHost(wanted.host); err != nil {
			return host, wanted.problem(err)
		}
		host = r.spelled(wanted.host)
	}
	if host.IsNull() || host.IsUnknown() {
		return host, report.Problem(path.Empty(), report.MissingHost, "%s", wanted.noHost)
	}
	return host, nil
}

// spelled returns a host as the provider spells it where it is the provider's.
func (r *jobResource) spelled(host string) types.String {
	if own := r.connections.Host; r.connections.SameHost(host, own.ValueString()) {
		return own
	}
	return types.StringValue(host)
}

// splitImport splits what is to be imported. A host has no slash, and a display name may have any.
func splitImport(id string) (host, named string, elsewhere bool) {
	if strings.HasPrefix(id, byName) {
		return "", id, false
	}
	if host, name, found := strings.Cut(id, "/"+byName); found {
		return host, byName + name, true
	}
	if i := strings.LastIndexByte(id, '/'); i >= 0 {
		return id[:i], id[i+1:], true
	}
	return "", id, false
}

// findNamed finds the one job of a name.
func (r *jobResource) findNamed(ctx context.Context, host types.String, name string) (bits.JobID, diag.Diagnostics) {
	to, diags := r.connections.Open(host)
	if diags.HasError() {
		return "", diags
	}
	job, err := to.FindNamed(ctx, name, func(id bits.JobID) string {
		return fmt.Sprintf("Import one of them by its id: %s/%s.", to.Name, id)
	})
	if err != nil {
		return "", diag.Diagnostics{report.Error(ctx, report.Operation{Verb: "find", DisplayName: name, Host: to.Name}, err)}
	}
	return job.ID, diags
}

// jobIdentity identifies a job: Terraform and OpenTofu keep it beside the state from 1.12 on.
type jobIdentity struct {
	Host types.String `tfsdk:"host"`
	ID   types.String `tfsdk:"id"`
}

func (*jobResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"host": identityschema.StringAttribute{
			OptionalForImport: true,
			Description:       "Host of the job, optionally with a port. Default for an import: the provider's `host`.",
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
