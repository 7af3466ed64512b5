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
					"The job was completed or cancelled, it expired, or BITS returned 0x80200002. Revert the change, set " +
						"`on_finished_change`, change `triggers`, or run `terraform apply -replace=ADDRESS`.",
				},
				{
					"`BITS Job Operation Failed`, `BITS Refused the Operation`",
					"See the event log *Microsoft-Windows-Bits-Client/Operational*.",
				},
				{
					"`BITS Job Failed`, `BITS Job Has a Transient Error` (warning)",
					"See [Why a transfer fails](transfers.md). The next apply resumes a failed job; BITS retries after a transient error.",
				},
				{
					"`BITS Job Not Completed` (warning)",
					"A file could not be renamed, often because it is open.",
				},
				{
					"`BITS Job Suspended`",
					"The apply waits for it: resume it, or set `suspended = true`.",
				},
				{
					"`BITS Job Completed With a Warning`, `BITS Job Removed With a Warning` (warnings)",
					"The operation succeeded, and BITS returned a code.",
				},
				{
					"`BITS Job Is Missing`",
					"Nothing shows that the job was completed. `on_missing` decides what the plan does.",
				},
				{
					"`BITS Job Was Adopted` (warning)",
					"The resource now manages an identical job, usually left by a killed run. If another resource manages it too, run `terraform state rm ADDRESS` for one of the two.",
				},
				{
					"`BITS Job Managed Twice` (warning)",
					"Remove one of the resources: `terraform state rm ADDRESS`.",
				},
				{
					"`Duplicate Destination`",
					"Use another `local_name`, or import the other job.",
				},
				{
					"`BITS Job Was Completed` (warning)",
					"Apply to record it.",
				},
				{
					"`Unknown Outcome`, `BITS Job Not Confirmed`, `BITS Job Not Created`, `BITS Job Ended During Apply`, `Interrupted`",
					"Apply again, with a refresh.",
				},
				{
					"`BITS Job Owner Changed`, `BITS Job Has Additional Files` (warnings)",
					"Accept the change, or run `terraform apply -replace=ADDRESS`.",
				},
				{
					"`BITS Job Files Missing`, `BITS Job Files Changed`, `BITS Job Files Not Checked` (warnings)",
					"See `on_file_missing`.",
				},
				{
					"`Job Moves to Another Host` (warning)",
					"Set `host` to keep the job on its host.",
				},
				{
					"`Setting Not Removed` (warning)",
					"BITS can't reset it: keep it, or run `terraform apply -replace=ADDRESS`.",
				},
				{
					"`Signed URL Refuses HEAD` (warning)",
					"Set `dynamic = true` and `priority = \"foreground\"`: BITS then sends no `HEAD`.",
				},
				{
					"`URL Not Known Before Apply` (warning)",
					"Use `plantimestamp()` instead of `timestamp()`, or `ignore_changes = [files]`.",
				},
				{
					"`SHA-256 Mismatch`",
					"Check the source, or correct `sha256`.",
				},
				{
					"`Timeout`",
					"Raise the limit in `timeouts`. After a wait, the job continues, and the message lists what can hold it.",
				},
				{
					"`BITS Job Not Read` (warning)",
					"Connection settings are unknown; the next refresh reads the job.",
				},
				{
					"`BITS Job Not Readable`",
					"`Get-BitsTransfer -AllUsers | Format-List *` on the host shows which property fails. `bits_jobs` omits the job.",
				},
				{
					"`Access Denied`, `Job Owner Not Logged On`, `Remote Session Not Supported`, `BITS Service Stopped`, `BITS Service Disabled`, " +
						"`BITS Service Missing`, `Path Not Found`, `Too Many Jobs`, `Too Many Files`, `Text Too Long`, `Property Not Changeable`, " +
						"`Value Not Supported by BITS`, `Job Without Files`, `Invalid Argument`",
					"See [The host refuses the job or a change](transfers.md#the-host-refuses-the-job-or-a-change).",
				},
				{
					"`Not Supported by the Host`, `Parameter Refused`, `Proxy List Too Long`",
					"Change or remove the value.",
				},
				{
					"`Job Not Visible`, `Jobs Not Visible`",
					"Use an administrator of the host.",
				},
				{
					"`Job Not Found`, `Several Jobs Have This Name`",
					"Use the id. BITS lists only unfinished jobs.",
				},
				{
					"`Invalid Import ID`, `Invalid Import Identity`",
					"Use `host/guid` or `host/name=Display Name`.",
				},
				{
					"`Unreadable State`",
					"Restore a backup, or use the newer provider that wrote it.",
				},
				{
					"`Unreadable Private State` (warning), `Unwritable Private State`",
					"Nothing to do: the next refresh reads the host.",
				},
				{
					"`Destination Directory Open to Users` (warning)",
					"Restrict it: ordinary users can replace files there.",
				},
			},
		},
		{
			Title: "Invalid attributes",
			Intro: "`Invalid Local Name`, `Invalid Remote Name`, `Duplicate Local Name`, `Invalid Display Name`, `Invalid " +
				"Description`, `Invalid Duration`, `Invalid HTTP Method`, `Invalid Header`, `Invalid Proxy`, `Invalid " +
				"Bypass`, `Invalid Thumbprint`, `Invalid SHA-256`, `Invalid User Name`, `Invalid Password`, `Invalid Drive`, " +
				"`Invalid Job ID`, `Invalid Owner`, `Missing Attribute`, `Conflicting Attributes` and `Conflicting Flags` " +
				"are errors of a plan. The message says what is expected.",
		},
	}
}
