package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// Host is one host, reached as one account. It is safe for concurrent use: calls that arrive while a batch is under
// way travel together in the next one.
type Host struct {
	settings   connection.Settings
	open       opener
	credential *credential

	mu      sync.Mutex
	waiting []*call
	arrived chan struct{} // has a token when something was added to waiting, or closed was set
	working bool          // the host's goroutine runs
	stopped chan struct{} // closed when the goroutine has ended
	stop    context.CancelFunc
	closed  bool
	failed  error // why this host is not dialled any more
	lost    error // why the session can't be opened again at the moment
	hello   *agent.Hello
	listed  listing
}

func newHost(s connection.Settings, open opener, c *credential) *Host {
	return &Host{settings: s, open: open, credential: c, arrived: make(chan struct{}, 1)}
}

// errClosed is what calls get that come when the provider ends.
var errClosed = errors.New("the provider is ending")

// do has an operation carried out and waits for its outcome, no longer than operation_timeout.
func (h *Host) do(ctx context.Context, op agent.Op) (outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, h.settings.OperationTimeout, errOperationTimeout)
	defer cancel()
	ctx = h.logging(ctx)
	op.MS = milliseconds(ctx, h.settings.OperationTimeout)
	c := newCall(ctx, op)
	if err := h.enqueue(c); err != nil {
		return outcome{}, err
	}
	select {
	case <-c.done:
		return c.outcome, c.outcome.err
	case <-ctx.Done():
	}
	return h.giveUp(c)
}

// giveUp ends the wait for an operation. What was sent and changes something gets a while to be heard of.
func (h *Host) giveUp(c *call) (outcome, error) {
	h.mu.Lock()
	sent := c.sent
	for i, w := range h.waiting {
		if w == c {
			h.waiting = append(h.waiting[:i], h.waiting[i+1:]...)
			break
		}
	}
	h.mu.Unlock()
	if sent && c.mutating() {
		learn := time.NewTimer(learnOutcome)
		defer learn.Stop()
		select {
		case <-c.done:
			return c.outcome, c.outcome.err
		case <-learn.C:
			return outcome{}, fmt.Errorf("%w (%w)", errUnanswered, context.Cause(c.ctx))
		}
	}
	select {
	case <-c.done:
		return c.outcome, c.outcome.err
	default:
	}
	return outcome{}, h.tooLate(context.Cause(c.ctx))
}

// tooLate is why a caller gets no answer.
func (h *Host) tooLate(cause error) error {
	if !errors.Is(cause, errOperationTimeout) {
		return cause
	}
	h.mu.Lock()
	lost := h.lost
	h.mu.Unlock()
	e := &connection.Error{
		Kind: connection.Silent, Host: h.settings.Address(), Err: cause,
		Problem: fmt.Sprintf("the host did not answer within %s.", h.settings.OperationTimeout),
		Remedy:  "operation_timeout sets how long one operation may take.",
	}
	if lost != nil {
		e.Kind, e.Err = connection.Lost, lost
		e.Problem = fmt.Sprintf("the session broke, and could not be opened again within %s: %s", h.settings.OperationTimeout, lost)
	}
	return e
}

// fail gives the host up: the first of the calls gets the whole error, all others and all that come a reference to
// it.
func (h *Host) fail(calls []*call, err error) {
	h.mu.Lock()
	h.failed = err
	h.mu.Unlock()
	h.refuse(calls, err)
}

// refuse answers calls, and those that wait behind them, with a failure: the first tells it whole.
func (h *Host) refuse(calls []*call, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	again := err
	if h.failed != nil {
		calls = append(calls, h.waiting...)
		h.waiting = nil
		again = h.repeated()
	}
	for i, c := range calls {
		if i == 0 {
			c.finish(outcome{err: err})
			continue
		}
		c.finish(outcome{err: again})
	}
}

// note remembers why the session can't be opened at the moment.
func (h *Host) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = err
}

// whileWaited gives a context that ends when nobody waits any more.
func (h *Host) whileWaited(ctx context.Context, calls []*call) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	var stops []func() bool
	for _, c := range calls {
		stops = append(stops, context.AfterFunc(c.ctx, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if len(live(calls)) == 0 && len(live(h.waiting)) == 0 {
				cancel()
			}
		}))
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}

// enqueue hands a call to the host's goroutine, which starts when there is none.
func (h *Host) enqueue(c *call) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errClosed
	case h.failed != nil:
		return h.repeated()
	}
	h.waiting = append(h.waiting, c)
	select {
	case h.arrived <- struct{}{}:
	default:
	}
	if !h.working {
		// The session outlives the call that opens it.
		ctx, stop := context.WithCancel(context.WithoutCancel(c.ctx))
		h.working, h.stop, h.stopped = true, stop, make(chan struct{})
		go h.work(ctx, h.stopped)
	}
	return nil
}

// repeated is the failure of this host for everybody but the first.
func (h *Host) repeated() error {
	var first *connection.Error
	if !errors.As(h.failed, &first) {
		return h.failed
	}
	again := *first
	again.Repeated = true
	return &again
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

// logging gives a context whose log has this client's subsystem, with the password masked: every request to the
// provider has a logger of its own.
func (h *Host) logging(ctx context.Context) context.Context {
	ctx = tflog.NewSubsystem(ctx, wsman.Subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER_BITS", "WINRM"))
	if h.settings.Password != "" {
		ctx = tflog.SubsystemMaskLogStrings(ctx, wsman.Subsystem, h.settings.Password.Reveal())
	}
	return ctx
}

// milliseconds is the deadline of an operation on the host.
func milliseconds(ctx context.Context, limit time.Duration) int {
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	return int(max(limit, time.Second).Milliseconds())
}

// sees reports whether the agent would list a job of that owner.
func (h *Host) sees(ownerSID string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hello == nil {
		return false
	}
	return h.hello.AllUsers || ownerSID != "" && ownerSID == h.hello.SID
}

// wrap names the act and the job of a failure. A failure on the way to the host names the host itself.
func (h *Host) wrap(act string, id bits.JobID, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errUnanswered) {
		err = fmt.Errorf("%w: %w", bits.ErrUnknownOutcome, err)
	}
	if id == "" {
		return fmt.Errorf("%s on %s: %w", act, h.settings.Address(), err)
	}
	return fmt.Errorf("%s job %s on %s: %w", act, id, h.settings.Address(), err)
}
