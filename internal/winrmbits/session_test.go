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

func TestNothingIsDialledBeforeSomethingIsAsked(t *testing.T) {
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

// wait lets time pass until everything that is due then has happened; for the test's own goroutine.
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

func TestHelloTravelsWithTheFirstWork(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		for range 2 {
			if job, err := r.host.Get(t.Context(), id, ""); err != nil || job.DisplayName != "a" {
				t.Fatal(job, err)
			}
		}
		r.expect("open 1; 1/1 hello get; 1/2 get")
	})
}

// TestCallsThatArriveMeanwhileTravelTogether is both singleflight of the session and group commit.
func TestCallsThatArriveMeanwhileTravelTogether(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.faults(slow(time.Second))
		var verbs sync.WaitGroup
		for i := range 3 {
			id := r.world.job(fmt.Sprint("job", i))
			verbs.Go(func() {
				if _, err := r.host.Get(t.Context(), id, ""); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		verbs.Wait()
		r.expect("open 1; 1/1 hello get; 1/2 get get")
	})
}

func TestFewReadsGoOneByOneAndManyByOneList(t *testing.T) {
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

func TestARefreshThatComesInDropsIsOneListFromTheSixthJobOn(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var ids []bits.JobID
		for i := range 8 {
			ids = append(ids, r.world.job(fmt.Sprint("job", i)))
		}
		for _, id := range ids {
			if job, err := r.host.Get(t.Context(), id, ""); err != nil || job.ID != id {
				t.Errorf("%v %v", job.ID, err)
			}
		}
		r.expect("open 1; 1/1 hello get; 1/2 get; 1/3 get; 1/4 get; 1/5 get; 1/6 list")
		if _, err := r.host.Get(t.Context(), ids[0], ""); err != nil {
			t.Error(err)
		}
		wait(11 * time.Second)
		r.story()
		for range 2 { // polls of one job
			if _, err := r.host.Get(t.Context(), ids[0], ""); err != nil {
				t.Error(err)
			}
		}
		r.expect("1/8 get; 1/9 get")
	})
}

// together reads n jobs at once, and gives their ids.
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
			verbs.Go(func() {
				if job, err := r.host.Get(r.t.Context(), id, ""); err != nil || job.ID != id {
					r.t.Errorf("%v %v", job.ID, err)
				}
			})
		}
	})
}

// busy has the session carry out another operation until the verbs that start adds have all arrived.
func (r *rig) busy(start func(verbs *sync.WaitGroup)) {
	r.t.Helper()
	r.faults(slow(time.Second))
	var verbs sync.WaitGroup
	verbs.Go(func() {
		if _, err := r.host.Hello(r.t.Context()); err != nil {
			r.t.Error(err)
		}
	})
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
		get := func(id bits.JobID, want string) {
			t.Helper()
			if job, err := r.host.Get(t.Context(), id, ""); err != nil || job.ID != id {
				t.Error(err)
			}
			r.expect(want)
		}
		get(listed[0], "1/3 get") // it was given before: who asks again wants news
		get(extra, "1/4 get")     // it is not in the list
		get(ids[0], "")
		wait(9 * time.Second)
		get(ids[1], "")
		wait(2 * time.Second) // with a word that keeps the agent alive
		r.story()
		get(ids[2], "1/6 list") // many jobs were looked at, and this one for the first time

		ids = append(ids, r.together(6)...)
		r.story()
		if _, err := r.host.Commit(t.Context(), ids[3], "changed", true); err != nil {
			t.Error(err)
		}
		r.story()
		get(ids[2], "1/10 get") // the list is older than our last write
	})
}

// TestAListThatTookLongIsFreshForLonger has a host that is slow to list: asking again would cost as much.
func TestAListThatTookLongIsFreshForLonger(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("late")
		first := r.together(1)
		r.faults(func(e event) *fault {
			if e.verb == "send" && e.n == 3 {
				return &fault{delay: 8 * time.Second}
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
		wait(12 * time.Second) // the list took 8 s: it is fresh for 24 s from the question
		r.story()
		if _, err := r.host.Get(t.Context(), id, ""); err != nil {
			t.Error(err)
		}
		r.expect("")
	})
}

func TestAReadThatNoListAnswersSaysWhatTheHostSays(t *testing.T) {
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

// remove cancels a job behind the client's back.
func (r *rig) remove(id bits.JobID) error {
	_, err := r.world.service.Cancel(administrator, id)
	return err
}

func TestAnIdleSessionIsKeptAliveAndClosedAfterAMinute(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		hello := func() {
			t.Helper()
			if _, err := r.host.Hello(t.Context()); err != nil {
				t.Error(err)
			}
		}
		hello()
		r.expect("open 1; 1/1 hello hello")
		wait(9 * time.Second)
		r.expect("")
		wait(time.Second)
		r.expect("1/2 ")
		wait(45 * time.Second)
		r.expect("1/3 ; 1/4 ; 1/5 ; 1/6 ")
		hello() // an operation starts the minute again
		r.expect("1/7 hello")
		wait(59 * time.Second)
		r.expect("1/8 ; 1/9 ; 1/10 ; 1/11 ; 1/12 ")
		wait(time.Second)
		r.expect("1/13 bye; close 1")
		wait(time.Hour)
		hello() // and the next one opens another
		r.expect("open 2; 2/1 hello hello")
	})
}

// slow makes everything take a while.
func slow(d time.Duration) func(event) *fault {
	return func(event) *fault { return &fault{delay: d} }
}

// TestReadsThatAListAnswersKeepNoAgentAlive has the calls go on without a line to the agent, which ends after 30 s
// without one.
func TestReadsThatAListAnswersKeepNoAgentAlive(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ids := []bits.JobID{r.world.job("one"), r.world.job("two")}
		r.together(6)
		r.story()
		for _, id := range ids {
			wait(4 * time.Second)
			if _, err := r.host.Get(t.Context(), id, ""); err != nil {
				t.Error(err)
			}
		}
		r.expect("")
		wait(2 * time.Second)
		r.expect("1/3 ")
	})
}

func TestTheFleetClosesEverySession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		for i := range 3 {
			if _, err := r.fleet.Host(settings(i)).Hello(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.fleet.Close(t.Context()); err != nil {
			t.Error(err)
		}
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
				if err := r.fleet.Close(t.Context()); err != nil {
					t.Error(err)
				}
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
		if _, err := r.host.Hello(t.Context()); err != nil {
			t.Fatal(err)
		}
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
