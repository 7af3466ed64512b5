// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

const logOn = "BITS transfers a job only while its owner is logged on, and a WinRM connection (a network logon) does not " +
	"count. Remove run_as = \"user\" from the provider block, or set it to \"system\": LocalSystem is always logged on. Or log " +
	"the account on to the host (console or Remote Desktop), keep the session, and apply again."

// GoneRemedy is what to do about a job that is gone, or in another state than before.
const GoneRemedy = "Run terraform apply again: it reads the current state of the host, and plans a new job if BITS does not list this one."

// ofCalls are calls that the host refuses. Sources: the pages of IBackgroundCopyManager and IBackgroundCopyJob, learn.microsoft.com.
var ofCalls = []reason{
	{
		title: "The owner is not logged on", symptom: refused, codes: []bits.HResult{0x800704DD, 0x80070520, 0x80200056},
		cures: []cure{
			{not(system, "LocalSystem does not own the job"), logOn},
			{system, "Apply again: LocalSystem is always logged on, so the cause is gone."},
		},
	},
	{
		title: "BITS rejects calls from this session", symptom: refused, codes: []bits.HResult{0x80200014},
		cause: "BITS does not accept calls from this kind of remote session.",
		cures: []cure{{condition{}, logOn}},
	},
	{
		title: "Access is denied", symptom: refused, codes: []bits.HResult{0x80070005, 0x80070522}, only: ofCall,
		cures: []cure{{condition{}, "The account may lack write access to the directory of a file, or the job belongs to " +
			"another account. Only administrators can change another user's job, and only LocalSystem (run_as = \"system\", " +
			"the default) can change a job of LocalSystem. Grant access, or use the account that owns the job."}},
	},
	{
		title: "The BITS service is not running", symptom: refused,
		codes: []bits.HResult{
			0x80070426, 0x800706BA, 0x800706BB, 0x800706BE, 0x800706BF, 0x800706D9, 0x80010001, 0x80010002, 0x80010007, 0x80010105,
			0x80010108, 0x8001010A, 0x8001011F, 0x8007041D,
			0x80070420, 0x80070425, 0x80080005, 0x8007045B, 0x80131527, 0x80131622, 0x8020006C, 0x80200069,
		},
		cures: []cure{{condition{}, "Start the service on {host} (Start-Service BITS) and apply again: BITS keeps its jobs " +
			"while the service is stopped. If it stops again, check the System log of the host."}},
	},
	{
		title: "The BITS service is disabled", symptom: refused, codes: []bits.HResult{0x80070422},
		cures: []cure{{condition{}, "Enable and start the service on {host} (Set-Service BITS -StartupType Manual; " +
			"Start-Service BITS), unless it was disabled on purpose."}},
	},
	{
		title: "The host has no BITS service", symptom: refused,
		codes: []bits.HResult{0x80070424, 0x80070430, 0x80040154, 0x80040155, 0x80004002, 0x8007043C},
		cures: []cure{{condition{}, "The service is not part of this Windows edition or image, was removed, or the host " +
			"runs in safe mode. Check Get-Service BITS on {host}; DISM /Online /Cleanup-Image /RestoreHealth repairs " +
			"damaged system files."}},
	},
	{
		title: "A service that BITS depends on does not start", symptom: refused, codes: []bits.HResult{0x8007042C, 0x8007042D},
		cures: []cure{{condition{}, "On {host}, sc.exe qc bits lists the services that BITS depends on. Start RpcSs and any " +
			"other that is stopped, and apply again."}},
	},
	{
		title: "A limit on jobs is reached", symptom: refused, codes: []bits.HResult{0x80200049, 0x80200050},
		cures: []cure{{condition{}, "Complete or remove jobs on {host} (Get-BitsTransfer -AllUsers lists them), or raise " +
			"the policies MaxJobsPerUser (60 by default) or MaxJobsPerMachine (300). Administrators are exempt from the " +
			"limit per user."}},
	},
	{
		title: "A limit on files is reached", symptom: refused, codes: []bits.HResult{0x8020001C, 0x80200051, 0x80200052},
		cures: []cure{
			{upload, "An upload has exactly one file: declare one job per file."},
			{download, "Split the files into several jobs, or raise the policy MaxFilesPerJob (200 by default)."},
		},
	},
	{
		title: "A text is too long", symptom: refused, codes: []bits.HResult{0x80200021, 0x80200025, 0x80200026},
		cures: []cure{
			{codeIs("the code is 0x80200021", 0x80200021), "Shorten the display name, the description or the URL."},
			{codeIs("the code is 0x80200025 or 0x80200026", 0x80200025, 0x80200026), "Use an account with a shorter name or password."},
		},
	},
	{
		title: "The property can't be changed now", symptom: refused,
		codes: []bits.HResult{0x80200058, 0x80200061, 0x80200062, 0x80200075},
		cures: []cure{{condition{}, "This property can be set only before the job first runs. Run terraform apply " +
			"-replace=ADDRESS with the address of this resource."}},
	},
	{
		title: "The value is not supported", symptom: refused,
		codes: []bits.HResult{0x80004001, 0x80200057, 0x80200060, 0x80200063, 0x80200071, 0x80200066, 0x8020006D},
		cures: []cure{{condition{}, "BITS on {host} does not support this value or combination: use another value, or " +
			"remove the attribute."}},
	},
	{
		title: "The job has ended, or is in another state", symptom: refused, codes: []bits.HResult{bits.ENotFound, bits.EInvalidState},
		cause: "BITS lists only unfinished jobs, and a job that was completed or cancelled takes no changes.",
		cures: []cure{{condition{}, GoneRemedy}},
	},
	{
		title: "The job has no files", symptom: refused, codes: []bits.HResult{0x80200003},
		cures: []cure{{condition{}, "A job without files can't run. Run terraform apply -replace=ADDRESS with the address of " +
			"this resource."}},
	},
	{
		title: "An argument is not valid", symptom: refused, codes: []bits.HResult{0x80070057}, only: ofCall,
		cures: []cure{{condition{}, "Check the URL and the path of the file: BITS requires absolute URLs and absolute paths " +
			"on {host}, and the path must not be a directory."}},
	},
}

// ofBITS are the other codes of BITS itself and of what runs it. Source: bitsmsg.h and "BITS return values", learn.microsoft.com.
var ofBITS = []reason{
	{
		title: "The job's settings conflict", symptom: atOnce,
		codes: []bits.HResult{0x80200072, 0x80200027, 0x80200028, 0x80200040, 0x80200041, 0x8020002C},
		cures: []cure{
			{download, "Check credentials, client_certificate, http_method, dynamic and priority of this job: one of them " +
				"conflicts with the others or with {host}."},
			{upload, "Check credentials, client_certificate and priority of this job: one of them conflicts with the others " +
				"or with {host}."},
		},
	},
	{
		title: "The download is larger than its limit", symptom: later, codes: []bits.HResult{0x80200064},
		cures: []cure{{condition{}, "Another program set a size limit on this job. Run terraform apply -replace=ADDRESS to " +
			"create a job without a limit."}},
	},
	{
		title: "A group policy blocks the job", symptom: atOnce, codes: []bits.HResult{0x800704EC, 0x80200047, 0x80200046},
		cures: []cure{{condition{}, "On {host}, gpresult /h report.html shows the policies in effect. Ask the " +
			"administrators of the host."}},
	},
	{
		title: "The code does not name a cause", symptom: later,
		codes: []bits.HResult{
			0x80004005, 0x8000FFFF, 0x80004003, 0x80004004, 0x8000000A, 0x80070006, 0x8007000D, 0x80070490, 0x800401F0, 0x80131500,
			0x80131501, 0x80131502, 0x80131505,
			0x80131509, 0x80131515, 0x80131537, 0x80131620, 0x800704C7, 0x80072F8C,
		},
		cures: []cure{{condition{}, lookFurther + " Apply again, or replace the job with terraform apply -replace=ADDRESS."}},
	},
}

// withoutCode are reasons for jobs without an error. Sources: BG_JOB_PRIORITY, "Users and Network Connections", "Network Bandwidth" and
// "Group Policies", learn.microsoft.com.
var withoutCode = []reason{
	{
		title: "The owner is not logged on", symptom: queued, states: []bits.State{bits.StateQueued},
		only: both(user, maybeAway), known: away,
		cause: "BITS transfers a job only while its owner is logged on, and {session}.",
		cures: []cure{
			{condition{}, "Log the owner on to {host} (console or Remote Desktop), or use run_as = \"system\"."},
		},
	},
	{
		title: "Other jobs run first", symptom: queued, states: []bits.State{bits.StateQueued},
		only: both(background, maybeBehind), known: behind,
		cause: "{host} has {ahead}. Below foreground BITS transfers one job at a time, higher priorities first; jobs of the " +
			"same priority take turns.",
		cures: []cure{{condition{}, "Raise priority: foreground jobs run at once, in parallel. bits_jobs lists the jobs of {host}."}},
	},
	{
		title: "A policy limits the bandwidth", symptom: queued, states: []bits.State{bits.StateQueued},
		only:  both(background, maybePolicies),
		known: knownPolicies, asks: true,
		cause: "A policy on bandwidth or maintenance hours holds jobs below foreground.",
		cures: []cure{
			{knownPolicies, "{host} has {policies}. Set priority = \"foreground\", which is exempt, or wait until the " +
				"policy's hours end."},
			{not(knownPolicies, "the policies are not known"), "Check holding_policies in bits_host. priority = " +
				"\"foreground\" is exempt."},
		},
	},
	{
		title: "The network is metered", symptom: queued, states: []bits.State{bits.StateQueued}, only: someNetworks,
		cause: "BITS holds jobs while the host is on a metered or roaming network.",
		cures: []cure{{condition{}, "Set transfer_policy = [\"always\"], or connect {host} to an unmetered network."}},
	},
	{
		title: "The host saves power or resources", symptom: queued, states: []bits.State{bits.StateQueued},
		cause: "BITS pauses jobs while the host runs on battery, is in Game Mode, or is short of resources.",
		cures: []cure{{condition{}, "Connect {host} to power, and check its load."}},
	},
	{
		title: "The server can't be reached", symptom: connecting, states: []bits.State{bits.StateConnecting},
		cause: "{host} can't reach {server}: check name, route, firewall and proxy.",
		cures: append([]cure{{onWeb, "On {host}, run Resolve-DnsName {server} and Test-NetConnection {server} -Port 443 (80 " +
			"for http)."}}, proxyCures()...),
	},
	{
		title: "The job waits for idle bandwidth", symptom: slow, states: []bits.State{bits.StateTransferring}, only: background,
		cause: "Below foreground BITS uses only idle bandwidth, and bandwidth policies limit it further.",
		cures: []cure{{condition{}, "Set priority = \"foreground\": the transfer then competes with other traffic and is " +
			"not limited."}},
	},
}
