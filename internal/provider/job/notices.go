package job

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Notices are warnings about what a refresh or an operation has found; nothing failed.

func noticeMissing(m model, e ending) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobIsMissing,
		"%s was %s when last read. %s The plan makes the job again, or fails with on_missing = \"error\".",
		m.subject(), m.State.ValueString(), e.absence())
}

// noticeCompleted is about a job that was completed outside Terraform.
func noticeCompleted(m model, e ending) diag.Diagnostic {
	fate := fmt.Sprintf("was %s; BITS no longer lists it.", e.describe())
	if e.Shown {
		fate = "is not listed by BITS any more, and the event log of the host does not tell how it ended. All its files are there, " +
			"with the sizes that are known, so it is taken as completed."
	}
	return report.Notice(path.Empty(), report.JobWasCompleted,
		"%s %s The next apply records it as acknowledged, so that its files are not transferred again. "+
			"To transfer them again run terraform apply -replace=ADDRESS with the address of this resource.",
		m.subject(), fate)
}

// noticeCompletedMeanwhile is about a job whose completion was planned, and that was completed outside Terraform.
func noticeCompletedMeanwhile(m model, e ending) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobWasCompleted,
		"%s was %s, before this apply could do it. That is what was planned, and it is recorded.", m.subject(), e.describe())
}

func noticeEndedMeanwhile(m model, e ending) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobIsGone,
		"%s ended while apply waited for it. %s The next plan takes that over.", m.subject(), e.absence())
}

func noticeNeverMade(m model) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobWasNotMade,
		"The connection to %s broke while job %q was being made. The host has no such job: nothing was made, and the resource is removed from the state.",
		m.Host.ValueString(), m.DisplayName.ValueString())
}

// noticeTrouble warns of a job in an error state.
func noticeTrouble(host string, job bits.Job) diag.Diagnostics {
	object := subject(job.ID, job.DisplayName, host) + ": "
	switch job.State {
	case bits.StateError:
		return diag.Diagnostics{report.Notice(path.Empty(), report.JobFailed, "%s", object+report.DescribeError(job)+"\n\n"+retryRemedy)}
	case bits.StateTransientError:
		return diag.Diagnostics{report.Notice(path.Empty(), report.JobHasTrouble, "%s", object+report.DescribeError(job)+
			"\n\nBITS tries again by itself; when nothing helps the job ends in state error.")}
	default:
		return nil
	}
}

func noticeOtherOwner(host string, job bits.Job, was types.Object) diag.Diagnostic {
	part := func(name string) string { return attrs.Part[types.String](was, name).ValueString() }
	return report.Notice(path.Root("owner"), report.JobHasAnotherOwner,
		"%s belonged to %s, and belongs to %s now: somebody took ownership of it. BITS moves it only while its owner is logged on to the host. "+
			"To have it made again by this provider's account run terraform apply -replace=ADDRESS with the address of this resource.",
		subject(job.ID, job.DisplayName, host), account(part("sid"), part("name")), account(job.Owner.SID, job.Owner.Name))
}

// account names an account by what is known of it.
func account(sid, name string) string {
	if name == "" {
		return sid
	}
	return fmt.Sprintf("%s (%s)", name, sid)
}

func noticeOtherFiles(host string, job bits.Job, others []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.JobHasOtherFiles,
		"%s also has files that the state does not list: %s. BITS can't take files out of a job. To declare them add them to files; "+
			"to be rid of them run terraform apply -replace=ADDRESS with the address of this resource.",
		subject(job.ID, job.DisplayName, host), strings.Join(others, ", "))
}

// noticeSuccess reports a success with another result than S_OK.
func noticeSuccess(summary report.Summary, did string, m model, h bits.HResult) diag.Diagnostics {
	if h == 0 {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Empty(), summary,
		"%s was %s, and the host answered %s: %s", m.subject(), did, h, report.WithPeriod(report.Meaning(h)))}
}

// subject begins a sentence about the job of a model.
func (m *model) subject() string {
	return subject(m.jobID(), m.DisplayName.ValueString(), m.Host.ValueString())
}

func subject(id bits.JobID, displayName, host string) string {
	return fmt.Sprintf("%s on %s", report.UpperFirst(report.JobName(id, displayName)), host)
}

// noticeOpenToUsers warns of directories in which others than administrators may put files.
func noticeOpenToUsers(host string, job bits.Job) diag.Diagnostics {
	if len(job.OpenToUsers) == 0 {
		return nil
	}
	return diag.Diagnostics{report.Notice(path.Root("files"), report.DirectoryOpenToUsers,
		"On %s not only administrators may put files into %s: somebody could replace what BITS writes there before it is used, or swap a directory for a "+
			"link. Choose a directory that only administrators and SYSTEM may write to, or restrict the permissions of this one.",
		host, strings.Join(job.OpenToUsers, ", "))}
}
