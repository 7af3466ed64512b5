// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

const (
	defaultCreateTimeout = time.Hour
	defaultUpdateTimeout = time.Hour
	defaultDeleteTimeout = 5 * time.Minute
	defaultReadTimeout   = 10 * time.Minute

	createTimeout = "timeouts.create"
	updateTimeout = "timeouts.update"
	deleteTimeout = "timeouts.delete"
	readTimeout   = "timeouts.read"
)

// Create makes the job in two steps: suspended and under a pending name, so that a provider that is killed leaves
// nothing that transfers, and then under its own. The id is in the state before the second step.
func (r *jobResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(get(ctx, req.Plan, &plan)...)
	resp.Diagnostics.Append(plan.takeWriteOnly(ctx, req.Config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	limit, diags := plan.Timeouts.Create(ctx, defaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	to, diags := r.connections.Open(plan.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	holds := AskWhatHolds(ctx, to)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r.create(ctx, to, plan, holds, req.Identity, resp)
}

func (r *jobResource) create(ctx context.Context, to hosts.Host, plan model, holds WhatHolds, identity *tfsdk.ResourceIdentity, resp *resource.CreateResponse) {
	state := plan.withUnknownOutcome(to.Name)
	token := newToken()
	resp.Diagnostics.Append(evidence{Token: token}.save(ctx, resp.Private)...)
	spec := plan.spec()
	op := state.operation("create")
	op.Files, op.Limit, op.Tainted = spec.Files, createTimeout, true
	if r.connections.RunAs(plan.Host) == connection.RunAsSystem {
		op.Situation.Job.Owner.SID = trouble.SystemSID
	}
	left, diags := r.claim(ctx, to, plan, spec)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if left != nil {
		r.adopt(ctx, to, state, *left, spec, holds, identity, resp)
		return
	}
	job, err := to.Create(ctx, token, spec)
	if err != nil {
		if recordLeftover(&state, err) {
			resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
		} else {
			to.Release(written(spec))
		}
		resp.Diagnostics.Append(report.Error(ctx, op, err))
		return
	}
	// The id first: whatever fails from here on, the job is never lost.
	state.ID = types.StringValue(string(job.ID))
	state.observeProgress(job)
	resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
	resp.Diagnostics.Append(identify(ctx, identity, resp.Identity, state)...)
	resp.Diagnostics.Append(noticeOpenToUsers(to.Name, job)...)

	op = state.operation("name and start")
	op.Stage, op.Limit, op.Consequence = "", createTimeout, taintedAfter
	job, err = to.Commit(ctx, job.ID, spec.DisplayName, plan.Suspended.ValueBool())
	if err != nil {
		resp.Diagnostics.Append(report.Error(ctx, op, err))
		return
	}
	state.observeProgress(job)
	resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
	r.followCreate(ctx, to, state, job, holds, resp)
}

// adopt takes over a live job that is the declared one, and makes it so in what is changed in place.
func (r *jobResource) adopt(ctx context.Context, to hosts.Host, state model, job bits.Job, spec bits.Spec, holds WhatHolds, identity *tfsdk.ResourceIdentity,
	resp *resource.CreateResponse,
) {
	state.ID = types.StringValue(string(job.ID))
	state.observeProgress(job)
	resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
	resp.Diagnostics.Append(identify(ctx, identity, resp.Identity, state)...)
	resp.Diagnostics.Append(noticeAdopted(state))
	hadFailed := job.State.Stage() == bits.StageError
	if change := adopted(job, spec, state.Suspended.ValueBool()); !change.None() {
		op := state.operation("change")
		op.Limit, op.Files, op.Consequence = createTimeout, spec.Files, taintedAfter
		var err error
		if job, err = to.Change(ctx, job.ID, change); err != nil {
			resp.Diagnostics.Append(report.Error(ctx, op, err))
			return
		}
	}
	if hadFailed && !state.WaitForTransfer.ValueBool() {
		job, _ = FailsAgain(ctx, to.Client, job, r.pace) // a job that was not read again is kept as it was
	}
	r.followCreate(ctx, to, state, job, holds, resp)
}

// followCreate waits for a committed job if that is wanted. From here on only a job in ERROR is an error:
// an error taints, and a tainted job is replaced with all that it has transferred.
func (r *jobResource) followCreate(ctx context.Context, to hosts.Host, state model, job bits.Job, holds WhatHolds, resp *resource.CreateResponse) {
	var err error
	var completion *bits.Completion
	switch {
	case state.WaitForTransfer.ValueBool():
		job, completion, err = waitAndComplete(ctx, to.Client, job, state.CompleteWhenTransferred.ValueBool(), r.pace, logProgress(ctx, to.Name))
	case job.State.Stage() == bits.StageError:
		err = &jobFailed{job: job}
	}
	state.observeProgress(job)
	var e evidence
	e.observe(job)
	op := state.operation(waitPhase(job))
	if completion != nil {
		e.complete(*completion)
		wanted := expectations(state)
		if err = e.hash(ctx, to.Client, wanted); err == nil {
			state.finish(bits.StageAcknowledged, &completion.At)
			resp.Diagnostics.Append(refuseMismatches(state, mismatches(wanted, e), taintedMismatch)...)
		}
		op = state.operation(checking)
		resp.Diagnostics.Append(noticeSuccess(report.JobCompletedWithARemark, "completed", state, completion.HResult)...)
	}
	resp.Diagnostics.Append(e.save(ctx, resp.Private)...)
	resp.Diagnostics.Append(set(ctx, &resp.State, state)...)
	if err == nil {
		return
	}
	op.LastRead, op.Holds, op.Limit, op.Tainted = &job, holds, createTimeout, true
	op.Situation = situationOf(ctx, to.Client, state, job)
	var failed *jobFailed
	switch {
	case errors.As(err, &failed):
		resp.Diagnostics.Append(report.Error(ctx, op, err))
	case errors.Is(err, bits.ErrNotFound):
		resp.Diagnostics.Append(noticeEndedMeanwhile(state, readLog(ctx, to.Client, state.known())))
	case errors.Is(err, bits.ErrInvalidState):
		resp.Diagnostics.Append(report.AsWarning(report.Error(ctx, op, err)))
	default:
		resp.Diagnostics.Append(report.Unfinished(ctx, op, err))
	}
}

// recordLeftover records in a state what a failed create may have left on the host, and reports whether there is such a thing.
func recordLeftover(state *model, err error) bool {
	var refusal *bits.Error
	if errors.As(err, &refusal) && refusal.Left != "" {
		state.ID = types.StringValue(string(refusal.Left))
		return true
	}
	return errors.Is(err, bits.ErrUnknownOutcome)
}

// newToken returns 32 random hexadecimal digits.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}
