package job

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Delete cancels a job that BITS still lists. Otherwise no host is dialled: the files stay.
func (r *jobResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
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
}
