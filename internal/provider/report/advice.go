package report

import (
	"errors"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const (
	GoneRemedy = "Run terraform apply again: it reads what the host has now, and plans a new job if BITS does not list this one."
	JobIsKept  = "The job is kept, and the next apply goes on with it."

	logonRemedy = "BITS moves a job only while its owner is logged on, and a WinRM connection is a network logon, which does not count. " +
		"Remove run_as = \"user\" from the provider block, or set it to \"system\": LocalSystem always counts as logged on. Or log the account on " +
		"to the host (console or Remote Desktop), keep the session, and apply again."
)

// advice is how a class of refusals is told, and what to do about it.
type advice struct {
	Class   error
	Summary string
	Remedy  string
}

// Advices are looked through in order.
var Advices = []advice{
	{bits.ErrNotLoggedOn, "Job Owner Not Logged On", logonRemedy},
	{bits.ErrRemoteNotSupported, "Remote Use of BITS Refused", "BITS takes no calls from this kind of remote session. " + logonRemedy},
	{bits.ErrAccessDenied, "Access Denied", "The account may lack write access to the directory of a file, or the job belongs to " +
		"somebody else: another user's job can be changed by an administrator only, and a job of the system account by that account " +
		"only (run_as = \"system\", the default). Grant the access, or use the account that owns the job."},
	{bits.ErrServiceStopped, "BITS Service Stopped", "Start the service on the host (Start-Service BITS) and try again. BITS keeps its " +
		"jobs while it is stopped."},
	{bits.ErrServiceDisabled, "BITS Service Disabled", "Allow the service to start on the host (Set-Service BITS -StartupType Manual; " +
		"Start-Service BITS), unless somebody disabled it on purpose."},
	{bits.ErrServiceMissing, "BITS Service Missing", "This edition of Windows has no BITS service, or it was taken out of the image: jobs " +
		"can't live on this host."},
	{bits.ErrPathNotFound, "Path Not Found", "BITS makes no directories: set create_directories = true, or make the directory of local_name on the host " +
		"before the job, and check its spelling. Of an upload the file itself has to be there."},
	{bits.ErrTooManyJobs, "Too Many Jobs", "Complete or remove jobs on the host (Get-BitsTransfer -AllUsers lists them), or raise the " +
		"policies MaxJobsPerUser (60 by default) or MaxJobsPerMachine (300); administrators are exempt from the limit for users."},
	{bits.ErrTooManyFiles, "Too Many Files", "Divide the files among several jobs, or raise the policy MaxFilesPerJob (200 by default). An " +
		"upload has exactly one file."},
	{bits.ErrStringTooLong, "Text Too Long", "Shorten the display name, the description or the URL."},
	{bits.ErrInvalidState, InvalidState, GoneRemedy},
	{bits.ErrReadOnlyProperty, "Property Not Changeable Now", "This property can be set only before the job is resumed for the first " +
		"time: run terraform apply -replace=ADDRESS with the address of this resource."},
	{bits.ErrNotImplemented, "Value Not Known to BITS", "The host's BITS knows no such value. Choose another one."},
	{bits.ErrEmpty, "Job Without Files", "The job has no files, so it can't run. Run terraform apply -replace=ADDRESS with the address of " +
		"this resource."},
	{bits.ErrNotSupported, "Not Supported by the Host", "The host's Windows is too old for this setting: remove it."},
	{bits.ErrBinding, "Parameter Refused", "Check the values of the attribute; if they look right, this is a bug of the provider."},
	{bits.ErrNotVisible, "Job Not Visible", "This account sees its own jobs only, and the job may belong to somebody else, so nothing can " +
		"be said of it. Use the account that owns the job, or an administrator of the host."},
	{bits.ErrInvalidArgument, "Invalid Argument", "Check the URL and the path of the file: BITS takes absolute URLs, and full paths on the host at which " +
		"no directory is."},
	{bits.ErrNotFound, "Job Not Found", "It was completed, cancelled or has expired, or never existed: BITS lists unfinished jobs only."},
}

// adviceFor finds the advice for an error's class.
func adviceFor(err error) (advice, bool) {
	for _, a := range Advices {
		if errors.Is(err, a.Class) {
			return a, true
		}
	}
	return advice{}, false
}

// adviceForKind gives the advice for a code that belongs to no class.
func adviceForKind(h bits.HResult) advice {
	general := advice{Summary: "BITS Refused the Operation"}
	entry, known := bits.Lookup(h)
	switch {
	case !known:
		general.Remedy = "Look at the event log Microsoft-Windows-Bits-Client/Operational on the host."
	case entry.Kind == bits.KindTransient:
		general.Remedy = "This passes by itself, or with the next attempt: apply again."
	case entry.Kind == bits.KindPolicy:
		general.Remedy = "A policy of the host stands in the way: ask its administrators."
	case entry.Kind == bits.KindUsage:
		general.Remedy = "Correct the configuration and apply again."
	default:
		general.Remedy = "Correct the cause on the host and apply again."
	}
	return general
}

func ConnectionSummary(kind connection.Kind) string {
	switch kind {
	case connection.Unreachable:
		return "Host Unreachable"
	case connection.Untrusted:
		return "Host Certificate Not Trusted"
	case connection.Unauthorized:
		return "Logon Refused"
	case connection.NoLogon:
		return "Logon Not Possible"
	case connection.Forbidden:
		return "Logon Not Allowed"
	case connection.Silent:
		return "Host Does Not Answer"
	case connection.NotWinRM:
		return "No WinRM Service"
	case connection.Unprotected:
		return "Answer Not Protected"
	case connection.Quota:
		return "WinRM Quota Exceeded"
	case connection.NoAgent:
		return "PowerShell Not Usable"
	case connection.NoSystem:
		return "Elevation to SYSTEM Failed"
	case connection.Crowded:
		return "Session Limit Reached"
	case connection.Lost:
		return "Connection Lost"
	}
	return "Connection Failed"
}
