// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"slices"
	"sync"
	"time"
)

// sessionLimiter limits the sessions that are open at once. Hosts that want a session queue for a slot; while any does,
// hosts whose sessions are idle are asked to release theirs, the one that is idle for longest first. After longTurn a host whose
// session is never idle releases its own. A session that computes hashes is not idle; they begin again with the next one, so that the
// host's turn doubles until they are done.
type sessionLimiter struct {
	mu         sync.Mutex
	free       int
	queue      []*slot // that wait, the first first
	idle       []*slot // whose sessions are not used, the one that is idle for longest first
	reclaiming int     // slots that were asked for and are not released yet
	closed     bool    // no slot is passed on any more
}

// slot is a host's claim to one open session. All methods but reclaimed belong to the host's goroutine. A nil slot has no
// limit.
type slot struct {
	limiter  *sessionLimiter
	granted  chan struct{} // gets a token when a queued slot is granted
	reclaims chan struct{} // gets a token when another host needs the slot
	held     bool
	wanted   bool          // another host was promised it
	queued   time.Time     // when it was put into the queue last
	turn     time.Duration // how long another host waits for a slot before this one is passed on though it is never idle
}

// longTurn is the turn of a slot, unless it was too short for the host's hashes.
const longTurn = 10 * time.Second

func newSessionLimiter(limit int) *sessionLimiter { return &sessionLimiter{free: limit} }

func (l *sessionLimiter) newSlot() *slot {
	return &slot{limiter: l, granted: make(chan struct{}, 1), reclaims: make(chan struct{}, 1), turn: longTurn}
}

// acquire waits until the host may have a session, or keeps the one it has. It returns false when the context ends.
func (s *slot) acquire(ctx context.Context) bool {
	if s == nil || s.acquireNow() {
		return true
	}
	select {
	case <-s.granted:
		return true
	case <-ctx.Done():
	}
	if !s.leaveQueue() {
		<-s.granted // in the meantime
		s.release()
	}
	return false
}

// acquireNow acquires the slot if that is possible without waiting, and queues it otherwise.
func (s *slot) acquireNow() bool {
	l := s.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case s.held:
		l.markBusy(s)
		l.reclaim() // another one instead
		return true
	case l.free > 0:
		l.free--
		s.held = true
		return true
	}
	s.queued = time.Now()
	l.queue = append(l.queue, s)
	l.reclaim()
	return false
}

// overdue reports whether the host is to pass its slot on though it has calls: another host waits for longer than this one's turn, and no
// other slot was asked for on its behalf.
func (s *slot) overdue() bool {
	if s == nil || !s.held {
		return false
	}
	l := s.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.wanted || len(l.queue) <= l.reclaiming || time.Since(l.queue[l.reclaiming].queued) < s.turn {
		return false
	}
	l.markBusy(s) // it may count as idle
	s.wanted = true
	l.reclaiming++
	return true
}

// close keeps slots from being passed on, so that hosts open no sessions while the provider ends.
func (l *sessionLimiter) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// leaveQueue takes the slot out of the queue. It returns false when the slot was granted.
func (s *slot) leaveQueue() bool {
	l := s.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.queue, s)
	if i < 0 {
		return false
	}
	l.queue = slices.Delete(l.queue, i, i+1)
	return true
}

// markIdle marks the session as not used at the moment.
func (s *slot) markIdle() {
	if s == nil || !s.held {
		return
	}
	s.turn = longTurn
	l := s.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if !s.wanted && !slices.Contains(l.idle, s) {
		l.idle = append(l.idle, s)
		l.reclaim()
	}
}

// release passes the slot on to the first in the queue.
func (s *slot) release() {
	if s == nil || !s.held {
		return
	}
	l := s.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	s.held = false
	l.markBusy(s)
	if len(l.queue) == 0 || l.closed {
		l.free++
		return
	}
	next := l.queue[0]
	l.queue = l.queue[1:]
	next.held = true
	next.granted <- struct{}{}
}

// reclaimed has a token when another host needs the slot.
func (s *slot) reclaimed() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.reclaims
}

// markBusy revokes that a slot is idle or reclaimed. The lock is held.
func (l *sessionLimiter) markBusy(s *slot) {
	if i := slices.Index(l.idle, s); i >= 0 {
		l.idle = slices.Delete(l.idle, i, i+1)
	}
	if !s.wanted {
		return
	}
	s.wanted = false
	l.reclaiming--
	select {
	case <-s.reclaims:
	default: // the host has seen it
	}
}

// reclaim asks for as many idle slots as are queued for. The lock is held.
func (l *sessionLimiter) reclaim() {
	for len(l.queue) > l.reclaiming && len(l.idle) > 0 {
		s := l.idle[0]
		l.idle = l.idle[1:]
		l.reclaiming++
		s.wanted = true
		s.reclaims <- struct{}{}
	}
}
