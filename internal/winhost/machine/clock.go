// SPDX-License-Identifier: MPL-2.0

// Package machine is the machine that a simulated host runs on: its clock, its drive C:, its event log and its counters.
package machine

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Clock is the time of one or more simulated hosts. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	manual bool
	start  time.Time     // of a manual clock
	offset time.Duration // what Advance added
	timers []*timer      // the earliest first; equal times in the order they were set
	wake   *time.Timer   // real timer for the earliest timer of a running clock
}

// timer is a function that is due at a time of the clock.
type timer struct {
	at time.Time
	f  func()
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
		t := c.timers[0]
		c.timers = slices.Delete(c.timers, 0, 1)
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
	t := &timer{at: c.now().Add(d), f: f}
	after, _ := slices.BinarySearchFunc(c.timers, t, func(set, t *timer) int {
		if set.at.After(t.at) {
			return 1
		}
		return -1
	})
	c.timers = slices.Insert(c.timers, after, t)
	c.arm()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.timers, t)
		if i < 0 {
			return false
		}
		c.timers = slices.Delete(c.timers, i, i+1)
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

// Pause waits in real time, and reports whether it did to the end: it is broken off when the context ends.
func Pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
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

// durationForm is xs:duration without years and months, which neither WinRM nor the Task Scheduler uses here.
var durationForm = regexp.MustCompile(`^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// maxDuration is the longest time that WinRM's settings can hold: 0x7FFFFFFF ms.
const maxDuration = math.MaxInt32 * time.Millisecond

// ParseDuration reads an xs:duration such as PT20S or P0DT0H3M0.5S. Longer ones than WinRM can hold are cut.
func ParseDuration(s string) (time.Duration, error) {
	parts := durationForm.FindStringSubmatch(s)
	if parts == nil || s[len(s)-1] == 'P' || s[len(s)-1] == 'T' {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	var seconds float64
	for i, unit := range []float64{86400, 3600, 60, 1} {
		if parts[i+2] == "" {
			continue
		}
		n, err := strconv.ParseFloat(parts[i+2], 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration: %w", s, err)
		}
		seconds += n * unit
	}
	if parts[1] != "" {
		seconds = -seconds
	}
	if seconds >= maxDuration.Seconds() {
		return maxDuration, nil
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
