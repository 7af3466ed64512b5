// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// ModifyPlan decides what an apply will do. Everything is judged here, from configuration and state, and nothing
// in Read, so that a destroy without refresh always works.
func (r *jobResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.connections == nil {
		return
	}
	var p planning
	resp.Diagnostics.Append(get(ctx, req.Config, &p.config)...)
	resp.Diagnostics.Append(get(ctx, req.Plan, &p.plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.plan.WaitForTransfer = p.config.waits()
	p.connections = r.connections.Configuration
	p.known = func(at path.Path) bool { return knownAt(ctx, req.Config, at) }
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(p.create()...)
		resp.Diagnostics.Append(p.refuseHost()...)
		resp.Diagnostics.Append(p.warnURLs()...)
		resp.Diagnostics.Append(set(ctx, &resp.Plan, p.plan)...)
		return
	}
	e, diags := loadEvidence(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	p.evidence = e
	resp.Diagnostics.Append(get(ctx, req.State, &p.prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(p.update(ctx)...)
	resp.Diagnostics.Append(p.refuseHost()...)
	resp.Diagnostics.Append(p.warnURLs()...)
	resp.RequiresReplace.Append(p.replace...)
	if p.live && !p.evidence.Unread {
		p.planMove()
	}
	resp.Diagnostics.Append(set(ctx, &resp.Plan, p.plan)...)
	// Of a job on a host that is down nothing is planned but what the configuration asks for: an apply could only fail.
	if p.live && p.evidence.Unread && !resp.Plan.Raw.Equal(req.State.Raw) {
		p.planMove()
		resp.Diagnostics.Append(set(ctx, &resp.Plan, p.plan)...)
	}
}

// planning is what a plan is made of, and what comes of it: plan and replace.
type planning struct {
	config, prior, plan model

	connections hosts.Configuration
	evidence    evidence
	known       func(path.Path) bool // whether an attribute is configured with a value that is known by now

	replace path.Paths
	changes fileChanges
	live    bool // the job goes on: what an apply does about its stage is to be planned
}

// create plans a new job: its host is decided here, and what it won't have. An apply that leaves the job with an error fails.
func (p *planning) create() diag.Diagnostics {
	p.plan.Error = types.ObjectNull(attrs.ErrorTypes)
	if !maybe(p.plan.WaitForTransfer) || !maybe(p.plan.CompleteWhenTransferred) {
		p.plan.CompletedAt = timetypes.NewRFC3339Null()
	}
	p.plan.Host = p.config.Host
	if p.config.Host.IsNull() {
		p.plan.Host = p.connections.Host
	}
	if p.plan.Host.IsNull() {
		return hosts.MissingHost()
	}
	return nil
}

// update plans for a job that exists, or existed.
func (p *planning) update(ctx context.Context) diag.Diagnostics {
	diags := p.planHost()
	p.planFiles()
	p.plan.keepSpellings(&p.prior.managedProperties)
	if had, want := p.prior.Triggers, p.plan.Triggers; declares(had) && declares(want) && !want.Equal(had) {
		p.replace.Append(path.Root("triggers")) // to begin or to cease declaring them is no change
	}
	if !p.plan.TransferType.Equal(p.prior.TransferType) {
		p.replace.Append(path.Root("transfer_type"))
	}
	p.replace.Append(p.plan.forcedReplacements(&p.prior.managedProperties, p.evidence.Made)...)
	missing := p.prior.missing(p.evidence)
	if missing && failsWhenMissing(p.config.OnMissing) { // a value that is not known yet asks for nothing
		p.replace = slices.DeleteFunc(p.replace, func(at path.Path) bool { return !p.known(at) })
	}
	switch {
	case len(p.replace) > 0: // Terraform plans the new job by itself
	case missing:
		diags.Append(p.planMissing()...)
	case p.completedWithWrongHash(), p.hasMissingFiles() && p.config.OnFileMissing.ValueString() == policyReplace:
		p.plan.State = types.StringUnknown()
		p.replace.Append(path.Root("state"))
	case p.prior.finished(p.evidence.ending):
		diags.Append(p.planFinished(ctx)...)
	default:
		diags.Append(p.warnKept()...)
		p.live = true
	}
	return diags
}

// warnKept warns of settings that the plan takes out and that BITS keeps on the job.
func (p *planning) warnKept() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, row := range p.plan.takenOut(&p.prior.managedProperties) {
		diags.Append(report.Notice(path.Root(row.name), report.SettingIsKept,
			"The %s of %s was removed from the configuration, but BITS can't reset it: the job keeps it until it ends. "+
				"To create a job without it, run terraform apply -replace=ADDRESS with the address of this resource.",
			row.words, report.JobName(p.prior.jobID(), p.prior.DisplayName.ValueString())))
	}
	return diags
}

// declares reports whether there are triggers, as far as is known. An empty map is none.
func declares(triggers types.Map) bool { return triggers.IsUnknown() || len(triggers.Elements()) > 0 }

// planHost keeps the host as the state spells it while it means the same one. A port that is written or left out is recorded, and a
// key of the provider's hosts for an address: what is not written comes from the provider, and may change.
func (p *planning) planHost() diag.Diagnostics {
	want := p.config.Host
	inherited := want.IsNull()
	if inherited {
		want = p.connections.Host
	}
	switch {
	case inherited && (want.IsUnknown() || want.IsNull()):
		// Where the provider points is not known, and the job is where it is.
		p.plan.Host = p.prior.Host
		return nil
	case !want.IsUnknown() && p.connections.SameHost(want.ValueString(), p.prior.Host.ValueString()):
		p.plan.Host = p.prior.Host
		if !hosts.SameSpelling(want.ValueString(), p.prior.Host.ValueString()) {
			p.plan.Host = want
		}
		return nil
	}
	p.plan.Host = want
	p.replace.Append(path.Root("host"))
	if !inherited {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Root("host"), report.JobMovesToAnotherHost,
		"The provider's host changed to %s from %s, and this resource sets no host: the job is replaced. To keep it on its host, "+
			"set host = %q in the resource.", want.ValueString(), p.prior.Host.ValueString(), p.prior.Host.ValueString())}
}

// refuseHost refuses a new job that can't work on its host, and a change after which a live job can't. What exists already is not judged:
// an error would stop every plan, even that of a destroy.
func (p *planning) refuseHost() diag.Diagnostics {
	host := p.plan.Host
	if host.IsNull() || host.IsUnknown() {
		host = p.connections.Host
	}
	created := p.prior.Host.IsNull() || len(p.replace) > 0
	var diags diag.Diagnostics
	if created || p.live && !p.plan.ClientCertificate.Equal(p.prior.ClientCertificate) {
		diags.Append(refuseCurrentUser(p.plan, p.connections.RunAs(host))...)
	}
	if created || p.live && !p.plan.Host.Equal(p.prior.Host) {
		diags.Append(p.connections.CheckHost(host.ValueString())...)
	}
	return diags
}

// planFiles keeps the files as the state lists them while they are the same set.
func (p *planning) planFiles() {
	finished := p.prior.finished(p.evidence.ending)
	p.changes = compareFiles(p.prior.Files, p.plan.Files, finished)
	switch {
	case p.changes.none() && !p.changes.hashes:
		p.plan.Files = p.prior.Files
	case p.changes.none(): // BITS knows nothing of what is expected
	case p.changes.replaced || finished:
		p.replace.Append(path.Root("files"))
	}
}

// refuseChanges refuses what BITS would have to change on a job that it no longer lists, unless the policy is to record it. Attributes
// that BITS does not have may change, and a value that is not known yet may turn out to be no change: Update judges it again.
func refuseChanges(ctx context.Context, plan, prior model, e evidence) diag.Diagnostics {
	if plan.OnFinishedChange.ValueString() == policyIgnore {
		return nil
	}
	end := e.ending
	end.Ending = cmp.Or(end.Ending, bits.EndingCompleted)
	if at, diags := prior.CompletedAt.ValueRFC3339Time(); end.At == nil && !diags.HasError() {
		end.At = &at
	}
	var diags diag.Diagnostics
	for _, a := range e.refused(plan, prior) {
		if a.want.IsUnknown() {
			continue
		}
		diags.Append(report.Error(ctx, report.Operation{
			Verb: "change the " + a.words + " of", Host: prior.Host.ValueString(),
			Job: prior.jobID(), DisplayName: prior.DisplayName.ValueString(), At: path.Root(a.name),
		}, &jobEnded{end}))
	}
	return diags
}

// planMove plans what an apply does about the stage of a live job. Observed attributes stay known unless the apply changes them.
func (p *planning) planMove() {
	wait, complete := maybe(p.plan.WaitForTransfer), maybe(p.plan.CompleteWhenTransferred)
	moves := false
	switch p.prior.stage() {
	case bits.StagePending:
		moves = wait || maybe(p.plan.Suspended)
	case bits.StageSuspended:
		moves = p.plan.Suspended.IsUnknown() || !p.plan.Suspended.ValueBool()
	case bits.StageError:
		moves = true
		p.plan.Error = types.ObjectNull(attrs.ErrorTypes) // an apply that leaves one fails
	case bits.StageTransferred:
		if len(p.changes.added) > 0 {
			moves = true
			break
		}
		if complete {
			p.plan.State = types.StringValue(string(bits.StageAcknowledged))
			p.plan.CompletedAt = timetypes.NewRFC3339Unknown()
		}
		if p.plan.CompleteWhenTransferred.IsUnknown() {
			p.plan.State = types.StringUnknown()
		}
	default: // of a job that has ended nothing moves
	}
	if !moves {
		return
	}
	p.plan.State = types.StringUnknown()
	if wait && complete {
		p.plan.CompletedAt = timetypes.NewRFC3339Unknown()
	}
}

// maybe reports whether a switch is on or may turn out to be.
func maybe(b types.Bool) bool { return b.IsUnknown() || b.ValueBool() }

// changedAttribute is an attribute that is set on a live job in place.
type changedAttribute struct {
	name, words string
	steps       []string // as the host names them, after "set:"
	want        attr.Value
	removed     bool // from the configuration: BITS' own default is set

	ignoredWhenCompleted bool
}

// inPlace lists the attributes with which a plan changes a property of the job. One that is taken out gets BITS' own default.
func inPlace(plan, prior model) []changedAttribute {
	var changed []changedAttribute
	compare := func(name, words string, want, had attr.Value, removed bool) {
		if !want.IsNull() && !want.Equal(had) {
			changed = append(changed, changedAttribute{name: name, words: words, steps: []string{name}, want: want, removed: removed})
		}
	}
	compare("priority", "priority", plan.Priority, prior.Priority, false)
	compare("display_name", "display name", plan.DisplayName, prior.DisplayName, false)
	description, removed := plan.Description, plan.Description.IsNull() && !prior.Description.IsNull()
	if removed {
		description = types.StringValue("")
	}
	compare("description", "description", description, prior.Description, removed)
	for _, row := range plan.changed(prior.managedProperties) {
		want := row.value(&plan.managedProperties)
		if !attrs.FullyKnown(want) {
			want = types.StringUnknown() // a part of it is
		}
		changed = append(changed, changedAttribute{row.name, row.words, row.steps, want, want.IsNull(), row.ignoredWhenCompleted})
	}
	return changed
}

// planMissing plans for a job that is missing: a new job, or a change that the apply refuses.
func (p *planning) planMissing() diag.Diagnostics {
	p.plan.State = types.StringUnknown()
	if failsWhenMissing(p.config.OnMissing) {
		return willFail(diag.Diagnostics{refuseMissing(p.prior, p.evidence)})
	}
	p.replace.Append(path.Root("state"))
	return nil
}

// failsWhenMissing reports whether an apply refuses a job that is missing. A policy that is not known yet may be to do so.
func failsWhenMissing(policy types.String) bool {
	return policy.IsUnknown() || policy.ValueString() == policyError
}

func refuseMissing(m model, e evidence) diag.Diagnostic {
	return report.Problem(path.Root("on_missing"), report.JobIsMissing, "%s is missing. %s\n\n%s", m.subject(), e.absence(), missingRemedy)
}

// willFail makes warnings of errors that the apply will return. An error of a plan would also stop terraform destroy, -replace and
// every other resource of the configuration.
func willFail(errors diag.Diagnostics) diag.Diagnostics {
	var warnings diag.Diagnostics
	for _, d := range errors {
		warnings.Append(report.WillFail(d))
	}
	return warnings
}

// missing reports whether a job is gone that is not known to be completed.
func (m *model) missing(e evidence) bool { return m.stage() == bits.StageMissing && !e.completed() }

// knownAt reports whether a configuration has a wholly known value for an attribute.
func knownAt(ctx context.Context, config tfsdk.Config, at path.Path) bool {
	var value attr.Value
	return !config.GetAttribute(ctx, at, &value).HasError() && attrs.FullyKnown(value)
}

// finished reports whether a job is known to be completed, recorded or not.
func (m *model) finished(e ending) bool {
	return m.stage() == bits.StageAcknowledged || e.completed()
}

// planFinished plans for a completed job, and its record where the state does not have it yet.
func (p *planning) planFinished(ctx context.Context) diag.Diagnostics {
	if p.prior.stage() != bits.StageAcknowledged {
		p.plan.finish(bits.StageAcknowledged, p.evidence.ending.At)
	}
	if p.config.OnFinishedChange.ValueString() == policyReplace {
		for _, a := range p.evidence.refused(p.plan, p.prior) {
			p.replace.Append(path.Root(a.name))
		}
		if len(mismatches(toCheck(p.plan, p.prior), p.evidence)) > 0 {
			p.replace.Append(path.Root("files"))
		}
		if len(p.replace) > 0 {
			return nil
		}
	}
	diags := refuseChanges(ctx, p.plan, p.prior, p.evidence)
	diags.Append(refuseHashes(p.plan, p.prior, p.evidence)...)
	return willFail(diags)
}
