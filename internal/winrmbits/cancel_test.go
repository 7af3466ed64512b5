// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

var errStopped = errors.New("the user pressed Ctrl-C")

// stopAfter returns a context that ends as Ctrl-C does.
func stopAfter(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	timer := time.AfterFunc(d, func() { cancel(errStopped) })
	t.Cleanup(func() { timer.Stop(); cancel(nil) })
	return ctx
}

func TestCtrlCEndsAReadAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		r.faults(slow(30 * time.Second))
		began := time.Now()
		_, err := r.host.Get(stopAfter(t, 2*time.Second), id, "")
		if took := time.Since(began); !errors.Is(err, errStopped) || took != 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		r.faults(nil)
	})
}

func TestAfterCtrlCASentChangeHasTimeToBeAnswered(t *testing.T) {
	tests := []struct {
		name    string
		answer  time.Duration
		took    time.Duration
		unknown bool
	}{
		{"it is answered in time", 8 * time.Second, 8 * time.Second, false},
		{"it is not answered in time", 30 * time.Second, 12 * time.Second, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				r.faults(at("receive", 2, fault{delay: tt.answer}))
				began := time.Now()
				job, err := r.host.Create(stopAfter(t, 2*time.Second), pending, spec("a"))
				if took := time.Since(began); took != tt.took || errors.Is(err, bits.ErrUnknownOutcome) != tt.unknown {
					t.Errorf("%v after %s", err, took)
				}
				if !tt.unknown && (err != nil || job.ID == "") {
					t.Errorf("%+v, %v", job, err)
				}
				r.expect("1/2 create") // nothing more is begun
			})
		})
	}
}

func TestCtrlCWithdrawsWhatWasNotSent(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		r.faults(at("send", 2, fault{delay: 20 * time.Second}))
		var first sync.WaitGroup
		first.Go(func() { _, _ = r.host.Get(t.Context(), id, "") })
		synctest.Wait()
		began := time.Now()
		_, err := r.host.Create(stopAfter(t, time.Second), pending, spec("b"))
		if took := time.Since(began); !errors.Is(err, errStopped) || errors.Is(err, bits.ErrUnknownOutcome) || took != time.Second {
			t.Errorf("%v after %s", err, took)
		}
		first.Wait()
		r.expect("1/2 get")
		if jobs := r.world.jobs(); len(jobs) != 1 {
			t.Errorf("it was created all the same: %v", jobs)
		}
	})
}

// TestCtrlCEndsTheOpeningOfASession also when the caller came while it was being opened for others.
func TestCtrlCEndsTheOpeningOfASession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ended := make(chan time.Duration, 1)
		r.opens(func(ctx context.Context, _ connection.Settings) error {
			began := time.Now()
			<-ctx.Done()
			ended <- time.Since(began)
			return ctx.Err()
		})
		var callers sync.WaitGroup
		for _, after := range []time.Duration{time.Second, 3 * time.Second} {
			callers.Go(func() {
				if _, err := r.host.Hello(stopAfter(t, after)); !errors.Is(err, errStopped) {
					t.Errorf("%v", err)
				}
			})
			synctest.Wait()
		}
		callers.Wait()
		if took := <-ended; took != 3*time.Second {
			t.Errorf("ended after %s", took)
		}
		r.opens(nil)
		hello(t, r.host) // the host has not failed
	})
}

func TestAHostIsNotDialedWithoutACaller(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		r.kill()
		dials := 0
		r.opens(func(context.Context, connection.Settings) error { dials++; return unreachable })
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() { _, _ = r.host.Hello(t.Context()) })
			wait(5 * time.Second)
		}
		callers.Wait()
		before := dials
		wait(time.Hour)
		if dials > before+1 {
			t.Errorf("dialed %d times, and %d times more after the last caller had gone", before, dials-before)
		}
	})
}

func TestNoMethodTakesLongerThanOperationTimeout(t *testing.T) {
	tests := map[string]func(e event) *fault{
		"the host is slow":              slow(7 * time.Hour),
		"every session breaks":          func(e event) *fault { return broken(e, 0) },
		"every session breaks, slowly":  func(e event) *fault { return broken(e, 25*time.Second) },
		"the session can't be reopened": func(e event) *fault { return broken(e, 0) },
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				if strings.Contains(name, "reopened") {
					r.refuse(unreachable)
				}
				r.faults(f)
				for verb, run := range map[string]func() error{
					"Create":   func() error { _, err := r.host.Create(t.Context(), pending, spec("a")); return err },
					"Get":      func() error { _, err := r.host.Get(t.Context(), noJob, ""); return err },
					"History":  func() error { _, err := r.host.History(t.Context(), noJob, time.Time{}); return err },
					"Describe": func() error { _, err := r.host.Describe(t.Context(), bits.HostQuery{}); return err },
					"Stat": func() error {
						_, err := r.host.Stat(t.Context(), []bits.FileQuery{{LocalName: folder + "a.bin"}})
						return err
					},
				} {
					began := time.Now()
					err := run()
					if took := time.Since(began); err == nil || took > 70*time.Second { // 10 s more for what was sent
						t.Errorf("%s: %v after %s", verb, err, took)
					}
					text := "within 1m0s"
					if name == "every session breaks" { // again and again, before the time is over
						text = "and every new one"
					}
					var failed *connection.Error
					if verb == "Get" && (!errors.As(err, &failed) || failed.Host != "web00:5986" || !strings.Contains(failed.Problem, text)) {
						t.Errorf("%s: %v", verb, err)
					}
				}
				r.faults(nil)
				r.opens(nil)
				wait(8 * time.Hour)
			})
		})
	}
}

// broken ends the process of every batch but the first.
func broken(e event, after time.Duration) *fault {
	if e.verb == "close" || e.shell == 1 && e.n == 1 {
		return nil
	}
	return &fault{delay: after, before: errGone}
}

func TestOperationTimeoutNamesWhyTheSessionCouldNotBeOpenedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		r.kill()
		closed := *unreachable
		closed.Remedy = "Make a listener."
		r.refuse(&closed)
		_, err := r.host.Hello(t.Context())
		wantFailure(t, err, connection.Lost, "nothing listens", "responded earlier in this run", "it is down, is restarting")
		if strings.Contains(err.Error(), closed.Remedy) {
			t.Errorf("a host that answered before is to change its settings: %v", err)
		}
		r.opens(nil)
		wait(time.Minute)
		hello(t, r.host)
	})
}
