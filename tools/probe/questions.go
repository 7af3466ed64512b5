// SPDX-License-Identifier: MPL-2.0

package main

import "context"

// question is something that only a real host can settle.
type question struct {
	text    string
	changes string // what it changes of the host's settings; "" for nothing: others are asked with -intrusive only
	ask     func(ctx context.Context, a *asker) answer
}

// number is a question's number, counted from 1.
func number(q question) int {
	for i := range questions {
		if questions[i].text == q.text {
			return i + 1
		}
	}
	return 0
}

// questions are all of them. Their numbers are known to others: new ones go to the end.
var questions []question

func init() { // a function, because questions refer to functions that refer to them
	questions = []question{
		{text: "stdin as a pipe (WINRS_CONSOLEMODE_STDIN FALSE, then TRUE): is it redirected, does a line of 100 KB arrive, and a second line later without an end?", ask: askStdinLines},
		{text: "BITS in the WinRS shell itself: which of create suspended, add a file, get and resume fails, and with which HRESULT?", ask: script("OwnJobs")},
		{text: "From that shell, for a job of SYSTEM: does Get-BitsTransfer -AllUsers list it, and may Set-BitsTransfer change it?", ask: script("Foreign")},
		{text: "A task that is deleted when its process has connected: does the process live on later, is it ended at a limit of PT1M, how long from Run to connect?", ask: script("TaskLife")},
		{text: "A pipe with a DACL of SYSTEM only, made by an elevated network logon: can its maker wait for a connection, and what does the client see as owner?", ask: script("PipeOwner")},
		{
			text:    "Policy AllSigned, then Restricted, with -ExecutionPolicy Bypass: does Import-Module BitsTransfer work, and Import-Module -Assembly?",
			changes: "sets the machine's policy for PowerShell's execution policy for some seconds", ask: script("ExecutionPolicy"),
		},
		{text: "Which values can Set-BitsTransfer clear (Description, CustomHeaders, NotifyCmdLine), and does setting only DisplayName leave Priority alone?", ask: asSystem("Clear")},
		{text: "Start-BitsTransfer with three pairs, the third bad: does a job stay, with how many files, in which order, with which names, and what of [1] in a name?", ask: asSystem("PartialStart")},
		{text: "Which events do create, complete and cancel write, with which XML?", ask: asSystem("Events")},
		{text: "After Delete of the shell, and after its cmd.exe was killed: do the shell's PowerShell and the process of SYSTEM end, after how long?", ask: askLifetime},
		{text: "1 MB on stdout: how many Receives? How many shells may one user have at once?", ask: askVolume},
		{
			text:    "Proxy of jobs of SYSTEM: netsh winhttp set proxy, or bitsadmin /util /setieproxy localsystem: which one reaches the proxy? (needs -serve)",
			changes: "sets the machine's WinHTTP proxy, then the proxy of SYSTEM, for up to two minutes each", ask: asSystem("Proxy"),
		},
		{text: "A URL that answers 403 to HEAD, as presigned ones do: does a plain job fetch it, and one with -Dynamic -Priority Foreground? (needs -serve)", ask: askPresigned},
		{
			text:    "What does Defender's rule against obfuscated scripts say of an agent and one as SYSTEM, in audit mode?",
			changes: "adds one attack surface reduction rule in audit mode for some seconds", ask: script("Defender"),
		},
		{text: "Speed: from start to first word, Import-Module BitsTransfer, ConvertTo-Json of 1,000 flat jobs?", ask: askSpeed},
		{text: "In the WinRS shell, call by call of COM as bitsadmin makes them: which of CreateJob, AddFile, Resume fails?", ask: script("Bitsadmin")},
		{text: "Does Get-BitsTransfer itself fail in the WinRS shell?", ask: fresh("OwnList")},
		{text: "A job of SYSTEM, seen by an elevated administrator: which call is refused?", ask: script("ForeignCalls")},
		{text: "Exception, error id and HRESULT of Get-BitsTransfer -JobId of an unknown id, of Complete, Remove, Set on a vanished job, of Resume of an empty one?", ask: asSystem("Errors")},
		{text: "Names and types of a job's and a file's properties on this Windows, and the unset TransferCompletionTime?", ask: asSystem("Members")},
		{text: "Complete-BitsTransfer on a job in state Error, and on one in state Transferring? (needs -serve)", ask: asSystem("Complete")},
		{text: "-Asynchronous and -Suspended together, and -Suspended alone: what is the output?", ask: asSystem("Suspended")},
		{text: "Complete over a destination that exists, is read-only, or is locked? (needs -serve)", ask: asSystem("Overwrite")},
		{text: "Set-BitsTransfer -Priority on a job with an HTTP method of its own: which code?", ask: asSystem("MethodPriority")},
		{text: "Does BITS count a session of the PowerShell Remoting Protocol as a logon?", ask: script("Psrp")},
		{text: "stdin as a pipe and as a console: a line of more than 8 KB, bytes that are not ASCII, the end?", ask: askStdinBytes},
		{text: "Does a pending Receive hold off the idle timeout of a shell (PT60S), and how long does one without it live?", ask: askIdle},
		{text: "Does an empty request without a credential on an authenticated connection get 200 or 401?", ask: askBare},
		{text: "Deleting a task while its process runs: what comes of the call, of the process, and of the task's state?", ask: script("DeleteRunning")},
		{text: "Can a second client go on with Receive on a shell whose first client's connections broke?", ask: askAttach},
		{text: "A list of shells: does it show the environment that a text shell was made with, and how long is one inactive whose Receive is held?", ask: askShells},
		{text: "Does http.sys offer HTTP/2 on the https port?", ask: askProtocols},
		{
			text:    "When WinRM is stopped: do the shell's PowerShell and the process of SYSTEM end, after how long?",
			changes: "stops the service WinRM for up to a minute, which ends everybody's shells, and starts it again", ask: askStopWinRM,
		},
		{
			text:    "Which events does a job leave that expires?",
			changes: "sets the policy JobInactivityTimeout to a minute and restarts BITS, so that other jobs which did not change for that long may expire, too", ask: asSystem("Expiry"),
		},
		{text: "Does Set-BitsTransfer with one parameter other than Priority change the priority of a job?", ask: asSystem("Untouched")},
		{text: "What do the members of a job's object answer after the job was removed, or completed? (the latter needs -serve)", ask: asSystem("Held")},
		{text: "Are CreationTime and ModificationTime local or UTC, and of which Kind?", ask: asSystem("Times")},
		{text: "A job in an error: of which types are InternalErrorCode and the other members that describe it?", ask: asSystem("ErrorTypes")},
		{text: "Two files of one job with the same local name, in another case and in the same one: which code?", ask: asSystem("SameName")},
		{text: "From which module does each command of the agent come, and is it below PSHOME?", ask: script("Commands")},
		{
			text:    "Policy AllSigned, then Restricted, with -ExecutionPolicy Bypass: which commands of PowerShell's own modules still work?",
			changes: "sets the machine's policy for PowerShell's execution policy for some seconds", ask: script("PolicyCommands"),
		},
		{text: "ConvertTo-Json of nothing, of lists and of times, and the types that ConvertFrom-Json returns?", ask: script("Json")},
		{text: "[Environment]::Exit while a thread reads stdin: does the process end, after how long, with which exit code?", ask: askExit},
		{text: "Which proxies are set for WinHTTP and for SYSTEM?", ask: script("ProxySettings")},
		{text: "Which events of a job hold its URL, with or without the query, and which fields do they have? (needs -serve)", ask: asSystem("UrlInEvents")},
		{text: "What are BITS' temporary files called, and are they hidden? (needs -serve)", ask: asSystem("TemporaryFiles")},
		{text: "Resume and Suspend on a job in state Transferred: which code? (needs -serve)", ask: asSystem("ResumeTransferred")},
		{text: "Does a redirect to another port take a job's Authorization header along, and is a 401 there answered with the job's credential? (needs -serve)", ask: askRedirect},
		{text: "A foreground job of a server without ranges, in mid transfer: what comes of it when it is suspended and resumed, or lowered, and resumed once more? Does an ETag that changes matter? (needs -serve)", ask: asSystem("Ranges")},
	}
}
