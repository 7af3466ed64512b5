// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestAManualClockStandsUntilItIsAdvanced(t *testing.T) {
	t.Parallel()
	c := NewManualClock(start)
	if got := c.Now(); !got.Equal(start) {
		t.Fatalf("now is %s", got)
	}
	c.Advance(time.Hour)
	if got := c.Now(); !got.Equal(start.Add(time.Hour)) {
		t.Fatalf("an hour later it is %s", got)
	}
}

func TestAdvanceFiresTimersInOrderAndAtTheirTime(t *testing.T) {
	t.Parallel()
	c := NewManualClock(start)
	var fired []string
	note := func(name string) func() {
		return func() { fired = append(fired, name+" "+c.Now().Sub(start).String()) }
	}
	c.AfterFunc(2*time.Minute, note("second"))
	c.AfterFunc(time.Minute, func() {
		note("first")()
		c.AfterFunc(30*time.Second, note("set by the first"))
	})
	c.AfterFunc(time.Hour, note("late"))
	stop := c.AfterFunc(time.Second, note("stopped"))
	if !stop() || stop() {
		t.Error("a timer is stopped once")
	}
	c.Advance(5 * time.Minute)
	want := []string{"first 1m0s", "set by the first 1m30s", "second 2m0s"}
	if diff := cmp.Diff(want, fired); diff != "" {
		t.Error(diff)
	}
}

func TestARunningClockFiresByItselfAndCanBeAdvanced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewClock()
		begin := c.Now()
		c.Sleep(nil, time.Minute)
		if got := c.Now().Sub(begin); got != time.Minute {
			t.Errorf("slept %s", got)
		}
		passed := make(chan struct{})
		c.AfterFunc(24*time.Hour, func() { close(passed) })
		c.Advance(24 * time.Hour)
		<-passed
	})
}

func TestSleepEndsWhenItIsDone(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	close(done)
	NewManualClock(start).Sleep(done, time.Hour)
}
