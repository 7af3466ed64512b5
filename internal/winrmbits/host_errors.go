// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// wrap adds the act and the job to an error. An error on the way to the host names the host itself.
func (h *Host) wrap(act string, id bits.JobID, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errUnanswered) {
		err = fmt.Errorf("%w: %w", bits.ErrUnknownOutcome, err)
	}
	err = h.explainModule(err)
	var explained *connection.Error
	if errors.Is(err, errUnreadable) && !errors.As(err, &explained) && !errors.Is(err, bits.ErrUnknownOutcome) {
		err = h.explainUnreadable(err)
	}
	if id == "" {
		return fmt.Errorf("%s on %s: %w", act, h.settings.Address(), err)
	}
	return fmt.Errorf("%s job %s on %s: %w", act, id, h.settings.Address(), err)
}

// timeoutError returns why a caller gets no answer.
func (h *Host) timeoutError(cause error) error {
	if !errors.Is(cause, errOperationTimeout) {
		return cause
	}
	h.mu.Lock()
	sessionErr, queuedForSlot, waitingForCredential := h.sessionErr, h.queuedForSlot, h.waitingForCredential
	h.mu.Unlock()
	e := &connection.Error{
		Kind: connection.Silent, Host: h.settings.Address(), Err: cause,
		Problem: fmt.Sprintf("the host did not respond within %s.", h.settings.OperationTimeout),
		Remedy:  "Check whether the host is overloaded, or raise operation_timeout.",
	}
	switch {
	case queuedForSlot:
		e.Kind = connection.Crowded
		e.Problem = fmt.Sprintf("all sessions (max_sessions = %d) were in use for %s.",
			h.settings.MaxSessions, h.settings.OperationTimeout)
		e.Remedy = "Raise max_sessions to at least Terraform's -parallelism, or raise operation_timeout."
	case waitingForCredential:
		e.Kind = connection.NoLogon
		e.Problem = fmt.Sprintf("the provider did not log on within %s: until a host accepts the credential, it is used on one host at a "+
			"time, because failed logons lock the account.", h.settings.OperationTimeout)
		e.Remedy = "See the other errors: a host that does not finish its logon delays the others by connect_timeout. " +
			"Lower connect_timeout, or raise operation_timeout."
	case sessionErr != nil:
		e.Err = sessionErr
		addRemedy(e, sessionErr)
		e.Problem = fmt.Sprintf("the session broke and could not be reopened within %s: %s",
			h.settings.OperationTimeout, problemOf(sessionErr))
	}
	return e
}

// brokenSession returns the error of calls whose sessions broke one after the other. A final error explains itself.
func (h *Host) brokenSession(err error, final bool) error {
	if final {
		return err
	}
	e := &connection.Error{
		Host: h.settings.Address(), Err: err,
		Problem: fmt.Sprintf("the session and every new one broke before the host responded: %s", problemOf(err)),
		Remedy:  "On the host, check what ends them: a restart, a security product, or the reason in the event log Microsoft-Windows-WinRM/Operational.",
	}
	addRemedy(e, err)
	return e
}

// explainDown returns the error of a host that can't be reached, with the remedy for one that answered before: its settings are right.
func (s *session) explainDown(err error) error {
	var failed *connection.Error
	if !s.host.everAnswered || !errors.As(err, &failed) || failed.Kind != connection.Unreachable && failed.Kind != connection.Silent {
		return err
	}
	down := *failed
	down.Remedy = "The host responded earlier in this run, so its address and port are correct: it is down, is restarting, or its WinRM service " +
		"stopped. Apply again when it is back."
	return &down
}

// problemOf returns a cause as the end of a sentence. Of a connection.Error it is the problem alone, because the sentence
// names the host already.
func problemOf(cause error) string {
	var failed *connection.Error
	if errors.As(cause, &failed) {
		return failed.Problem
	}
	return cause.Error() + "."
}

// addRemedy sets the kind of a broken session's error, and the remedy that its cause has.
func addRemedy(e *connection.Error, cause error) {
	e.Kind = connection.Lost
	var failed *connection.Error
	if errors.As(cause, &failed) && failed.Remedy != "" {
		e.Remedy = failed.Remedy
	}
	if errors.Is(cause, errUnreadable) {
		e.Kind, e.Remedy = connection.Unreadable, unreadableRemedy
	}
	addAdvice(e, cause)
}

// addAdvice adds the advice of a fault.
func addAdvice(e *connection.Error, cause error) {
	var fault *wsman.Fault
	if errors.As(cause, &fault) && fault.Advice() != "" {
		e.Remedy = fault.Advice()
	}
	if errors.Is(cause, wsman.ErrQuota) {
		e.Kind = connection.Quota
	}
}

// repeated returns an error that refers to err, for every caller but the first.
func repeated(err error) error {
	var first *connection.Error
	if !errors.As(err, &first) {
		return err
	}
	again := *first
	again.Repeated = true
	return &again
}
