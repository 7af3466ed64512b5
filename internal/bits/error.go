// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"errors"
	"strings"
)

// The classes of refusals, for errors.Is. An [Error] belongs to at most one of each kind; which one follows from
// its HRESULT, or from its Code or error id where the host gave no HRESULT.
var (
	ErrNotFound           = errors.New("BITS does not list the job")
	ErrInvalidState       = errors.New("the job's state does not allow this change")
	ErrNotImplemented     = errors.New("BITS does not support the value")
	ErrAccessDenied       = errors.New("access denied")
	ErrNotLoggedOn        = errors.New("the job's owner is not logged on")
	ErrRemoteNotSupported = errors.New("BITS does not support this kind of remote session")
	ErrServiceStopped     = errors.New("the BITS service is stopped")
	ErrServiceDisabled    = errors.New("the BITS service is disabled")
	ErrServiceMissing     = errors.New("the host has no BITS service")
	ErrInvalidArgument    = errors.New("invalid argument")
	ErrPathNotFound       = errors.New("path not found on the host")
	ErrTooManyJobs        = errors.New("a limit on jobs is reached")
	ErrTooManyFiles       = errors.New("a limit on files is reached")
	ErrStringTooLong      = errors.New("a string is too long")
	ErrEmpty              = errors.New("the job has no files")
	ErrReadOnlyProperty   = errors.New("the property can't be changed now")
	ErrBinding            = errors.New("the cmdlet rejected a parameter")
	ErrNotSupported       = errors.New("this host's BitsTransfer module has no such parameter")
	ErrNotVisible         = errors.New("this account may not see the job")
	ErrUnknownOutcome     = errors.New("the outcome is unknown")
	ErrUnreadable         = errors.New("BITS lists the job but could not return all of it")
)

// ErrorCode is the class of answer the host gave, as the agent's protocol spells it.
type ErrorCode string

// The codes of the agent's protocol.
const (
	CodeNotFound     ErrorCode = "not_found"
	CodeRefused      ErrorCode = "refused"
	CodeBinding      ErrorCode = "binding"
	CodeNotSupported ErrorCode = "not_supported"
	CodeBadOp        ErrorCode = "bad_op"
	CodeUnreadable   ErrorCode = "unreadable"
)

// Error is a refusal by BITS or by its cmdlets on a host: what the host itself answered, without our words.
type Error struct {
	Code    ErrorCode
	Step    string       // create, add-file, set:<property>, resume, suspend, complete, remove, read, read:<member>
	HResult HResult      // 0 when the host gave none
	Context ErrorContext // "" when the host gave none
	Text    string       // in the host's language: for logs only
	Type    string       // .NET exception type: for logs only
	FQEID   string       // fully qualified error id of PowerShell
	File    string       // local name of the file, where known
	Done    []string     // the steps of a change that were done before this one failed
	Left    JobID        // a job that this act made and could not remove again

	TakenBack bool // the job that this act made was removed again
}

// Error names the step and what the host answered, with our table's name for the code.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Step != "" {
		b.WriteString(e.Step + ": ")
	}
	switch {
	case e.HResult != 0:
		b.WriteString(e.HResult.String())
	case e.Code == CodeNotFound:
		b.WriteString(ErrNotFound.Error())
	case e.Code == CodeNotSupported && e.Text != "":
		b.WriteString(e.Text) // the agent's own, which names the parameter and the versions
	default:
		b.WriteString(string(e.Code))
	}
	return b.String()
}

// Is matches the error classes of this package.
func (e *Error) Is(target error) bool {
	switch {
	case e.Code == CodeNotFound:
		return target == ErrNotFound
	case e.Code == CodeBinding && target == ErrBinding, e.Code == CodeNotSupported && target == ErrNotSupported:
		return true
	}
	class := e.HResult.class()
	if e.Code == CodeUnreadable && (target == ErrUnreadable || class == ErrNotFound) {
		return target == ErrUnreadable // whatever a part of it answers, BITS lists the job
	}
	if e.HResult == 0 && strings.HasPrefix(e.FQEID, pathNotFound) {
		class = ErrPathNotFound
	}
	return class != nil && target == class
}

// pathNotFound begins the error id of a cmdlet that looks for a directory by itself, before BITS does: such a refusal
// has no HRESULT.
const pathNotFound = "PathNotFound,"
