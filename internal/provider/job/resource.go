// SPDX-License-Identifier: MPL-2.0

// Package job is the resource bits_job.
package job

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var (
	_ resource.ResourceWithConfigure      = &jobResource{}
	_ resource.ResourceWithIdentity       = &jobResource{}
	_ resource.ResourceWithImportState    = &jobResource{}
	_ resource.ResourceWithModifyPlan     = &jobResource{}
	_ resource.ResourceWithValidateConfig = &jobResource{}
)

// jobResource is bits_job.
type jobResource struct {
	connections *hosts.Connections // nil until the provider is configured
	pace        Pace
}

// NewResource returns the resource.
func NewResource() resource.Resource { return &jobResource{pace: SteadyPace(10 * time.Second)} }

func (r *jobResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

func (r *jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = jobSchema(ctx)
}

func (r *jobResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.connections, _ = req.ProviderData.(*hosts.Connections)
}

// operation begins the telling of what is done to the job of a model.
func (m *model) operation(doing string) report.Operation {
	return report.Operation{
		Verb: doing, Job: m.jobID(), DisplayName: m.DisplayName.ValueString(), Host: m.Host.ValueString(),
		Stage: m.stage(), At: path.Empty(), AttributeOf: attributeOf, Situation: m.situation(),
	}
}

// logProgress logs the progress of a wait, for a person.
func logProgress(ctx context.Context, host string) func(bits.Job) {
	return Follow(host, func(job bits.Job, line string) { tflog.Info(ctx, line, map[string]any{"job": string(job.ID)}) }, nil)
}

// Delete cancels a job that BITS still lists. Otherwise no host is dialled: the files stay.
func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	e, _ := loadEvidence(ctx, req.Private)
	if resp.Diagnostics.HasError() || state.finished(e.ending) || state.stage() == bits.StageMissing {
		return
	}
	limit, diags := state.Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	to, diags := r.connections.Open(state.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	op := state.operation("remove")
	op.WhenUnreachable, op.Limit = deadHostRemedy, deleteTimeout
	id := state.jobID()
	if state.ID.IsNull() {
		job, err := lookUp(ctx, to.Client, state, e.Token)
		if errors.Is(err, bits.ErrNotFound) {
			return
		}
		if err != nil {
			resp.Diagnostics.Append(report.Error(ctx, op, err))
			return
		}
		id = job.ID
	}
	if !to.Discard(id) { // the resource was renamed, or is created before it is destroyed
		return
	}
	removal, err := to.Remove(ctx, id)
	switch {
	case errors.Is(err, bits.ErrNotFound), errors.Is(err, bits.ErrInvalidState):
		// The job has ended meanwhile: nothing is left to remove.
	case err != nil:
		resp.Diagnostics.Append(report.Error(ctx, op, err))
	case removal.Absent:
		// An account that would not see the job does not know that it is gone.
		if _, err := to.Get(ctx, id, state.ownerSID()); errors.Is(err, bits.ErrNotVisible) {
			resp.Diagnostics.Append(report.Error(ctx, op, err))
		}
	default:
		resp.Diagnostics.Append(noticeSuccess(report.JobRemovedWithARemark, "removed", state, removal.HResult)...)
	}
	if resp.Diagnostics.HasError() {
		to.Restore(id)
	}
}
