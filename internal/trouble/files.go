// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// mappedDrives is about drives that only a user has. Source: "Service Accounts and BITS", learn.microsoft.com.
const mappedDrives = "LocalSystem does not see users' mapped drives: write a share as `\\\\server\\share`."

// noDrive is what to do about a drive that a host lacks.
var noDrive = []cure{
	{condition{}, "Connect it, or use another drive in `local_name`."},
	{implied(system), mappedDrives},
	{leftOut(user), "Drives mapped in another session are not available."},
}

// ofFiles are troubles of the host's own files and drives. Sources: BG_FILE_INFO, "Adding Files to a Job", "Service Accounts and BITS"
// and "System Error Codes", learn.microsoft.com.
var ofFiles = []reason{
	{
		title: "The disk is full", symptom: local, codes: []bits.HResult{0x80070070, 0x80070027, 0x8007050F, 0x80070718}, asks: true,
		cures: []cure{
			{leftOut(both(knownSpace, knownSize)), "{drive} on {host} has {free} bytes free, and the job needs {size} bytes."},
			{leftOut(both(knownSpace, unknownSize)), "{drive} on {host} has {free} bytes free."},
			{implied(codeIs(0x80070070, 0x80070027)), "Free space on {drive} and apply again: BITS continues where it stopped. Or use another " +
				"drive in `local_name`."},
			{codeIs(0x8007050F, 0x80070718), "Raise the account's quota, or use another drive in `local_name`."},
		},
	},
	{
		title: "The host has no such drive", symptom: local, also: refused,
		codes: []bits.HResult{0x80070003, 0x80070002, 0x8007000F, 0x80070015, 0x800704B0, 0x80070043, 0x80070035}, only: implied(making),
		cause: "{drive} does not exist on {host} or is not ready.",
		cures: noDrive,
	},
	{
		title: "The host has no such drive", symptom: local,
		codes: []bits.HResult{
			0x8007000F, 0x80070014, 0x80070015, 0x8007001A, 0x80070037, 0x800703ED, 0x80070458, 0x8007048F, 0x800704B0, 0x800704B1,
		},
		contexts: atLocal,
		cause:    "{drive} does not exist on {host} or is not ready.",
		cures:    noDrive,
	},
	{
		title: "The volume is locked or was replaced", symptom: local,
		codes: []bits.HResult{0x8020000D, 0x8020000E, 0x800703EE, 0x80070456},
		cures: []cure{
			{codeIs(0x8020000D), "Wait until the disk check of {drive} ends."},
			{both(codeIs(0x8020000D), implied(goesOn)), bitsGoesOn.text},
			{implied(codeIsNot(0x8020000D)), "Reconnect the original volume of {drive} and apply again, or run `terraform apply " +
				"-replace=ADDRESS`."},
		},
	},
	{
		title: "The directory does not exist", symptom: local, also: refused, codes: []bits.HResult{0x80070003, 0x8007010B},
		contexts: atLocal, only: both(implied(here), implied(download)),
		cures: []cure{
			{implied(noDirectories), "Set `create_directories = true`, or create the directory on {host}."},
			{madeDirectories, "Check the spelling of `local_name`. If the directory was removed later, `terraform apply -replace=ADDRESS` creates " +
				"it again."},
			{leftOut(both(madeDirectories, system)), mappedDrives},
		},
	},
	{
		title: "The file to upload does not exist", symptom: local, also: refused, codes: []bits.HResult{0x80070002, 0x80070003},
		contexts: atLocal,
		only:     both(implied(here), implied(upload)),
		cures:    []cure{{condition{}, "Put {file} on {host} before the job is created, and check the spelling of `local_name`."}},
	},
	{
		title: "The temporary file is gone", symptom: local, codes: []bits.HResult{0x80070002},
		contexts: []bits.ErrorContext{bits.ContextLocalFile}, only: implied(download),
		cause: "The hidden temporary file (`BIT*.tmp`) of the transfer, next to `local_name`, is gone.",
		cures: []cure{{condition{}, "Exclude `BIT*.tmp` from cleanup and antivirus programs on {host}, and run `terraform apply " +
			"-replace=ADDRESS`."}},
	},
	{
		title: "Another program uses the file", symptom: local,
		codes: []bits.HResult{0x80070020, 0x80070021, 0x800704C8, 0x8007012F, 0x80070024, 0x800700AA, 0x80070094},
		cures: []cure{
			{implied(download), "Close the program on {host} that has {file} or its temporary file (`BIT*.tmp`) open, and apply again: the " +
				"transfer continues."},
			{upload, "Close the program on {host} that writes to {file}, or upload a copy."},
			{condition{}, "Sysinternals Handle shows the program, often antivirus or backup software: exclude the directory there."},
		},
	},
	{
		title: "An antivirus program blocked or removed the file", symptom: local, codes: []bits.HResult{0x800700E1, 0x800700E2},
		cures: []cure{{condition{}, "`Get-MpThreatDetection` on {host} lists what Microsoft Defender found. If the file is harmless, " +
			"exclude it from the antivirus program, and apply again."}},
	},
	{
		title: "The owner has no access to the file", symptom: local, codes: []bits.HResult{0x80070005, 0x80070522, 0x80070542},
		contexts: atLocal, only: both(implied(ofJob), implied(here), implied(download)),
		cures: []cure{{condition{}, "Let {owner} write to the directory of {file}, and clear the read-only attribute of an existing file. " +
			"Controlled folder access in Microsoft Defender causes the same error."}},
	},
	{
		title: "The owner has no access to the file", symptom: local, codes: []bits.HResult{0x80070005, 0x80070522, 0x80070542},
		contexts: atLocal, only: both(implied(ofJob), implied(here), upload),
		cures: []cure{{condition{}, "Let {owner} read {file}."}},
	},
	{
		title: "The drive is write-protected", symptom: local, codes: []bits.HResult{0x80070013},
		cures: []cure{{condition{}, "Remove the write protection of {drive} on {host}, or use another drive in `local_name`."}},
	},
	{
		title: "The file name is not valid", symptom: local,
		codes: []bits.HResult{0x8007007B, 0x800700A1, 0x800700CE, 0x80070781, 0x80070780, 0x80071126},
		cures: []cure{
			{condition{}, "Shorten or correct `local_name`: BITS requires an absolute path of fewer than 260 characters, without wildcards, " +
				"streams, broken links or the prefix `\\\\?\\`."},
		},
	},
	{
		title: "The destination path is in use", symptom: local,
		codes: []bits.HResult{0x80070050, 0x80070052, 0x80070091, 0x800700B7, 0x80070011},
		cures: []cure{{condition{}, "Check what exists at `local_name` on {host}: BITS can't replace a directory of that name, and a mount point " +
			"leads to another volume."}},
	},
	{
		title: "The file is too large for its file system", symptom: local, codes: []bits.HResult{0x800700DF, 0x80070299},
		cures: []cure{{condition{}, "FAT32 limits files to 4 GB, and NTFS can't extend a heavily fragmented compressed file: use another " +
			"drive or a directory without compression."}},
	},
	{
		title: "The drive fails", symptom: local,
		codes: []bits.HResult{
			0x80070001, 0x80070016, 0x80070017, 0x80070019, 0x8007001B, 0x8007001D, 0x8007001E, 0x8007001F, 0x80070026, 0x8007045D,
			0x80070467, 0x80070570, 0x80070571, 0x8007016A,
			0x80071770,
		},
		contexts: atLocal,
		cures:    []cure{{condition{}, "Check the System log of {host} for disk errors and run `chkdsk` on {drive}, or use another drive."}},
	},
}

// ofAccounts are the codes of accounts that a server does not accept.
var ofAccounts = []bits.HResult{
	0x80070041, 0x80070056, 0x800704C3, 0x800704D8, 0x800704DC, 0x800704F8, 0x80070525, 0x8007052E, 0x8007052F, 0x80070530, 0x80070531,
	0x80070532, 0x80070533, 0x80070534, 0x80070569, 0x80070701, 0x80070773, 0x80070775, 0x8009030C, 0x8009030E,
}

// ofShares are troubles of files on shares. Sources: "Service Accounts and BITS" and "Using Windows PowerShell to Create BITS Transfer
// Jobs", learn.microsoft.com.
var ofShares = []reason{
	{
		title: "The share denies access", symptom: local, asks: true,
		codes: append([]bits.HResult{0x80070005}, ofAccounts...),
		only:  both(implied(ofJob), implied(onShare)),
		cures: []cure{
			{implied(system), "LocalSystem is {account} on the network: give that account access to the share and the folder on {file_server}."},
			{user, "Give the job's owner access to the share and the folder on {file_server}."},
			{condition{}, "`credentials` applies to HTTP only."},
		},
	},
	{
		title: "The file is not on the share", symptom: local, codes: []bits.HResult{0x80070002, 0x80070003, 0x80070490},
		only:  both(implied(ofJob), implied(onShare)),
		cures: []cure{{condition{}, "Check `remote_name`, and that the job's owner can see the file on the share from {host}."}},
	},
	{
		title: "The file server can't be reached", symptom: connecting,
		codes: []bits.HResult{
			0x80070033, 0x80070034, 0x80070035, 0x80070036, 0x80070037, 0x80070038, 0x80070039, 0x8007003A, 0x8007003B, 0x80070040,
			0x80070043, 0x80070044, 0x80070045,
			0x80070046, 0x80070047, 0x80070079, 0x800704B1, 0x800704B3, 0x800704B8, 0x80070032, 0x800704C9, 0x800704CF, 0x800704D0,
			0x800704D2, 0x800704D4, 0x800704E8,
			0x80072EE7, 0x80072EFD, 0x80072EE2, 0x8007274C, 0x8007274D, 0x80072AF9, 0x800705B4, 0x8007048F,
		},
		states: []bits.State{bits.StateConnecting}, holds: onShare,
		cures: []cure{
			{condition{}, "Run `Test-NetConnection {file_server} -Port 445` on {host}. Check the name of the share, and that the file server " +
				"supports SMB 2 or later."},
			{leftOut(system), mappedDrives},
		},
	},
	{
		title: "The domain can't authenticate the account", symptom: local,
		codes: []bits.HResult{
			0x800704F1, 0x8007051F, 0x8007054B, 0x80070574, 0x80070576, 0x800706FB, 0x800706FD, 0x80070700, 0x80090303, 0x80090311,
			0x80090322, 0x80090324, 0x80090342,
		},
		cures: []cure{
			{condition{}, "On {host}, run `Test-ComputerSecureChannel` and `nltest /sc_query:DOMAIN`, and compare its clock with the " +
				"domain's. Use the file server's own name."},
		},
	},
	{
		title: "The account is not accepted", symptom: rejected, codes: ofAccounts,
		cures: []cure{
			{implied(both(onWeb, noAccount)), "Set `credentials` with an account that {server} accepts."},
			{anAccount, "Check `username` and `password_wo` in `credentials`: the account must be enabled and allowed to log on to {server}."},
			{aProxyAccount, "Check the account for the proxy."},
			{leftOut(onShare), "BITS reads shares as the job's owner: give that account access. LocalSystem is {account} on the network."},
		},
	},
}
