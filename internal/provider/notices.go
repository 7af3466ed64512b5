package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Notices are warnings about what a refresh or an act has found; nothing failed.

func noticeMissing(m jobModel, e ending) diag.Diagnostic {
	return notice(path.Empty(), "BITS Job Is Missing", fmt.Sprintf(
		"%s on %s was %s when last read. %s The plan makes the job again, or fails with on_missing = \"error\".",
		capital(m.words()), m.Host.ValueString(), m.State.ValueString(), absence(e)))
}

// absence tells why BITS does not list a job.
func absence(e ending) string {
	if !e.decided() {
		return "BITS no longer lists it: completed, cancelled or expired; whether its files arrived is not known."
	}
	return fmt.Sprintf("It was %s; BITS no longer lists it.", endingWords(e))
}

// noticeCompleted tells of a job that somebody else completed.
func noticeCompleted(m jobModel, e ending) diag.Diagnostic {
	told := fmt.Sprintf("was %s; BITS no longer lists it.", endingWords(e))
	if e.Shown {
		told = "is not listed by BITS any more, and the event log of the host does not tell how it ended. All its files are there, " +
			"with the sizes that are known, so it is taken as completed."
	}
	return notice(path.Empty(), "BITS Job Was Completed", fmt.Sprintf(
		"%s on %s %s The next apply records it as acknowledged, so that its files are not transferred again. "+
			"To transfer them again run terraform apply -replace=ADDRESS with the address of this resource.",
		capital(m.words()), m.Host.ValueString(), told))
}

// noticeCompletedMeanwhile tells of a job whose completion was planned, and that somebody else completed.
func noticeCompletedMeanwhile(m jobModel, e ending) diag.Diagnostic {
	return notice(path.Empty(), "BITS Job Was Completed", fmt.Sprintf(
		"%s on %s was %s, before this apply could do it. That is what was planned, and it is recorded.", capital(m.words()), m.Host.ValueString(), endingWords(e)))
}

func noticeEndedMeanwhile(m jobModel, e ending) diag.Diagnostic {
	return notice(path.Empty(), "BITS Job Is Gone", fmt.Sprintf(
		"%s on %s ended while apply waited for it. %s The next plan takes that over.", capital(m.words()), m.Host.ValueString(), absence(e)))
}

func noticeNeverMade(m jobModel) diag.Diagnostic {
	return notice(path.Empty(), "BITS Job Was Not Made", fmt.Sprintf(
		"The connection to %s broke while job %q was being made. The host has no such job: nothing was made, and the resource is removed from the state.",
		m.Host.ValueString(), m.DisplayName.ValueString()))
}

// noticeTrouble warns of a job that stands at an error or tries to overcome one.
func noticeTrouble(host string, job bits.Job) diag.Diagnostics {
	object := fmt.Sprintf("%s on %s: ", capital(jobWords(job.ID, job.DisplayName)), host)
	switch job.State {
	case bits.StateError:
		return diag.Diagnostics{notice(path.Empty(), "BITS Job Failed", object+failure(job)+"\n\n"+retryRemedy)}
	case bits.StateTransientError:
		return diag.Diagnostics{notice(path.Empty(), "BITS Job Has Trouble", object+failure(job)+
			"\n\nBITS tries again by itself; when nothing helps the job ends in state error.")}
	default:
		return nil
	}
}

func noticeOtherOwner(host string, job bits.Job, was types.Object) diag.Diagnostic {
	before, _ := was.Attributes()["name"].(types.String)
	sid, _ := was.Attributes()["sid"].(types.String)
	return notice(path.Root("owner"), "BITS Job Has Another Owner", fmt.Sprintf(
		"%s on %s belonged to %s, and belongs to %s now: somebody took ownership of it. BITS moves it only while its owner is logged on to the host. "+
			"To have it made again by this provider's account run terraform apply -replace=ADDRESS with the address of this resource.",
		capital(jobWords(job.ID, job.DisplayName)), host, account(sid.ValueString(), before.ValueString()), account(job.Owner.SID, job.Owner.Name)))
}

// account names an account by what is known of it.
func account(sid, name string) string {
	if name == "" {
		return sid
	}
	return fmt.Sprintf("%s (%s)", name, sid)
}

func noticeOtherFiles(host string, job bits.Job, others []string) diag.Diagnostic {
	return notice(path.Root("files"), "BITS Job Has Other Files", fmt.Sprintf(
		"%s on %s also has files that the state does not list: %s. BITS can't take files out of a job. To declare them add them to files; "+
			"to be rid of them run terraform apply -replace=ADDRESS with the address of this resource.",
		capital(jobWords(job.ID, job.DisplayName)), host, strings.Join(others, ", ")))
}

// noticeSuccess tells of a success that says more than S_OK.
func noticeSuccess(did string, m jobModel, h bits.HResult) diag.Diagnostics {
	if h == 0 {
		return nil
	}
	return diag.Diagnostics{notice(path.Empty(), "BITS Job "+capital(did)+" With a Remark", fmt.Sprintf(
		"%s on %s was %s, and the host answered %s: %s", capital(m.words()), m.Host.ValueString(), did, h, ended(meaning(h))))}
}

func notice(at path.Path, summary, detail string) diag.Diagnostic {
	if at.Equal(path.Empty()) {
		return diag.NewWarningDiagnostic(summary, redact(detail))
	}
	return diag.NewAttributeWarningDiagnostic(at, summary, redact(detail))
}

func (m *jobModel) words() string { return jobWords(m.jobID(), m.DisplayName.ValueString()) }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
