// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	maxBatch      = 200       // operations of one batch
	maxBatchBytes = 900 << 10 // of a request, well below agent.MaxLine
)

// enqueue hands a call to the host's goroutine, which starts when there is none.
func (h *Host) enqueue(ctx context.Context, c *call) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return errClosed
	case h.failure != nil:
		return h.reportFailure()
	}
	h.queue = append(h.queue, c)
	select {
	case h.arrived <- struct{}{}:
	default:
	}
	if !h.working {
		// The session outlives the call that opens it.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		h.working, h.stop, h.stopped = true, stop, make(chan struct{})
		go h.work(ctx, h.stopped)
	}
	return nil
}

// nextCalls takes as many calls from the queue as fit into one batch.
func (h *Host) nextCalls() []*call {
	h.mu.Lock()
	defer h.mu.Unlock()
	var calls []*call
	for size := 0; len(h.queue) > 0 && len(calls) < maxBatch; h.queue = h.queue[1:] {
		c := h.queue[0]
		n, err := requestSize(c)
		if err != nil {
			c.finish(outcome{err: err})
			continue
		}
		if size += n; size > maxBatchBytes {
			break
		}
		if !c.canceled() {
			calls = append(calls, c)
		}
	}
	h.queue = append([]*call(nil), h.queue...) // the array before it holds the contexts of the calls that are taken
	return calls
}

// requestSize returns how many bytes a call takes in a request, its secrets included.
func requestSize(c *call) (int, error) {
	lines, err := agent.Request{Ops: []agent.Op{c.op}}.Lines("")
	if err == nil && len(lines) > maxBatchBytes {
		err = fmt.Errorf("a request of %d bytes is larger than the protocol's %d", len(lines), maxBatchBytes)
	}
	return len(lines), err
}

// stopUnlessCalled ends the host's goroutine, unless a call came meanwhile.
func (h *Host) stopUnlessCalled(ctx context.Context) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		failAll(h.queue, errClosed)
		h.queue = nil
	}
	if len(h.queue) > 0 {
		return false
	}
	h.working = false
	return true
}

// acquireSlot waits until the host may have a session. It returns false when the provider ends, or when no caller waits
// any more.
func (h *Host) acquireSlot(ctx context.Context, calls []*call) bool {
	if h.slot == nil {
		return true
	}
	ctx, done := h.whileAwaited(ctx, calls)
	defer done()
	h.setQueuedForSlot(true)
	defer h.setQueuedForSlot(false)
	return h.slot.acquire(ctx)
}

func (h *Host) setQueuedForSlot(queued bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.queuedForSlot = queued
}

// opening is the opening of a session, for as long as a caller waits for it.
type opening struct {
	calls  []*call
	cancel context.CancelFunc
}

// whileAwaited begins the opening of a session for calls: its context ends when no caller waits any more.
func (h *Host) whileAwaited(ctx context.Context, calls []*call) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opening = &opening{calls: calls, cancel: cancel}
	if !h.hasWaitersLocked(calls) {
		cancel()
	}
	return ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.opening = nil
		cancel()
	}
}

// hasWaiters reports whether a caller waits for one of these calls, or for a queued one.
func (h *Host) hasWaiters(calls []*call) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hasWaitersLocked(calls)
}

// hasWaitersLocked is hasWaiters with the lock held.
func (h *Host) hasWaitersLocked(calls []*call) bool {
	return len(pendingCalls(calls)) > 0 || len(pendingCalls(h.queue)) > 0
}
