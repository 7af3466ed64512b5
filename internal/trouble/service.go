// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// GoneRemedy is what to do about a job that is gone, or in another state than before.
const GoneRemedy = "Run terraform apply again: it reads the host, and plans a new job if BITS does not list this one."

const (
	whileLoggedOn = "BITS transfers a job only while its owner is logged on, and {session}."
	logOn         = "Change `run_as = \"user\"` to `\"system\"`: LocalSystem is always logged on. Or keep the owner logged on to {host} (console " +
		"or Remote Desktop), and apply again."
)

// ofCalls are calls that the host refuses. Sources: "Creating a Job", and the pages of IBackgroundCopyManager and IBackgroundCopyJob, learn.microsoft.com.
var ofCalls = []reason{
	{
		title: "The owner is not logged on", symptom: refused, also: queued, codes: []bits.HResult{0x800704DD, 0x80070520, 0x80200056},
		only:   implied(user),
		states: []bits.State{bits.StateQueued}, holds: both(user, maybeAway), known: away,
		cause: whileLoggedOn,
		cures: []cure{{condition{}, logOn}},
	},
	{
		title: "The owner is not logged on", symptom: refused, codes: []bits.HResult{0x800704DD, 0x80070520, 0x80200056}, only: leftOut(system),
		cures: []cure{{condition{}, "Apply again: LocalSystem is always logged on, so the cause is gone."}},
	},
	{
		title: "BITS rejects calls from this session", symptom: refused, codes: []bits.HResult{0x80200014},
		cures: []cure{{condition{}, logOn}},
	},
	{
		title: "Access is denied", symptom: refused, codes: []bits.HResult{0x80070005, 0x80070522}, only: implied(ofCall),
		cures: []cure{{condition{}, "The account has no write access to the directory of `local_name`, or another account owns the job. Grant " +
			"access, or use the owner's account: `run_as = \"system\"` for jobs of LocalSystem. Administrators can change jobs of other users."}},
	},
	{
		title: "The BITS service is not running", symptom: refused,
		codes: []bits.HResult{
			0x80070426, 0x800706BA, 0x800706BB, 0x800706BE, 0x800706BF, 0x800706D9, 0x80010001, 0x80010002, 0x80010007, 0x80010105,
			0x80010108, 0x8001010A, 0x8001011F, 0x8007041D,
			0x80070420, 0x80070425, 0x80080005, 0x8007045B, 0x80131527, 0x80131622, 0x8020006C, 0x80200069,
		},
		cures: []cure{{condition{}, "Run `Start-Service BITS` on {host} and apply again: its jobs are kept. If it stops again, " +
			"check the System log."}},
	},
	{
		title: "The BITS service is disabled", symptom: refused, codes: []bits.HResult{0x80070422},
		cures: []cure{{condition{}, "Run `Set-Service BITS -StartupType Manual` and `Start-Service BITS` on {host}, unless it was disabled " +
			"on purpose."}},
	},
	{
		title: "The host has no BITS service", symptom: refused,
		codes: []bits.HResult{0x80070424, 0x80070430, 0x80040154, 0x80040155, 0x80004002, 0x8007043C},
		cures: []cure{{condition{}, "This Windows image has no BITS, the service was removed, or {host} runs in safe mode. Check `Get-Service BITS` " +
			"there; `DISM /Online /Cleanup-Image /RestoreHealth` repairs system files."}},
	},
	{
		title: "A service that BITS depends on does not start", symptom: refused, codes: []bits.HResult{0x8007042C, 0x8007042D},
		cures: []cure{{condition{}, "On {host}, start the dependencies that `sc.exe qc bits` lists, such as `RpcSs`, and apply again."}},
	},
	{
		title: "A limit on jobs is reached", symptom: refused, codes: []bits.HResult{0x80200049, 0x80200050},
		cures: []cure{{condition{}, "Complete or remove jobs on {host} (`Get-BitsTransfer -AllUsers` lists them), or raise the policy " +
			"`MaxJobsPerUser` (60 by default) or `MaxJobsPerMachine` (300). Microsoft documents administrators and LocalSystem as exempt."}},
	},
	{
		title: "A limit on files is reached", symptom: refused, codes: []bits.HResult{0x8020001C, 0x80200051, 0x80200052},
		cures: []cure{
			{implied(upload), "An upload has exactly one file: declare one job per file."},
			{download, "Split the files into several jobs, or raise the policy `MaxFilesPerJob` (200 by default)."},
		},
	},
	{
		title: "A text is too long", symptom: refused, codes: []bits.HResult{0x80200021, 0x80200025, 0x80200026},
		cures: []cure{
			{implied(codeIs(0x80200021)), "Shorten the display name, the description or the URL."},
			{codeIs(0x80200025, 0x80200026), "Use an account with a shorter name or password."},
		},
	},
	{
		title: "The property can't be changed now", symptom: refused,
		codes: []bits.HResult{0x80200058, 0x80200061, 0x80200062, 0x80200075},
		cures: []cure{
			{implied(codeIsNot(0x80200075)), "Only a new job can take this value: run `terraform apply -replace=ADDRESS` with the address of " +
				"this resource."},
			{codeIs(0x80200075), "Set `suspended = true` and apply, and then change the property."},
		},
	},
	{
		title: "The value is not supported", symptom: refused,
		codes: []bits.HResult{0x80004001, 0x80200057, 0x80200060, 0x80200063, 0x80200071, 0x80200066, 0x8020006D},
		cures: []cure{{condition{}, "BITS on {host} does not support this value or combination: change or remove the attribute."}},
	},
	{
		title: "The job has ended, or is in another state", symptom: refused, codes: []bits.HResult{bits.ENotFound, bits.EInvalidState},
		cause: "BITS lists only unfinished jobs.",
		cures: []cure{{condition{}, GoneRemedy}},
	},
	{
		title: "The job has no files", symptom: refused, codes: []bits.HResult{0x80200003},
		cures: []cure{{condition{}, "Run `terraform apply -replace=ADDRESS`: a job without files can't run."}},
	},
	{
		title: "An argument is not valid", symptom: refused, codes: []bits.HResult{0x80070057}, only: implied(ofCall),
		cures: []cure{{condition{}, "Check the URL and the path: BITS requires absolute URLs, and absolute paths of files on {host}, not of " +
			"directories."}},
	},
}

// ofBITS are the other codes of BITS itself and of what runs it. Source: bitsmsg.h and "BITS return values", learn.microsoft.com.
var ofBITS = []reason{
	{
		title: "The job's settings conflict", symptom: stopped,
		codes: []bits.HResult{0x80200072, 0x80200027, 0x80200028, 0x80200040, 0x80200041, 0x8020002C},
		cures: []cure{
			{implied(download), "Check `credentials`, `client_certificate`, `http_method`, `dynamic` and `priority`: one of them conflicts with " +
				"the others or with {host}."},
			{leftOut(upload), "Check `credentials`, `client_certificate` and `priority`: one of them conflicts with the others or with {host}."},
		},
	},
	{
		title: "The download took too long", symptom: stopped, codes: []bits.HResult{0x80200054},
		cures: []cure{
			{leftOut(ownLimit), "Raise `maximum_download_time`, and apply again."},
			{implied(noOwnLimit), "Set a longer `maximum_download_time`, or raise the policy `MaxDownloadTime` if it is shorter (`policies` in " +
				"`bits_host`)."},
			{condition{}, "A resume restarts the clock."},
			{implied(background), "In `foreground` the transfer does not wait for idle bandwidth."},
		},
	},
	{
		title: "The download is larger than its limit", symptom: stopped, codes: []bits.HResult{0x80200064},
		cures: []cure{{condition{}, "Another program set a size limit on this job: run `terraform apply -replace=ADDRESS`."}},
	},
	{
		title: "A group policy blocks the job", symptom: stopped, codes: []bits.HResult{0x800704EC, 0x80200047, 0x80200046},
		cures: []cure{{condition{}, "On {host}, `gpresult /h report.html` shows the policies in effect: ask its administrators."}},
	},
	{
		title: "The host is short of memory", symptom: stopped,
		codes: []bits.HResult{0x80070004, 0x80070008, 0x8007000E, 0x8007046A, 0x800705AA, 0x800705AD, 0x800705AF, 0x80072EE1},
		cures: []cure{{condition{}, "Free memory on {host}, and apply again."}},
	},
	{
		title: "The code does not name a cause", symptom: stopped,
		codes: []bits.HResult{
			0x80004005, 0x8000FFFF, 0x80004003, 0x80004004, 0x8000000A, 0x80070006, 0x8007000D, 0x80070490, 0x800401F0, 0x80131500,
			0x80131501, 0x80131502, 0x80131505,
			0x80131509, 0x80131515, 0x80131537, 0x80131620, 0x800704C7, 0x80072F8C,
		},
		cures: []cure{
			{condition{}, "Apply again, or run `terraform apply -replace=ADDRESS`."},
			{condition{}, lookFurther},
		},
	},
}
