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

const asUserRemedy = "With run_as = \"user\" no task is needed: the jobs then belong to the account that logs on, and BITS moves them " +
	"only while that account is logged on to the host."

// registerRefused and runRefused are reasons why the task scheduler takes no task.
// Source: "Task Scheduler Error and Success Constants", and "System Error Codes", learn.microsoft.com.
var (
	registerRefused = map[bits.HResult]string{
		0x80070005: "the account may not register tasks of SYSTEM: it has to be an administrator of the host with a full token.",
		0x80070422: "the service Task Scheduler is disabled there.",
		0x800706B5: "the service Task Scheduler does not run there.",
		0x800706BA: "the service Task Scheduler does not run there.",
		0x80041315: "the service Task Scheduler does not run there.",
		0x80040154: "the host has no task scheduler.",
	}
	runRefused = map[bits.HResult]string{
		0x80041326: "its task is disabled: a policy or a security product does not let new tasks run.",
		0x80070005: "the account may not run its task.",
		0x80070002: "its task was gone before it could run: a security product may have deleted it.",
	}
)

// taskResults explains the last result of a task that did not connect: the scheduler's own results, PowerShell's exit codes
// of this client, or an error of Windows.
var taskResults = map[string]string{
	"0x00041301": "its task runs, and did not get to the pipe in time: the host is very busy, or something holds PowerShell up.",
	"0x00041303": "its task was accepted and never started: tasks may be held up by a policy or by the state of the host.",
	"0x00041306": "its task was ended before it got to the pipe.",
	"0x00041325": "its task is queued and was not started in time.",
	"0x800704EC": "a policy (AppLocker or Software Restriction) does not let SYSTEM start powershell.exe.",
	"0x800711C7": "a policy (Application Control) does not let SYSTEM start powershell.exe.",
	"0x80070002": "its task did not find powershell.exe.",
	"0x00000003": "PowerShell runs in a constrained language mode for SYSTEM, in which the agent can't work.",
	"0x0000000B": "it found no pipe to connect to.",
	"0x0000000C": "the pipe that it found was made by another account, so it sent nothing and ran nothing. " +
		"Somebody on the host may have tried to get in between.",
	"0x0000000D": "whoever made the pipe that it found did not show the right nonce, so it ran nothing. " +
		"Somebody on the host may have tried to get in between.",
}

// elevationError returns why no agent runs as SYSTEM, and the alternative.
func (h *Host) elevationError(e *agent.Error) *connection.Error {
	failure := &connection.Error{
		Kind: connection.NoSystem, Host: h.settings.Address(), Err: refusal(e),
		Problem: "no agent could be started as SYSTEM: " + elevationProblem(e), Remedy: asUserRemedy,
	}
	if e.Text != "" {
		failure.Problem += fmt.Sprintf(" The host said in step %s: %q.", bits.Quotable(e.Step), bits.Quotable(e.Text))
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
		return "the pipe to it could not be made" + withCode(code)
	case stepRegister:
		return lookup(registerRefused, code, "the task scheduler did not take its task"+withCode(code))
	case stepRun:
		return lookup(runRefused, code, "the task scheduler did not run its task"+withCode(code))
	case stepConnect:
		if e.Task == nil {
			return "its task did not get to the pipe" + withCode(code)
		}
		return lookup(taskResults, *e.Task, "its task ended with the result "+bits.Quotable(*e.Task)+" before it got to the pipe.")
	case stepHandshake:
		return "the process that opened the pipe did not prove that the task has started it, and got nothing."
	case stepStart:
		return "the process that the task started ended before it answered. " +
			"A security product may end it, or a policy may not let SYSTEM run scripts."
	}
	return "the agent refused it" + withCode(code)
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
