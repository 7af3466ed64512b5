package winrmbits

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// systemSID is LocalSystem's. Source: "Well-known SIDs", learn.microsoft.com.
const systemSID = "S-1-5-18"

// asSystem reports whether the process has handed over to an agent as SYSTEM.
func (p *process) asSystem() bool { return p.relay != "" }

// onlySystem reports whether a call is one for SYSTEM alone: what changes something, for the jobs shall be SYSTEM's, and
// a read that was refused to the account that logged on.
func onlySystem(c *call) bool { return c.mutating() || c.system }

// needsSystem reports whether an agent has to be started as SYSTEM before calls can be carried out. It costs the host
// a scheduled task and another PowerShell, so it is not done for those that the account may read by itself.
func (s *session) needsSystem(calls []*call) bool {
	if s.host.settings.RunAs != connection.RunAsSystem || s.process.asSystem() {
		return false
	}
	for _, c := range calls {
		if onlySystem(c) {
			return true
		}
	}
	return false
}

// refusesRead reports whether a read is to be made again as SYSTEM.
func (s *session) refusesRead(c *call, o *outcome) bool {
	if s.host.settings.RunAs != connection.RunAsSystem || s.process.asSystem() || c.mutating() {
		return false
	}
	if s.process.blind && (errors.Is(o.err, bits.ErrNotFound) || o.err == nil && c.op.Name == agent.OpList) {
		return true
	}
	return errors.Is(o.err, bits.ErrAccessDenied) || errors.Is(o.err, bits.ErrNotLoggedOn) || errors.Is(o.err, bits.ErrRemoteNotSupported)
}

// elevate has the agent start another one as SYSTEM, which everything goes to from then on. Where that fails it is
// not tried again: the calls that need it are refused, and the others are left.
func (s *session) elevate(ctx context.Context, calls []*call) (left, error) {
	token, longest := newToken(), 1000
	for _, c := range calls {
		longest = max(longest, c.op.MS)
	}
	op := agent.Op{Name: agent.OpElevate, MS: longest, Token: token}
	outcomes, err := s.process.ask(ctx, []agent.Op{op}, time.Duration(longest)*time.Millisecond+silence)
	s.asked = time.Now()
	o := outcomes[0]
	if !o.answered() {
		return left{again: calls}, s.explain(err)
	}
	s.host.worked = true
	if o.err != nil {
		s.host.unable = s.host.explainElevation(o.refused)
		return left{again: s.withoutSystem(calls)}, err
	}
	tflog.SubsystemDebug(ctx, wsman.Subsystem, "an agent runs as SYSTEM", map[string]any{"host": s.host.settings.Address(), "value": string(o.value)})
	s.host.noteElevation(o)
	s.process.relay, s.process.token, s.process.number, s.process.greeted = s.process.token, token, 0, false
	if err == nil {
		err = s.greetSystem(ctx, longest)
	}
	return left{again: calls}, s.explain(err)
}

// noteElevation remembers who logs on, which the agent as SYSTEM can't tell.
func (h *Host) noteElevation(o *outcome) {
	if raised, err := value[agent.Elevated](*o); err == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.raised = &raised
	}
}

// greetSystem asks the agent as SYSTEM what is there, before anything else: should it not get to answer, nothing else was
// carried out.
func (s *session) greetSystem(ctx context.Context, ms int) error {
	outcomes, err := s.process.ask(ctx, []agent.Op{{Name: agent.OpHello, MS: ms}}, time.Duration(ms)*time.Millisecond+silence)
	s.asked = time.Now()
	if o := outcomes[0]; o.answered() {
		return errors.Join(err, s.greet(*o))
	}
	return err
}

// withoutSystem refuses the calls that need SYSTEM, and gives the others. The first one that somebody still waits for
// gets the whole error, all others a reference to it.
func (s *session) withoutSystem(calls []*call) []*call {
	var others []*call
	for _, c := range calls {
		if !onlySystem(c) {
			others = append(others, c)
			continue
		}
		failure := *s.host.unable
		if !c.over() {
			s.host.unable.Repeated = true // for the next
		}
		c.finish(outcome{err: &failure})
	}
	return others
}

// systemFailed notes an agent as SYSTEM that ended before it ever answered: the next one would, too.
func (s *session) systemFailed(err error) bool {
	var ended *exit
	if !s.process.asSystem() || s.process.greeted || !errors.As(err, &ended) || ended.fatal != agent.FatalPeerExit {
		return false
	}
	s.host.unable = s.host.explainElevation(&agent.Error{Step: stepStart})
	return true
}

// outlivesShell reports whether the agent may live on when its shell is deleted: one as SYSTEM ends when it notices that
// the relay is gone, which is after the operation that it is carrying out.
func (s *session) outlivesShell(err error) bool {
	var ended *exit
	gone := errors.As(err, &ended) && ended.fatal == agent.FatalPeerExit
	return s.process.asSystem() && !gone
}
