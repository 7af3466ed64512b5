// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// situation is what the attributes of a job say of it, for the advice on its trouble. All values are known.
func (m *model) situation() trouble.Situation {
	s := trouble.Situation{Address: m.Host.ValueString(), Directories: m.CreateDirectories.ValueBool()}
	s.Job = bits.Job{
		ID: m.jobID(), TransferType: bits.TransferType(m.TransferType.ValueString()), Priority: bits.Priority(m.Priority.ValueString()),
		Owner: bits.Owner{SID: m.ownerSID()}, Properties: m.sent(properties...),
	}
	s.ServerAccount, s.ProxyAccount = s.Job.Credential != nil, s.Job.ProxyCredential != nil
	return s
}

// situationOf is what is known of a job that has trouble. The host is asked for what belongs to the advice; one that does not answer
// leaves the advice without it.
func situationOf(ctx context.Context, client hosts.Client, m model, job bits.Job) trouble.Situation {
	s := m.situation().Of(job)
	if job.Error == nil || !trouble.AsksHost(s) {
		return s
	}
	if host, err := client.Describe(ctx, bits.HostQuery{Drive: s.Drive()}); err == nil {
		s.Host = &host
	}
	return s
}

// noticeTrouble warns of a job in an error state.
func noticeTrouble(ctx context.Context, to hosts.Host, m model, job bits.Job) diag.Diagnostics {
	summary, next := report.JobFailed, retryRemedy
	switch job.State {
	case bits.StateError:
	case bits.StateTransientError:
		summary, next = report.JobHasTrouble, "BITS retries by itself until no_progress_timeout expires; the job then "+
			"enters state error."
	default:
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Empty(), summary, "%s: %s\n\n%s\n\n%s",
		subject(job.ID, job.DisplayName, to.Name), report.DescribeError(job), trouble.Explain(situationOf(ctx, to.Client, m, job)), next)}
}

// jobFailed is a job in state ERROR: BITS does not retry it by itself.
type jobFailed struct{ job bits.Job }

func (e *jobFailed) Error() string {
	return "job " + string(e.job.ID) + " is in state " + string(e.job.State)
}

// Explain words the job's error, and what to do about it.
func (e *jobFailed) Explain(op report.Operation) report.Failure {
	next := retryRemedy
	switch {
	case op.Action:
		next = resumeRemedy
	case op.Tainted:
		next = taintRemedy
	}
	return report.Failure{
		Summary: report.JobFailed, Problem: report.DescribeError(e.job),
		Remedy: trouble.Explain(op.Situation.Of(e.job)).String() + "\n\n" + next,
	}
}
