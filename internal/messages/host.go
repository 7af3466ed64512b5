// SPDX-License-Identifier: MPL-2.0

package messages

// hostSections are about what runs on a host.
func hostSections() []Section {
	return []Section{
		{
			Title: "PowerShell Not Usable",
			Rows: []Row{
				{
					"`PowerShell runs in a constrained language mode there`",
					"Application Control (WDAC) or AppLocker.",
					"Exempt the account: the agent needs the full language mode.",
				},
				{
					"`PowerShell could not start the agent`, `PowerShell ended with exit code ...`, `a shell opened, and no " +
						"agent answered in it`, `the agent could not say what is there`",
					"A security product ended PowerShell, a profile or policy changed it, or PowerShell is damaged.",
					"The message contains what PowerShell reported. See [What your EDR will see](edr.md).",
				},
				{
					"`PowerShell may not load the module BitsTransfer there: the execution policy ... is set by group policy`",
					"*AllSigned* or *Restricted*.",
					"Set *RemoteSigned* in the policy *Turn on Script Execution*.",
				},
				{
					"`the host has no module BitsTransfer, which is a part of Windows.`",
					"The module was removed from the Windows image.",
					"Run `DISM /Online /Cleanup-Image /RestoreHealth`, then `sfc /scannow`.",
				},
				{
					"`the module BitsTransfer of the host can't be loaded: ...`",
					"Its files are damaged.",
					"`Import-Module BitsTransfer` on the host shows the error. Repair Windows as above.",
				},
			},
		},
		{
			Title: "Elevation to SYSTEM Failed",
			Intro: "Each text begins with `no agent could be started as SYSTEM:`, and may be followed by `The host said in step ...`. " +
				"If nothing helps, use `run_as = \"user\"`, which needs no task: the account that logs on then owns the jobs.",
			Rows: []Row{
				{
					"`the pipe to it could not be made`",
					"The account may not create named pipes, or the host is out of resources.",
					"Use an administrator.",
				},
				{
					"`the account may not register tasks of SYSTEM: it has to be an administrator of the host with a full token.`",
					"UAC filters the token of local accounts.",
					"Set `LocalAccountTokenFilterPolicy`: see [Preparing a Windows host](preparing.md).",
				},
				{
					"`the service Task Scheduler is disabled there.`, `the service Task Scheduler does not run there.`, `the " +
						"host has no task scheduler.`",
					"",
					"Start the service `Schedule`.",
				},
				{
					"`the task scheduler did not take its task`, `the task scheduler did not run its task`, `the account may not " +
						"run its task.`, `its task is disabled: a policy or a security product does not let new tasks run.`, `its " +
						"task was gone before it could run: a security product may have deleted it.`",
					"",
					"Allow the tasks described in [What your EDR will see](edr.md).",
				},
				{
					"`its task was accepted and never started: tasks may be held up by a policy or by the state of the host.`, " +
						"`its task is queued and was not started in time.`, `its task was ended before it got to the pipe.`, `its " +
						"task runs, and did not get to the pipe in time: the host is very busy, or something holds PowerShell up.`, " +
						"`its task did not get to the pipe`",
					"",
					"Check the load of the host, and the history of the task in the event log of the task scheduler.",
				},
				{
					"`a policy (AppLocker or Software Restriction) does not let SYSTEM start powershell.exe.`, `a policy " +
						"(Application Control) does not let SYSTEM start powershell.exe.`, `PowerShell runs in a constrained " +
						"language mode for SYSTEM, in which the agent can't work.`, `its task did not find powershell.exe.`",
					"",
					"Exempt SYSTEM, or repair Windows PowerShell.",
				},
				{
					"`its task ended with the result ... before it got to the pipe.`, `the process that the task started ended " +
						"before it answered. A security product may end it, or a policy may not let SYSTEM run scripts.`, `the agent " +
						"refused it`",
					"",
					"Check the log of the security product.",
				},
				{
					"`it found no pipe to connect to.`, `the process that opened the pipe did not prove that the task has " +
						"started it, and got nothing.`",
					"The session had ended, or another process uses the pipe.",
					"Apply again. If it persists, find the process that opens pipes of this name.",
				},
				{
					"`the pipe that it found was made by another account, so it sent nothing and ran nothing. Somebody on the " +
						"host may have tried to get in between.`, `whoever made the pipe that it found did not show the right nonce, " +
						"so it ran nothing. Somebody on the host may have tried to get in between.`",
					"Another account created a pipe with this name.",
					"Treat it as a security incident.",
				},
			},
		},
		{
			Title: "Agent Answer Not Readable",
			Intro: "The provider uploads its agent, so both are of one version. Nothing that is answered this way gets into the " +
				"state.",
			Rows: []Row{
				{
					"`the agent's answer can't be used: ...`",
					"A proxy rewrites answers, a program on the host writes to PowerShell's output, or the host is not what it " +
						"pretends to be.",
					"Reach the host without the proxy; look for what starts with each PowerShell on the host.",
				},
			},
		},
	}
}
