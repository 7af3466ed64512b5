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

// Update carries out a plan in at most one change, one wait and one completion. It returns what was planned: only
// Read moves what is observed.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var u update
	resp.Diagnostics.Append(req.Plan.Get(ctx, &u.plan)...)
	resp.Diagnostics.Append(u.plan.takeWriteOnly(ctx, req.Config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &u.prior)...)
	resp.Diagnostics.Append(identify(ctx, req.Identity, resp.Identity, u.prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if u.prior.ID.IsNull() {
		resp.Diagnostics.Append(report.Problem(path.Empty(), report.JobNotKnown, "It is not known yet whether this job was made: run terraform apply with a refresh, which looks for it on the host."))
		return
	}
	limit, diags := u.plan.Timeouts.Update(ctx, defaultUpdateTimeout)
	resp.Diagnostics.Append(diags...)
	ended, _, diags := recall[ending](ctx, req.Private, endingKey)
	resp.Diagnostics.Append(diags...)
	changed, _, diags := recall[drift](ctx, req.Private, driftKey)
	resp.Diagnostics.Append(diags...)
	if u.finished = u.prior.finished(ended); u.finished {
		u.ended = ended
		resp.Diagnostics.Append(refuseChanges(ctx, u.plan, u.prior, ended, changed)...)
		resp.Diagnostics.Append(refuseHashes(u.plan, u.prior, ended)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	u.decide()
	if u.nothingToDo() { // only this provider's own settings changed: nothing to dial for
		resp.Diagnostics.Append(resp.State.Set(ctx, u.plan)...)
		resp.Diagnostics.Append(forget(ctx, resp.Private, driftKey)...)
		return
	}
	to, diags := r.connections.Open(u.prior.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	u.Host, u.pace = to, r.Pace
	u.run(ctx, resp)
}

// update is one update of a job.
type update struct {
	hosts.Host
	pace        Pace
	prior, plan model
	finished    bool   // the job is completed: nothing of it is on the host
	ended       ending // then

	change   bits.Change
	wait     bool
	complete bool
	check    bool // files of a completed job, whose hashes are not on record
}

// decide decides what has to be done on the host.
func (u *update) decide() {
	if u.finished {
		u.check = slices.ContainsFunc(toCheck(u.plan, u.prior), func(e expectation) bool { return u.ended.file(e.localName).SHA256 == "" })
		return
	}
	u.change = u.changes()
	u.complete = u.plan.CompleteWhenTransferred.ValueBool()
	u.wait = u.plan.WaitForTransfer.ValueBool() && (u.prior.stage() != bits.StageTransferred || len(u.change.AddFiles) > 0)
	u.complete = u.complete && (u.wait || u.prior.stage() == bits.StageTransferred && len(u.change.AddFiles) == 0)
}

// changes gives the one change that makes the job what the plan says.
func (u *update) changes() bits.Change {
	c := bits.Change{Properties: changeOf(u.plan, u.prior)}
	for _, a := range inPlace(u.plan, u.prior) {
		switch a.name {
		case "priority":
			p := bits.Priority(u.plan.Priority.ValueString())
			c.Priority = &p
		case "display_name":
			c.DisplayName = u.plan.DisplayName.ValueStringPointer()
		case "description":
			c.Description = u.plan.Description.ValueStringPointer()
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

func (u *update) changesNothing() bool {
	c := u.change
	return c.DisplayName == nil && c.Description == nil && c.Priority == nil && c.Suspended == nil && len(c.AddFiles) == 0 && c.Empty()
}

func (u *update) nothingToDo() bool { return u.changesNothing() && !u.wait && !u.complete && !u.check }

func (u *update) run(ctx context.Context, resp *resource.UpdateResponse) {
	if u.check {
		err := u.checkHashes(ctx, &u.ended, resp)
		resp.Diagnostics.Append(u.reportUnchecked(ctx, err)...)
		if err == nil {
			resp.Diagnostics.Append(resp.State.Set(ctx, u.plan)...)
			resp.Diagnostics.Append(forget(ctx, resp.Private, driftKey)...)
		}
		return
	}
	job := bits.Job{State: bits.StateTransferred} // what a completion without a change starts from
	if u.wait || !u.changesNothing() {
		var err error
		if job, err = u.apply(ctx); err != nil {
			if u.changesNothing() && u.completedExternally(ctx, explainAbsence(ctx, u.Client, u.prior, err), resp) {
				return
			}
			u.fail(ctx, err, resp)
			return
		}
		resp.Diagnostics.Append(noticeOpenToUsers(u.Name, job)...)
	}
	var completion *bits.Completion
	var err error
	switch {
	case u.wait:
		job, completion, err = finish(ctx, u.Client, job, u.complete, u.pace, logProgress(ctx, u.Name))
	case u.complete:
		completion, err = u.completeNow(ctx)
	case job.State.Stage() == bits.StageError && u.plan.State.IsUnknown():
		err = &jobFailed{job: job}
	}
	if job.ID != "" {
		resp.Diagnostics.Append(remember(ctx, resp.Private, filesKey, sizesOf(job))...)
	}
	err = explainAbsence(ctx, u.Client, u.prior, err)
	if u.completedExternally(ctx, err, resp) {
		return
	}
	doing := waitPhase(job)
	if completion != nil {
		doing = checking
		evidence := endingOf(*completion)
		err = u.checkHashes(ctx, &evidence, resp)
		resp.Diagnostics.Append(noticeSuccess(report.JobCompletedWithARemark, "completed", u.plan, completion.HResult)...)
		if err != nil {
			completion = nil // is not recorded: the next plan goes on from the evidence
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, u.outcome(job, completion, err))...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, driftKey)...)
	if err == nil || errors.Is(err, errMismatch) {
		return
	}
	a := u.prior.operation(doing) // the change was made: what failed came after it
	a.Stage, a.At, a.Limit = job.State.Stage(), u.after(), updateTimeout
	if job.ID != "" {
		a.LastRead = &job
	}
	if u.wait && (doing == checking || waitInterrupted(ctx, err)) {
		resp.Diagnostics.Append(report.Unfinished(ctx, a, err))
		return
	}
	resp.Diagnostics.Append(report.Error(ctx, a, err))
}

// completedExternally reports whether somebody else completed the job, which is what was left to do, and records it.
func (u *update) completedExternally(ctx context.Context, err error, resp *resource.UpdateResponse) bool {
	var by *jobEnded
	if !u.complete || !errors.As(err, &by) || !by.ending.completed() {
		return false
	}
	had, _, diags := recall[[]endedFile](ctx, resp.Private, filesKey)
	by.ending.Files = had
	resp.Diagnostics.Append(diags...)
	if err = u.checkHashes(ctx, &by.ending, resp); err != nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, u.outcome(bits.Job{}, nil, err))...)
		resp.Diagnostics.Append(u.reportUnchecked(ctx, err)...)
		return true
	}
	state := u.plan
	state.markEnded(by.ending)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, driftKey)...)
	resp.Diagnostics.Append(noticeCompletedMeanwhile(u.prior, by.ending))
	return true
}

// waitInterrupted reports whether a wait ended without the job having failed.
func waitInterrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errSuspendedMeanwhile)
}

// outcome is the state after the change was made: the plan with what was unknown in it. What was planned and did
// not come about stays as it was.
func (u *update) outcome(job bits.Job, completion *bits.Completion, err error) model {
	state, observed := u.plan, u.prior
	if job.ID != "" {
		observed.observeProgress(job)
	}
	if completion != nil {
		observed.markCompleted(*completion)
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

// apply makes the change and gives the job after it. Without a change the job is read.
func (u *update) apply(ctx context.Context) (bits.Job, error) {
	if u.changesNothing() {
		return u.Client.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
	}
	if len(u.change.AddFiles) > 0 {
		// An append that broke off may have left some of them in the job, and BITS would take them twice.
		job, err := u.Client.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
		if err != nil {
			return job, err
		}
		u.change.AddFiles = job.MissingFiles(u.change.AddFiles)
	}
	return u.Client.Change(ctx, u.prior.jobID(), u.change)
}

// completeNow completes a job that was transferred when the plan was made. The plan promises a completed job, so
// one that is transferred no longer is an error.
func (u *update) completeNow(ctx context.Context) (*bits.Completion, error) {
	completion, err := completeJob(ctx, u.Client, u.prior.jobID())
	if err == nil && !completion.Done {
		return nil, errMovedOn
	}
	return completion, err
}

// fail tells why the change failed. What the host did before it refused is read back, so that the next plan shows
// what is left to do.
func (u *update) fail(ctx context.Context, err error, resp *resource.UpdateResponse) {
	failed := u.failedAt(err)
	err = explainAbsence(ctx, u.Client, u.prior, err)
	a := u.prior.operation(failed.verb)
	a.At, a.Limit = failed.at, updateTimeout
	a.Files = specs(filesOf(u.plan.Files))
	resp.Diagnostics.Append(report.Error(ctx, a, err))
	if u.changesNothing() || errors.Is(err, bits.ErrNotFound) {
		return
	}
	job, err := u.Client.Get(ctx, u.prior.jobID(), u.prior.ownerSID())
	if err != nil {
		return // the state keeps what was known before
	}
	state := u.prior
	state.observe(job)
	state.Files = withListed(job, u.prior.Files, u.plan.Files)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// changeStep is one thing that an update does to the job: the step as the host names it, the words for messages, and the
// attribute that asks for it.
type changeStep struct {
	name, verb string
	at         path.Path
}

// failedAt finds what the update was doing when an error came: the step that the host refused, else the first.
func (u *update) failedAt(err error) changeStep {
	var aims []changeStep
	for _, a := range inPlace(u.plan, u.prior) {
		aims = append(aims, changeStep{"set:" + a.name, "set the " + a.words + " of", path.Root(a.name)})
	}
	aims = append(aims, propertySteps(u.plan, u.prior)...)
	if len(u.change.AddFiles) > 0 {
		aims = append(aims, changeStep{"add-file", "append files to", path.Root("files")})
	}
	if suspended := u.change.Suspended; suspended != nil && *suspended {
		aims = append(aims, changeStep{"suspend", "suspend", path.Root("suspended")})
	} else if suspended != nil {
		aims = append(aims, changeStep{"resume", "resume", path.Root("suspended")})
	}
	if len(aims) == 0 {
		return changeStep{"read", "read", u.after()}
	}
	var refusal *bits.Error
	if errors.As(err, &refusal) {
		for _, a := range aims {
			if a.name == refusal.Step {
				return a
			}
		}
	}
	return aims[0]
}

// after is the attribute that asks for what follows the change.
func (u *update) after() path.Path {
	if u.wait {
		return path.Root("wait_for_transfer")
	}
	return path.Root("complete_when_transferred")
}

// withListed gives the files of a state after an append that failed: those it had, and those of the plan that the
// job lists by now.
func withListed(job bits.Job, prior, plan types.List) types.List {
	files := filesOf(prior)
	for _, f := range compareFiles(prior, plan, false).added {
		if job.HasFile(f.localName.ValueString()) {
			files = append(files, f)
		}
	}
	return filesValue(files)
}
