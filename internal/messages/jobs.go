package messages

// jobSections are about jobs and attributes.
func jobSections() []Section {
	return []Section{
		{
			Title:  "Jobs",
			Titles: true,
			Rows: []Row{
				{
					"`Invalid BITS Job State`",
					"The job is in a state that takes no change: BITS answered 0x80200002, or it was completed, cancelled or has " +
						"expired.",
					"The message names who ended it and when. `triggers`, `on_finished_change = \"replace\"` or `\"ignore\"`, or " +
						"`terraform apply -replace`.",
				},
				{
					"`BITS Job Operation Failed`, `BITS Refused the Operation`",
					"BITS answered a code that has no summary of its own: the message decodes it.",
					"What the message says; `Microsoft-Windows-Bits-Client/Operational` on the host.",
				},
				{
					"`Unknown Outcome`",
					"The connection broke after a change was sent.",
					"Apply again: it reads what the host has.",
				},
				{
					"`BITS Job Failed`",
					"The job is in state error.",
					"The message says why and what to do, as [Why a transfer fails](transfers.md) does; the next apply resumes " +
						"it.",
				},
				{
					"`BITS Job Has Trouble` (warning)",
					"BITS met an error that may pass, and tries again.",
					"Wait, or correct the cause.",
				},
				{
					"`BITS Job Not Completed` (warning)",
					"A wait ended before the transfer did.",
					"The next apply goes on with it; `timeouts`.",
				},
				{
					"`BITS Job Suspended`",
					"A job that is waited for is suspended.",
					"Resume it, or set `suspended`.",
				},
				{
					"`BITS Job Completed With a Remark`, `BITS Job Removed With a Remark` (warnings)",
					"BITS did it, and reported more than success.",
					"The message decodes it.",
				},
				{
					"`BITS Job Is Missing`",
					"BITS lists no such job and nothing shows that it was completed.",
					"`on_missing`, or apply to make it again.",
				},
				{
					"`BITS Job Was Adopted` (warning)",
					"The job that a create would make was on the host already, as a killed run leaves it.",
					"Nothing: the resource manages it.",
				},
				{
					"`BITS Job Has Two Resources` (warning)",
					"Two resources have the same job, and would change it in turn.",
					"Remove one of them from the state: `terraform state rm ADDRESS`.",
				},
				{
					"`Duplicate Destination`",
					"Another job writes the same file.",
					"Another `local_name`, or import the other job, as the message shows.",
				},
				{
					"`BITS Job Was Completed` (warning)",
					"Somebody else completed it.",
					"Apply records it.",
				},
				{
					"`BITS Job Is Gone`",
					"The job ended while the plan was carried out.",
					"Apply again.",
				},
				{
					"`BITS Job Was Not Made`",
					"A create whose outcome was unknown left nothing.",
					"Apply again.",
				},
				{
					"`BITS Job Not Known`",
					"It is not known yet whether a create succeeded.",
					"Apply with a refresh.",
				},
				{
					"`BITS Job Has Another Owner` (warning)",
					"Somebody took ownership.",
					"`terraform apply -replace=...`.",
				},
				{
					"`BITS Job Has Other Files` (warning)",
					"Somebody added files.",
					"Add them to `files`, or replace the job.",
				},
				{
					"`Files of a BITS Job Are Gone`, `Files of a BITS Job Were Changed` (warnings)",
					"What was downloaded is not there any more, or differs.",
					"`on_file_missing`; `terraform apply -replace=...`.",
				},
				{
					"`Files of a BITS Job Not Looked At` (warning)",
					"The files of a completed job could not be read.",
					"What the host said stands in it.",
				},
				{
					"`Job Moves to Another Host` (warning)",
					"The provider's `host` changed.",
					"Set `host` in the resource to keep the job where it is.",
				},
				{
					"`Setting Is Kept` (warning)",
					"The configuration no longer has a setting that BITS can't take back.",
					"Nothing, or `terraform apply -replace=...`.",
				},
				{
					"`Signed URL Refuses HEAD` (warning)",
					"A presigned URL of S3 is valid for `GET` only, and BITS sends `HEAD` first.",
					"`dynamic = true` and `priority = \"foreground\"`.",
				},
				{
					"`URL Not Known Before Apply` (warning)",
					"The URL of a completed job is made during the apply, so the plan replaces the job.",
					"`plantimestamp()` in place of `timestamp()`, or `ignore_changes = [files]`.",
				},
				{
					"`SHA-256 Mismatch`",
					"A file arrived with other content than its `sha256` expects.",
					"Look at the source, or correct `sha256`; the message names both hashes.",
				},
				{
					"`Timeout`",
					"The time of `timeouts` is over.",
					"A longer time, or a host that is less busy. A job that was only waited for is kept, and the message lists " +
						"what holds it: other jobs, policies, the proxy of LocalSystem.",
				},
				{
					"`Interrupted`",
					"The run was stopped, for example with Ctrl-C.",
					"Apply again.",
				},
				{
					"`Job Not Read` (warning)",
					"Connection settings are not known yet.",
					"Nothing: the next refresh reads it.",
				},
				{
					"`BITS Job Not Readable`",
					"The host lists a job and could not show all of it. A refresh keeps the state; `bits_jobs` leaves the job " +
						"out.",
					"`Get-BitsTransfer -AllUsers \\| Format-List *` on the host shows which member fails.",
				},
				{
					"`Job Owner Not Logged On`, `Remote Use of BITS Refused`",
					"BITS moves a job only while its owner is logged on.",
					"`run_as = \"system\"`, or an interactive session of the account.",
				},
				{
					"`Access Denied`",
					"The account may not change this job, or not write to the directory.",
					"Use the owner or an administrator; grant the access.",
				},
				{
					"`BITS Service Stopped`, `BITS Service Disabled`, `BITS Service Missing`",
					"",
					"`Start-Service BITS`; `Set-Service BITS -StartupType Manual`.",
				},
				{
					"`Path Not Found`",
					"The directory of a file is not there.",
					"Create it, or remove `create_directories = false`.",
				},
				{
					"`Too Many Jobs`, `Too Many Files`, `Text Too Long`, `Too Long`",
					"A limit of BITS.",
					"Fewer or shorter ones, or the policies that the message names.",
				},
				{
					"`Property Not Changeable Now`, `Value Not Known to BITS`, `Not Supported by the Host`, `Parameter Refused`, " +
						"`Invalid Argument`",
					"The host's BITS does not take the value.",
					"Change or remove it.",
				},
				{
					"`Job Without Files`",
					"The job has none, so it can't run.",
					"`terraform apply -replace=...`.",
				},
				{
					"`Job Not Visible`, `Jobs Not Visible`",
					"The account sees its own jobs only.",
					"An administrator of the host.",
				},
				{
					"`Job Not Found`, `Several Jobs Have This Name`",
					"An import or a data source found none, or more than one.",
					"Import by the id.",
				},
				{
					"`Invalid Import ID`, `Invalid Import Identity`",
					"",
					"`host/guid`, or `host/name=Display Name`.",
				},
				{
					"`Unreadable State`",
					"The state of a job was damaged, or written by a newer version of the provider.",
					"Restore a backup of the state, or use the version that wrote it.",
				},
				{
					"`Unreadable Private State` (warning), `Unwritable Private State`",
					"The state was written by another version, or changed by hand. What it keeps about the job beside its " +
						"attributes counts as unknown.",
					"Nothing: the next refresh reads the host.",
				},
				{
					"`Destination Directory Open to Users` (warning)",
					"Ordinary users may replace files in the directory that SYSTEM downloads to.",
					"Restrict it.",
				},
			},
		},
		{
			Title: "Attributes of resources and data sources",
			Intro: "`Invalid Local Name`, `Invalid Remote Name`, `Duplicate Local Name`, `Invalid Display Name`, `Invalid " +
				"Description`, `Invalid Duration`, `Invalid HTTP Method`, `Invalid Header`, `Invalid Proxy`, `Invalid " +
				"Bypass`, `Invalid Thumbprint`, `Invalid SHA-256`, `Invalid User name`, `Invalid Password`, `Invalid Drive`, " +
				"`Invalid Job ID`, `Invalid Owner`, `Missing Attribute`, `Conflicting Attributes` and `Conflicting Flags` " +
				"are errors of a plan: the configuration has a value that BITS would not take. The message says which, why, " +
				"and what is expected.",
		},
	}
}
