// SPDX-License-Identifier: MPL-2.0

// Package wsman is the text shell of WS-Management: envelopes, connections and faults. It does not depend on BITS.
// Source: MS-WSMV, learn.microsoft.com/openspecs.
package wsman

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// Output is what a command wrote since the last Receive.
type Output struct {
	Stdout, Stderr []byte
	Done           bool // the command has ended
	ExitCode       int  // only with Done
}

// Shell is a text shell with one command running in it. One Send and one Receive may be under way at a time: the
// one that comes second goes over a connection of its own, which costs another logon. Failures to reach the host are *connection.Error, faults are *Fault; a failure after
// which it is unknown what the host has done is ErrConnectionLost.
//
// A service that is busy or whose quota is used up has done nothing, and is asked again for a while. After a host
// refused the credential nothing more is sent to it, not even the end of the shell: each attempt may lock the account.
type Shell struct {
	envelopes envelopes
	client    *Client
	main      *channel                         // all requests, as long as they come one after the other
	spare     *channel                         // a request while another is under way; its connection opens with the first
	shell     string                           // its id
	command   string                           // its id
	refusal   atomic.Pointer[connection.Error] // of the credential
	early     int                              // Receives in a row that returned nothing, and at once

	close sync.Once

	pauseLimit func() (resume func()) // of connect_timeout, while the shell is being opened
	waiting    bool                   // for the end of other shells, with connect_timeout paused
}

const (
	exchangeTimeout = 40 * time.Second // one exchange; longer than the service holds a Receive
	maxBusyPause    = 5 * time.Second
	atOnce          = time.Second // a service without output holds a Receive longer
	heldTime        = 20 * time.Second
	removeRetries   = 1
)

// post sends a message over a channel, and again while the service is busy. The pauses are random, so that clients that
// were refused together do not come again together.
func (s *Shell) post(ctx context.Context, c *channel, request envelope) (*reply, error) {
	return s.postFor(ctx, c, request, s.client.BusyTimeout)
}

// postFor is post with the time that all pauses together may take.
func (s *Shell) postFor(ctx context.Context, c *channel, request envelope, patience time.Duration) (*reply, error) {
	if s.client.Edit != nil {
		var err error
		if request.text, err = s.client.Edit(request.verb, request.text); err != nil {
			return nil, err
		}
	}
	var waited time.Duration
	for pause := s.client.BusyPause; ; pause = min(2*pause, maxBusyPause) {
		if refusal := s.refusal.Load(); refusal != nil {
			return nil, refusal
		}
		answer, err := s.exchange(ctx, c, request)
		s.remember(err)
		if !errors.Is(err, ErrBusy) && !errors.Is(err, ErrQuota) || waited >= patience {
			return answer, err
		}
		pausing := jittered(pause)
		if !Sleep(ctx, pausing) {
			return nil, err
		}
		waited += pausing
	}
}

// remember keeps the error after which nothing more is sent.
func (s *Shell) remember(err error) {
	var failed *connection.Error
	if errors.As(err, &failed) && failed.Kind == connection.Unauthorized {
		s.refusal.Store(failed)
	}
}

// Sleep waits for d. It returns false when the context ends before.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// exchange sends a message once. Until the command runs connect_timeout bounds it, unless that is paused.
func (s *Shell) exchange(ctx context.Context, c *channel, request envelope) (*reply, error) {
	if s.command != "" || s.waiting {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, exchangeTimeout)
		defer cancel()
	}
	return c.post(ctx, request)
}

// Send writes to the command's stdin, in as many requests as it takes. A piece that the command does not read within the
// operation timeout is not lost: the service keeps it, and takes the next one when the command has read it.
func (s *Shell) Send(ctx context.Context, input []byte) error {
	for first := true; first || len(input) > 0; first = false {
		piece := input[:min(len(input), sendSize)]
		input = input[len(piece):]
		if _, err := s.post(ctx, s.free(), s.envelopes.send(s.shell, s.command, piece)); err != nil && !hasCode(err, codeTimedOut) {
			return err
		}
	}
	return nil
}

// Receive waits for output, or for the end of the command; an empty Output means nothing yet. Where the service returns
// that at once, instead of holding the request, Receive waits longer each time, so that it can be called again.
func (s *Shell) Receive(ctx context.Context) (Output, error) {
	began := time.Now()
	out, err := s.receive(ctx)
	if err != nil || out.Done || len(out.Stdout)+len(out.Stderr) > 0 || time.Since(began) >= atOnce {
		s.early = 0
		return out, err
	}
	pause := min(atOnce<<min(s.early, 10), heldTime)
	s.early++
	Sleep(ctx, pause)
	return out, nil
}

func (s *Shell) receive(ctx context.Context) (Output, error) {
	answer, err := s.post(ctx, s.free(), s.envelopes.receive(s.shell, s.command))
	if hasCode(err, codeTimedOut) {
		return Output{}, nil
	}
	if err != nil {
		return Output{}, err
	}
	if answer.Received == nil {
		return Output{}, errors.New("read the response to Receive: it has no ReceiveResponse")
	}
	return s.output(answer.Received)
}

// output puts the streams together: a service splits them where it likes.
func (s *Shell) output(r *received) (Output, error) {
	var o Output
	for _, stream := range r.Streams {
		if !strings.EqualFold(stream.Command, s.command) {
			continue
		}
		content, err := base64.StdEncoding.DecodeString(strings.TrimSpace(stream.Content))
		if err != nil {
			return o, fmt.Errorf("read the stream %s: %w", stream.Name, err)
		}
		switch stream.Name {
		case "stdout":
			o.Stdout = append(o.Stdout, content...)
		case "stderr":
			o.Stderr = append(o.Stderr, content...)
		}
	}
	// A service may send an exit code while the command runs; it means nothing then.
	if r.State != nil && strings.EqualFold(r.State.Command, s.command) && strings.HasSuffix(r.State.State, "/Done") {
		code, err := exitCode(r.State.ExitCode)
		if err != nil {
			return o, err
		}
		o.Done, o.ExitCode = true, code
	}
	return o, nil
}

// Close deletes the shell, which ends the command in it. It may be called while a Send or a Receive is under way, and again.
//
// That is one request, so that also a distant host gets it before a process that is about to end is gone. Source: MS-WSMV
// 3.1.4.4.1, of which Windows allows a Delete beside all other requests to the shell.
func (s *Shell) Close(ctx context.Context) error {
	var err error
	s.close.Do(func() {
		err = s.remove(ctx)
		s.main.close()
		s.spare.close()
	})
	if err != nil {
		return fmt.Errorf("close the shell on %s: %w", s.main.settings.Address(), err)
	}
	return nil
}

// remove deletes the shell. It repeats the request when the answer is lost, after which the shell may or may not be there,
// and when the service is starting or shutting down.
func (s *Shell) remove(ctx context.Context) error {
	for try := 0; ; try++ {
		_, err := s.post(ctx, s.free(), s.envelopes.remove(s.shell))
		gone := errors.Is(err, ErrShellGone)
		again := gone && !hasCode(err, codeUnexpectedSelectors) || errors.Is(err, ErrConnectionLost)
		switch {
		case again && try < removeRetries && ctx.Err() == nil:
		case gone:
			return nil
		default:
			if err != nil {
				s.client.run.left.Store(true)
			}
			return err
		}
	}
}

// free returns a channel over which a request can go out at once. The other one would have to wait, or to log on again.
func (s *Shell) free() *channel {
	if s.main.busy() || !s.main.ready() && s.spare.ready() {
		return s.spare
	}
	return s.main
}
