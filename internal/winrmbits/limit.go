// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"time"
)

// limit returns the context of one method of a host, which takes no longer than operation_timeout, its retries included. Time
// in which the host ends the shells of earlier runs does not count.
func (h *Host) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	counted := h.waitedForShells()
	var expire func()
	expire = func() {
		waited := h.waitedForShells()
		if more := waited - counted; more > 0 && ctx.Err() == nil {
			counted = waited
			time.AfterFunc(more, expire)
			return
		}
		cancel(errOperationTimeout)
	}
	timer := time.AfterFunc(h.settings.OperationTimeout, expire)
	return ctx, func() {
		timer.Stop()
		cancel(nil)
	}
}

// shellWait is how long a host has been waited for to end shells, so that one more may open.
type shellWait struct {
	since  time.Time // zero: nothing is waited for now
	before time.Duration
}

// waitForShell begins such a wait.
func (h *Host) waitForShell() (ended func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shellWait.since = time.Now()
	return func() {
		waited := h.waitedForShells()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.shellWait = shellWait{before: waited}
	}
}

// waitedForShells returns the time of all such waits so far.
func (h *Host) waitedForShells() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shellWait.since.IsZero() {
		return h.shellWait.before
	}
	return h.shellWait.before + time.Since(h.shellWait.since)
}
