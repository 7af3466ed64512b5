package job

import (
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

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

// changeStep is one thing that an update does to the job: the step as the host names it, the words for messages, and the
// attribute that asks for it.
type changeStep struct {
	name, verb string
	at         path.Path
}

// failedAt finds what the update was doing when an error came: the step that the host refused, else the first.
func (u *update) failedAt(err error) changeStep {
	var steps []changeStep
	for _, a := range inPlace(u.plan, u.prior) {
		steps = append(steps, changeStep{"set:" + a.name, "set the " + a.words + " of", path.Root(a.name)})
	}
	steps = append(steps, propertySteps(u.plan, u.prior)...)
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

// withListed returns the files of a state after an append that failed: those it had, and those of the plan that the
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
