// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var setPriority = verb{
	name: "set_priority", doing: "set the priority of",
	description: "Sets the priority of an unfinished job, whether Terraform or another program created it.",
	attributes: map[string]schema.Attribute{
		"priority": schema.StringAttribute{
			Required: true, Validators: []validator.String{attrs.OneOf(bits.Priorities()...)},
			MarkdownDescription: "Scheduling class, as in the resource `bits_job`: " + attrs.Priorities,
		},
	},
	run: func(ctx context.Context, c *invocation) error {
		c.op.At = path.Root("priority")
		priority := bits.Priority(setting[types.String](ctx, c.config, "priority").ValueString())
		if _, err := c.Change(ctx, c.job.ID, bits.Change{Priority: &priority}); err != nil {
			return err
		}
		c.say(ctx, "priority %s", change(c.job.Priority, priority))
		return nil
	},
}

var suspend = verb{
	name: "suspend", doing: "suspend",
	description: "Suspends an unfinished job, whether Terraform or another program created it. The job keeps what it has transferred.",
	run: func(ctx context.Context, c *invocation) error {
		return c.move(ctx, true)
	},
}

var resume = verb{
	name: "resume", doing: "resume",
	description: "Resumes a suspended job, or retries one in state `error` or `transient_error`, whether Terraform or another program " +
		"created it. The action fails if a job in `error` fails again within 30 seconds.",
	run: func(ctx context.Context, c *invocation) error {
		return c.move(ctx, false)
	},
}

// move suspends or resumes the job.
func (c *invocation) move(ctx context.Context, suspended bool) error {
	now, err := c.Change(ctx, c.job.ID, bits.Change{Suspended: &suspended})
	if err == nil && c.job.State == bits.StateError && !suspended {
		now, err = job.FailsAgain(ctx, c.Client, now, job.SteadyPace(mostBetweenReads))
	}
	if err != nil {
		return err
	}
	c.say(ctx, "%s", change(job.StateWords(c.job), job.StateWords(now)))
	return nil
}

// change words what became of a value.
func change[T ~string](before, now T) string {
	if before == now {
		return string(now) + " (unchanged)"
	}
	return string(before + " -> " + now)
}

var complete = verb{
	name: "complete", doing: "complete",
	description: "Completes a transferred job, whether Terraform or another program created it: its files get their names, and BITS no " +
		"longer lists it. The action fails in any other state: wait with `bits_job_wait` first.",
	goal: []bits.Ending{bits.EndingCompleted},
	run: func(ctx context.Context, c *invocation) error {
		done, err := job.Complete(ctx, c.Client, c.job.ID)
		if err != nil {
			return err
		}
		if !done.Done {
			return &report.Failure{
				Summary: report.InvalidState,
				Problem: fmt.Sprintf("it is in state %s, and only a transferred job can be completed", done.Job.State),
				Remedy:  "Wait for the transfer with the action bits_job_wait. If the job is suspended or has failed, resume it first with bits_job_resume.",
			}
		}
		c.say(ctx, "completed, %s", job.SizeOf(done.Job))
		c.remark(report.JobCompletedWithARemark, "completed", done.HResult)
		return nil
	},
}

var cancel = verb{
	name: "cancel", doing: "cancel",
	description: "Cancels an unfinished job, whether Terraform or another program created it. BITS deletes what it has transferred so far.",
	goal:        []bits.Ending{bits.EndingCancelled, bits.EndingExpired},
	run: func(ctx context.Context, c *invocation) error {
		removed, err := c.Remove(ctx, c.job.ID)
		switch {
		case err != nil:
			return err
		case removed.Absent:
			return bits.ErrNotFound
		}
		c.say(ctx, "%s -> cancelled", job.StateWords(c.job))
		c.remark(report.JobRemovedWithARemark, "cancelled", removed.HResult)
		return nil
	},
}
