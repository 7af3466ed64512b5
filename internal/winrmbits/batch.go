package winrmbits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	fewGets   = 5                // jobs that are read one by one; more are read by one list
	listFresh = 10 * time.Second // how long a list answers reads, or longer when it took long to make
)

// listing is what the host listed last: a refresh reads many jobs, and asks for each once.
type listing struct {
	jobs map[string]agent.Job // by id; each is given once, so that somebody who polls gets new answers
	till time.Time
}

// give answers a read from the listing.
func (l *listing) give(id string) (outcome, bool) {
	job, ok := l.jobs[id]
	if !ok || time.Now().After(l.till) {
		return outcome{}, false
	}
	delete(l.jobs, id)
	value, err := json.Marshal(agent.JobValue{Job: job})
	return outcome{value: value, err: err}, true
}

// plan is a batch and what its operations are for.
type plan struct {
	ops   []agent.Op
	calls []*call // of the operations; nil: hello or list
	hello int     // index of hello; -1: none
	list  int     // index of list; -1: none
	gets  []*call // that the list answers
}

func (p *plan) add(op agent.Op, c *call) {
	p.ops, p.calls = append(p.ops, op), append(p.calls, c)
}

// compose makes the batch for calls. Reads that the last list answers are answered at once.
func (s *session) compose(calls []*call) *plan {
	p := &plan{hello: -1, list: -1}
	h := s.host
	h.mu.Lock()
	defer h.mu.Unlock()
	longest := 1000
	calls = live(calls) // under the lock: who gives up from here on sees that it was sent
	for _, c := range calls {
		longest = max(longest, c.op.MS)
	}
	if !s.process.greeted {
		p.hello = 0
		p.add(agent.Op{Name: agent.OpHello, MS: longest}, nil)
	}
	var gets []*call
	changes := false
	for _, c := range calls {
		if c.op.Name == agent.OpGet && !c.direct {
			if o, ok := h.listed.give(c.op.ID); ok {
				c.finish(o)
				continue
			}
			gets = append(gets, c)
			continue
		}
		changes = changes || c.mutating()
		c.sent = true
		p.add(c.op, c)
	}
	if changes { // a list from before a change tells nothing of it
		h.listed = listing{}
		if !h.swept {
			h.swept = true
			p.sweep(longest)
		}
	}
	if h.many(gets) && !changes {
		p.list, p.gets = len(p.ops), gets
		p.add(agent.Op{Name: agent.OpList, MS: longest}, nil)
		return p
	}
	for _, c := range gets {
		p.add(c.op, c)
	}
	return p
}

// many reports whether one list serves reads better than a get for each: there are more than a few of them, or this is
// a refresh, which looks at one job after the other for the first time, and the last list is no longer fresh. Who
// asks for a job again waits for its news, which come by get. The host's lock is held.
func (h *Host) many(gets []*call) bool {
	first := false
	for _, c := range gets {
		first = first || !h.looked[c.op.ID]
		h.looked[c.op.ID] = true
	}
	refresh := first && len(h.looked) > fewGets && time.Now().After(h.listed.till)
	return refresh || len(gets) > fewGets
}

// left is what a batch leaves to be done.
type left struct {
	again      []*call // reads to be asked again
	unanswered []*call // that change something, and whose outcome is not known
}

// batch carries calls out. An error says that the process is not to be used any more.
func (s *session) batch(ctx context.Context, calls []*call) (left, error) {
	p := s.compose(calls)
	if len(p.ops) == 0 || len(p.ops) == 1 && p.hello == 0 {
		return left{}, nil
	}
	longest := 0
	for _, op := range p.ops {
		longest = max(longest, op.MS)
	}
	began := time.Now()
	outcomes, err := s.process.ask(ctx, p.ops, time.Duration(longest)*time.Millisecond+silence)
	s.asked = time.Now()
	var l left
	for i, c := range p.calls {
		o := outcomes[i]
		answered := o.answered()
		switch {
		case i == p.hello && answered:
			if failed := s.greet(*o); failed != nil && err == nil {
				err = failed
			}
		case i == p.list:
			l.again = append(l.again, s.host.answerGets(p.gets, o, answered, began)...)
		case c == nil:
			s.host.noteSweep(ctx, o)
		case answered && s.refusesRead(c, o):
			c.system = true
			l.again = append(l.again, c)
		case answered:
			c.finish(*o)
		case c.mutating():
			l.unanswered = append(l.unanswered, c)
		default:
			l.again = append(l.again, c)
		}
	}
	return l, s.explain(err)
}

// greet takes what the agent says of itself.
func (s *session) greet(o outcome) error {
	hello, err := value[agent.Hello](o)
	if err != nil {
		return &connection.Error{
			Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: err,
			Problem: fmt.Sprintf("the agent could not say what is there: %s.", err),
		}
	}
	if hello.Protocol != agent.Protocol {
		return fmt.Errorf("the agent speaks protocol %d instead of %d", hello.Protocol, agent.Protocol)
	}
	s.host.worked, s.process.greeted, s.process.blind = true, true, !hello.AllUsers
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	s.host.hello, s.host.lost = &hello, nil
	if !s.process.asSystem() {
		s.host.outer = &hello
	}
	return nil
}

// answerGets answers reads from a fresh list. What it does not hold is asked for itself: only a read of the job says
// that it is not there.
func (h *Host) answerGets(gets []*call, o *outcome, answered bool, began time.Time) (again []*call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if answered && o.err == nil {
		fresh := max(listFresh, 3*time.Since(began)) // what a list says may be as old as the question
		h.listed = listing{jobs: make(map[string]agent.Job, len(o.pages)), till: began.Add(fresh)}
		for _, job := range o.pages {
			h.listed.jobs[job.ID] = job
		}
	}
	for _, c := range gets {
		if found, ok := h.listed.give(c.op.ID); ok {
			c.finish(found)
			continue
		}
		c.direct = answered
		again = append(again, c)
	}
	return again
}

// explain tells an operator why there is no agent, where no agent ever answered.
func (s *session) explain(err error) error {
	var told *connection.Error
	if err == nil || s.host.worked || errors.As(err, &told) {
		return err
	}
	var ended *exit
	if errors.As(err, &ended) {
		return s.explainExit(ended)
	}
	e := &connection.Error{
		Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: err,
		Problem: fmt.Sprintf("a shell opened, and no agent answered in it: %s.", err),
		Remedy:  "Try on the host: powershell.exe -NoProfile -NonInteractive -Command 1. A proxy or a security product may stand in the way.",
	}
	var fault *wsman.Fault
	if errors.As(err, &fault) && fault.Advice() != "" {
		e.Remedy = fault.Advice()
	}
	if errors.Is(err, wsman.ErrQuota) {
		e.Kind = connection.Quota
	}
	return e
}

// explainExit tells an operator why PowerShell ended before the agent in it answered.
func (s *session) explainExit(ended *exit) error {
	e := &connection.Error{Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: ended}
	switch {
	case ended.fatal == agent.FatalLanguageMode || ended.code == agent.ExitLanguageMode:
		e.Problem = "PowerShell runs in a constrained language mode there" + inParentheses(ended.mode) + ", in which the agent can't work."
		e.Remedy = "AppLocker or WDAC restricts scripts on the host: use an account that its policy lets run in FullLanguage mode."
	case ended.code == agent.ExitLoader || ended.fatal == agent.FatalLoader:
		e.Problem = "PowerShell could not start the agent."
		e.Remedy = "Windows PowerShell 5.1 is needed. See what PowerShell says on the host in the event log Windows PowerShell."
	default:
		e.Problem = fmt.Sprintf("PowerShell ended with exit code %d before the agent in it answered.", ended.code)
		e.Remedy = "Try on the host: powershell.exe -NoProfile -NonInteractive -Command 1. A security product may end it, too."
	}
	if ended.complaint != "" {
		e.Problem += fmt.Sprintf(" It said: %q.", ended.complaint)
	}
	return e
}

func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
