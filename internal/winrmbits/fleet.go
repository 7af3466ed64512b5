// Package winrmbits is BITS on remote hosts, over WinRM: the only door to them. A [Fleet] has a [Host] for each
// connection; a host has at most one session, which is one WinRM shell with one PowerShell in it that runs the agent.
package winrmbits

import (
	"context"
	"errors"
	"sync"

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
type opener func(ctx context.Context, s connection.Settings, command string, gate wsman.Gate) (shell, error)

// Fleet is all hosts of one provider process. It is safe for concurrent use.
type Fleet struct {
	open    opener
	backoff backoff

	mu          sync.Mutex
	hosts       map[connection.Settings]*Host
	credentials map[credentialKey]*credential
	places      map[int]*places // by MaxSessions
	closed      bool
}

// NewFleet gives a fleet without a connection: hosts are dialled when they are first asked something.
func NewFleet() *Fleet {
	schemes := auth.NewSchemes()
	return newFleet(func(ctx context.Context, s connection.Settings, command string, gate wsman.Gate) (shell, error) {
		opened, err := wsman.Open(ctx, schemes, s, command, gate)
		if err != nil {
			return nil, err // not a nil *wsman.Shell in an interface
		}
		return opened, nil
	})
}

func newFleet(open opener) *Fleet {
	return &Fleet{
		open: open, backoff: defaultBackoff,
		hosts: map[connection.Settings]*Host{}, credentials: map[credentialKey]*credential{}, places: map[int]*places{},
	}
}

// Host gives the host that is reached by these settings; equal settings, credential included, share one session.
func (f *Fleet) Host(s connection.Settings) *Host {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hosts[s]
	if h == nil {
		key := credentialOf(s)
		c := f.credentials[key]
		if c == nil {
			c = newCredential()
			f.credentials[key] = c
		}
		h = newHost(s, f, c)
		if s.MaxSessions > 0 {
			if f.places[s.MaxSessions] == nil {
				f.places[s.MaxSessions] = newPlaces(s.MaxSessions)
			}
			h.seat = f.places[s.MaxSessions].seat()
		}
		h.closed = f.closed
		f.hosts[s] = h
	}
	return h
}

// Close ends all sessions side by side. What is under way is given up; calls that come later are refused.
func (f *Fleet) Close(ctx context.Context) error {
	f.mu.Lock()
	f.closed = true
	hosts := make([]*Host, 0, len(f.hosts))
	for _, h := range f.hosts {
		hosts = append(hosts, h)
	}
	f.mu.Unlock()
	failures := make([]error, len(hosts))
	var closing sync.WaitGroup
	for i, h := range hosts {
		closing.Go(func() { failures[i] = h.close(ctx) })
	}
	closing.Wait()
	return errors.Join(failures...)
}
