// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// credential records whether a host has accepted or refused a user name and password in this process. Wrong ones lock
// accounts: until one was accepted somewhere, it is proven to one host at a time, and a refused one is not used again.
type credential struct {
	idle chan struct{} // has a token while no logon runs

	mu       sync.Mutex
	accepted bool
	refused  error
}

func newCredential() *credential {
	c := &credential{idle: make(chan struct{}, 1)}
	c.idle <- struct{}{}
	return c
}

// limiter returns the limiter of the logons on a host.
func (c *credential) limiter(host string) wsman.LogonLimiter {
	return func(ctx context.Context) (func(error), error) {
		if known, err := c.verdict(host); known {
			return func(error) {}, err
		}
		select {
		case <-c.idle:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if known, err := c.verdict(host); known {
			c.idle <- struct{}{}
			return func(error) {}, err
		}
		return func(err error) {
			c.record(err)
			c.idle <- struct{}{}
		}, nil
	}
}

// logonLimiter returns the limiter of the logons on this host. While it waits, waitingForCredential is set.
func (h *Host) logonLimiter() wsman.LogonLimiter {
	limiter := h.credential.limiter(h.settings.Address())
	set := func(waiting bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waitingForCredential = waiting
	}
	return func(ctx context.Context) (func(error), error) {
		set(true)
		defer set(false)
		return limiter(ctx)
	}
}

// verdict reports whether the credential was accepted or refused before, and the refusal.
func (c *credential) verdict(host string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		return c.accepted, nil
	}
	return true, &connection.Error{Kind: connection.Unauthorized, Host: host, Repeated: true, Err: c.refused}
}

// record records the outcome of a logon: a service that answers with a message, even with a fault, has accepted it.
func (c *credential) record(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var fault *wsman.Fault
	switch {
	case err == nil, errors.As(err, &fault):
		c.accepted = true
	case refusesCredential(err):
		c.refused = err
	}
}

func refusesCredential(err error) bool {
	var failed *connection.Error
	return errors.As(err, &failed) && failed.Kind == connection.Unauthorized
}
