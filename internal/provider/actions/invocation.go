// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// invocation is one call of an action.
type invocation struct {
	hosts.Host
	config tfsdk.Config
	job    bits.Job // as it was read before
	op     report.Operation
	send   func(text string)
	diags  *diag.Diagnostics
}

// find reads the job.
func (c *invocation) find(ctx context.Context, named hosts.Named) (err error) {
	if c.job, err = c.Find(ctx, named); err != nil {
		return err
	}
	c.op.Job, c.op.DisplayName, c.op.Stage = c.job.ID, c.job.DisplayName, c.job.State.Stage()
	c.op.Situation.Address = c.Name
	c.op.Situation = c.op.Situation.Of(c.job)
	return nil
}

// say shows a line about the job.
func (c *invocation) say(ctx context.Context, format string, args ...any) {
	c.show(ctx, job.Line(c.Name, c.job, fmt.Sprintf(format, args...)))
}

// show sends a line as progress, and logs it.
func (c *invocation) show(ctx context.Context, line string) {
	c.send(line)
	tflog.Info(ctx, line, map[string]any{"job": string(c.job.ID)})
}

// remark warns of a success with another result than S_OK.
func (c *invocation) remark(summary report.Summary, did string, result bits.HResult) {
	if result != 0 {
		c.diags.Append(report.Notice(path.Empty(), summary, "%s on %s was %s, and the host returned %s: %s",
			report.UpperFirst(report.JobName(c.job.ID, c.job.DisplayName)), c.Name, did, result, report.WithPeriod(report.Meaning(result))))
	}
}

// explainAbsence adds to the error of a job that is gone how it ended.
func (c *invocation) explainAbsence(ctx context.Context, err error) error {
	known := c.job
	if known.ID == "" {
		known.ID = c.op.Job
	}
	if known.ID == "" { // no job has the name
		return err
	}
	return job.ExplainAbsence(ctx, c.Client, known, err)
}

// reached reports whether a job that is gone ended as the action would have it, and says so.
func (a *jobAction) reached(ctx context.Context, c *invocation, err error) bool {
	ending, words := job.HowEnded(err)
	if !slices.Contains(a.goal, ending) {
		return false
	}
	c.job.ID = c.op.Job
	c.say(ctx, "already %s, nothing to do", words)
	return true
}
