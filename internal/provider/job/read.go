package job

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Read takes over what the host says. It never waits and changes nothing there, and only the host's own word that
// it lists no such job means that the job is gone.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	// The identity first: without one a CLI that keeps none takes a job that is removed from the state for a bug.
	resp.Diagnostics.Append(identify(ctx, req.Identity, resp.Identity, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.stage() == bits.StageAcknowledged {
		r.readFiles(ctx, state, req, resp)
		return
	}
	if unknown := r.connections.UnknownFor(state.Host); len(unknown) > 0 {
		resp.Diagnostics.Append(report.Notice(path.Empty(), report.JobNotRead,
			"%s on %s was not read, because %s of the provider is not known yet. The state keeps what was read last.",
			report.UpperFirst(state.name()), state.Host.ValueString(), strings.Join(unknown, ", ")))
		return
	}
	to, diags := r.connections.Open(state.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	imported := state.imported()
	job, err := lookUp(ctx, to.Client, state, req.Private)
	if errors.Is(err, bits.ErrNotFound) && state.ID.IsNull() {
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(noticeNeverMade(state))
		return
	}
	if errors.Is(err, bits.ErrNotFound) && !imported {
		var found ending
		if found, err = findEnding(ctx, to.Client, state, req.Private); err == nil {
			resp.Diagnostics.Append(recordEnding(ctx, state, found, resp)...)
			return
		}
	}
	if err != nil {
		a := state.operation("read")
		a.Stage = "" // nothing is concluded here about a job that is absent
		if !imported {
			a.WhenUnreachable = deadHostRemedy
		}
		resp.Diagnostics.Append(report.Error(ctx, a, err))
		return
	}
	if known := state.ownerSID(); known != "" && job.Owner.SID != "" && known != job.Owner.SID {
		resp.Diagnostics.Append(noticeOtherOwner(to.Name, job, state.Owner))
	}
	before := state
	state.observe(job)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	if !imported {
		changed, _, diags := recall[drift](ctx, req.Private, driftKey)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(remember(ctx, resp.Private, driftKey, changed.merge(before, state))...)
	}
	resp.Diagnostics.Append(identify(ctx, req.Identity, resp.Identity, state)...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, filesKey, sizesOf(job))...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, endingKey)...)
	resp.Diagnostics.Append(noticeTrouble(to.Name, job)...)
	if others := otherFiles(job, state.Files); len(others) > 0 {
		resp.Diagnostics.Append(noticeOtherFiles(to.Name, job, others))
	}
}

// lookUp reads the job of a state: by its id, or by its pending token while it is not known whether it was made.
func lookUp(ctx context.Context, jobs hosts.Client, state model, private privateReader) (bits.Job, error) {
	if !state.ID.IsNull() {
		return jobs.Get(ctx, state.jobID(), state.ownerSID())
	}
	made, found, diags := recall[pending](ctx, private, pendingKey)
	if diags.HasError() || !found {
		return bits.Job{}, bits.ErrNotFound
	}
	return jobs.Adopt(ctx, made.Token)
}

// recordEnding keeps how a job ended for the plan. A completion does not move the state here: a plan keeps no refresh, so
// the apply records it, and a plan that is never applied finds it again.
func recordEnding(ctx context.Context, state model, found ending, resp *resource.ReadResponse) diag.Diagnostics {
	diags := remember(ctx, resp.Private, endingKey, found)
	if found.completed() {
		wrong := mismatches(expectations(state), found)
		if diags.Append(noticeMismatch(state, wrong)...); len(wrong) == 0 {
			diags.Append(noticeCompleted(state, found))
		}
		return diags
	}
	diags.Append(noticeMissing(state, found))
	state.markMissing()
	diags.Append(resp.State.Set(ctx, state)...)
	return diags
}
