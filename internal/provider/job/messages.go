// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// Notices are warnings about what a refresh or an operation has found; nothing failed.

func noticeMissing(m model, e ending) diag.Diagnostic {
	was := "was " + m.State.ValueString() + " when last read"
	if m.stage() == bits.StageMissing {
		was = "is missing"
	}
	return report.Notice(path.Empty(), report.JobIsMissing,
		"%s %s. %s The plan replaces the job; with on_missing = \"error\" the apply fails instead.", m.subject(), was, e.absence())
}

// noticeUndecided warns where the host could not show a job, or the files of one that is gone: the state stays as it is. It is nil for
// any other error.
func noticeUndecided(ctx context.Context, m model, err error) diag.Diagnostic {
	var unseen *filesHidden
	switch {
	case errors.As(err, &unseen):
		return report.Notice(path.Root("files"), report.FilesNotLookedAt,
			"BITS no longer lists %s, and the provider can't check whether its files arrived: %s. The state keeps the last "+
				"known values. Correct the cause on the host or in local_name, and run terraform plan again.",
			report.JobName(m.jobID(), m.DisplayName.ValueString())+" on "+m.Host.ValueString(), unseen)
	case errors.Is(err, bits.ErrUnreadable):
		op := m.operation("read")
		op.Stage, op.Consequence = "", "The state keeps the last known values."
		return report.AsWarning(report.Error(ctx, op, err))
	}
	return nil
}

// noticeCompleted is about a job that was completed outside Terraform.
func noticeCompleted(m model, e ending) diag.Diagnostic {
	fate := fmt.Sprintf("was %s; BITS no longer lists it.", e.describe())
	if e.Shown {
		fate = "is no longer listed by BITS, and the event log of the host does not show how it ended. All its files exist " +
			"with the known sizes, so the provider treats it as completed."
	}
	return report.Notice(path.Empty(), report.JobWasCompleted,
		"%s %s The next apply records it as acknowledged, so that its files are not transferred again. "+
			"To transfer them again run terraform apply -replace=ADDRESS with the address of this resource.",
		m.subject(), fate)
}

// noticeCompletedMeanwhile is about a job whose completion was planned, and that was completed outside Terraform.
func noticeCompletedMeanwhile(m model, e ending) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobWasCompleted,
		"%s was %s before this apply could complete it. The result is as planned.", m.subject(), e.describe())
}

func noticeEndedMeanwhile(m model, e ending) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobIsGone,
		"%s ended while apply waited for it. %s The next plan reflects this.", m.subject(), e.absence())
}

func noticeNeverMade(m model) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobWasNotMade,
		"The connection to %s broke while job %q was being created. The host has no such job, so the resource is removed "+
			"from the state.",
		m.Host.ValueString(), m.DisplayName.ValueString())
}

func noticeOtherOwner(host string, job bits.Job, was types.Object) diag.Diagnostic {
	return report.Notice(path.Root("owner"), report.JobHasAnotherOwner,
		"%s changed owner from %s to %s outside Terraform. BITS transfers the job only while its owner is logged on to the host. "+
			"To create it again with the provider's account, run terraform apply -replace=ADDRESS with the address of this resource.",
		subject(job.ID, job.DisplayName, host),
		account(attrs.TextOf(was, "sid"), attrs.TextOf(was, "name")), account(job.Owner.SID, job.Owner.Name))
}

// account names an account by what is known of it.
func account(sid, name string) string {
	sid, name = bits.QuotableName(sid), bits.QuotableName(name)
	if name == "" {
		return sid
	}
	return fmt.Sprintf("%s (%s)", name, sid)
}

func noticeOtherFiles(host string, job bits.Job, others []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.JobHasOtherFiles,
		"%s also has files that the state does not list: %s. BITS can't remove files from a job. To keep them, add them to "+
			"files; to drop them, run terraform apply -replace=ADDRESS with the address of this resource.",
		subject(job.ID, job.DisplayName, host), strings.Join(others, ", "))
}

// noticeSuccess reports a success with another result than S_OK.
func noticeSuccess(summary report.Summary, did string, m model, h bits.HResult) diag.Diagnostics {
	if h == 0 {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Empty(), summary,
		"%s was %s, and the host returned %s: %s", m.subject(), did, h, report.WithPeriod(report.Meaning(h)))}
}

// subject begins a sentence about the job of a model.
func (m *model) subject() string {
	return subject(m.jobID(), m.DisplayName.ValueString(), m.Host.ValueString())
}

func subject(id bits.JobID, displayName, host string) string {
	return fmt.Sprintf("%s on %s", report.UpperFirst(report.JobName(id, displayName)), host)
}

// noticeOpenToUsers warns of directories in which ordinary users may replace files.
func noticeOpenToUsers(host string, job bits.Job) diag.Diagnostics {
	if len(job.OpenToUsers) == 0 {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Root("files"), report.DirectoryOpenToUsers,
		"On %s, ordinary users can replace files in %s, including those that BITS writes. Use a directory that only "+
			"administrators and SYSTEM can write to, or restrict the permissions of this one.",
		host, strings.Join(job.OpenToUsers, ", "))}
}

const (
	finishedRemedy = "To keep the files as they are, revert the change, or set on_finished_change = \"ignore\" to record it. To transfer them again " +
		"as a new job, set on_finished_change = \"replace\", change a value in triggers, or run terraform apply -replace=ADDRESS with the " +
		"address of this resource."
	missingRemedy = "To create the job again, set on_missing = \"replace\", change a value in triggers, or run terraform apply -replace=ADDRESS " +
		"with the address of this resource. To remove it from the state, run terraform state rm ADDRESS."
	taintedAfter = "The resource is tainted: the next apply replaces the job."

	retryRemedy = "BITS does not retry by itself. The next apply resumes the job, which keeps what it has transferred, " +
		"unless the plan replaces it."
	resumeRemedy = "BITS does not retry by itself. Correct the cause, then resume the job with the action bits_job_resume: it keeps what it has transferred."
	taintRemedy  = "BITS does not retry by itself. The resource is tainted, so the next apply would replace the job and " +
		"transfer everything again. Run terraform untaint ADDRESS with the address of this resource first, and the next apply resumes the job instead."

	deadHostRemedy = "If the host no longer exists, remove the job from the state without contacting the host: run terraform state rm ADDRESS " +
		"with the address of this resource, or replace the resource block with the following and apply with -refresh=false:\n    removed {\n" +
		"      from = ADDRESS\n      lifecycle {\n        destroy = false\n      }\n" +
		"    }"
)

// Why a wait ended before the goal.
var (
	errSuspendedMeanwhile = &report.Failure{
		Summary: report.JobSuspended, Problem: "it is suspended, so nothing is transferred",
		Remedy:       "It was suspended outside Terraform. The next plan shows this, and the next apply resumes the job.",
		ActionRemedy: "Resume it first with the action bits_job_resume.",
	}
	errMovedOn = &report.Failure{
		Summary: report.InvalidState, Problem: "it was transferred when last read, but is no longer: it was suspended, or files were added to it, outside Terraform", Remedy: trouble.GoneRemedy,
	}
	errStillListed = &report.Failure{
		Summary: report.JobNotCompleted, Problem: "the host reported no error, but BITS still lists the job",
		Remedy: "A destination file is probably open in a program, or the owner has no access to its directory. Correct this " +
			"and apply again: BITS keeps the files that it could not rename.",
		ActionRemedy: "A destination file is probably open in a program, or the owner has no access to its directory. Correct this " +
			"and complete the job again: BITS keeps the files that it could not rename.",
	}
)

// jobEnded is a change of a job whose end is known. The provider refuses it without asking the host.
type jobEnded struct{ ending ending }

func (e *jobEnded) Error() string { return "the job was " + e.ending.describe() }

// Is makes it an error of a job that BITS does not list.
func (*jobEnded) Is(target error) bool { return target == bits.ErrNotFound }

// Explain words the refusal: how the job ended, and what a finished job means for a change.
func (e *jobEnded) Explain(op report.Operation) report.Failure {
	f := report.Failure{
		Summary: report.InvalidState, Remedy: finishedRemedy, ActionRemedy: report.GoneForAction,
		Problem: "it was " + e.ending.describe() + "; BITS no longer lists it" + op.TakesNoChanges(),
	}
	if e.ending.decided() && !e.ending.completed() {
		f.Remedy = trouble.GoneRemedy
	}
	return f.Explain(op)
}
