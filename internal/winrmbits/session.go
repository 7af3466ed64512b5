// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	closeAfter   = 60 * time.Second // without a line to the agent, which ends by itself after 90 s without one
	silenceLimit = 20 * time.Second // beyond the longest deadline of a batch without a line: the process is dead

	maxEarlyFailures = 3 // sessions in a row that may open and break before their agent answers
)

// session is the agent process of a host, and its successor when it ends. It belongs to the host's goroutine.
type session struct {
	host      *Host
	process   *process  // nil while there is none
	lastBatch time.Time // when the agent last had a batch
}

// work is the host's goroutine. It owns the session, and ends when there was no call for a while.
func (h *Host) work(ctx context.Context, stopped chan struct{}) {
	defer close(stopped)
	s := &session{host: h}
	for {
		calls := h.nextCalls()
		switch {
		case len(calls) == 0:
		case s.stale(h.now()):
			s.close(ctx)
		case h.slot.overdue():
			if h.isHashing() {
				h.slot.turn *= 2 // the hashes begin again, and would get no further in as short a time
			}
			s.close(ctx)
		}
		switch {
		case len(calls) == 0 && s.idle(ctx):
		case len(calls) == 0:
			s.close(ctx)
			if h.stopUnlessCalled(ctx) {
				return
			}
		case h.acquireSlot(ctx, calls):
			s.serve(ctx, calls)
		default:
			failAll(calls, errClosed)
		}
	}
}

// idle waits for calls. It returns false when the session is to be closed: a minute after the last line to the agent, when
// another host needs its slot, or when the provider ends.
func (s *session) idle(ctx context.Context) bool {
	if s.process == nil {
		s.host.slot.release()
	}
	if !s.host.isHashing() {
		s.host.slot.markIdle()
	}
	quiet := time.NewTimer(time.Until(s.lastBatch.Add(closeAfter)))
	defer quiet.Stop()
	select {
	case <-s.host.arrived:
		return true
	case <-quiet.C:
	case <-s.host.slot.reclaimed():
	case <-ctx.Done():
	}
	return false
}

// stale reports whether the agent may have ended by itself because it got no line for so long. It compares wall clocks: while
// this machine sleeps, its monotonic clock and the timer of idle may stand still.
func (s *session) stale(now time.Time) bool {
	return s.process != nil && now.Round(0).Sub(s.lastBatch.Round(0)) > closeAfter
}

// serve executes calls, over as many processes as it takes. Reads are retried; a change that got no answer fails
// with errUnanswered, because only its caller can find out what happened to it.
func (s *session) serve(ctx context.Context, calls []*call) {
	if s.host.everAnswered {
		s.host.earlyFailures = 0 // until then they count for all calls
	}
	for try := 0; ; try++ {
		if calls = pendingCalls(calls); len(calls) == 0 {
			return
		}
		if err := s.open(ctx, calls); err != nil {
			s.failCalls(ctx, calls, err, s.isFinal(err))
			return
		}
		result, err := s.run(ctx, calls)
		if err == nil {
			failAll(result.unanswered, fmt.Errorf("%w: the batch ended without its result", errUnanswered))
			calls = result.retry
			continue
		}
		calls = s.abort(ctx, result, err)
		if len(calls) > 0 && !wsman.Sleep(ctx, s.host.timing.pause(try)) {
			s.failCalls(ctx, calls, err, false)
			return
		}
	}
}

// run executes calls as SYSTEM where they need that, and returns those that are left. An error means that the
// process must not be used any more.
func (s *session) run(ctx context.Context, calls []*call) (batchResult, error) {
	switch {
	case !s.needsElevation(calls):
		return s.batch(ctx, calls)
	case s.host.elevationErr != nil && !s.mayRetryElevation():
		return batchResult{retry: s.failElevatedCalls(calls)}, nil
	default:
		return s.elevate(ctx, calls)
	}
}

// abort ends the process after err, and fails the calls that no other process may execute. It returns the calls to
// retry.
func (s *session) abort(ctx context.Context, result batchResult, err error) (retry []*call) {
	s.host.log.Debug(ctx, "the session ended", "host", s.host.settings.Address(), "because", err)
	if !s.process.helloDone {
		s.host.countEarlyFailure()
	}
	if !errors.Is(err, errNoWaiters) {
		s.host.setSessionErr(err)
	}
	retry = result.retry
	if s.elevationBroke(err) {
		retry = s.failElevatedCalls(retry)
	}
	final := s.isFinalForAgent(err)
	if final || s.host.earlyFailures > maxEarlyFailures || ctx.Err() != nil { // first: closing a shell may take a while
		s.failCalls(ctx, retry, s.host.brokenSession(err, final), final)
		retry = nil
	}
	failAll(result.unanswered, s.closeBroken(ctx, err))
	return retry
}

// countEarlyFailure counts a session that broke before its agent answered.
func (h *Host) countEarlyFailure() {
	if h.earlyFailures == 0 {
		h.earlySince = time.Now()
	}
	h.earlyFailures++
}

// closeBroken closes the shell of a process that broke with err, and returns the error of the changes that got no
// answer. It is errNotEnded, too, when an agent may still be executing them.
func (s *session) closeBroken(ctx context.Context, err error) error {
	unanswered := fmt.Errorf("%w: %w", errUnanswered, err)
	outlives := s.outlivesShell(err)
	closing := s.closeShell(ctx)
	if errors.Is(err, errNotExecuted) { // no agent has them, wherever it runs
		return unanswered
	}
	if outlives {
		unanswered = fmt.Errorf("%w (%w: it runs as SYSTEM)", unanswered, errNotEnded)
	}
	if closing != nil {
		unanswered = fmt.Errorf("%w (%w: %w)", unanswered, errNotEnded, closing)
	}
	return unanswered
}

// failCalls fails calls that are not executed. A final error is the host's from now on.
func (s *session) failCalls(ctx context.Context, calls []*call, err error, final bool) {
	switch {
	case ctx.Err() != nil:
		failAll(calls, errClosed)
	case final:
		s.host.fail(calls, err)
	case errors.Is(err, errNoWaiters): // no caller reads an answer, and one that is about to leave has a better reason
	default:
		failAll(calls, err)
	}
}

// isFinal reports whether a session that could not be opened is not to be tried again: it is the host's first, or the
// host refuses the credential now.
func (s *session) isFinal(err error) bool {
	return !errors.Is(err, errNoWaiters) && (!s.host.everAnswered || refusesCredential(err))
}

// isFinalForAgent reports whether a session that broke is not worth opening again: the host refuses the credential
// now, or no agent ever answered there. Before the first answer a few connections or shells may be lost, within connect_timeout.
func (s *session) isFinalForAgent(err error) bool {
	if s.host.everAnswered || refusesCredential(err) {
		return refusesCredential(err)
	}
	lost := errors.Is(err, wsman.ErrConnectionLost) || errors.Is(err, wsman.ErrShellGone)
	return !lost || errors.Is(err, errRetriesExhausted) || s.host.earlyFailures > maxEarlyFailures ||
		time.Since(s.host.earlySince) > s.host.settings.ConnectTimeout
}

// errNoWaiters is why the opening of a session ended when no caller waits for it any more.
var errNoWaiters = errors.New("no caller waits for the session")

// open starts a process unless there is one. A host that never answered gets one attempt, one that did gets more for
// as long as a caller waits.
func (s *session) open(ctx context.Context, calls []*call) error {
	if s.process != nil {
		return nil
	}
	ctx, cancel := s.host.whileAwaited(ctx, calls)
	defer cancel()
	for try := 0; ; try++ {
		p, err := s.host.startProcess(ctx)
		if err == nil {
			s.process = p
			return nil
		}
		err = s.explainDown(err)
		if ctx.Err() != nil {
			return errNoWaiters
		}
		if s.isFinal(err) {
			return err
		}
		s.host.setSessionErr(err)
		if !wsman.Sleep(ctx, s.host.timing.pause(try)) || !s.host.hasWaiters(calls) {
			return errNoWaiters
		}
	}
}

// ask sends operations to the agent as one batch for the callers that wait for them, and returns their outcomes.
func (s *session) ask(ctx context.Context, ops []agent.Op, waiters ...*call) ([]*outcome, error) {
	longest := 0
	for _, op := range ops {
		longest = max(longest, op.MS)
	}
	outcomes, err := s.process.ask(ctx, ops, waiters, time.Duration(longest)*time.Millisecond+silenceLimit)
	s.lastBatch = time.Now()
	return outcomes, err
}

// close ends the session when it is idle, and releases its slot.
func (s *session) close(ctx context.Context) {
	defer s.host.slot.release()
	if s.process == nil {
		return
	}
	if err := s.closeShell(ctx); err != nil {
		s.host.log.Debug(ctx, "the shell could not be closed", "because", err)
	}
}

// closeShell ends the process with its shell, and by that an agent as SYSTEM, which reads the end of the pipe between them.
// After an error they may still be running.
func (s *session) closeShell(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.host.timing.close)
	defer cancel()
	err := s.process.shell.Close(ctx)
	s.process = nil
	return err
}
