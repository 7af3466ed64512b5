// SPDX-License-Identifier: MPL-2.0

package messages

// hostSections are about what runs on a host.
func hostSections() []Section {
	return []Section{
		{
			Title: "PowerShell Not Usable",
			Rows: []Row{
				{
					"`PowerShell on the host runs in a restricted language mode`",
					"Allow *FullLanguage* for the account in Application Control (WDAC) or AppLocker.",
				},
				{
					"`PowerShell could not start the agent`, `PowerShell ended with exit code ...`, `a shell opened, but PowerShell did not " +
						"respond in it`, `the agent could not describe the host`",
					"PowerShell is damaged, or see [Security products](#security-products).",
				},
				{
					"`PowerShell on the host can't load the module BitsTransfer`",
					"Set the policy *Turn on Script Execution* to *RemoteSigned*.",
				},
				{
					"`the host has no module BitsTransfer`, `the module BitsTransfer of the host can't be loaded`",
					"Run `DISM /Online /Cleanup-Image /RestoreHealth`, then `sfc /scannow`.",
				},
			},
		},
		{
			Title: "Elevation to SYSTEM Failed",
			Intro: "A scheduled task starts PowerShell as LocalSystem, unless `run_as = \"user\"`.",
			Rows: []Row{
				{
					"`the named pipe could not be created`, `the account may not register a task of SYSTEM`",
					"See [Account](#account).",
				},
				{
					"`the Task Scheduler service is disabled`, `the Task Scheduler service is not running`, `the host has no Task Scheduler`",
					"Start the service `Schedule`.",
				},
				{
					"`the Task Scheduler rejected the task`, `the Task Scheduler did not run the task`, `the account may not run the task`, " +
						"`the task is disabled`, `the task was deleted before it could run`, `the task ended with the result ...`, `the " +
						"process that the task started ended before it responded`, `the agent rejected the request`",
					"Probably a [security product](#security-products) or a policy.",
				},
				{
					"`the task was registered but never started`, `the task was queued and did not start in time`, `the task was ended before " +
						"it connected`, `the task is running but did not connect`, `the task did not connect`",
					"Check the load of the host and the history of the task.",
				},
				{
					"`does not allow SYSTEM to start powershell.exe`, `PowerShell runs in a restricted language mode for SYSTEM`, `the task " +
						"did not find powershell.exe`",
					"Allow PowerShell for SYSTEM in Application Control or AppLocker, or repair it.",
				},
				{
					"`the task found no pipe to connect to`, `did not prove that the task started it`",
					"Apply again. If it persists, find the process that uses the pipe.",
				},
				{
					"`another account created the pipe`, `did not know the nonce`",
					"Treat it as a security incident.",
				},
			},
		},
		{
			Title: "Invalid Agent Response",
			Rows: []Row{
				{
					"`the agent's response is invalid: ...`",
					"A proxy rewrites responses, or a program writes to the output of PowerShell.",
				},
			},
		},
	}
}
