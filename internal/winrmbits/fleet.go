// SPDX-License-Identifier: MPL-2.0

// Package winrmbits is BITS on remote hosts, over WinRM. A [Fleet] has a [Host] for each
// connection; a host has at most one session, which is one WinRM shell with one PowerShell in it that runs the agent.
package winrmbits

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// shell is a command with its standard streams on a host; *wsman.Shell is one.
type shell interface {
	Send(ctx context.Context, input []byte) error
	Receive(ctx context.Context) (wsman.Output, error)
	Close(ctx context.Context) error
}

// opener opens a shell and starts a command in it.
type opener func(ctx context.Context, s connection.Settings, command string, limiter wsman.LogonLimiter) (shell, error)

// Fleet is all hosts of one provider process. It is safe for concurrent use.
type Fleet struct {
	log    *slog.Logger
	open   opener
	timing timing
	ended  func() // called when every session has ended

	mu          sync.Mutex
	hosts       map[connection.Settings]*Host
	credentials map[connection.Settings]*credential
	limiters    map[int]*sessionLimiter // by MaxSessions
	closed      bool
}

// timing is how long sessions wait, apart from what is in the settings.
type timing struct {
	firstPause, longestPause time.Duration // before something is tried again; doubles with each try
	close                    time.Duration // for the shell to end; its idle timeout ends it otherwise
	drain                    time.Duration // for the last output of an ended process
}

var defaultTiming = timing{
	firstPause: time.Second, longestPause: 15 * time.Second, close: 5 * time.Second, drain: 2 * time.Second,
}

// maxDoublings keeps a pause within a time.Duration.
const maxDoublings = 16

func (t timing) pause(try int) time.Duration {
	return min(t.firstPause<<min(try, maxDoublings), t.longestPause)
}

// NewFleet returns a fleet without a connection: a host is dialed at its first operation.
// It logs to log; nil discards that.
func NewFleet(log *slog.Logger) *Fleet {
	client := wsman.NewClient(log)
	client.Runs = wsman.RunsFolder()
	return fleetOver(client, log)
}

func fleetOver(client *wsman.Client, log *slog.Logger) *Fleet {
	f := newFleet(log, func(ctx context.Context, s connection.Settings, command string, limiter wsman.LogonLimiter) (shell, error) {
		opened, err := client.Open(ctx, s, command, limiter)
		if err != nil {
			return nil, err // not a nil *wsman.Shell in an interface
		}
		return opened, nil
	})
	f.ended = client.End
	return f
}

func newFleet(log *slog.Logger, open opener) *Fleet {
	return &Fleet{
		log: log, open: open, timing: defaultTiming, ended: func() {},
		hosts: map[connection.Settings]*Host{}, credentials: map[connection.Settings]*credential{}, limiters: map[int]*sessionLimiter{},
	}
}

// Host returns the host that is reached by these settings; equal settings, credential included, share one session.
func (f *Fleet) Host(s connection.Settings) *Host {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hosts[s]
	if h == nil {
		key := auth.CredentialOf(s)
		c := f.credentials[key]
		if c == nil {
			c = newCredential()
			f.credentials[key] = c
		}
		h = newHost(s, f, c)
		if s.MaxSessions > 0 {
			if f.limiters[s.MaxSessions] == nil {
				f.limiters[s.MaxSessions] = newSessionLimiter(s.MaxSessions)
			}
			h.slot = f.limiters[s.MaxSessions].newSlot()
		}
		h.closed = f.closed
		f.hosts[s] = h
	}
	return h
}

// Close ends all sessions concurrently. Operations under way are aborted, and later calls fail.
func (f *Fleet) Close(ctx context.Context) error {
	f.mu.Lock()
	f.closed = true
	hosts := make([]*Host, 0, len(f.hosts))
	for _, h := range f.hosts {
		hosts = append(hosts, h)
	}
	for _, l := range f.limiters {
		l.close()
	}
	f.mu.Unlock()
	failures := make([]error, len(hosts))
	var closing sync.WaitGroup
	for i, h := range hosts {
		closing.Go(func() { failures[i] = h.close(ctx) })
	}
	closing.Wait()
	err := errors.Join(failures...)
	if err == nil {
		f.ended()
	}
	return err
}
