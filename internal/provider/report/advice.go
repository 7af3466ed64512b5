// SPDX-License-Identifier: MPL-2.0

package report

import (
	"errors"
	"regexp"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// GoneForAction is trouble.GoneRemedy of an action.
const GoneForAction = "A job that has ended can't be changed. The data source bits_jobs lists the jobs that the host still has."

// goneRemedy is what to do about a job that is gone.
func (op Operation) goneRemedy() string {
	if op.Action {
		return GoneForAction
	}
	return trouble.GoneRemedy
}

// TakesNoChanges ends a sentence about a job that BITS no longer lists: what it answers to a change of a finished job. An action only
// finds that the job is gone.
func (op Operation) TakesNoChanges() string {
	if op.Action {
		return ""
	}
	return "; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)"
}

// attributes matches what an advice names that belongs to the resource of a job.
var attributes = regexp.MustCompile(`\b(remote_name|local_name|proxy(\.| =)|credentials|password_wo|custom_headers|client_certificate|security_flags|transfer_policy|` +
	`dynamic|http_method|maximum_download_time|minimum_retry_delay|no_progress_timeout|create_directories|suspended =)|-replace=ADDRESS`)

// forAction words a remedy for an action, whose job may have no resource.
func forAction(remedy string) string {
	if !attributes.MatchString(remedy) {
		return remedy
	}
	return strings.ReplaceAll(remedy, "the address of this resource", "the address of its resource") + "\n\nThese attributes belong to the resource " +
		"bits_job. If no resource manages the job, change it on the host, for example with Set-BitsTransfer."
}

// advice is the summary of a class of refusals, and what to do about it.
type advice struct {
	class   error
	summary Summary
	code    bits.HResult // of the class: the remedy is that of package trouble
	remedy  string       // of a class without a code
}

// advices are looked through in order.
var advices = []advice{
	{
		class: bits.ErrUnreadable, summary: JobNotReadable, remedy: "BITS lists the job but could not return all of it. Try " +
			"again; if the error persists, check the job on the host with Get-BitsTransfer -AllUsers | Format-List *.",
	},
	{class: bits.ErrNotLoggedOn, summary: JobOwnerNotLoggedOn, code: bits.ENotLoggedOn},
	{class: bits.ErrRemoteNotSupported, summary: RemoteUseRefused, code: bits.ERemoteNotSupported},
	{class: bits.ErrAccessDenied, summary: AccessDenied, code: bits.EAccessDenied},
	{class: bits.ErrServiceStopped, summary: BITSServiceStopped, code: 0x80070426},
	{class: bits.ErrServiceDisabled, summary: BITSServiceDisabled, code: 0x80070422},
	{class: bits.ErrServiceMissing, summary: BITSServiceMissing, code: 0x80070424},
	{class: bits.ErrPathNotFound, summary: PathNotFound, code: 0x80070003},
	{class: bits.ErrTooManyJobs, summary: TooManyJobs, code: 0x80200049},
	{class: bits.ErrTooManyFiles, summary: TooManyFiles, code: 0x80200051},
	{class: bits.ErrStringTooLong, summary: TextTooLong, code: 0x80200021},
	{class: bits.ErrInvalidState, summary: InvalidState, remedy: trouble.GoneRemedy},
	{class: bits.ErrReadOnlyProperty, summary: PropertyNotChangeableNow, code: 0x80200062},
	{class: bits.ErrNotImplemented, summary: ValueNotKnown, code: bits.ENotImplemented},
	{class: bits.ErrEmpty, summary: JobWithoutFiles, code: bits.EEmpty},
	{class: bits.ErrNotSupported, summary: NotSupported, remedy: "The Windows version of the host does not support this " +
		"setting: remove it."},
	{
		class: bits.ErrBinding, summary: ParameterRefused,
		remedy: "Check the value of the attribute; if it is correct, please report a bug in the provider.",
	},
	{
		class: bits.ErrNotVisible, summary: JobNotVisible, remedy: "This account sees only its own jobs, and this job may belong to another account. Use the account that owns the job, or " +
			"an administrator of the host.",
	},
	{class: bits.ErrInvalidArgument, summary: InvalidArgument, code: bits.EInvalidArgument},
	{
		class: bits.ErrNotFound, summary: JobNotFound,
		remedy: "BITS lists only unfinished jobs: this one was completed, was cancelled, has expired, or never existed.",
	},
}

// adviceFor returns the advice for an error's class.
func adviceFor(err error) (advice, bool) {
	for _, a := range advices {
		if errors.Is(err, a.class) {
			return a, true
		}
	}
	return advice{}, false
}

var connectionSummaries = map[connection.Kind]Summary{
	connection.Unreachable:  HostUnreachable,
	connection.Untrusted:    HostCertificateNotTrusted,
	connection.Unauthorized: LogonRefused,
	connection.NoLogon:      LogonNotPossible,
	connection.Forbidden:    LogonNotAllowed,
	connection.Silent:       HostDoesNotAnswer,
	connection.NotWinRM:     NoWinRMService,
	connection.Unprotected:  AnswerNotProtected,
	connection.Quota:        WinRMQuotaExceeded,
	connection.NoAgent:      PowerShellNotUsable,
	connection.Unreadable:   AgentAnswerNotReadable,
	connection.NoSystem:     ElevationFailed,
	connection.Crowded:      SessionLimitReached,
	connection.Lost:         ConnectionLost,
}
