package report

import (
	"cmp"
	"errors"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// GoneRemedy is what to do about a job that is gone, or in another state than before.
const GoneRemedy = "Run terraform apply again: it reads what the host has now, and plans a new job if BITS does not list this one."

const logonRemedy = "BITS moves a job only while its owner is logged on, and a WinRM connection is a network logon, which does not count. " +
	"Remove run_as = \"user\" from the provider block, or set it to \"system\": LocalSystem always counts as logged on. Or log the account on " +
	"to the host (console or Remote Desktop), keep the session, and apply again."

// advice is the summary of a class of refusals, and what to do about it.
type advice struct {
	class   error
	summary Summary
	remedy  string
}

// advices are looked through in order.
var advices = []advice{
	{bits.ErrUnreadable, JobNotReadable, "BITS lists the job, and could not show all of it. Try again; if it stays, look at the job on the host with " +
		"Get-BitsTransfer -AllUsers | Format-List *."},
	{bits.ErrNotLoggedOn, JobOwnerNotLoggedOn, logonRemedy},
	{bits.ErrRemoteNotSupported, RemoteUseRefused, "BITS takes no calls from this kind of remote session. " + logonRemedy},
	{bits.ErrAccessDenied, AccessDenied, "The account may lack write access to the directory of a file, or the job belongs to " +
		"somebody else: another user's job can be changed by an administrator only, and a job of the system account by that account " +
		"only (run_as = \"system\", the default). Grant the access, or use the account that owns the job."},
	{bits.ErrServiceStopped, BITSServiceStopped, "Start the service on the host (Start-Service BITS) and try again. BITS keeps its " +
		"jobs while it is stopped."},
	{bits.ErrServiceDisabled, BITSServiceDisabled, "Allow the service to start on the host (Set-Service BITS -StartupType Manual; " +
		"Start-Service BITS), unless somebody disabled it on purpose."},
	{bits.ErrServiceMissing, BITSServiceMissing, "This edition of Windows has no BITS service, or it was taken out of the image: jobs " +
		"can't live on this host."},
	{bits.ErrPathNotFound, PathNotFound, "BITS makes no directories: set create_directories = true, or make the directory of local_name on the host " +
		"before the job, and check its spelling. Of an upload the file itself has to be there."},
	{bits.ErrTooManyJobs, TooManyJobs, "Complete or remove jobs on the host (Get-BitsTransfer -AllUsers lists them), or raise the " +
		"policies MaxJobsPerUser (60 by default) or MaxJobsPerMachine (300); administrators are exempt from the limit for users."},
	{bits.ErrTooManyFiles, TooManyFiles, "Divide the files among several jobs, or raise the policy MaxFilesPerJob (200 by default). An " +
		"upload has exactly one file."},
	{bits.ErrStringTooLong, TextTooLong, "Shorten the display name, the description or the URL."},
	{bits.ErrInvalidState, InvalidState, GoneRemedy},
	{bits.ErrReadOnlyProperty, PropertyNotChangeableNow, "This property can be set only before the job is resumed for the first " +
		"time: run terraform apply -replace=ADDRESS with the address of this resource."},
	{bits.ErrNotImplemented, ValueNotKnown, "The host's BITS knows no such value. Choose another one."},
	{bits.ErrEmpty, JobWithoutFiles, "The job has no files, so it can't run. Run terraform apply -replace=ADDRESS with the address of " +
		"this resource."},
	{bits.ErrNotSupported, NotSupported, "The host's Windows is too old for this setting: remove it."},
	{bits.ErrBinding, ParameterRefused, "Check the values of the attribute; if they look right, this is a bug of the provider."},
	{bits.ErrNotVisible, JobNotVisible, "This account sees its own jobs only, and the job may belong to somebody else, so nothing can " +
		"be said of it. Use the account that owns the job, or an administrator of the host."},
	{bits.ErrInvalidArgument, InvalidArgument, "Check the URL and the path of the file: BITS takes absolute URLs, and full paths on the host at which " +
		"no directory is."},
	{bits.ErrNotFound, JobNotFound, "It was completed, cancelled or has expired, or never existed: BITS lists unfinished jobs only."},
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

// kindRemedies are for codes that belong to no class.
var kindRemedies = map[bits.Kind]string{
	bits.KindTransient: "This passes by itself, or with the next attempt: apply again.",
	bits.KindPolicy:    "A policy of the host stands in the way: ask its administrators.",
	bits.KindUsage:     "Correct the configuration and apply again.",
}

// adviceForKind returns the advice for a code that belongs to no class.
func adviceForKind(h bits.HResult) advice {
	entry, known := bits.Lookup(h)
	if !known {
		return advice{summary: OperationRefused, remedy: "Look at the event log Microsoft-Windows-Bits-Client/Operational on the host."}
	}
	return advice{summary: OperationRefused, remedy: cmp.Or(kindRemedies[entry.Kind], "Correct the cause on the host and apply again.")}
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
	connection.NoSystem:     ElevationFailed,
	connection.Crowded:      SessionLimitReached,
	connection.Lost:         ConnectionLost,
}
