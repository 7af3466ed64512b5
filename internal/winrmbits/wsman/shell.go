// Package wsman is the text shell of WS-Management: envelopes, lanes and faults. It knows nothing of BITS.
// Source: MS-WSMV, learn.microsoft.com/openspecs.
package wsman

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// Output is what a command wrote since the last Receive.
type Output struct {
	Stdout, Stderr []byte
	Done           bool // the command has ended
	ExitCode       int  // only with Done
}

// Shell is a text shell with one command running in it. One Send and one Receive may be under way at a time, each
// on a lane of its own. Failures on the way to the host are *connection.Error, answers that are no results *Fault.
type Shell struct {
	envelopes envelopes
	sending   *lane // Create, Command, Send, Signal, Delete
	receiving *lane // Receive; its connection opens with the first
	shell     string
	command   string

	close sync.Once
}

// Gate lets a credential be proven: it is entered once a connection stands and before the first request, which
// carries the credential, is written, and left with what came of that request. It may wait, or refuse.
type Gate func(ctx context.Context) (leave func(error), err error)

// Open creates a shell and starts a command in it. When the command can't be started the shell is deleted. Until
// the connection stands, and from there until the command runs, it takes no longer than the settings' ConnectTimeout
// each; the time at the gate (nil: none) does not count.
func Open(ctx context.Context, s connection.Settings, command string, gate Gate) (*Shell, error) {
	sending, err := newLane(s)
	if err != nil {
		return nil, err
	}
	receiving, err := newLane(s)
	if err != nil {
		return nil, err
	}
	shell := &Shell{envelopes: envelopes{url: s.URL()}, sending: sending, receiving: receiving}
	opening, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limit := time.AfterFunc(s.ConnectTimeout, func() { cancel(errConnectTimeout) })
	defer limit.Stop()
	if gate != nil {
		sending.gate = func(ctx context.Context) (func(error), error) {
			limit.Stop()
			defer limit.Reset(s.ConnectTimeout)
			return gate(ctx)
		}
	}
	if err := shell.open(opening, command); err != nil {
		shell.abandon(ctx)
		return nil, sending.explain(opening, err)
	}
	return shell, nil
}

func (s *Shell) open(ctx context.Context, command string) error {
	answer, err := s.sending.post(ctx, s.envelopes.create())
	if err != nil {
		return err
	}
	if s.shell = answer.shellID(); s.shell == "" {
		return errors.New("the service created a shell without an id")
	}
	if answer, err = s.sending.post(ctx, s.envelopes.command(s.shell, command)); err != nil {
		return err
	}
	if s.command = answer.Body.Command.ID; s.command == "" {
		return errors.New("the service started a command without an id")
	}
	return nil
}

// abandon deletes a shell whose command could not be started.
func (s *Shell) abandon(ctx context.Context) {
	if s.shell != "" {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_, _ = s.sending.post(ctx, s.envelopes.remove(s.shell)) // its idle timeout ends it otherwise
	}
	s.sending.close()
	s.receiving.close()
}

const (
	closeTimeout = 5 * time.Second
	busyTries    = 3
	busyPause    = time.Second
)

// Send writes to the command's stdin, in as many requests as it takes. A service that is still busy with the Send
// before is asked again: it took nothing of this one. Any other failure leaves open what the command has got.
func (s *Shell) Send(ctx context.Context, input []byte) error {
	for first := true; first || len(input) > 0; first = false {
		piece := input[:min(len(input), sendSize)]
		input = input[len(piece):]
		if err := s.sendPiece(ctx, piece); err != nil {
			return err
		}
	}
	return nil
}

func (s *Shell) sendPiece(ctx context.Context, piece []byte) error {
	for try := 1; ; try++ {
		_, err := s.sending.post(ctx, s.envelopes.send(s.shell, s.command, piece))
		if err == nil || !errors.Is(err, ErrBusy) || try == busyTries {
			return err
		}
		pause := time.NewTimer(busyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return context.Cause(ctx)
		}
	}
}

// Receive waits for output, or for the end of the command; an empty Output means nothing yet.
func (s *Shell) Receive(ctx context.Context) (Output, error) {
	answer, err := s.receiving.post(ctx, s.envelopes.receive(s.shell, s.command))
	if hasCode(err, codeTimedOut) {
		return Output{}, nil
	}
	if err != nil {
		return Output{}, err
	}
	if answer.Body.Received == nil {
		return Output{}, errors.New("read the answer to Receive: it holds no ReceiveResponse")
	}
	return s.output(answer.Body.Received)
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
	// A service may tell an exit code while the command runs; it means nothing then.
	if r.State != nil && strings.HasSuffix(r.State.State, "/Done") {
		o.Done, o.ExitCode = true, int(r.State.ExitCode)
	}
	return o, nil
}

// Close ends the command and deletes the shell. It may be called while a Receive is under way, and again.
func (s *Shell) Close(ctx context.Context) error {
	var err error
	s.close.Do(func() {
		if _, failed := s.sending.post(ctx, s.envelopes.signal(s.shell, s.command)); failed != nil && !gone(failed) {
			err = failed
		}
		if _, failed := s.sending.post(ctx, s.envelopes.remove(s.shell)); failed != nil && !gone(failed) {
			err = errors.Join(err, failed)
		}
		s.sending.close()
		s.receiving.close()
	})
	if err != nil {
		return fmt.Errorf("close the shell on %s: %w", s.sending.settings.Address(), err)
	}
	return nil
}

// gone reports whether a failure says that there is nothing left to close.
func gone(err error) bool { return errors.Is(err, ErrShellGone) }
