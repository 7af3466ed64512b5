package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Read takes over what the host says. It never waits and changes nothing there, and only the host's own word that
// it lists no such job means that the job is gone.
func (r *jobResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state jobModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.stage() == bits.StageAcknowledged {
		return
	}
	if unknown := r.connections.unknownFor(state.Host); len(unknown) > 0 {
		resp.Diagnostics.AddWarning("Job Not Read", fmt.Sprintf(
			"%s on %s was not read, because %s of the provider is not known yet. The state keeps what was read last.",
			capital(state.words()), state.Host.ValueString(), strings.Join(unknown, ", ")))
		return
	}
	to, diags := r.connections.open(state.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	imported := state.imported()
	job, err := lookUp(ctx, to.jobs, state, req.Private)
	if errors.Is(err, bits.ErrNotFound) && !imported {
		history := historyOf(ctx, to.jobs, state)
		if history.Ending == bits.EndingCompleted {
			resp.Diagnostics.Append(noticeCompleted(state, history))
			resp.Diagnostics.Append(remember(ctx, resp.Private, endingKey, ofHistory(history, state))...)
			state.completedBy(history)
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
			return
		}
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(gone(state, history))
		return
	}
	if err != nil {
		a := state.act("read")
		a.stage = "" // nothing is concluded here about a job that is absent
		if !imported {
			a.unreachable = deadHostRemedy
		}
		resp.Diagnostics.Append(diagnose(ctx, a, err))
		return
	}
	state.observe(job)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(noticeTrouble(to.host, job)...)
	if others := otherFiles(job, state.Files); len(others) > 0 {
		resp.Diagnostics.Append(noticeOtherFiles(to.host, job, others))
	}
}

// lookUp reads the job of a state: by its id, or by its pending token while it is not known whether it was made.
func lookUp(ctx context.Context, jobs Jobs, state jobModel, private privateReader) (bits.Job, error) {
	if !state.ID.IsNull() {
		return jobs.Get(ctx, state.jobID(), state.ownerSID())
	}
	made, found, diags := recall[pending](ctx, private, pendingKey)
	if diags.HasError() || !found {
		return bits.Job{}, bits.ErrNotFound
	}
	return jobs.Adopt(ctx, made.Token)
}

func gone(state jobModel, h bits.History) diag.Diagnostic {
	if state.ID.IsNull() {
		return noticeNeverMade(state)
	}
	return noticeGone(state, h)
}

// ImportState takes host/guid, or guid for a job on the provider's host.
func (r *jobResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	host, guid := "", req.ID
	if i := strings.LastIndexByte(req.ID, '/'); i >= 0 {
		host, guid = req.ID[:i], req.ID[i+1:]
	}
	id, err := bits.ParseJobID(guid)
	if err != nil {
		resp.Diagnostics.AddError("Invalid Import ID", sentence(err.Error())+" The forms are host/guid, and guid for a job on the provider's host.")
		return
	}
	on := r.connections.host
	if host != "" || strings.HasPrefix(req.ID, "/") {
		if _, _, err := splitHost(host); err != nil {
			resp.Diagnostics.AddError("Invalid Import ID", sentence(err.Error())+" The forms are host/guid, and guid for a job on the provider's host.")
			return
		}
		on = types.StringValue(host)
	}
	if on.IsNull() || on.IsUnknown() {
		resp.Diagnostics.AddError("Invalid Import ID", "The id names no host, and the provider has none that is known: import it as host/guid.")
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), string(id))...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("host"), on)...)
}
