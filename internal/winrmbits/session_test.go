// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestNoHostIsDialedBeforeItsFirstOperation(t *testing.T) {
	bubble(t, func(_ *testing.T, r *rig) {
		for i := range 3 {
			r.fleet.Host(settings(i))
		}
		wait(time.Hour)
		r.expect("")
	})
}

// pass lets the bubble's time pass.
func pass(d time.Duration) { <-time.After(d) }

// wait lets time pass until everything that is due then has happened. Only the test's own goroutine may call it.
func wait(d time.Duration) {
	pass(d)
	synctest.Wait()
}

func TestEqualSettingsShareAHost(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		other := settings(0)
		other.Password = bits.NewSecret("x")
		if r.fleet.Host(settings(0)) != r.host || r.fleet.Host(other) == r.host {
			t.Error("hosts are not kept by their settings")
		}
	})
}

func TestHelloTravelsWithTheFirstOperation(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		for range 2 {
			get(t, r.host, id)
		}
		r.expect("open 1; 1/1 hello get list; 1/2 get")
	})
}

// TestCallsThatArriveMeanwhileTravelTogether is both singleflight of the session and group commit.
func TestCallsThatArriveMeanwhileTravelTogether(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.faults(slow(time.Second))
		var verbs sync.WaitGroup
		for i := range 3 {
			id := r.world.job(fmt.Sprint("job", i))
			verbs.Go(func() { _, _ = low(t.Context(), r.host, id) })
			synctest.Wait()
		}
		verbs.Wait()
		r.expect("open 1; 1/1 hello change; 1/2 change change")
	})
}

func TestFewJobsAreReadByGetAndManyByOneList(t *testing.T) {
	tests := []struct {
		reads int
		want  string
	}{
		{5, "open 1; 1/1 hello hello; 1/2 get get get get get"},
		{6, "open 1; 1/1 hello hello; 1/2 list"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d reads", tt.reads), func(t *testing.T) {
			bubble(t, func(_ *testing.T, r *rig) {
				r.together(tt.reads)
				r.expect(tt.want)
			})
		})
	}
}

// TestTheFirstReadBringsTheJobsOfTheHost reads jobs one after the other, as the refresh of a fleet does.
func TestTheFirstReadBringsTheJobsOfTheHost(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var ids []bits.JobID
		for i := range 8 {
			ids = append(ids, r.world.job(fmt.Sprint("job", i)))
		}
		for _, id := range ids {
			get(t, r.host, id)
		}
		r.expect("open 1; 1/1 hello get list")
		for range 2 { // polls of one job
			get(t, r.host, ids[0])
		}
		r.expect("1/2 get; 1/3 get")
	})
}

func TestAFirstReadAsksForNoMoreThanAPage(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		for i := range firstList + 1 {
			r.world.job(fmt.Sprint("other", i))
		}
		first, second := r.world.job("first"), r.world.job("second")
		get(t, r.host, first)
		get(t, r.host, second)
		r.expect("open 1; 1/1 hello get list; 1/2 get")
	})
}

// together reads n jobs at once, and returns their ids.
func (r *rig) together(n int) []bits.JobID {
	r.t.Helper()
	ids := make([]bits.JobID, n)
	for i := range ids {
		ids[i] = r.world.job(fmt.Sprint("job", i))
	}
	r.read(ids)
	return ids
}

// read reads jobs in one batch: the session is kept busy with another operation until all have arrived.
func (r *rig) read(ids []bits.JobID) {
	r.t.Helper()
	r.busy(func(verbs *sync.WaitGroup) {
		for _, id := range ids {
			verbs.Go(func() { get(r.t, r.host, id) })
		}
	})
}

// busy keeps the session busy with another operation until the calls that start adds have all arrived.
func (r *rig) busy(start func(verbs *sync.WaitGroup)) {
	r.t.Helper()
	r.faults(slow(time.Second))
	var verbs sync.WaitGroup
	verbs.Go(func() { hello(r.t, r.host) })
	synctest.Wait()
	start(&verbs)
	synctest.Wait()
	r.faults(nil)
	verbs.Wait()
}

func TestAListAnswersEachReadOnceWhileItIsFresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ids := []bits.JobID{r.world.job("early"), r.world.job("later"), r.world.job("too late"), r.world.job("changed")}
		listed := r.together(6)
		extra := r.world.job("extra")
		r.story()
		expect := func(id bits.JobID, want string) {
			t.Helper()
			get(t, r.host, id)
			r.expect(want)
		}
		expect(listed[0], "1/3 get") // it was taken from the list before: a poll needs a new answer
		expect(extra, "1/4 get")     // it is not in the list
		expect(ids[0], "")
		wait(listFresh - time.Second)
		r.story()
		expect(ids[1], "")
		wait(2 * time.Second)
		r.story()
		expect(ids[2], "1/5 list") // many jobs were read, and this one for the first time

		ids = append(ids, r.together(6)...)
		r.story()
		if _, err := r.host.Commit(t.Context(), ids[3], "changed", true); err != nil {
			t.Error(err)
		}
		r.story()
		expect(ids[2], "1/9 get") // the list is older than our last write
	})
}

// TestAListThatTookLongIsFreshForLonger has a host that is slow to list: another list would cost as much.
func TestAListThatTookLongIsFreshForLonger(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("late")
		first := r.together(1)
		r.faults(func(e event) *fault {
			if e.verb == "send" && e.n == 3 {
				return &fault{delay: 12 * time.Second}
			}
			return nil
		})
		var verbs sync.WaitGroup
		verbs.Go(func() { // makes the list come with the next batch
			_, _ = r.host.Get(t.Context(), first[0], "")
		})
		synctest.Wait()
		for i := range 6 {
			other := r.world.job(fmt.Sprint("other", i))
			verbs.Go(func() { _, _ = r.host.Get(t.Context(), other, "") })
		}
		synctest.Wait()
		r.faults(slow(4 * time.Second))
		verbs.Wait()
		r.faults(nil)
		wait(20 * time.Second) // the list took 12 s: it is fresh for 36 s from the question
		r.story()
		get(t, r.host, id)
		r.expect("")
	})
}

func TestAJobThatIsNotListedIsReadByGet(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ids := r.together(6)
		if err := r.remove(ids[5]); err != nil {
			t.Fatal(err)
		}
		r.story()
		var gone error
		r.busy(func(verbs *sync.WaitGroup) {
			for i, id := range ids {
				verbs.Go(func() {
					_, err := r.host.Get(t.Context(), id, "")
					if i == 5 {
						gone = err
					} else if err != nil {
						t.Error(err)
					}
				})
			}
		})
		if !errors.Is(gone, bits.ErrNotFound) {
			t.Errorf("%v", gone)
		}
		r.expect("1/3 hello; 1/4 list; 1/5 get")
	})
}

// remove cancels a job without the client.
func (r *rig) remove(id bits.JobID) error {
	_, err := r.world.service.Cancel(administrator, id)
	return err
}

func TestAnIdleSessionIsClosedAfterAMinute(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hello(t, r.host)
		r.expect("open 1; 1/1 hello hello")
		wait(55 * time.Second)
		hello(t, r.host) // an operation starts the minute again
		r.expect("1/2 hello")
		wait(59 * time.Second)
		r.expect("")
		wait(time.Second)
		r.expect("close 1")
		wait(time.Hour)
		hello(t, r.host) // and the next one opens another
		r.expect("open 2; 2/1 hello hello")
	})
}

// slow delays everything.
func slow(d time.Duration) func(event) *fault {
	return func(event) *fault { return &fault{delay: d} }
}

// TestReadsThatAListAnswersDoNotKeepASessionOpen makes calls without a line to the agent, which ends after 90 s without one.
func TestReadsThatAListAnswersDoNotKeepASessionOpen(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ids := []bits.JobID{r.world.job("one"), r.world.job("two")}
		r.together(6)
		r.story()
		for _, id := range ids {
			wait(10 * time.Second)
			get(t, r.host, id)
		}
		wait(39 * time.Second)
		r.expect("")
		wait(time.Second)
		r.expect("close 1")
	})
}

func TestTheFleetClosesEverySession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		for i := range 3 {
			hello(t, r.fleet.Host(settings(i)))
		}
		closeFleet(t, r.fleet)
		for _, s := range r.all() {
			if s.running() {
				t.Errorf("shell %d is left", s.number)
			}
		}
		r.story()
		for i := range 4 { // the last one is new
			if _, err := r.fleet.Host(settings(i)).Hello(t.Context()); !errors.Is(err, errClosed) {
				t.Errorf("after the end: %v", err)
			}
		}
		r.expect("")
	})
}

func TestTheFleetsEndEndsWhatIsUnderWay(t *testing.T) {
	tests := map[string]func(r *rig){
		"a session that opens": func(r *rig) {
			r.opens(func(ctx context.Context, _ connection.Settings) error { <-ctx.Done(); return context.Cause(ctx) })
		},
		"a batch without an answer": func(r *rig) {
			r.program = func(int) program { return scripted(func(int, agent.Request) []string { return []string{} }) }
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				prepare(r)
				answers := make(chan error, 2)
				for range 2 {
					go func() {
						_, err := r.host.Hello(t.Context())
						answers <- err
					}()
				}
				wait(time.Second)
				closeFleet(t, r.fleet)
				for range 2 {
					if err := <-answers; !errors.Is(err, errClosed) {
						t.Errorf("%v", err)
					}
				}
			})
		})
	}
}

func TestTheFleetsEndDoesNotWaitForever(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hello(t, r.host)
		r.faults(slow(time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := r.fleet.Close(ctx); err == nil || time.Until(deadline(ctx)) > 0 {
			t.Errorf("%v", err)
		}
		wait(time.Minute)
		r.faults(nil)
		wait(3 * time.Minute) // the shell's idle timeout
	})
}

func deadline(ctx context.Context) time.Time {
	d, _ := ctx.Deadline()
	return d
}

// TestASessionIsNotUsedAfterThisMachineSlept has the wall clock go on while timers stand still.
func TestASessionIsNotUsedAfterThisMachineSlept(t *testing.T) {
	tests := []struct {
		slept time.Duration
		want  string
	}{
		{closeAfter - 20*time.Second, "1/2 change"},
		{closeAfter - 20*time.Second + 1, "close 1; open 2; 2/1 hello change"},
		{-time.Hour, "1/2 change"}, // the clock was set back
	}
	for _, tt := range tests {
		t.Run(tt.slept.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.job("a")
				r.warm()
				wait(20 * time.Second)
				r.host.now = func() time.Time { return time.Now().Add(tt.slept).Round(0) }
				if _, err := low(t.Context(), r.host, id); err != nil {
					t.Error(err)
				}
				r.expect(tt.want)
			})
		})
	}
}
