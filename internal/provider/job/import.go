package job

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const (
	byName       = "name="
	identityForm = " An identity has id, the job's GUID, and host, which may be left out for a job on the provider's host."

	importForms = " The forms are host/guid and host/name=Display Name; without host/ the job is on the provider's host."
)

// ImportState takes host/guid, or host/name=Display Name, or either without the host for a job on the provider's host; or
// an identity.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	host, named, elsewhere := splitImport(req.ID)
	invalid := func(err error) {
		resp.Diagnostics.Append(report.Problem(path.Empty(), report.InvalidImportID, "%s", report.Sentence(err.Error())+importForms))
	}
	nowhere := "The id names no host, and the provider has none that is known: import it as host/guid or host/name=Display Name."
	if req.ID == "" && !req.Identity.Raw.IsNull() {
		var given jobIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &given)...)
		host, named, elsewhere = given.Host.ValueString(), given.ID.ValueString(), !given.Host.IsNull()
		invalid = func(err error) {
			resp.Diagnostics.Append(report.Problem(path.Empty(), report.InvalidImportIdentity, "%s", report.Sentence(err.Error())+identityForm))
		}
		nowhere = "The identity names no host, and the provider has none that is known: add host to it."
	}
	on := r.connections.Host
	if elsewhere {
		if _, _, err := connection.SplitHost(host); err != nil {
			invalid(err)
			return
		}
		if !r.connections.SameHost(host, on.ValueString()) { // else as the provider spells it
			on = types.StringValue(host)
		}
	}
	if on.IsNull() || on.IsUnknown() {
		resp.Diagnostics.Append(report.Problem(path.Empty(), report.MissingHost, "%s", nowhere))
		return
	}
	var id bits.JobID
	if name, ok := strings.CutPrefix(named, byName); ok && req.ID != "" {
		var diags diag.Diagnostics
		if id, diags = r.findNamed(ctx, on, name); diags.HasError() {
			resp.Diagnostics.Append(diags...)
			return
		}
	} else {
		var err error
		if id, err = bits.ParseJobID(named); err != nil {
			invalid(err)
			return
		}
	}
	known := model{Host: on, ID: types.StringValue(string(id))}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), known.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), known.Host)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, known.identity())...)
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

// findNamed finds the one job of a name. Names need not be unique, so that several are an error.
func (r *Resource) findNamed(ctx context.Context, host types.String, name string) (bits.JobID, diag.Diagnostics) {
	to, diags := r.connections.Open(host)
	if diags.HasError() {
		return "", diags
	}
	listing, err := to.Listing(ctx, false)
	if err != nil {
		return "", diag.Diagnostics{report.Error(ctx, report.Operation{Verb: "find", DisplayName: name, Host: to.Name}, err)}
	}
	var found []string
	for _, job := range listing.Jobs {
		if job.DisplayName == name {
			found = append(found, string(job.ID))
		}
	}
	slices.Sort(found)
	switch {
	case len(found) == 1:
		return bits.JobID(found[0]), nil
	case len(found) > 1:
		diags.Append(report.Problem(path.Empty(), report.AmbiguousName,
			"%d jobs on %s have the name %q: %s. Import one of them by its id: %s/%s.", len(found), to.Name, name, strings.Join(found, ", "), to.Name, found[0]))
	case !listing.AllUsers:
		diags.Append(report.Problem(path.Empty(), report.JobNotFound, "BITS on %s lists no job %q of this account, which sees its own jobs only.", to.Name, name))
	default:
		diags.Append(report.Problem(path.Empty(), report.JobNotFound,
			"BITS on %s lists no job %q: upper and lower case count, and BITS lists unfinished jobs only.", to.Name, name))
	}
	return "", diags
}
