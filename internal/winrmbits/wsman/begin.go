// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const (
	maxRetries = 3 // of opening a shell
	maxProofs  = 2 // times that a credential which may lock an account is sent before it was accepted or refused
)

// begin creates the shell and starts the command in it, within the settings' ConnectTimeout.
func (s *Shell) begin(ctx context.Context, command string, limiter LogonLimiter) (*Shell, error) {
	timeout := s.main.settings.ConnectTimeout
	opening, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	limit := time.AfterFunc(timeout, func() { cancel(errConnectTimeout) })
	defer limit.Stop()
	var waited time.Duration
	s.pauseLimit = func() (resume func()) {
		paused := time.Now()
		limit.Stop()
		return func() {
			waited += time.Since(paused)
			limit.Reset(timeout - time.Since(began) + waited)
		}
	}
	if limiter != nil {
		s.main.limiter = func(ctx context.Context) (func(error), error) {
			defer s.pauseLimit()()
			return limiter(ctx)
		}
	}
	if attempts, err := s.openWithRetries(opening, command); err != nil {
		err = s.main.withIdentity(ctx, s.main.explain(opening, err))
		s.abandon(ctx)
		return nil, lastOf(attempts, err)
	}
	return s, nil
}

// lastOf adds to the error of the last attempt that others came before it.
func lastOf(attempts int, err error) error {
	var failed *connection.Error
	if attempts > 1 && errors.As(err, &failed) && !failed.Repeated {
		failed.Problem += fmt.Sprintf(" This was the last of %d attempts.", attempts)
	}
	return err
}

// openWithRetries opens the shell. After a failure that may be one of the way to the host it begins anew over another
// connection: a command that may run already ends with its shell, which is deleted first, and a shell whose id was lost
// ends by its idle timeout.
func (s *Shell) openWithRetries(ctx context.Context, command string) (attempts int, err error) {
	for pause := s.client.RetryPause; ; pause *= 2 {
		attempts++
		if err = s.open(ctx, command); err == nil || attempts > maxRetries || ctx.Err() != nil || !s.main.mayPass(err) {
			return attempts, err
		}
		s.main.log.Debug(ctx, "opening the shell again", "host", s.main.settings.Address(), "because", err)
		if !Sleep(ctx, jittered(pause)) {
			return attempts, err
		}
	}
}

func (s *Shell) open(ctx context.Context, command string) error {
	if s.shell != "" {
		if err := s.remove(ctx); errors.Is(err, ErrConnectionLost) {
			return err
		}
		s.shell = ""
	}
	answer, err := s.create(ctx)
	if err != nil {
		return err
	}
	if s.shell = answer.shellID(); s.shell == "" {
		return errors.New("the service returned a shell without an ID")
	}
	if answer, err = s.post(ctx, s.main, s.envelopes.command(s.shell, command)); err != nil {
		return err
	}
	if s.command = answer.Command; s.command == "" {
		return errors.New("the service returned a command without an ID")
	}
	return nil
}

// abandon deletes a shell whose command could not be started.
func (s *Shell) abandon(ctx context.Context) {
	if s.shell != "" {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.client.CloseTimeout)
		defer cancel()
		_ = s.remove(ctx) // its idle timeout ends it otherwise
	}
	s.main.close()
	s.spare.close()
}

// jittered returns a random duration around d, so that clients that failed together do not come again together.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d) } //nolint:gosec // no secret

// mayPass reports whether another connection may work after this failure to open a shell: the service restarts, something on the
// way ended the connection, or answered for the host. A host to which no connection can be made does not count, unless it
// answered just before.
//
// A wrong password counts at the host even if its answer is lost. So a credential that was not accepted yet is sent
// once more, and not again.
func (c *channel) mayPass(err error) bool {
	var failed *connection.Error
	var status *statusError
	var dial *connectError
	switch {
	case errors.Is(err, ErrShellGone):
		return true
	case !errors.Is(err, ErrConnectionLost), c.proofs >= maxProofs:
		return false
	case errors.As(err, &failed) && failed.Kind == connection.NoLogon: // a forgotten logon will be forgotten again
		return false
	case !errors.As(err, &dial) || isBroken(err) || errors.As(err, &status) && mayBeLost(status.status):
		return true
	}
	return c.answered && dialFailureOf(runtime.GOOS, err) != 0
}

// isBroken reports whether a connection was made and then ended by the other side.
func isBroken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || dialFailureOf(runtime.GOOS, err) == reset
}

// connectError is the failure to open a connection, up to the end of its TLS handshake.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }

func (e *connectError) Unwrap() error { return e.err }

// countProof counts how often the whole credential was sent since the host has last accepted it. Some statuses come only
// from a server that has not looked at it.
func (c *channel) countProof(l leg, err error) {
	switch {
	case c.conn.authenticated || !l.proof || errors.Is(err, errStale):
	case err == nil && notJudged[l.resp.StatusCode]:
	default:
		c.proofs++
	}
}
