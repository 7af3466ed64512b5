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
					"Exempt the account, or use hosts without the policy: the agent needs the full language.",
				},
				{
					"`PowerShell could not start the agent`, `PowerShell ended with exit code ...`, `a shell opened, and no " +
						"agent answered in it`, `the agent could not say what is there`",
					"A security product ends it, a profile or policy changes it, or PowerShell is broken.",
					"What it complained about stands behind; see [What your EDR will see](edr.md).",
				},
				{
					"`PowerShell may not load the module BitsTransfer there: the execution policy ... is set by group policy`",
					"*AllSigned* or *Restricted*.",
					"*RemoteSigned* in the policy *Turn on Script Execution*.",
				},
				{
					"`the host has no module BitsTransfer, which is a part of Windows.`",
					"It was taken out of the image.",
					"`DISM /Online /Cleanup-Image /RestoreHealth`, then `sfc /scannow`.",
				},
				{
					"`the module BitsTransfer of the host can't be loaded: ...`",
					"Its files are damaged.",
					"`Import-Module BitsTransfer` on the host says more; repair as before.",
				},
			},
		},
		{
			Title: "Elevation to SYSTEM Failed",
			Intro: "Each begins with `no agent could be started as SYSTEM:`; `The host said in step ...` may follow. Without a " +
				"remedy `run_as = \"user\"` needs no task: the jobs then belong to the account that logs on.",
			Rows: []Row{
				{
					"`the pipe to it could not be made`",
					"The account may make no named pipe, or the host is out of resources.",
					"Use an administrator.",
				},
				{
					"`the account may not register tasks of SYSTEM: it has to be an administrator of the host with a full token.`",
					"UAC filters the token of local accounts.",
					"`LocalAccountTokenFilterPolicy`, in [Preparing a Windows host](preparing.md).",
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
					"Allow tasks named as [What your EDR will see](edr.md) says.",
				},
				{
					"`its task was accepted and never started: tasks may be held up by a policy or by the state of the host.`, " +
						"`its task is queued and was not started in time.`, `its task was ended before it got to the pipe.`, `its " +
						"task runs, and did not get to the pipe in time: the host is very busy, or something holds PowerShell up.`, " +
						"`its task did not get to the pipe`",
					"",
					"Look at the load, and at the history of the task in the event log of the task scheduler.",
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
					"Look for the security product's own log.",
				},
				{
					"`it found no pipe to connect to.`, `the process that opened the pipe did not prove that the task has " +
						"started it, and got nothing.`",
					"The session ended meanwhile, or somebody else took the pipe.",
					"Apply again; if it stays, find out who opens pipes of this name.",
				},
				{
					"`the pipe that it found was made by another account, so it sent nothing and ran nothing. Somebody on the " +
						"host may have tried to get in between.`, `whoever made the pipe that it found did not show the right nonce, " +
						"so it ran nothing. Somebody on the host may have tried to get in between.`",
					"Somebody squats on names of pipes.",
					"Treat it as an incident.",
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
