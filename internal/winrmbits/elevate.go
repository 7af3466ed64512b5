// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// systemSID is LocalSystem's. Source: "Well-known SIDs", learn.microsoft.com.
const systemSID = "S-1-5-18"

// elevationPause is how long a session goes without another elevation after one that failed, on a host where one has worked.
const elevationPause = time.Minute

// asSystem reports whether the process has handed over to an agent as SYSTEM.
func (p *process) asSystem() bool { return p.relay != "" }

// mayElevate reports whether an agent may be started as SYSTEM.
func (s *session) mayElevate() bool {
	return s.host.settings.RunAs == connection.RunAsSystem && !s.process.asSystem()
}

// needsElevation reports whether an agent has to be started as SYSTEM before calls can be executed. It costs the host
// a scheduled task and another PowerShell, so it is not done for what the account may read by itself.
func (s *session) needsElevation(calls []*call) bool {
	return s.mayElevate() && slices.ContainsFunc(calls, (*call).needsSystem)
}

// needsSystem reports whether only SYSTEM executes the call: a change, because SYSTEM is to own the jobs, or a read
// that was refused to the account that logs on.
func (c *call) needsSystem() bool { return c.mutating() || c.elevated }

// mayRetryElevation reports whether an elevation is tried again after one that failed: where one has worked before, in the
// next session or after a while; elsewhere not at all.
func (s *session) mayRetryElevation() bool {
	return s.host.systemAnswered && time.Since(s.process.elevationFailed) >= elevationPause
}

// elevate starts an agent as SYSTEM, which gets all further batches. After a failure the calls that need it fail, and the
// others are left.
func (s *session) elevate(ctx context.Context, calls []*call) (batchResult, error) {
	token, ms := agent.NewToken(), s.host.ownDeadline()
	outcomes, err := s.ask(ctx, []agent.Op{{Name: agent.OpElevate, MS: ms, Token: token, Text: agent.Changes()}})
	o := outcomes[0]
	if !o.answered() {
		return batchResult{retry: calls}, s.explain(err)
	}
	s.host.everAnswered = true
	if o.err != nil {
		s.host.elevationErr, s.process.elevationFailed = s.host.elevationError(o.refused), time.Now()
		return batchResult{retry: s.failElevatedCalls(calls)}, err
	}
	s.host.setElevated(ctx, o)
	s.process.handOver(token)
	if err == nil {
		err = s.helloSystem(ctx, ms)
	}
	return batchResult{retry: calls}, s.explain(err)
}

// handOver makes the agent as SYSTEM the one that gets the batches.
func (p *process) handOver(token string) {
	p.relay, p.token, p.number, p.helloDone = p.token, token, 0, false
}

// setElevated records which account logs on, which the agent as SYSTEM can't see.
func (h *Host) setElevated(ctx context.Context, o *outcome) {
	if elevated, err := value[agent.Elevated](*o); err == nil {
		h.log.Debug(ctx, "an agent runs as SYSTEM", "host", h.settings.Address(), "account", elevated.Account, "notes", elevated.Notes)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.elevated = &elevated
	}
}

// helloSystem sends hello to the agent as SYSTEM, alone: if that agent can't answer, nothing else was executed.
func (s *session) helloSystem(ctx context.Context, ms int) error {
	outcomes, err := s.ask(ctx, []agent.Op{{Name: agent.OpHello, MS: ms}})
	if o := outcomes[0]; o.answered() {
		return errors.Join(err, s.acceptHello(*o))
	}
	return err
}

// failElevatedCalls fails the calls that need SYSTEM, and returns the others. The first call that a caller still waits for
// gets the whole error, all others a reference to it.
func (s *session) failElevatedCalls(calls []*call) []*call {
	var others []*call
	for _, c := range calls {
		if !c.needsSystem() {
			others = append(others, c)
			continue
		}
		failure := *s.host.elevationErr
		if !c.canceled() {
			s.host.elevationErr.Repeated = true // for the next
		}
		c.finish(outcome{err: &failure})
	}
	return others
}

// elevationBroke reports whether an agent as SYSTEM ended before it ever answered, and records that: the next one would
// probably end, too.
func (s *session) elevationBroke(err error) bool {
	if !s.process.asSystem() || s.process.helloDone || !isPeerExit(err) {
		return false
	}
	s.host.elevationErr = s.host.elevationError(&agent.Error{Step: stepStart})
	return true
}

// outlivesShell reports whether the agent may live on when its shell is deleted: one as SYSTEM ends when it notices that
// the relay is gone, which is after the operation that it is executing.
func (s *session) outlivesShell(err error) bool { return s.process.asSystem() && !isPeerExit(err) }

// isPeerExit reports whether the relay has seen the agent as SYSTEM end.
func isPeerExit(err error) bool {
	var ended *exitError
	return errors.As(err, &ended) && ended.fatal == agent.FatalPeerExit
}
