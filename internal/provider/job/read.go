// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Read takes over what the host reports. It never waits and changes nothing there, and only a host that lists no such job
// shows that the job is gone.
func (r *jobResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(get(ctx, req.State, &state)...)
	// The identity first: a CLI that has none for a job takes its removal from the state for a bug.
	resp.Diagnostics.Append(identify(ctx, req.Identity, resp.Identity, state)...)
	e, diags := loadEvidence(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	limit, diags := state.readLimit(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !req.State.Raw.IsKnown() { // of an import that is deferred
		resp.Deferred = &resource.Deferred{Reason: resource.DeferredReasonProviderConfigUnknown}
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	e.Unread = false
	switch unknown := r.connections.UnknownFor(state.Host); {
	case state.stage() == bits.StageAcknowledged:
		resp.Diagnostics.Append(r.readCompleted(ctx, state, &e)...)
	case len(unknown) > 0 && !state.imported(): // an import has nothing to keep, and fails where its host is opened
		resp.Diagnostics.Append(report.Notice(path.Empty(), report.JobNotRead,
			"%s was not read, because these provider settings are unknown: %s. The state keeps the last known values.",
			state.subject(), strings.Join(unknown, ", ")))
		return
	default:
		r.readListed(ctx, state, &e, req, resp)
	}
	resp.Diagnostics.Append(e.save(ctx, resp.Private)...)
}

// readLimit returns how long a refresh may take. An imported job has no timeouts yet.
func (m *model) readLimit(ctx context.Context) (time.Duration, diag.Diagnostics) {
	if m.imported() {
		return defaultReadTimeout, nil
	}
	return m.Timeouts.Read(ctx, defaultReadTimeout)
}

// readListed reads a job that BITS listed when it was read last.
func (r *jobResource) readListed(ctx context.Context, state model, e *evidence, req resource.ReadRequest, resp *resource.ReadResponse) {
	to, diags := r.connections.Open(state.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	job, err := lookUp(ctx, to.Client, state, e.Token)
	if err != nil {
		r.readFailed(ctx, to, state, e, err, resp)
		return
	}
	if to.ReadTwice(job.ID) {
		resp.Diagnostics.Append(report.Notice(path.Empty(), report.JobHasTwoResources,
			"%s is managed by two resources, and each would undo the changes of the other. Remove one of them from the state with terraform state rm "+
				"ADDRESS.", subject(job.ID, job.DisplayName, to.Name)))
	}
	if known := state.ownerSID(); known != "" && job.Owner.SID != "" && known != job.Owner.SID {
		resp.Diagnostics.Append(noticeOtherOwner(to.Name, job, state.Owner))
	}
	before := state
	state.observe(job)
	if !before.imported() {
		e.noteDrift(before, state)
	}
	e.observe(job)
	resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
	resp.Diagnostics.Append(identify(ctx, req.Identity, resp.Identity, state)...)
	resp.Diagnostics.Append(noticeTrouble(ctx, to, state, job)...)
	if others := otherFiles(job, state.Files); len(others) > 0 {
		resp.Diagnostics.Append(noticeOtherFiles(to.Name, job, others))
	}
}

// readFailed reports why a job could not be read: it has ended, or nothing can be said of it.
func (r *jobResource) readFailed(ctx context.Context, to hosts.Host, state model, e *evidence, err error, resp *resource.ReadResponse) {
	gone := errors.Is(err, bits.ErrNotFound)
	if gone && state.ID.IsNull() {
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(noticeNeverMade(state))
		return
	}
	if gone && !state.imported() {
		if err = e.findEnding(ctx, to.Client, state); err == nil {
			resp.Diagnostics.Append(recordEnding(ctx, state, *e, resp)...)
			return
		}
	}
	if undecided := noticeUndecided(ctx, state, err); undecided != nil && !state.imported() {
		resp.Diagnostics.Append(undecided)
		return
	}
	op := state.operation("read")
	op.Limit = readTimeout
	op.Stage = ""         // nothing is concluded here about a job that is absent
	if state.imported() { // there is nothing to keep
		resp.Diagnostics.Append(report.Error(ctx, op, err))
		return
	}
	op.WhenUnreachable = deadHostRemedy
	failure, kept := r.connections.ReadFailed(ctx, op, "The state keeps the last known values, and changes to the job fail until the host is back", err)
	e.Unread = kept
	resp.Diagnostics.Append(failure)
}

// lookUp reads the job of a state: by its id, or by its pending token while it is not known whether it was made.
func lookUp(ctx context.Context, client hosts.Client, state model, token string) (bits.Job, error) {
	switch {
	case !state.ID.IsNull():
		return client.Get(ctx, state.jobID(), state.ownerSID())
	case token == "":
		return bits.Job{}, bits.ErrNotFound
	}
	return client.Adopt(ctx, token)
}

// recordEnding reports how a job ended. A completion does not change the state here: a plan keeps no refresh, so
// the apply records it, and a plan that is never applied finds it again.
func recordEnding(ctx context.Context, state model, e evidence, resp *resource.ReadResponse) diag.Diagnostics {
	if !e.completed() {
		diags := diag.Diagnostics{noticeMissing(state, e.ending)}
		state.finish(bits.StageMissing, nil)
		diags.Append(set(ctx, &resp.State, state)...)
		return diags
	}
	if wrong := mismatches(expectations(state), e); len(wrong) > 0 {
		return noticeMismatch(state, wrong)
	}
	return diag.Diagnostics{noticeCompleted(state, e.ending)}
}
