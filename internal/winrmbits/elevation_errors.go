// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// The steps of an elevation. The last one is this client's: the agent as SYSTEM did not get to answer.
const (
	stepPipe      = "pipe-create"
	stepRegister  = "task-register"
	stepRun       = "task-run"
	stepConnect   = "pipe-connect"
	stepHandshake = "handshake"
	stepStart     = "start"
)

const asUserRemedy = "To work without a task, set run_as = \"user\": the account that logs on then owns the jobs, and BITS transfers them " +
	"only while it is logged on to the host."

// registerRefused and runRefused are reasons why the task scheduler takes no task.
// Source: "Task Scheduler Error and Success Constants", and "System Error Codes", learn.microsoft.com.
var (
	registerRefused = map[bits.HResult]string{
		0x80070005: "the account may not register a task of SYSTEM: it must be an administrator of the host with a full token.",
		0x80070422: "the Task Scheduler service is disabled.",
		0x800706B5: "the Task Scheduler service is not running.",
		0x800706BA: "the Task Scheduler service is not running.",
		0x80041315: "the Task Scheduler service is not running.",
		0x80040154: "the host has no Task Scheduler.",
	}
	runRefused = map[bits.HResult]string{
		0x80041326: "the task is disabled: a policy or security product blocks new tasks.",
		0x80070005: "the account may not run the task.",
		0x80070002: "the task was deleted before it could run, perhaps by a security product.",
	}
)

// taskResults explains the last result of a task that did not connect: the scheduler's own results, PowerShell's exit codes
// of this client, or an error of Windows.
var taskResults = map[string]string{
	"0x00041301": "the task is running but did not connect in time: the host is very busy, or something delays PowerShell.",
	"0x00041303": "the task was registered but never started: a policy or the state of the host may prevent it.",
	"0x00041306": "the task was ended before it connected.",
	"0x00041325": "the task was queued and did not start in time.",
	"0x800704EC": "a policy (AppLocker or Software Restriction) does not allow SYSTEM to start powershell.exe.",
	"0x800711C7": "a policy (Application Control) does not allow SYSTEM to start powershell.exe.",
	"0x80070002": "the task did not find powershell.exe.",
	"0x00000003": "PowerShell runs in a restricted language mode for SYSTEM, which the agent does not support.",
	"0x0000000B": "the task found no pipe to connect to.",
	"0x0000000C": "another account created the pipe that the task found, so the task sent and ran nothing. " +
		"Someone on the host may have tried to intercept the session.",
	"0x0000000D": "the process behind the pipe that the task found did not know the nonce, so the task ran nothing. " +
		"Someone on the host may have tried to intercept the session.",
}

// elevationError returns why no agent runs as SYSTEM, and the alternative.
func (h *Host) elevationError(e *agent.Error) *connection.Error {
	failure := &connection.Error{
		Kind: connection.NoSystem, Host: h.settings.Address(), Err: refusal(e),
		Problem: "could not start the agent as SYSTEM: " + elevationProblem(e), Remedy: asUserRemedy,
	}
	if e.Text != "" {
		failure.Problem += fmt.Sprintf(" Step %s returned: %q.", bits.Quotable(e.Step), bits.Quotable(e.Text))
	}
	return failure
}

func elevationProblem(e *agent.Error) string {
	var code bits.HResult
	if e.HResult != nil {
		code, _ = bits.ParseHResult(*e.HResult) // 0 is an unknown code
	}
	switch e.Step {
	case stepPipe:
		return "the named pipe could not be created" + withCode(code)
	case stepRegister:
		return lookup(registerRefused, code, "the Task Scheduler rejected the task"+withCode(code))
	case stepRun:
		return lookup(runRefused, code, "the Task Scheduler did not run the task"+withCode(code))
	case stepConnect:
		if e.Task == nil {
			return "the task did not connect" + withCode(code)
		}
		return lookup(taskResults, *e.Task, "the task ended with the result "+bits.Quotable(*e.Task)+" before it connected.")
	case stepHandshake:
		return "the process that opened the pipe did not prove that the task started it, so it received nothing."
	case stepStart:
		return "the process that the task started ended before it responded. " +
			"A security product may have ended it, or a policy may not allow SYSTEM to run scripts."
	}
	return "the agent rejected the request" + withCode(code)
}

func lookup[K comparable](table map[K]string, key K, otherwise string) string {
	if text := table[key]; text != "" {
		return text
	}
	return otherwise
}

// withCode ends a sentence with a code, if there is one.
func withCode(code bits.HResult) string {
	if code == 0 {
		return "."
	}
	return " (" + code.String() + ")."
}
