// Package machine is the machine that a simulated host runs on: its clock, its drive C:, its event log and its counters.
package machine

import (
	"container/heap"
	"sync"
	"time"
)

// Clock is the time of one or more simulated hosts. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	manual bool
	start  time.Time     // of a manual clock
	offset time.Duration // what Advance added
	timers timers
	next   uint64
	wake   *time.Timer // real timer for the earliest timer of a running clock
}

// timer is a function that is due at a time of the clock.
type timer struct {
	at    time.Time
	seq   uint64 // equal times fire in the order they were set
	f     func()
	index int // in the heap; -1 when it fired or was stopped
}

// NewClock returns a clock that runs with real time, starting now.
func NewClock() *Clock { return &Clock{} }

// NewManualClock returns a clock that stands at start until it is advanced.
func NewManualClock(start time.Time) *Clock { return &Clock{manual: true, start: start.UTC()} }

// Now returns the time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.manual {
		return c.start.Add(c.offset)
	}
	return time.Now().UTC().Add(c.offset)
}

// Advance moves the clock forward and fires every timer that is due, in order of time, before it returns. Each
// timer's function sees the time that it was due at or a later one.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	target := c.now().Add(d)
	for len(c.timers) > 0 && !c.timers[0].at.After(target) {
		t := c.pop()
		if ahead := t.at.Sub(c.now()); ahead > 0 {
			c.offset += ahead
		}
		c.mu.Unlock()
		t.f()
		c.mu.Lock()
	}
	if ahead := target.Sub(c.now()); ahead > 0 {
		c.offset += ahead
	}
	c.arm()
	c.mu.Unlock()
}

// AfterFunc calls f, in a goroutine of the clock or within Advance, once d has passed on this clock; stop prevents
// that and reports whether it did.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{at: c.now().Add(d), seq: c.next, f: f}
	c.next++
	heap.Push(&c.timers, t)
	c.arm()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t.index < 0 {
			return false
		}
		heap.Remove(&c.timers, t.index)
		c.arm()
		return true
	}
}

// Sleep waits until d has passed on this clock or done is closed.
func (c *Clock) Sleep(done <-chan struct{}, d time.Duration) {
	passed := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(passed) })
	defer stop()
	select {
	case <-passed:
	case <-done:
	}
}

func (c *Clock) pop() *timer {
	t, _ := heap.Pop(&c.timers).(*timer)
	return t
}

// arm sets the real timer of a running clock to its earliest timer.
func (c *Clock) arm() {
	if c.manual {
		return
	}
	if c.wake != nil {
		c.wake.Stop()
		c.wake = nil
	}
	if len(c.timers) > 0 {
		c.wake = time.AfterFunc(c.timers[0].at.Sub(c.now()), func() { c.Advance(0) })
	}
}

// timers is a heap, the earliest first.
type timers []*timer

func (t timers) Len() int { return len(t) }

func (t timers) Less(i, j int) bool {
	if t[i].at.Equal(t[j].at) {
		return t[i].seq < t[j].seq
	}
	return t[i].at.Before(t[j].at)
}

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}

// Push is for package heap.
func (t *timers) Push(x any) {
	e, _ := x.(*timer)
	e.index = len(*t)
	*t = append(*t, e)
}

// Pop is for package heap.
func (t *timers) Pop() any {
	old := *t
	e := old[len(old)-1]
	e.index = -1
	*t = old[:len(old)-1]
	return e
}
