package winrmbits

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// closeTimeout bounds the end of a session: its idle timeout ends the shell otherwise.
const closeTimeout = 5 * time.Second

// work is the host's goroutine: it has the session while there is one, and ends when nobody has asked anything for
// a while.
func (h *Host) work(ctx context.Context, stopped chan struct{}) {
	defer close(stopped)
	s := &session{host: h}
	idle := time.NewTimer(keepAlive)
	defer idle.Stop()
	for quiet := time.Now(); ; {
		if calls := h.next(); len(calls) > 0 {
			s.serve(ctx, calls)
			quiet = time.Now()
			idle.Reset(keepAlive)
			continue
		}
		select {
		case <-h.arrived:
			continue
		case <-idle.C:
			if s.process != nil && time.Since(quiet) < closeAfter {
				s.keepAlive(ctx)
				idle.Reset(keepAlive)
				continue
			}
		case <-ctx.Done():
		}
		s.drop(ctx)
		if h.rest(ctx) {
			return
		}
	}
}

// rest ends the goroutine unless a call came meanwhile.
func (h *Host) rest(ctx context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		for _, c := range h.waiting {
			c.finish(outcome{err: errClosed})
		}
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
	process *process // nil while there is none
	worked  bool     // a session has answered before
}

// serve carries calls out, over as many processes as it takes: what reads is asked again, what changes something
// and went unanswered is left to whoever asked for it.
func (s *session) serve(ctx context.Context, calls []*call) {
	for try := 0; ; try++ {
		if calls = live(calls); len(calls) == 0 {
			return
		}
		if s.process == nil {
			if err := s.start(ctx, calls); err != nil {
				s.host.refuse(calls, err)
				return
			}
		}
		var err error
		if calls, err = s.batch(ctx, calls); err != nil {
			s.drop(ctx)
			if s.hopeless(err) {
				s.host.fail(calls, err)
				return
			}
			tflog.SubsystemDebug(ctx, wsman.Subsystem, "the session ended", map[string]any{"host": s.host.settings.Address(), "because": err.Error()})
			if len(calls) > 0 && !sleep(ctx, backoff(try)) {
				s.host.refuse(calls, errClosed)
				return
			}
		}
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

// hopeless reports whether a session that failed so is not worth opening again: the agent never got to answer, or
// the host refuses the credential now.
func (s *session) hopeless(err error) bool {
	return !s.worked || refusesCredential(err)
}

// start opens a session. A host that never answered gets one attempt, one that did gets more for as long as anybody
// waits.
func (s *session) start(ctx context.Context, calls []*call) error {
	ctx, cancel := s.host.whileWaited(ctx, calls)
	defer cancel()
	for try := 0; ; try++ {
		p, err := startProcess(ctx, s.host.settings, s.host.open, s.host.credential.enter(s.host.settings.Address()))
		if err == nil {
			s.process = p
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case s.hopeless(err):
			s.host.fail(nil, err)
			return err
		}
		s.host.note(err)
		if !sleep(ctx, backoff(try)) {
			return context.Cause(ctx)
		}
	}
}

// keepAlive says an empty word, so that the agent knows that somebody is there.
func (s *session) keepAlive(ctx context.Context) {
	if _, err := s.process.ask(ctx, []agent.Op{}, silence); err != nil {
		s.drop(ctx)
	}
}

// drop closes the process and its shell, also when the process is dead: its shell may not be.
func (s *session) drop(ctx context.Context) {
	if s.process == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := s.process.close(ctx); err != nil {
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "the shell could not be closed", map[string]any{"because": err.Error()})
	}
	s.process = nil
}
