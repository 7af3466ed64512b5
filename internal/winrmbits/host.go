// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// Host is one host, reached as one account. It is safe for concurrent use: calls that arrive while a batch is under
// way travel together in the next one.
type Host struct {
	settings   connection.Settings
	log        wsman.Log
	open       opener
	timing     timing
	credential *credential
	slot       *slot            // nil: sessions are not limited
	now        func() time.Time // the wall clock

	// Only the host's goroutine uses these; there is one at a time.
	everAnswered   bool              // an agent has answered before
	earlyFailures  int               // sessions in a row that opened and broke before their agent answered
	earlySince     time.Time         // when the first of them broke
	systemAnswered bool              // an agent as SYSTEM has answered before
	elevationErr   *connection.Error // why the latest elevation failed; nil: none did

	mu                   sync.Mutex
	queue                []*call
	arrived              chan struct{} // has a token when a call was queued
	working              bool          // the host's goroutine runs
	stopped              chan struct{} // closed when the goroutine has ended
	stop                 context.CancelFunc
	opening              *opening // nil while no session is being opened
	queuedForSlot        bool     // other hosts have all the sessions that may be open
	waitingForCredential bool     // another host is being asked whether it accepts the credential
	closed               bool
	failure              error // why this host is not dialed any more
	failureReported      bool  // a caller got all of failure
	sessionErr           error // why the session can't be opened again at the moment
	hello                *agent.Hello
	ownHello             *agent.Hello    // of the latest agent that runs as the account that logs on; nil: none was asked
	elevated             *agent.Elevated // of the latest agent that started another as SYSTEM
	cachedList           jobCache
	shellWait            shellWait
	readIDs              map[string]bool // the jobs that were read
	sweptPending         bool            // jobs that earlier runs left pending were looked for
	hashing              int             // callers that wait for hashes, which end with the session
}

func newHost(s connection.Settings, f *Fleet, c *credential) *Host {
	return &Host{
		settings: s, log: wsman.NewLog(f.log, s), open: f.open, timing: f.timing, credential: c, now: time.Now,
		arrived: make(chan struct{}, 1), readIDs: map[string]bool{},
	}
}

// errClosed is the error of calls that come when the provider ends.
var errClosed = errors.New("the provider is ending")

// learnOutcome is how long a caller that gives up waits for what it has sent.
const learnOutcome = 10 * time.Second

// do executes an operation and returns its outcome.
func (h *Host) do(ctx context.Context, op agent.Op) (outcome, error) {
	op.MS = milliseconds(ctx, h.settings.OperationTimeout)
	c := newCall(ctx, op)
	if err := h.enqueue(ctx, c); err != nil {
		return outcome{}, err
	}
	select {
	case <-c.done:
		return c.outcome, c.outcome.err
	case <-ctx.Done():
	}
	return h.abandon(c)
}

// milliseconds returns the deadline of an operation on the host.
func milliseconds(ctx context.Context, limit time.Duration) int {
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	return atLeastASecond(limit)
}

// atLeastASecond returns a limit in milliseconds.
func atLeastASecond(limit time.Duration) int { return int(max(limit, time.Second).Milliseconds()) }

// ownDeadline returns the deadline of operations that are the host's and no caller's: what comes of them is the host's, too.
func (h *Host) ownDeadline() int { return atLeastASecond(h.settings.OperationTimeout) }

// abandon ends the wait for a call. The outcome of a change that was sent is waited for a while longer.
func (h *Host) abandon(c *call) (outcome, error) {
	cause := context.Cause(c.ctx)
	if sent := h.withdraw(c, cause); sent && c.mutating() {
		select {
		case <-c.done:
			return c.outcome, c.outcome.err
		case <-time.After(learnOutcome):
			return outcome{}, fmt.Errorf("%w (%w)", errUnanswered, cause)
		}
	}
	select {
	case <-c.done:
		return c.outcome, c.outcome.err
	default:
		return outcome{}, h.timeoutError(cause)
	}
}

// withdraw takes a call out of the queue, and reports whether it was sent before.
func (h *Host) withdraw(c *call, cause error) (sent bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.queue, c); i >= 0 {
		h.queue = slices.Delete(h.queue, i, i+1)
	}
	// A host that is too slow for operation_timeout is dialed to the end: the result is remembered.
	if h.opening != nil && !errors.Is(cause, errOperationTimeout) && !h.hasWaitersLocked(h.opening.calls) {
		h.opening.cancel()
	}
	return c.sent
}

// fail marks the host as failed: the queued calls and all later ones fail with err.
func (h *Host) fail(calls []*call, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failure = err
	for _, c := range append(calls, h.queue...) {
		if c.canceled() { // its caller would not read the whole error
			c.finish(outcome{err: repeated(err)})
			continue
		}
		c.finish(outcome{err: h.reportFailure()})
	}
	h.queue = nil
}

// reportFailure returns why the host is not dialed any more: all of it to the first caller, a reference to the others. The
// lock is held.
func (h *Host) reportFailure() error {
	if h.failureReported {
		return repeated(h.failure)
	}
	h.failureReported = true
	return h.failure
}

// setSessionErr records why the session can't be opened at the moment.
func (h *Host) setSessionErr(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessionErr = err
}

// close ends the session and refuses further calls.
func (h *Host) close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	working, stop, stopped := h.working, h.stop, h.stopped
	h.mu.Unlock()
	if !working {
		return nil
	}
	stop()
	select {
	case <-stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the session on %s: %w", h.settings.Address(), context.Cause(ctx))
	}
}

// seesJobsOf reports whether the agent would list a job of that owner.
func (h *Host) seesJobsOf(ownerSID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hello == nil {
		return false
	}
	return h.hello.AllUsers || ownerSID != "" && ownerSID == h.hello.SID
}
