package winrmbits

import (
	"context"
	"slices"
	"sync"
)

// places are the sessions that may be open at once. Hosts that want one wait in line; while any does, hosts whose sessions are
// idle are asked to leave theirs, that which is idle for longest first.
type places struct {
	mu     sync.Mutex
	free   int
	line   []*seat // that wait, the first first
	idle   []*seat // whose sessions nobody uses, that which is idle for longest first
	asking int     // seats that were asked to leave and did not yet
}

// seat is a host's claim to one of the places. Its methods but asked are the host's goroutine's; a nil one has all the place there is.
type seat struct {
	places  *places
	granted chan struct{} // has a token when the place is given to who waits for it
	leaving chan struct{} // gets a token when somebody else wants it
	held    bool
	wanted  bool // it was asked to leave
}

func newPlaces(limit int) *places { return &places{free: limit} }

func (p *places) seat() *seat {
	return &seat{places: p, granted: make(chan struct{}, 1), leaving: make(chan struct{}, 1)}
}

// take waits until the host may have a session, or goes on with the one it has. False: the context has ended.
func (s *seat) take(ctx context.Context) bool {
	if s == nil {
		return true
	}
	p := s.places
	p.mu.Lock()
	switch {
	case s.held:
		p.forget(s)
		p.ask() // another one, if this one was asked
		p.mu.Unlock()
		return true
	case p.free > 0:
		p.free--
		s.held = true
		p.mu.Unlock()
		return true
	}
	p.line = append(p.line, s)
	p.ask()
	p.mu.Unlock()
	select {
	case <-s.granted:
		return true
	case <-ctx.Done():
	}
	p.mu.Lock()
	if i := slices.Index(p.line, s); i >= 0 {
		p.line = slices.Delete(p.line, i, i+1)
		p.mu.Unlock()
		return false
	}
	p.mu.Unlock()
	<-s.granted // in the meantime
	s.leave()
	return false
}

// rest says that nobody uses the session at the moment.
func (s *seat) rest() {
	if s == nil || !s.held {
		return
	}
	p := s.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if !s.wanted && !slices.Contains(p.idle, s) {
		p.idle = append(p.idle, s)
		p.ask()
	}
}

// leave gives the place to the first in line.
func (s *seat) leave() {
	if s == nil || !s.held {
		return
	}
	p := s.places
	p.mu.Lock()
	defer p.mu.Unlock()
	s.held = false
	p.forget(s)
	if len(p.line) == 0 {
		p.free++
		return
	}
	next := p.line[0]
	p.line = p.line[1:]
	next.held = true
	next.granted <- struct{}{}
}

// asked has a token when somebody else wants the place.
func (s *seat) asked() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.leaving
}

// forget takes back that a seat is idle or asked to leave. The lock is held.
func (p *places) forget(s *seat) {
	if i := slices.Index(p.idle, s); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
	if !s.wanted {
		return
	}
	s.wanted = false
	p.asking--
	select {
	case <-s.leaving:
	default: // the host has seen it
	}
}

// ask asks as many idle seats to leave as wait. The lock is held.
func (p *places) ask() {
	for len(p.line) > p.asking && len(p.idle) > 0 {
		s := p.idle[0]
		p.idle = p.idle[1:]
		p.asking++
		s.wanted = true
		s.leaving <- struct{}{}
	}
}
