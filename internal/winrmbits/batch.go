// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	fewGets   = 5                // jobs that are read one by one; more are read by one list
	firstList = agent.MaxPage    // jobs that come along with the first read of a process
	listFresh = 45 * time.Second // how long a list answers reads, or longer when it took long to make: a refresh of a fleet takes that long
)

// jobCache is what the host listed last: a refresh reads many jobs, and each of them once.
type jobCache struct {
	jobs    map[string]agent.Job // by id; each is taken once, so that a poll gets new answers
	expires time.Time
}

// takeJob returns the job of a read, and takes it out of the cache.
func (c *jobCache) takeJob(id string) (outcome, bool) {
	job, ok := c.jobs[id]
	if !ok || time.Now().After(c.expires) {
		return outcome{}, false
	}
	delete(c.jobs, id)
	value, err := json.Marshal(agent.JobValue{Job: job})
	return outcome{value: value, err: err}, true
}

// plan is a batch and what its operations are for.
type plan struct {
	ops   []agent.Op
	calls []*call // of the operations; nil for hello, sweep and list
	gets  []*call // that the list answers
}

func (p *plan) add(op agent.Op, c *call) { p.ops, p.calls = append(p.ops, op), append(p.calls, c) }

// changes reports whether the batch changes something on the host.
func (p *plan) changes() bool {
	return slices.ContainsFunc(p.calls, func(c *call) bool { return c != nil && c.mutating() })
}

// compose makes the batch for calls. Reads that the cached list answers are finished at once.
func (s *session) compose(calls []*call) *plan {
	p := &plan{}
	h := s.host
	h.mu.Lock()
	defer h.mu.Unlock()
	calls = pendingCalls(calls) // under the lock: a caller that gives up from here on sees that its call was sent
	ms := h.ownDeadline()
	if !s.process.helloDone {
		p.add(agent.Op{Name: agent.OpHello, MS: ms}, nil)
	}
	beginning := len(p.ops)
	var gets []*call
	for _, c := range calls {
		if c.op.Name != agent.OpGet || c.notFromList {
			c.sent = true
			p.add(c.op, c)
		} else if found, ok := h.cachedList.takeJob(c.op.ID); ok {
			c.finish(found)
		} else {
			gets = append(gets, c)
		}
	}
	firstRead := !h.everAnswered
	changes := p.changes()
	if changes {
		h.cachedList = jobCache{} // a list from before a change does not show it
		if !h.sweptPending {
			h.sweptPending = true
			p.sweep(beginning, ms)
		}
	}
	if h.preferList(gets) && !changes {
		p.gets = gets
		p.add(agent.Op{Name: agent.OpList, MS: ms}, nil)
		return p
	}
	for _, c := range gets {
		p.add(c.op, c)
	}
	if firstRead && len(gets) > 0 && !changes {
		p.add(agent.Op{Name: agent.OpList, MS: ms, Max: firstList}, nil) // a refresh reads other jobs next
	}
	return p
}

// preferList reports whether one list serves reads better than a get for each: there are more than a few of them, or this
// is a refresh, which reads one job after the other for the first time, and the cached list has expired. A read of the same
// job again is a poll, and goes by get. The host's lock is held.
func (h *Host) preferList(gets []*call) bool {
	first := false
	for _, c := range gets {
		first = first || !h.readIDs[c.op.ID]
		h.readIDs[c.op.ID] = true
	}
	refresh := first && len(h.readIDs) > fewGets && time.Now().After(h.cachedList.expires)
	return refresh || len(gets) > fewGets
}

// batchResult is what a batch leaves to be done.
type batchResult struct {
	retry      []*call // reads without an answer
	unanswered []*call // changes without an answer
}

// batch executes calls. An error means that the process must not be used any more.
func (s *session) batch(ctx context.Context, calls []*call) (batchResult, error) {
	p := s.compose(calls)
	if !slices.ContainsFunc(p.calls, func(c *call) bool { return c != nil }) && len(p.gets) == 0 {
		return batchResult{}, nil
	}
	began := time.Now()
	outcomes, err := s.ask(ctx, p.ops, s.waiters(calls)...)
	var result batchResult
	for i, op := range p.ops {
		c, o := p.calls[i], outcomes[i]
		switch {
		case c != nil:
			s.settle(c, o, &result)
		case op.Name == agent.OpHello && o.answered():
			if failed := s.acceptHello(*o); failed != nil && err == nil {
				err = failed
			}
		case op.Name == agent.OpSweep:
			s.host.logSweep(ctx, o)
		case op.Name == agent.OpList:
			result.retry = append(result.retry, s.host.answerGets(p.gets, o, began)...)
		}
	}
	if err == nil || errors.Is(err, errUnreadable) {
		result.retry = s.withoutHopeless(result.retry, err)
	}
	return result, s.explain(err)
}

// waiters returns the callers whose end ends a batch. Before the agent has answered there are none: what comes of it is the host's.
func (s *session) waiters(calls []*call) []*call {
	if !s.process.helloDone {
		return nil
	}
	return calls
}

// maxTries is how often a read is sent that the host answers without its result, or in a way that can't be used.
const maxTries = 4

// withoutHopeless fails the reads that were tried often enough, and returns the others.
func (s *session) withoutHopeless(reads []*call, err error) []*call {
	if err == nil {
		err = unreadable("it ended without a result")
	}
	var others []*call
	for _, c := range reads {
		if c.tries++; c.tries < maxTries {
			others = append(others, c)
			continue
		}
		c.finish(outcome{err: err})
	}
	return others
}

// settle finishes a call with its outcome, or adds it to what is left to be done.
func (s *session) settle(c *call, o *outcome, result *batchResult) {
	switch {
	case o.answered() && s.needsElevatedRead(c, o):
		c.elevated = true
		result.retry = append(result.retry, c)
	case o.answered():
		c.finish(*o)
	case c.mutating():
		result.unanswered = append(result.unanswered, c)
	default:
		result.retry = append(result.retry, c)
	}
}

// acceptHello records what the agent reports about itself and the host.
func (s *session) acceptHello(o outcome) error {
	hello, err := value[agent.Hello](o)
	if errors.Is(err, errUnreadable) {
		return s.host.explainUnreadable(err)
	}
	if err != nil {
		return &connection.Error{
			Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: err,
			Problem: fmt.Sprintf("the agent could not describe the host: %s.", err),
		}
	}
	s.host.everAnswered, s.process.helloDone, s.process.seesOwnJobsOnly = true, true, !hello.AllUsers
	s.host.systemAnswered = s.host.systemAnswered || s.process.asSystem()
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	s.host.hello, s.host.sessionErr = &hello, nil
	if !s.process.asSystem() {
		s.host.ownHello = &hello
	}
	return nil
}

// answerGets answers reads from a new list, and returns those to retry. A job that the list does not hold is read by
// itself: only that shows that it does not exist.
func (h *Host) answerGets(gets []*call, o *outcome, began time.Time) (retry []*call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o.answered() && o.err == nil {
		fresh := max(listFresh, 3*time.Since(began)) // a list may be as old as the request for it
		h.cachedList = jobCache{jobs: make(map[string]agent.Job, len(o.pages)), expires: began.Add(fresh)}
		for _, job := range o.pages {
			if job.Unread == nil { // otherwise the job is read by itself
				h.cachedList.jobs[job.ID] = job
			}
		}
	}
	for _, c := range gets {
		if found, ok := h.cachedList.takeJob(c.op.ID); ok {
			c.finish(found)
			continue
		}
		c.notFromList = o.answered()
		retry = append(retry, c)
	}
	for id := range h.readIDs { // the next read is a poll, which wants a new answer
		delete(h.cachedList.jobs, id)
	}
	return retry
}

// needsElevatedRead reports whether a read is to be repeated as SYSTEM, because the account may not see the job.
func (s *session) needsElevatedRead(c *call, o *outcome) bool {
	if !s.mayElevate() || c.mutating() {
		return false
	}
	if s.process.seesOwnJobsOnly && (errors.Is(o.err, bits.ErrNotFound) || o.err == nil && c.op.Name == agent.OpList) {
		return true
	}
	return errors.Is(o.err, bits.ErrAccessDenied) || errors.Is(o.err, bits.ErrNotLoggedOn) || errors.Is(o.err, bits.ErrRemoteNotSupported)
}
