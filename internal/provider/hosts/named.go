// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Named is how a configuration names one job: by its host, and by its id or its display name.
type Named struct{ Host, ID, DisplayName types.String }

// ReadNamed reads the attributes host, id and display_name of a configuration, and checks that they name a job in one way.
func ReadNamed(ctx context.Context, config tfsdk.Config) (n Named, diags diag.Diagnostics) {
	diags.Append(config.GetAttribute(ctx, path.Root("host"), &n.Host)...)
	diags.Append(config.GetAttribute(ctx, path.Root("id"), &n.ID)...)
	diags.Append(config.GetAttribute(ctx, path.Root("display_name"), &n.DisplayName)...)
	diags.Append(attrs.NamesOneJob(n.ID, n.DisplayName)...)
	return n, diags
}

// JobID is the id, which a validator has checked; "" where there is none.
func (n Named) JobID() bits.JobID {
	id, _ := bits.ParseJobID(n.ID.ValueString())
	return id
}

// Find reads the job that a configuration names.
func (h Host) Find(ctx context.Context, n Named) (bits.Job, error) {
	if n.ID.IsNull() {
		return h.FindNamed(ctx, n.DisplayName.ValueString(), func(bits.JobID) string {
			return "Set id to one of these instead of display_name."
		})
	}
	return h.Get(ctx, n.JobID(), "")
}

// FindNamed returns the one live job with a display name, whose case counts. BITS allows several: they are an error that lists them, and
// choose says how to name one of them by its id.
func (h Host) FindNamed(ctx context.Context, name string, choose func(id bits.JobID) string) (bits.Job, error) {
	listing, err := h.Listing(ctx, false)
	if err != nil {
		return bits.Job{}, err
	}
	var found []bits.Job
	for _, job := range listing.Jobs {
		if job.DisplayName == name {
			found = append(found, job)
		}
	}
	for _, job := range listing.Unread {
		if job.DisplayName == name {
			return bits.Job{}, job.Err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		ids := make([]string, len(found))
		for i, job := range found {
			ids[i] = string(job.ID)
		}
		slices.Sort(ids)
		return bits.Job{}, &report.Failure{
			Summary: report.AmbiguousName, Problem: fmt.Sprintf("%d jobs have this name: %s", len(ids), strings.Join(ids, ", ")),
			Remedy: choose(bits.JobID(ids[0])),
		}
	case !listing.AllUsers:
		return bits.Job{}, &report.Failure{
			Summary: report.JobNotFound, Problem: "BITS lists no job of this account with this name, and the account sees only its own jobs",
		}
	}
	return bits.Job{}, &report.Failure{
		Summary: report.JobNotFound, Problem: "BITS lists no job with this name", Remedy: "Display names are case-sensitive, and BITS lists only unfinished jobs.",
	}
}
