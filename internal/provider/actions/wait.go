// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const (
	defaultTimeout   = time.Hour
	mostBetweenReads = 5 * time.Second
)

var wait = verb{
	name: "wait", doing: "wait for the transfer of",
	description: "Waits until a job is transferred, whether Terraform or another program created it, and shows its progress. It retries a " +
		"job in `transient_error`, and fails if the job is suspended, fails, is cancelled, or is not transferred in time. It does not " +
		"complete the job: use `bits_job_complete` after it.",
	attributes: map[string]schema.Attribute{
		"timeout": optionalText("Time limit, as a Go duration such as `90s` or `2h30m`. Default `1h`. After it, the job keeps running.", validTimeout),
	},
	goal: []bits.Ending{bits.EndingCompleted},
	run: func(ctx context.Context, c *invocation) error {
		limit := defaultTimeout
		if set := setting[types.String](ctx, c.config, "timeout"); !set.IsNull() {
			limit, _ = time.ParseDuration(set.ValueString()) // a validator has checked it
		}
		holds := job.AskWhatHolds(ctx, c.Host)
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		follow := job.Follow(c.Name, func(_ bits.Job, line string) { c.show(ctx, line) }, func(now bits.Job) string {
			return holds(c.op.Situation.Of(now))
		})
		now, err := job.WaitForTransfer(ctx, c.Client, c.job, job.SteadyPace(mostBetweenReads), follow)
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				c.op.At, c.op.Limit = path.Root("timeout"), "timeout, "+limit.String()
				if now.Priority != bits.PriorityForeground {
					c.op.Consequence = "To change the priority of the job, use the action bits_job_set_priority."
				}
			}
			c.op.Stage, c.op.LastRead, c.op.Holds = now.State.Stage(), &now, holds
			return err
		}
		c.say(ctx, "transferred, %s", job.SizeOf(now))
		return nil
	},
}

var validTimeout = attrs.Text("a duration longer than 0s", report.InvalidDuration, func(s string) error {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a duration: write numbers with the units h, m and s, such as 90s, 30m or 24h", s)
	case d <= 0:
		return fmt.Errorf("%s is not a usable limit: the duration must be longer than 0s, such as 30m", s)
	}
	return nil
})
