// SPDX-License-Identifier: MPL-2.0

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
					"The job can no longer be changed: it was completed or cancelled, it expired, or BITS returned 0x80200002.",
					"Revert the change, set `on_finished_change` to `\"replace\"` or `\"ignore\"`, change `triggers`, or run " +
						"Run `terraform apply -replace=...`.",
				},
				{
					"`BITS Job Operation Failed`, `BITS Refused the Operation`",
					"BITS returned an error code, which the message decodes.",
					"Follow the message. `Microsoft-Windows-Bits-Client/Operational` on the host has more.",
				},
				{
					"`Unknown Outcome`",
					"The connection broke after a change was sent.",
					"Apply again: the refresh reads the state of the host.",
				},
				{
					"`BITS Job Failed`",
					"The job is in the state `error`.",
					"Follow the message, or [Why a transfer fails](transfers.md). The next apply resumes the job.",
				},
				{
					"`BITS Job Has Trouble` (warning)",
					"BITS had a temporary error and retries.",
					"Wait, or fix the cause.",
				},
				{
					"`BITS Job Not Completed` (warning)",
					"A wait ended before the transfer did.",
					"Apply again to keep waiting, or raise `timeouts`.",
				},
				{
					"`BITS Job Suspended`",
					"The apply waits for a job that is suspended.",
					"Resume the job, or set `suspended = true`.",
				},
				{
					"`BITS Job Completed With a Remark`, `BITS Job Removed With a Remark` (warnings)",
					"The operation succeeded, and BITS reported a remark.",
					"Read the remark in the message.",
				},
				{
					"`BITS Job Is Missing`",
					"BITS no longer lists the job, and nothing shows that it was completed.",
					"Apply to create it again; `on_missing` decides what the plan does.",
				},
				{
					"`BITS Job Was Adopted` (warning)",
					"An identical job was already on the host, usually from a run that was killed.",
					"None: the resource now manages the job.",
				},
				{
					"`BITS Job Has Two Resources` (warning)",
					"Two resources manage the same job.",
					"Remove one of them from the state: `terraform state rm ADDRESS`.",
				},
				{
					"`Duplicate Destination`",
					"Another job writes the same file.",
					"Use another `local_name`, or import the other job with the block in the message.",
				},
				{
					"`BITS Job Was Completed` (warning)",
					"It was completed outside Terraform.",
					"Apply to record it.",
				},
				{
					"`BITS Job Is Gone`",
					"The job ended during the apply.",
					"Apply again.",
				},
				{
					"`BITS Job Was Not Made`",
					"A create with an unknown outcome did not create a job.",
					"Apply again.",
				},
				{
					"`BITS Job Not Known`",
					"It is unknown whether an earlier create succeeded.",
					"Run apply with a refresh.",
				},
				{
					"`BITS Job Has Another Owner` (warning)",
					"Another account took ownership of the job.",
					"Run `terraform apply -replace=...`.",
				},
				{
					"`BITS Job Has Other Files` (warning)",
					"Files were added outside Terraform.",
					"Add them to `files`, or replace the job.",
				},
				{
					"`Files of a BITS Job Are Gone`, `Files of a BITS Job Were Changed` (warnings)",
					"Downloaded files were removed or changed.",
					"Set `on_file_missing`, or run `terraform apply -replace=...`.",
				},
				{
					"`Files of a BITS Job Not Looked At` (warning)",
					"The files of a completed job could not be read.",
					"The message contains the reason.",
				},
				{
					"`Job Moves to Another Host` (warning)",
					"The provider's `host` changed.",
					"Set `host` in the resource to keep the job on its host.",
				},
				{
					"`Setting Is Kept` (warning)",
					"A setting was removed from the configuration, and BITS can't reset it.",
					"None, or run `terraform apply -replace=...`.",
				},
				{
					"`Signed URL Refuses HEAD` (warning)",
					"A presigned URL of S3 is valid for `GET` only, and BITS sends `HEAD` first.",
					"Set `dynamic = true` and `priority = \"foreground\"`.",
				},
				{
					"`URL Not Known Before Apply` (warning)",
					"The URL of a completed job is known only during the apply, so the plan replaces the job.",
					"Use `plantimestamp()` instead of `timestamp()`, or `ignore_changes = [files]`.",
				},
				{
					"`SHA-256 Mismatch`",
					"The content of a file differs from its `sha256`.",
					"Check the source, or correct `sha256`. The message has both hashes.",
				},
				{
					"`Timeout`",
					"A limit of `timeouts` was exceeded.",
					"Raise the limit. If only the wait timed out, the job continues, and the message lists what holds it: other jobs, " +
						"policies, or the proxy of LocalSystem.",
				},
				{
					"`Interrupted`",
					"The run was stopped, for example with Ctrl-C.",
					"Apply again.",
				},
				{
					"`Job Not Read` (warning)",
					"Connection settings are unknown in the plan.",
					"None: the next refresh reads it.",
				},
				{
					"`BITS Job Not Readable`",
					"The host lists the job but could not return all of it. A refresh keeps the state, and `bits_jobs` omits the job.",
					"`Get-BitsTransfer -AllUsers \\| Format-List *` on the host shows which property fails.",
				},
				{
					"`Job Owner Not Logged On`, `Remote Use of BITS Refused`",
					"BITS transfers only while the owner of the job is logged on.",
					"Use `run_as = \"system\"`, or log the account on interactively.",
				},
				{
					"`Access Denied`",
					"The account may not change this job, or may not write to the directory.",
					"Use the owner or an administrator, or grant access.",
				},
				{
					"`BITS Service Stopped`, `BITS Service Disabled`, `BITS Service Missing`",
					"",
					"Run `Start-Service BITS`, or first `Set-Service BITS -StartupType Manual`.",
				},
				{
					"`Path Not Found`",
					"The directory of a file does not exist.",
					"Create it, or remove `create_directories = false`.",
				},
				{
					"`Too Many Jobs`, `Too Many Files`, `Text Too Long`, `Too Long`",
					"A limit of BITS is exceeded.",
					"Use fewer or shorter values, or change the policy that the message names.",
				},
				{
					"`Property Not Changeable Now`, `Value Not Known to BITS`, `Not Supported by the Host`, `Parameter Refused`, " +
						"`Invalid Argument`",
					"BITS on the host does not accept the value.",
					"Change or remove the value.",
				},
				{
					"`Job Without Files`",
					"The job has no files.",
					"Run `terraform apply -replace=...`.",
				},
				{
					"`Job Not Visible`, `Jobs Not Visible`",
					"The account sees only its own jobs.",
					"Use an administrator of the host.",
				},
				{
					"`Job Not Found`, `Several Jobs Have This Name`",
					"An import or data source found no job, or more than one.",
					"Use the id.",
				},
				{
					"`Invalid Import ID`, `Invalid Import Identity`",
					"",
					"Use `host/guid` or `host/name=Display Name`.",
				},
				{
					"`Unreadable State`",
					"The state of a job was damaged, or written by a newer version of the provider.",
					"Restore a backup of the state, or use the version that wrote it.",
				},
				{
					"`Unreadable Private State` (warning), `Unwritable Private State`",
					"The state was written by another version, or changed by hand. Stored facts about the job are ignored.",
					"None: the next refresh reads the host.",
				},
				{
					"`Destination Directory Open to Users` (warning)",
					"Ordinary users can replace files in the directory that LocalSystem downloads to.",
					"Restrict the directory.",
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
