// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// slow is a file whose transfer does not end within a test.
const slow = "/slow?rate=1000&size=100000000"

// Source: BG_JOB_PRIORITY and "Life Cycle of a BITS Job", learn.microsoft.com.
func TestTheSchedulerObeysThePriorities(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	add := func(p bits.Priority) bits.JobID {
		id := r.job(ops, p, slow)
		r.must(r.Resume(ops, id))
		return id
	}
	expect := func(what string, want map[bits.JobID]bits.State) {
		t.Helper()
		for id, state := range want {
			if state == bits.StateTransferring {
				r.await(id, state)
			}
		}
		for id, state := range want {
			if got := r.state(id); got != state {
				t.Errorf("%s: a job is %s instead of %s", what, got, state)
			}
		}
	}
	low := add(bits.PriorityLow)
	expect("a low job alone", map[bits.JobID]bits.State{low: bits.StateTransferring})
	normal := add(bits.PriorityNormal)
	expect("a normal job comes", map[bits.JobID]bits.State{low: bits.StateQueued, normal: bits.StateTransferring})
	one, two := add(bits.PriorityForeground), add(bits.PriorityForeground)
	expect("foreground jobs run beside it", map[bits.JobID]bits.State{
		low: bits.StateQueued, normal: bits.StateTransferring, one: bits.StateTransferring, two: bits.StateTransferring,
	})
	r.must(r.SetPriority(ops, low, bits.PriorityHigh))
	expect("the low one is made high", map[bits.JobID]bits.State{low: bits.StateTransferring, normal: bits.StateQueued})
	if _, err := r.Cancel(ops, low); err != nil {
		t.Fatal(err)
	}
	expect("the high one is cancelled", map[bits.JobID]bits.State{normal: bits.StateTransferring})
	again := add(bits.PriorityNormal)
	expect("a second normal job waits", map[bits.JobID]bits.State{normal: bits.StateTransferring, again: bits.StateQueued})
	r.clock.Advance(timeSlice)
	expect("its slice is over", map[bits.JobID]bits.State{normal: bits.StateQueued, again: bits.StateTransferring})
	r.clock.Advance(timeSlice)
	expect("and the first is on again", map[bits.JobID]bits.State{normal: bits.StateTransferring, again: bits.StateQueued})
	r.Pause()
	expect("the scheduler is paused", map[bits.JobID]bits.State{normal: bits.StateQueued, one: bits.StateQueued})
	r.Run()
	expect("the scheduler runs again", map[bits.JobID]bits.State{normal: bits.StateTransferring, one: bits.StateTransferring})
	r.Stop()
	r.Start()
	expect("the service was restarted", map[bits.JobID]bits.State{normal: bits.StateTransferring, two: bits.StateTransferring})
}

// Source: BG_JOB_PRIORITY, learn.microsoft.com: lower levels get no time until the jobs of all higher ones are transferred or in an error.
// That jobs which are suspended or gone hold nobody up is understood.
func TestALowerJobRunsWhenTheHigherOneNeedsNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path string
		release    func(r *rig, high bits.JobID)
	}{
		{name: "it is suspended", path: slow, release: func(r *rig, high bits.JobID) { r.must(r.Suspend(ops, high)) }},
		{name: "it is in an error", path: slow, release: func(r *rig, high bits.JobID) { r.must(r.Fail(high, 0x80190194)) }},
		{name: "it waits to try again", path: "/a?status=503", release: func(r *rig, high bits.JobID) { r.await(high, bits.StateTransientError) }},
		{name: "it is transferred", path: "/a?size=10", release: func(r *rig, high bits.JobID) { r.await(high, bits.StateTransferred) }},
		{name: "it is completed", path: slow, release: func(r *rig, high bits.JobID) {
			_, err := r.Complete(ops, high)
			r.must(err)
		}},
		{name: "it is made low, and its slice is over", path: slow, release: func(r *rig, high bits.JobID) {
			r.await(high, bits.StateTransferring)
			r.must(r.SetPriority(ops, high, bits.PriorityLow))
			r.clock.Advance(timeSlice)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.Pause()
			high, low := r.job(ops, bits.PriorityHigh, c.path), r.job(ops, bits.PriorityLow, slow)
			r.must(r.Resume(ops, high))
			r.must(r.Resume(ops, low))
			r.holds(low, bits.StateQueued)
			r.Run()
			c.release(r, high)
			r.await(low, bits.StateTransferring)
		})
	}
}

func TestARetryTakesTheLinkBackFromALowerJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	high, low := r.job(ops, bits.PriorityHigh, "/a?status=503"), r.job(ops, bits.PriorityLow, slow)
	r.must(r.Resume(ops, high))
	r.must(r.Resume(ops, low))
	r.await(high, bits.StateTransientError)
	r.await(low, bits.StateTransferring)
	h, err := r.Job(ops, high)
	r.must(err)
	r.clock.Advance(defaultRetryDelay)
	r.until(high, func(j bits.Job) bool {
		return j.State == bits.StateTransientError && j.ModifiedAt.After(h.ModifiedAt)
	})
	r.await(low, bits.StateTransferring)
}

func TestJobsOfSomebodyWhoIsNotLoggedOnStayQueued(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.CreateJob(ghost, "filled by an administrator", bits.Download)
	r.must(err)
	r.must(r.SetPriority(ghost, id, bits.PriorityForeground))
	r.must(r.AddFile(ops, id, r.file("/a")))
	r.must(r.Resume(ghost, id))
	other := r.job(system, bits.PriorityLow, "/a")
	r.must(r.Resume(system, other))
	r.await(other, bits.StateTransferred)
	r.holds(id, bits.StateQueued)
}

func TestTransfersShareTheLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &link{rate: 1000}
		var both sync.WaitGroup
		began := time.Now()
		for range 2 {
			both.Go(func() {
				for range 100 {
					if !l.take(t.Context(), 50) {
						t.Error("broken off")
					}
				}
			})
		}
		both.Wait()
		if got := time.Since(began); got != 10*time.Second {
			t.Errorf("10,000 bytes took %s at 1,000 bytes a second", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if l.take(ctx, 1000) || (&link{}).take(ctx, 1) {
			t.Error("a transfer that was ended took some")
		}
	})
}
