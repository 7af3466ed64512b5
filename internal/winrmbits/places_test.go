package winrmbits

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// limited gives hosts of which so many may have a session at once.
func (r *rig) limited(hosts, limit int) []*Host {
	var all []*Host
	for i := range hosts {
		s := settings(i + 1)
		s.MaxSessions = limit
		all = append(all, r.fleet.Host(s))
	}
	return all
}

// greeted asks a host something.
func (r *rig) greeted(hosts ...*Host) {
	r.t.Helper()
	for _, h := range hosts {
		if _, err := h.Hello(r.t.Context()); err != nil {
			r.t.Errorf("%s: %v", h.settings.Host, err)
		}
	}
}

func TestNoMoreSessionsAreOpenThanMayBe(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		const many, limit = 12, 3
		r.opens(func(context.Context, connection.Settings) error {
			open := 0
			for _, s := range r.all() {
				if s.running() {
					open++
				}
			}
			if open >= limit {
				t.Errorf("%d sessions are open and another one is opened", open)
			}
			return nil
		})
		var callers sync.WaitGroup
		for _, h := range r.limited(many, limit) {
			callers.Go(func() { r.greeted(h) })
		}
		callers.Wait()
		if n := len(r.all()); n != many {
			t.Errorf("%d sessions were opened for %d hosts", n, many)
		}
	})
}

func TestTheSessionThatIsIdleForLongestMakesRoom(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(3, 2)
		for _, h := range []*Host{hosts[0], hosts[1], hosts[0]} {
			r.greeted(h)
			sleep(t.Context(), time.Second)
		}
		before := time.Now()
		r.greeted(hosts[2])
		if waited := time.Since(before); waited != 0 {
			t.Errorf("the third host waited for %s", waited)
		}
		shells := r.all()
		if len(shells) != 3 || !shells[0].running() || shells[1].running() || !shells[2].running() {
			t.Errorf("after %s the wrong session made room", r.story())
		}
		r.greeted(hosts[1]) // comes back
	})
}

func TestWhoWaitsInVainIsToldOfTheLimit(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(2, 1)
		r.greeted(hosts[0])
		r.faults(at("send", 2, fault{delay: 50 * time.Second}))
		var busy sync.WaitGroup
		busy.Go(func() { _, _ = hosts[0].Listing(t.Context(), false) })
		sleep(t.Context(), time.Second)

		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := hosts[1].Hello(impatient); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who left got %v", err)
		}
		hosts[1].settings.OperationTimeout = 10 * time.Second
		_, err := hosts[1].Hello(t.Context())
		var failed *connection.Error
		if !errors.As(err, &failed) || failed.Kind != connection.Crowded || !strings.Contains(err.Error(), "max_sessions") || !strings.Contains(err.Error(), "1, were all in use for 10s") {
			t.Errorf("%v", err)
		}
		busy.Wait()
		r.greeted(hosts[1]) // nothing is remembered of it
	})
}

func TestAPlaceThatNobodyWaitsForAnyMoreIsPassedOn(t *testing.T) {
	p := newPlaces(1)
	a, b, c := p.seat(), p.seat(), p.seat()
	if !a.take(t.Context()) {
		t.Fatal("the first seat is not given")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if b.take(gone) {
		t.Error("a seat is given to somebody who has gone")
	}
	done := make(chan bool)
	go func() { done <- c.take(t.Context()) }()
	a.leave()
	if !<-done {
		t.Error("the third seat is not given")
	}
	c.leave()
	if p.free != 1 || len(p.line) != 0 || p.asking != 0 {
		t.Errorf("%d are free, %d wait, %d are asked", p.free, len(p.line), p.asking)
	}
}

// TestSeatsAreNeverMoreThanPlaces has many seats come and go at once.
func TestSeatsAreNeverMoreThanPlaces(t *testing.T) {
	const limit = 3
	p := newPlaces(limit)
	held := make(chan struct{}, limit)
	var seats sync.WaitGroup
	for range 20 {
		seats.Go(func() {
			s := p.seat()
			for range 50 {
				if !s.take(t.Context()) {
					t.Error("a seat is refused")
					return
				}
				select {
				case held <- struct{}{}:
				default:
					t.Error("there are more seats than places")
					return
				}
				s.rest()
				select {
				case <-s.asked():
				default:
				}
				<-held
				s.leave()
			}
		})
	}
	seats.Wait()
	if p.free != limit || len(p.line) != 0 || len(p.idle) != 0 || p.asking != 0 {
		t.Errorf("%d are free, %d wait, %d are idle, %d are asked", p.free, len(p.line), len(p.idle), p.asking)
	}
}

func TestTheProviderEndsWhileHostsWaitForASession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(2, 1)
		r.greeted(hosts[0])
		r.faults(at("send", 2, fault{delay: time.Minute}))
		var waiting sync.WaitGroup
		for _, h := range hosts {
			waiting.Go(func() {
				if _, err := h.Listing(t.Context(), false); !errors.Is(err, errClosed) {
					t.Errorf("%s: %v", h.settings.Host, err)
				}
			})
			sleep(t.Context(), time.Second)
		}
		if err := r.fleet.Close(t.Context()); err != nil {
			t.Error(err)
		}
		waiting.Wait()
	})
}
