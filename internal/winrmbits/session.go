package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// The end of a session is bounded: its idle timeout ends the shell otherwise.
const (
	byeTimeout       = time.Second
	closeTimeout     = 5 * time.Second
	lastWordsTimeout = 2 * time.Second
)

// accidents is how many sessions in a row may open and break before their agent answered.
const accidents = 1

// work is the host's goroutine: it has the session while there is one, and ends when nobody has asked anything for
// a while.
func (h *Host) work(ctx context.Context, stopped chan struct{}) {
	defer close(stopped)
	s := &session{host: h}
	idle := time.NewTimer(keepAlive)
	defer idle.Stop()
	for quiet := time.Now(); ; {
		if calls := h.next(); len(calls) > 0 {
			if !h.sit(ctx, calls) {
				finish(calls, errClosed)
				continue
			}
			s.serve(ctx, calls)
			quiet = time.Now()
			idle.Reset(time.Until(s.asked.Add(keepAlive))) // not every call is a line to the agent
			continue
		}
		if s.process == nil {
			h.seat.leave()
		}
		h.seat.rest()
		select {
		case <-h.arrived:
			continue
		case <-h.seat.asked():
		case <-idle.C:
			if s.process != nil && time.Since(quiet) < closeAfter {
				s.keepAlive(ctx)
				idle.Reset(time.Until(s.asked.Add(keepAlive)))
				continue
			}
		case <-ctx.Done():
		}
		s.end(ctx)
		h.seat.leave()
		if h.rest(ctx) {
			return
		}
	}
}

// sit waits until the host may have a session. False: the provider ends, or nobody waits any more.
func (h *Host) sit(ctx context.Context, calls []*call) bool {
	if h.seat == nil {
		return true
	}
	ctx, done := h.whileWaited(ctx, calls)
	defer done()
	h.stand(true)
	defer h.stand(false)
	return h.seat.take(ctx)
}

// stand notes whether the host waits for others to leave their sessions.
func (h *Host) stand(inLine bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inLine = inLine
}

// rest ends the goroutine unless a call came meanwhile.
func (h *Host) rest(ctx context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		finish(h.waiting, errClosed)
		h.waiting = nil
	}
	if len(h.waiting) > 0 {
		return false
	}
	h.working = false
	return true
}

// next takes the calls that make the next batch: as many as fit into one.
func (h *Host) next() []*call {
	h.mu.Lock()
	defer h.mu.Unlock()
	var calls []*call
	size := 0
	for len(h.waiting) > 0 && len(calls) < maxBatch {
		c := h.waiting[0]
		text, err := encode(agent.Request{Ops: []agent.Op{c.op}})
		if err == nil && len(text) > maxBatchBytes {
			err = fmt.Errorf("a request of %d bytes is larger than the protocol's %d", len(text), maxBatchBytes)
		}
		if err != nil {
			c.finish(outcome{err: err})
			h.waiting = h.waiting[1:]
			continue
		}
		if size += len(text); size > maxBatchBytes {
			break
		}
		h.waiting = h.waiting[1:]
		if !c.over() {
			calls = append(calls, c)
		}
	}
	return calls
}

// session is a host's agent process, and the next one when it ends.
type session struct {
	host    *Host
	process *process  // nil while there is none
	asked   time.Time // when the agent last had a batch
}

// serve carries calls out, over as many processes as it takes: what reads is asked again, what changes something
// and went unanswered is left to whoever asked for it.
func (s *session) serve(ctx context.Context, calls []*call) {
	inVain := 0 // sessions that were opened and broke before their agent answered
	for try := 0; ; try++ {
		if calls = live(calls); len(calls) == 0 {
			return
		}
		if s.process == nil {
			if err := s.start(ctx, calls); err != nil {
				s.give(ctx, calls, err, s.first(err))
				return
			}
		}
		var remains left
		var err error
		switch {
		case !s.needsSystem(calls):
			remains, err = s.batch(ctx, calls)
		case s.host.unable != nil:
			remains.again = s.withoutSystem(calls)
		default:
			remains, err = s.elevate(ctx, calls)
		}
		calls = remains.again
		if err == nil {
			finish(remains.unanswered, fmt.Errorf("%w: the batch ended without it", errUnanswered))
			continue
		}
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "the session ended", map[string]any{"host": s.host.settings.Address(), "because": err.Error()})
		if !s.process.greeted {
			inVain++
		}
		s.host.note(err)
		unanswered := fmt.Errorf("%w: %w", errUnanswered, err)
		taken := !errors.Is(err, errNotTaken) // else no agent is at it, wherever it runs
		if taken && s.outlivesShell(err) {
			unanswered = fmt.Errorf("%w (%w: it runs as SYSTEM)", unanswered, errNotEnded)
		}
		if s.systemFailed(err) {
			calls = s.withoutSystem(calls)
		}
		hopeless := s.hopeless(err)
		over := hopeless || inVain > accidents || ctx.Err() != nil
		if over { // closing a shell may take a while
			s.give(ctx, calls, s.host.broken(err, hopeless), hopeless)
		}
		if closing := s.drop(ctx); closing != nil && taken {
			unanswered = fmt.Errorf("%w (%w: %w)", unanswered, errNotEnded, closing)
		}
		finish(remains.unanswered, unanswered)
		if over {
			return
		}
		if len(calls) > 0 && !sleep(ctx, s.host.backoff.pause(try)) {
			s.give(ctx, calls, err, false)
			return
		}
	}
}

// give answers calls that are not carried out: with the failure of the host when it is given up.
func (s *session) give(ctx context.Context, calls []*call, err error, hopeless bool) {
	switch {
	case ctx.Err() != nil:
		finish(calls, errClosed)
	case hopeless:
		s.host.fail(calls, err)
	case errors.Is(err, errNobody): // nobody reads an answer; who is about to leave has a better reason
	default:
		finish(calls, err)
	}
}

func finish(calls []*call, err error) {
	for _, c := range calls {
		c.finish(outcome{err: err})
	}
}

func live(calls []*call) []*call {
	var waited []*call
	for _, c := range calls {
		if !c.over() {
			waited = append(waited, c)
		}
	}
	return waited
}

// first reports whether a session that could not be opened is the host's first, which is tried once, or the host
// refuses the credential now.
func (s *session) first(err error) bool {
	return !errors.Is(err, errNobody) && (!s.host.worked || refusesCredential(err))
}

// hopeless reports whether a session that broke is not worth opening again: the host refuses the credential now, or
// no agent ever got to answer there. One accident on the way to the first answer is forgiven, and counted.
func (s *session) hopeless(err error) bool {
	if s.host.worked || refusesCredential(err) {
		return refusesCredential(err)
	}
	if (errors.Is(err, wsman.ErrConnectionLost) || errors.Is(err, wsman.ErrShellGone)) && !errors.Is(err, errAskedInVain) {
		s.host.accidents++
		return s.host.accidents > accidents
	}
	return true
}

// errNobody is why the opening of a session ended when nobody waits for it any more.
var errNobody = errors.New("nobody waits for the session")

// start opens a session. A host that never answered gets one attempt, one that did gets more for as long as anybody
// waits.
func (s *session) start(ctx context.Context, calls []*call) error {
	ctx, cancel := s.host.whileWaited(ctx, calls)
	defer cancel()
	for try := 0; ; try++ {
		p, err := s.host.startProcess(ctx)
		if err == nil {
			s.process = p
			return nil
		}
		if ctx.Err() != nil {
			return errNobody
		}
		if s.first(err) {
			return err
		}
		s.host.note(err)
		if !sleep(ctx, s.host.backoff.pause(try)) || !s.host.anybody(calls) {
			return errNobody
		}
	}
}

// keepAlive says an empty word, so that the agent knows that somebody is there.
func (s *session) keepAlive(ctx context.Context) {
	_, err := s.process.ask(ctx, []agent.Op{}, silence)
	s.asked = time.Now()
	if err == nil {
		return
	}
	_ = s.drop(ctx) // nothing was under way
	if refusesCredential(err) {
		s.host.fail(nil, err)
	}
}

// end closes the session of which nobody wants anything.
func (s *session) end(ctx context.Context) {
	if s.process == nil {
		return
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), byeTimeout)
	s.process.bye(goodbye)
	cancel()
	if err := s.drop(ctx); err != nil {
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "the shell could not be closed", map[string]any{"because": err.Error()})
	}
}

// drop ends the process with its shell. An error says that it may still be running.
func (s *session) drop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	err := s.process.shell.Close(ctx)
	s.process = nil
	return err
}
