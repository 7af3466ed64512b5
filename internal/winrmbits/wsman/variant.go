package wsman

import (
	"context"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// What stands in this file is for questions about a service that its documentation leaves open, such as cmd/probe
// asks. Sessions do none of it.

// Variant is how a shell differs from those of sessions; the zero value does not.
type Variant struct {
	ConsoleStdin bool   // stdin is a console instead of a pipe: WINRS_CONSOLEMODE_STDIN
	IdleTimeout  string // an xs:duration; "" means that of sessions
}

func (v Variant) consoleStdin() string {
	if v.ConsoleStdin {
		return "TRUE"
	}
	return "FALSE"
}

func (v Variant) idle() string {
	if v.IdleTimeout != "" {
		return v.IdleTimeout
	}
	return idleTimeout
}

// OpenVariant is [Client.Open], without a gate, for a shell that differs.
func (c *Client) OpenVariant(ctx context.Context, s connection.Settings, command string, v Variant) (*Shell, error) {
	shell, err := c.shell(s)
	if err != nil {
		return nil, err
	}
	shell.envelopes.variant = v
	return shell.begin(ctx, command, nil)
}

// Attach returns a second client of a shell, over connections of its own. Nothing is sent yet.
func (c *Client) Attach(s *Shell) (*Shell, error) {
	other, err := c.shell(s.sending.settings)
	if err != nil {
		return nil, err
	}
	other.envelopes, other.shell, other.command = s.envelopes, s.shell, s.command
	return other, nil
}

// Drop breaks the connections off without a word to the service.
func (s *Shell) Drop() {
	for _, l := range []*lane{s.sending, s.receiving} {
		if conn := l.conn.Load(); conn != nil {
			_ = conn.Close()
		}
	}
}

// SendEnd writes to the command's stdin and ends it.
func (s *Shell) SendEnd(ctx context.Context, input []byte) error {
	request := s.envelopes.send(s.shell, s.command, input)
	request.text = strings.Replace(request.text, `Name="stdin"`, `Name="stdin" End="true"`, 1)
	_, err := s.post(ctx, s.sending, request)
	return err
}

// Signal sends the command a signal: the last word of its code, such as terminate, in the caller's own case.
func (s *Shell) Signal(ctx context.Context, code string) error {
	request := s.envelopes.signal(s.shell, s.command)
	request.text = strings.Replace(request.text, "/signal/terminate", "/signal/"+code, 1)
	_, err := s.post(ctx, s.sending, request)
	return err
}

// Delete deletes the shell without a signal to the command.
func (s *Shell) Delete(ctx context.Context) error {
	err := s.remove(ctx)
	s.sending.close()
	s.receiving.close()
	return err
}

// Bare sends a request without a credential and without a message over the connection of the last Send, which is
// authenticated, and gives the status of the answer.
func (s *Shell) Bare(ctx context.Context) (string, error) {
	status, err := s.sending.bare(ctx)
	if err != nil {
		return "", fmt.Errorf("send an empty request: %w", err)
	}
	return status, nil
}

// CreateOnly creates one more shell, with no command in it, and gives what deletes it again.
func (s *Shell) CreateOnly(ctx context.Context) (remove func(context.Context) error, err error) {
	answer, err := s.exchange(ctx, s.sending, s.envelopes.create())
	if err != nil {
		return nil, err
	}
	id := answer.shellID()
	return func(ctx context.Context) error {
		_, err := s.post(ctx, s.sending, s.envelopes.remove(id))
		return err
	}, nil
}
