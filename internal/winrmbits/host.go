package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	backoff    backoff
	credential *credential
	seat       *seat // nil: sessions are not limited

	// Of the host's goroutine, of which there is one at a time.
	worked    bool // an agent has answered before
	accidents int  // sessions that broke before their agent answered, while none had

	mu      sync.Mutex
	waiting []*call
	arrived chan struct{} // has a token when something was added to waiting
	working bool          // the host's goroutine runs
	stopped chan struct{} // closed when the goroutine has ended
	stop    context.CancelFunc
	opening *opening // nil while no session is being opened
	inLine  bool     // others have all the sessions that may be open
	behind  bool     // another host is being asked whether it accepts the credential
	closed  bool
	failed  error // why this host is not dialled any more
	told    bool  // somebody got failed whole
	lost    error // why the session can't be opened again at the moment
	hello   *agent.Hello
	outer   *agent.Hello    // of the latest agent that runs as the account that logs on; nil: none was asked
	raised  *agent.Elevated // of the latest agent that started another as SYSTEM
	listed  listing
	looked  map[string]bool   // ids of the jobs that were read
	swept   bool              // what earlier runs left pending was looked for
	unable  *connection.Error // why no agent runs as SYSTEM; nil: none failed
}

func newHost(s connection.Settings, f *Fleet, c *credential) *Host {
	return &Host{settings: s, open: f.open, backoff: f.backoff, credential: c, arrived: make(chan struct{}, 1), looked: map[string]bool{}}
}

// errClosed is what calls get that come when the provider ends.
var errClosed = errors.New("the provider is ending")

// verb gives the context of one verb, which takes no longer than operation_timeout, its retries included.
func (h *Host) verb(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(ctx, h.settings.OperationTimeout, errOperationTimeout)
	return h.logging(ctx), cancel
}

// do has an operation of a verb carried out and waits for its outcome.
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
	return h.giveUp(c)
}

// giveUp ends the wait for an operation. What was sent and changes something gets a while to be heard of.
func (h *Host) giveUp(c *call) (outcome, error) {
	cause := context.Cause(c.ctx)
	h.mu.Lock()
	sent := c.sent
	if i := slices.Index(h.waiting, c); i >= 0 {
		h.waiting = slices.Delete(h.waiting, i, i+1)
	}
	// A host that is too slow for operation_timeout is dialled to the end: what comes of it is remembered.
	if h.opening != nil && !errors.Is(cause, errOperationTimeout) && !h.waited(h.opening.calls) {
		h.opening.cancel()
	}
	h.mu.Unlock()
	if sent && c.mutating() {
		learn := time.NewTimer(learnOutcome)
		defer learn.Stop()
		select {
		case <-c.done:
			return c.outcome, c.outcome.err
		case <-learn.C:
			return outcome{}, fmt.Errorf("%w (%w)", errUnanswered, cause)
		}
	}
	select {
	case <-c.done:
		return c.outcome, c.outcome.err
	default:
	}
	return outcome{}, h.tooLate(cause)
}

// tooLate is why a caller gets no answer.
func (h *Host) tooLate(cause error) error {
	if !errors.Is(cause, errOperationTimeout) {
		return cause
	}
	h.mu.Lock()
	lost, inLine, behind := h.lost, h.inLine, h.behind
	h.mu.Unlock()
	e := &connection.Error{
		Kind: connection.Silent, Host: h.settings.Address(), Err: cause,
		Problem: fmt.Sprintf("the host did not answer within %s.", h.settings.OperationTimeout),
		Remedy:  "operation_timeout sets how long one operation may take.",
	}
	switch {
	case inLine:
		e.Kind = connection.Crowded
		e.Problem = fmt.Sprintf("the sessions that may be open at once, %d, were all in use for %s.", h.settings.MaxSessions, h.settings.OperationTimeout)
		e.Remedy = "Raise max_sessions, which should not be below Terraform's -parallelism, or operation_timeout."
	case behind:
		e.Kind = connection.NoLogon
		e.Problem = fmt.Sprintf("the host was not asked within %s: no host has accepted the credential yet, and until one does it is shown to one at a time, "+
			"because wrong ones lock accounts.", h.settings.OperationTimeout)
		e.Remedy = "See the other errors: a host that takes connections and does not answer holds the others up for connect_timeout. Lower that, or raise operation_timeout."
	case lost != nil:
		e.Err = lost
		advise(e, lost)
		e.Problem = fmt.Sprintf("the session broke, and could not be opened again within %s: %s", h.settings.OperationTimeout, problem(lost))
	}
	return e
}

// broken is what callers get when one session after the other breaks. A hopeless failure tells enough.
func (h *Host) broken(err error, hopeless bool) error {
	if hopeless {
		return err
	}
	e := &connection.Error{
		Host: h.settings.Address(), Err: err,
		Problem: fmt.Sprintf("the session broke, and so did those that were opened again, before anything was answered: %s", problem(err)),
		Remedy:  "See on the host what ends them: the event log Microsoft-Windows-WinRM/Operational, a restart, or a security product.",
	}
	advise(e, err)
	return e
}

// problem tells a cause as the end of a sentence. What is told of a connection names the host, which is said already.
func problem(cause error) string {
	var told *connection.Error
	if errors.As(cause, &told) {
		return told.Problem
	}
	return cause.Error() + "."
}

// advise makes a broken session's failure tell the remedy that its cause has.
func advise(e *connection.Error, cause error) {
	e.Kind = connection.Lost
	var told *connection.Error
	if errors.As(cause, &told) && told.Remedy != "" {
		e.Remedy = told.Remedy
	}
	var fault *wsman.Fault
	if errors.As(cause, &fault) && fault.Advice() != "" {
		e.Remedy = fault.Advice()
	}
	if errors.Is(cause, wsman.ErrQuota) {
		e.Kind = connection.Quota
	}
}

// fail gives the host up: one call gets the whole error, all others and all that come a reference to it.
func (h *Host) fail(calls []*call, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failed = err
	for _, c := range append(calls, h.waiting...) {
		if c.over() { // nobody would read the whole error
			c.finish(outcome{err: repeated(err)})
			continue
		}
		c.finish(outcome{err: h.failure()})
	}
	h.waiting = nil
}

// failure is why this host is not dialled any more: whole for the first who asks. The lock is held.
func (h *Host) failure() error {
	if h.told {
		return repeated(h.failed)
	}
	h.told = true
	return h.failed
}

// repeated is a failure for everybody but the first.
func repeated(err error) error {
	var first *connection.Error
	if !errors.As(err, &first) {
		return err
	}
	again := *first
	again.Repeated = true
	return &again
}

// note remembers why the session can't be opened at the moment.
func (h *Host) note(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = err
}

// opening is the opening of a session, for as long as anybody waits for it.
type opening struct {
	calls  []*call
	cancel context.CancelFunc
}

// whileWaited begins the opening of a session for calls: its context ends when nobody waits any more.
func (h *Host) whileWaited(ctx context.Context, calls []*call) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opening = &opening{calls: calls, cancel: cancel}
	if !h.waited(calls) {
		cancel()
	}
	return ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.opening = nil
		cancel()
	}
}

// waited reports whether anybody waits for calls, or for those behind them. The lock is held.
func (h *Host) waited(calls []*call) bool { return len(live(calls)) > 0 || len(live(h.waiting)) > 0 }

// anybody is waited without the lock.
func (h *Host) anybody(calls []*call) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.waited(calls)
}

// enqueue hands a call to the host's goroutine, which starts when there is none.
func (h *Host) enqueue(ctx context.Context, c *call) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errClosed
	case h.failed != nil:
		return h.failure()
	}
	h.waiting = append(h.waiting, c)
	select {
	case h.arrived <- struct{}{}:
	default:
	}
	if !h.working {
		// The session outlives the call that opens it.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		h.working, h.stop, h.stopped = true, stop, make(chan struct{})
		go h.work(ctx, h.stopped)
	}
	return nil
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

// logging gives a context whose log has this client's subsystem, with the secrets masked: every request to the
// provider has a logger of its own.
func (h *Host) logging(ctx context.Context) context.Context {
	ctx = tflog.NewSubsystem(ctx, wsman.Subsystem, tflog.WithLevelFromEnv("TF_LOG_PROVIDER_BITS", "WINRM"))
	for _, secret := range []bits.Secret{h.settings.Password, h.settings.ClientKey, h.settings.ProxyURL} {
		if secret.Reveal() != "" {
			ctx = tflog.SubsystemMaskLogStrings(ctx, wsman.Subsystem, secret.Reveal())
		}
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
	err = h.explainUnusable(err)
	if id == "" {
		return fmt.Errorf("%s on %s: %w", act, h.settings.Address(), err)
	}
	return fmt.Errorf("%s job %s on %s: %w", act, id, h.settings.Address(), err)
}
