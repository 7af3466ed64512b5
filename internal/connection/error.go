// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Kind is the step at which reaching a host failed.
type Kind string

// The kinds of failures.
const (
	Unreachable  Kind = "unreachable"  // no TCP connection: name, route, closed port
	Untrusted    Kind = "untrusted"    // the TLS handshake failed: certificate, name, expiry
	Unauthorized Kind = "unauthorized" // the credential was refused
	NoLogon      Kind = "no_logon"     // the logon failed, and the credential was not refused
	Forbidden    Kind = "forbidden"    // the credential is good, but may not open a shell
	Silent       Kind = "silent"       // connected, and no answer in time
	NotWinRM     Kind = "not_winrm"    // another service than WinRM answers there
	Unprotected  Kind = "unprotected"  // an answer lacks the protection that the scheme demands
	Quota        Kind = "quota"        // a quota of WinRM is exceeded
	NoAgent      Kind = "no_agent"     // the shell works, PowerShell or the agent in it does not
	Unreadable   Kind = "unreadable"   // the agent works, and its answer can't be used
	NoSystem     Kind = "no_system"    // the agent works, and no other could be started as SYSTEM
	Crowded      Kind = "crowded"      // as many sessions are open as may be
	Lost         Kind = "lost"         // a session that worked broke and could not be opened again
)

// Down reports whether the host, or the way to it, does not work at the moment, as while it restarts. A host that answered with a
// refusal, or with a certificate that is not trusted, is not down.
func (k Kind) Down() bool { return k == Unreachable || k == Silent || k == Lost }

// Error is a failure to reach a host, with its remedy. It holds no secret.
type Error struct {
	Kind     Kind
	Host     string // Settings.Address()
	Problem  string // what happened: one or two sentences
	Remedy   string // what to do about it, with the commands or settings to look at
	Repeated bool   // the same failure was reported in full before: only a reference to it is printed
	Err      error  // the cause, for the log and for errors.Is and errors.As
}

// maxProblem is how many characters of a problem are printed: it may quote what a host says that nobody has authenticated.
const maxProblem = 4 * bits.MaxQuoted

// Error returns the host, the problem and the remedy; a repeated one only refers to the first.
func (e *Error) Error() string {
	if e.Repeated {
		return fmt.Sprintf("%s: not tried again (%s); the first resource that needed this connection has the full error", e.Host, e.Kind)
	}
	problem := bits.Cut(e.Problem, maxProblem)
	if e.Remedy == "" {
		return fmt.Sprintf("%s: %s", e.Host, problem)
	}
	return fmt.Sprintf("%s: %s\n%s", e.Host, problem, e.Remedy)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
