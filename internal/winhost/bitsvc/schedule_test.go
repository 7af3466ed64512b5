package bitsvc

import (
	"testing"

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

func TestJobsOfSomebodyWhoIsNotLoggedOnStayQueued(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	away := anna
	id := r.job(away, bits.PriorityForeground, "/a")
	r.mu.Lock()
	r.jobs[id].owner.LoggedOn = false
	r.mu.Unlock()
	r.must(r.Resume(away, id))
	other := r.job(ops, bits.PriorityLow, "/a")
	r.must(r.Resume(ops, other))
	r.await(other, bits.StateTransferred)
	if got := r.state(id); got != bits.StateQueued {
		t.Errorf("the job is %s", got)
	}
}

func TestTheLinkIsShared(t *testing.T) {
	t.Parallel()
	l := &link{rate: 1 << 30}
	for range 3 {
		if !l.take(t.Context(), 1000) {
			t.Fatal("broken off")
		}
	}
	if l.free.IsZero() {
		t.Error("nothing was counted")
	}
}
