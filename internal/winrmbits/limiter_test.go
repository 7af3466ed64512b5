// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// limited returns hosts of which at most limit have a session at once.
func (r *rig) limited(hosts, limit int) []*Host {
	var all []*Host
	for i := range hosts {
		s := settings(i + 1)
		s.MaxSessions = limit
		all = append(all, r.fleet.Host(s))
	}
	return all
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
			callers.Go(func() { hello(t, h) })
		}
		callers.Wait()
		if n := len(r.all()); n != many {
			t.Errorf("%d sessions were opened for %d hosts", n, many)
		}
	})
}

func TestTheSessionThatIsIdleForLongestIsClosedForAnotherHost(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(3, 2)
		for _, h := range []*Host{hosts[0], hosts[1], hosts[0]} {
			hello(t, h)
			pass(time.Second)
		}
		before := time.Now()
		hello(t, hosts[2])
		if waited := time.Since(before); waited != 0 {
			t.Errorf("the third host waited for %s", waited)
		}
		shells := r.all()
		if len(shells) != 3 || !shells[0].running() || shells[1].running() || !shells[2].running() {
			t.Errorf("after %s the wrong session was closed", r.story())
		}
		hello(t, hosts[1]) // comes back
	})
}

func TestAHostThatGetsNoSlotInTimeReportsTheLimit(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(2, 1)
		hello(t, hosts[0])
		r.faults(at("send", 2, fault{delay: 50 * time.Second}))
		var busy sync.WaitGroup
		busy.Go(func() { _, _ = hosts[0].Listing(t.Context(), false) })
		pass(time.Second)

		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := hosts[1].Hello(impatient); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller that left gets %v", err)
		}
		hosts[1].settings.OperationTimeout = 10 * time.Second
		_, err := hosts[1].Hello(t.Context())
		wantFailure(t, err, connection.Crowded, "max_sessions", "(max_sessions = 1) were in use for 10s")
		busy.Wait()
		hello(t, hosts[1]) // the failure is not remembered
	})
}

func TestASlotWhoseWaiterIsGoneIsPassedOn(t *testing.T) {
	l := newSessionLimiter(1)
	a, b, c := l.newSlot(), l.newSlot(), l.newSlot()
	if !a.acquire(t.Context()) {
		t.Fatal("the first slot is not acquired")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if b.acquire(ended) {
		t.Error("a slot is acquired with a context that has ended")
	}
	done := make(chan bool)
	go func() { done <- c.acquire(t.Context()) }()
	a.release()
	if !<-done {
		t.Error("the third slot is not acquired")
	}
	c.release()
	if l.free != 1 || len(l.queue) != 0 || l.reclaiming != 0 {
		t.Errorf("%d are free, %d are queued, %d are reclaimed", l.free, len(l.queue), l.reclaiming)
	}
}

// TestNoMoreSlotsAreHeldThanTheLimit acquires and releases many slots at once.
func TestNoMoreSlotsAreHeldThanTheLimit(t *testing.T) {
	const limit = 3
	l := newSessionLimiter(limit)
	held := make(chan struct{}, limit)
	var slots sync.WaitGroup
	for range 20 {
		slots.Go(func() {
			s := l.newSlot()
			for range 50 {
				if !s.acquire(t.Context()) {
					t.Error("a slot is refused")
					return
				}
				select {
				case held <- struct{}{}:
				default:
					t.Error("more slots are held than the limit")
					return
				}
				s.markIdle()
				select {
				case <-s.reclaimed():
				default:
				}
				<-held
				s.release()
			}
		})
	}
	slots.Wait()
	if l.free != limit || len(l.queue) != 0 || len(l.idle) != 0 || l.reclaiming != 0 {
		t.Errorf("%d are free, %d are queued, %d are idle, %d are reclaimed", l.free, len(l.queue), len(l.idle), l.reclaiming)
	}
}

func TestTheProviderEndsWhileHostsWaitForASession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(30, 1)
		hello(t, hosts[0])
		r.faults(at("send", 2, fault{delay: time.Minute}))
		var waiting sync.WaitGroup
		for _, h := range hosts {
			waiting.Go(func() {
				if _, err := h.Listing(t.Context(), false); !errors.Is(err, errClosed) {
					t.Errorf("%s: %v", h.settings.Host, err)
				}
			})
			pass(time.Second)
		}
		closeFleet(t, r.fleet)
		waiting.Wait()
	})
}

// TestABusyHostLeavesItsSlotToOthers has callers of one host follow each other without a pause, and then a caller of another host.
func TestABusyHostLeavesItsSlotToOthers(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hosts := r.limited(2, 1)
		hello(t, hosts[0])
		r.faults(func(e event) *fault {
			if e.verb == "receive" {
				return &fault{delay: time.Second}
			}
			return nil
		})
		busy, stop := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				for busy.Err() == nil {
					hello(t, hosts[0])
				}
			})
			pass(300 * time.Millisecond)
		}
		hello(t, hosts[1])
		stop()
		callers.Wait()
		if n := len(r.all()); n != 3 {
			t.Errorf("%d sessions were opened, want two on the busy host and one on the other", n)
		}
	})
}
