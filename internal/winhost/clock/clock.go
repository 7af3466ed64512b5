// Package clock is the simulated host's time: it runs like real time and can be advanced, or stands still until
// it is advanced.
package clock

import "time"

// Clock tells the time of one or more simulated hosts. It is safe for concurrent use.
type Clock struct{}

// New gives a clock that runs with real time, starting now.
func New() *Clock { panic("not written yet") }

// NewManual gives a clock that stands at start until it is advanced.
func NewManual(start time.Time) *Clock { panic("not written yet") }

// Now gives the time in UTC.
func (c *Clock) Now() time.Time { panic("not written yet") }

// Advance moves the clock forward and fires every timer that is due, in order of time, before it returns.
func (c *Clock) Advance(d time.Duration) { panic("not written yet") }

// AfterFunc calls f in its own goroutine (or within Advance) once d has passed on this clock; stop prevents that and reports whether it did.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func() bool) { panic("not written yet") }

// Sleep waits until d has passed on this clock or done is closed.
func (c *Clock) Sleep(done <-chan struct{}, d time.Duration) { panic("not written yet") }
