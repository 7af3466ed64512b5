// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// link is a host's network link: a rate that its transfers share, in real time.
type link struct {
	rate int64 // bytes per second; 0: no limit

	mu   sync.Mutex
	free time.Time // when the link has carried all that was taken so far
}

// maxPiece is the most that is taken from a connection at once.
const maxPiece = 32 << 10

// piece is how much to take at once, so that no transfer holds a slow link for long.
func (l *link) piece() int64 {
	if l.rate <= 0 {
		return maxPiece
	}
	return min(max(l.rate/20, 1), maxPiece)
}

// take waits until the link has carried n more bytes; false means that the wait was broken off.
func (l *link) take(ctx context.Context, n int) bool {
	if l.rate <= 0 {
		return ctx.Err() == nil
	}
	l.mu.Lock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(int64(n) * int64(time.Second) / l.rate))
	wait := l.free.Sub(now)
	l.mu.Unlock()
	return machine.Pause(ctx, wait)
}
