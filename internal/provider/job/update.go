// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// update is one update of a job.
type update struct {
	hosts.Host
	pace        Pace
	prior, plan model
	evidence    evidence
	holds       WhatHolds
	resp        *resource.UpdateResponse

	change   bits.Change
	wait     bool
	complete bool
	check    bool // files of a completed job, whose hashes are not on record
}

// Update carries out a plan in at most one change, one wait and one completion. It returns what was planned: only
// Read moves what is observed.
func (r *jobResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	u := update{pace: r.pace, resp: resp}
	u.read(ctx, req)
	limit, diags := u.plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	u.decide()
	if u.change.None() && !u.wait && !u.complete && !u.check { // only settings of the provider changed: nothing to dial for
		u.record(ctx, u.outcome(bits.Job{}, nil, nil))
	} else {
		u.Host, diags = r.connections.Open(u.prior.Host)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		u.holds = AskWhatHolds(ctx, u.Host)
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		u.run(ctx)
	}
	resp.Diagnostics.Append(u.evidence.save(ctx, resp.Private)...)
}

// read reads plan, state and evidence, and refuses what a completed job can't have.
func (u *update) read(ctx context.Context, req resource.UpdateRequest) {
	diags := &u.resp.Diagnostics
	diags.Append(get(ctx, req.Plan, &u.plan)...)
	diags.Append(u.plan.takeWriteOnly(ctx, req.Config)...)
	diags.Append(get(ctx, req.State, &u.prior)...)
	diags.Append(identify(ctx, req.Identity, u.resp.Identity, u.prior)...)
	if diags.HasError() {
		return
	}
	if u.prior.ID.IsNull() {
		diags.Append(report.Problem(path.Empty(), report.JobNotKnown,
			"It is unknown whether this job was created. Run terraform apply with a refresh, which looks for the job on the host."))
		return
	}
	e, more := loadEvidence(ctx, req.Private)
	diags.Append(more...)
	if u.evidence = e; u.prior.missing(e) {
		diags.Append(refuseMissing(u.prior, e))
	}
	if u.finished() {
		u.refuse(ctx)
	}
}

func (u *update) finished() bool { return u.prior.finished(u.evidence.ending) }

// refuse refuses what a completed job can't have. A completion that is not recorded yet is recorded all the same.
func (u *update) refuse(ctx context.Context) {
	refused := append(refuseChanges(ctx, u.plan, u.prior, u.evidence), refuseHashes(u.plan, u.prior, u.evidence)...)
	if !refused.HasError() {
		return
	}
	if state := u.prior; state.stage() != bits.StageAcknowledged {
		state.finish(bits.StageAcknowledged, u.evidence.ending.At)
		u.resp.Diagnostics.Append(set(ctx, &u.resp.State, state)...)
	}
	u.resp.Diagnostics.Append(refused...)
}

// record sets the state. What was changed outside Terraform is set back, or accepted, by then, and the host is back where it was down.
func (u *update) record(ctx context.Context, state model) {
	u.evidence.Drift, u.evidence.Unread = nil, false
	u.resp.Diagnostics.Append(set(ctx, &u.resp.State, state)...)
}

// run does what was decided.
func (u *update) run(ctx context.Context) {
	if u.check {
		if err := u.checkHashes(ctx); err != nil {
			u.reportUnchecked(ctx, err)
			return
		}
		u.record(ctx, u.plan)
		return
	}
	job, err := u.apply(ctx)
	if err != nil {
		failed := u.failedAt(err)
		err = ExplainAbsence(ctx, u.Client, u.prior.known(), err)
		if !u.change.None() || !u.completedExternally(ctx, err) {
			u.fail(ctx, failed, err)
		}
		return
	}
	u.resp.Diagnostics.Append(noticeOpenToUsers(u.Name, job)...)
	job, completion, err := u.follow(ctx, job)
	if job.ID != "" {
		u.evidence.observe(job)
	}
	err = ExplainAbsence(ctx, u.Client, u.prior.known(), err)
	if u.completedExternally(ctx, err) {
		return
	}
	phase := waitPhase(job)
	if completion != nil {
		phase = checking
		u.evidence.complete(*completion)
		err = u.checkHashes(ctx)
		u.resp.Diagnostics.Append(noticeSuccess(report.JobCompletedWithARemark, "completed", u.plan, completion.HResult)...)
		if err != nil {
			completion = nil // is not recorded: the next plan goes on from the evidence
		}
	}
	u.record(ctx, u.outcome(job, completion, err))
	u.reportUnreached(ctx, job, phase, err)
}

// apply makes the change and returns the job after it. Without a change the job is read, if it is waited for.
func (u *update) apply(ctx context.Context) (bits.Job, error) {
	switch {
	case u.change.None() && !u.wait:
		return bits.Job{State: bits.StateTransferred}, nil // what a completion starts from
	case u.change.None():
		return u.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
	case len(u.change.AddFiles) > 0:
		// An append that broke off may have left some of them in the job, and BITS would take them twice.
		job, err := u.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
		if err != nil {
			return job, err
		}
		u.change.AddFiles = job.MissingFiles(u.change.AddFiles)
	}
	return u.Change(ctx, u.prior.jobID(), u.change)
}

// follow waits for a job that was changed, and completes it, as far as the plan wants that.
func (u *update) follow(ctx context.Context, job bits.Job) (bits.Job, *bits.Completion, error) {
	switch {
	case u.wait:
		return waitAndComplete(ctx, u.Client, job, u.complete, u.pace, logProgress(ctx, u.Name))
	case u.complete:
		completion, err := Complete(ctx, u.Client, u.prior.jobID())
		if err == nil && !completion.Done { // the plan promises a completed job
			return job, nil, errMovedOn
		}
		return job, completion, err
	case u.prior.stage() == bits.StageError:
		job, err := FailsAgain(ctx, u.Client, job, u.pace)
		return job, nil, err
	case u.plan.State.IsUnknown() && job.State.Stage() == bits.StageError: // it was resumed
		return job, nil, &jobFailed{job: job}
	}
	return job, nil, nil
}

// completedExternally reports whether the job was completed outside Terraform, which is what was left to do, and records it.
func (u *update) completedExternally(ctx context.Context, err error) bool {
	var by *jobEnded
	if !u.complete || !errors.As(err, &by) || !by.ending.completed() {
		return false
	}
	u.evidence.ending = by.ending
	if err := u.checkHashes(ctx); err != nil {
		u.resp.Diagnostics.Append(set(ctx, &u.resp.State, u.outcome(bits.Job{}, nil, err))...)
		u.reportUnchecked(ctx, err)
		return true
	}
	state := u.plan
	state.finish(bits.StageAcknowledged, by.ending.At)
	u.record(ctx, state)
	u.resp.Diagnostics.Append(noticeCompletedMeanwhile(u.prior, by.ending))
	return true
}

// outcome is the state after the change was made: the plan with what was unknown in it. What was planned and did
// not come about stays as it was.
func (u *update) outcome(job bits.Job, completion *bits.Completion, err error) model {
	state, observed := u.plan, u.prior
	if job.ID != "" {
		observed.observeProgress(job)
	}
	if completion != nil {
		observed.finish(bits.StageAcknowledged, &completion.At)
	}
	if err != nil || state.State.IsUnknown() {
		state.State = observed.State
	}
	if err != nil || state.Error.IsUnknown() {
		state.Error = observed.Error
	}
	if err != nil || state.CompletedAt.IsUnknown() {
		state.CompletedAt = observed.CompletedAt
	}
	return state
}

// fail reports why the change failed. What the host did before it refused is read back, so that the next plan shows what is left to do.
func (u *update) fail(ctx context.Context, failed changeStep, err error) {
	op := u.prior.operation(failed.verb)
	op.At, op.Limit, op.Files, op.Situation = failed.at, updateTimeout, specs(filesOf(u.plan.Files)), u.plan.situation()
	u.resp.Diagnostics.Append(report.Error(ctx, op, err))
	if u.change.None() || errors.Is(err, bits.ErrNotFound) {
		return
	}
	job, err := u.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
	if err != nil {
		return // the state keeps what was known before
	}
	state := u.prior
	state.observe(job)
	state.Files = withListed(job, u.prior.Files, u.plan.Files)
	u.resp.Diagnostics.Append(set(ctx, &u.resp.State, state)...)
}

// reportUnreached reports what failed after the change was made.
func (u *update) reportUnreached(ctx context.Context, job bits.Job, phase string, err error) {
	if err == nil || errors.Is(err, errMismatch) {
		return
	}
	var by *jobEnded
	if errors.As(err, &by) && by.ending.completed() {
		u.resp.Diagnostics.Append(noticeEndedMeanwhile(u.prior, by.ending))
		return
	}
	op := u.prior.operation(phase)
	op.Stage, op.At, op.Limit = job.State.Stage(), u.after(), updateTimeout
	if job.ID != "" {
		op.LastRead, op.Holds, op.Situation = &job, u.holds, situationOf(ctx, u.Client, u.plan, job)
	}
	var failed *jobFailed
	interrupted := ctx.Err() != nil && !errors.As(err, &failed)
	if u.wait && (phase == checking || interrupted || errors.Is(err, errSuspendedMeanwhile)) || u.prior.stage() == bits.StageError && interrupted {
		u.resp.Diagnostics.Append(report.Unfinished(ctx, op, err))
		return
	}
	u.resp.Diagnostics.Append(report.Error(ctx, op, err))
}

var errMismatch = errors.New("the content of a file is not as expected")

// checkHashes compares the contents of a completed job's files with what an update expects. It reports those that differ: errMismatch.
func (u *update) checkHashes(ctx context.Context) error {
	wanted := toCheck(u.plan, u.prior)
	err := u.evidence.hash(ctx, u.Client, wanted)
	wrong := mismatches(wanted, u.evidence)
	if err != nil || len(wrong) == 0 {
		return err
	}
	remedy := recordMismatch
	if u.prior.stage() == bits.StageAcknowledged {
		remedy = changeMismatch
	}
	u.resp.Diagnostics.Append(refuseMismatches(u.prior, wrong, remedy)...)
	return errMismatch
}

// reportUnchecked reports why contents could not be compared, where checkHashes has reported nothing.
func (u *update) reportUnchecked(ctx context.Context, err error) {
	if errors.Is(err, errMismatch) {
		return
	}
	op := u.prior.operation(checking)
	op.At, op.Limit = path.Root("files"), updateTimeout
	u.resp.Diagnostics.Append(report.Error(ctx, op, err))
}

// decide decides what has to be done on the host.
func (u *update) decide() {
	if u.finished() {
		u.check = slices.ContainsFunc(toCheck(u.plan, u.prior), func(e expectation) bool { return u.evidence.file(e.localName).SHA256 == "" })
		return
	}
	u.change = u.changes()
	u.complete = u.plan.CompleteWhenTransferred.ValueBool()
	u.wait = u.plan.WaitForTransfer.ValueBool() && (u.prior.stage() != bits.StageTransferred || len(u.change.AddFiles) > 0)
	u.complete = u.complete && (u.wait || u.prior.stage() == bits.StageTransferred && len(u.change.AddFiles) == 0)
}

// changes returns the one change that makes the job what was planned.
func (u *update) changes() bits.Change {
	c := bits.Change{Properties: u.plan.changes(u.plan.changed(u.prior.managedProperties)...)}
	for _, a := range inPlace(u.plan, u.prior) {
		switch a.name {
		case "priority":
			p := bits.Priority(u.plan.Priority.ValueString())
			c.Priority = &p
		case "display_name":
			c.DisplayName = u.plan.DisplayName.ValueStringPointer()
		case "description":
			words := u.plan.Description.ValueString()
			c.Description = &words
		}
	}
	stage := u.prior.stage()
	c.AddFiles = specs(compareFiles(u.prior.Files, u.plan.Files, false).added)
	suspended := u.plan.Suspended.ValueBool()
	switch {
	case len(c.AddFiles) > 0, // a job that was transferred meanwhile has work again only when it is resumed
		stage == bits.StageError,
		stage == bits.StagePending && suspended,
		stage == bits.StageSuspended && !suspended:
		c.Suspended = &suspended
	}
	return c
}

// changeStep is one thing that an update does to the job.
type changeStep struct {
	name string    // as the host names it
	verb string    // in messages
	at   path.Path // the attribute that asks for it
}

// failedAt finds what the update was doing when an error came: the step that the host refused, else the first.
func (u *update) failedAt(err error) changeStep {
	var steps []changeStep
	for _, a := range inPlace(u.plan, u.prior) {
		for _, step := range a.steps {
			steps = append(steps, changeStep{"set:" + step, "set the " + a.words + " of", path.Root(a.name)})
		}
	}
	if len(u.change.AddFiles) > 0 {
		steps = append(steps, changeStep{"add-file", "append files to", path.Root("files")})
	}
	if suspended := u.change.Suspended; suspended != nil && *suspended {
		steps = append(steps, changeStep{"suspend", "suspend", path.Root("suspended")})
	} else if suspended != nil {
		steps = append(steps, changeStep{"resume", "resume", path.Root("suspended")})
	}
	if len(steps) == 0 {
		return changeStep{"read", "read", u.after()}
	}
	var refusal *bits.Error
	if errors.As(err, &refusal) {
		for _, a := range steps {
			if a.name == refusal.Step {
				return a
			}
		}
	}
	return steps[0]
}

// after is the attribute that asks for what follows the change.
func (u *update) after() path.Path {
	if u.wait {
		return path.Root("wait_for_transfer")
	}
	return path.Root("complete_when_transferred")
}

// withListed returns the files of a state after an append that failed: those it had, and those of the plan that the job lists by now.
func withListed(job bits.Job, prior, plan types.List) types.List {
	files := filesOf(prior)
	for _, f := range compareFiles(prior, plan, false).added {
		if job.HasFile(f.localName.ValueString()) {
			files = append(files, f)
		}
	}
	return filesValue(files)
}
