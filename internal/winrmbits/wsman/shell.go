// Package wsman is the text shell of WS-Management: envelopes, lanes and faults. It knows nothing of BITS.
// Source: MS-WSMV, learn.microsoft.com/openspecs.
package wsman

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// Output is what a command wrote since the last Receive.
type Output struct {
	Stdout, Stderr []byte
	Done           bool // the command has ended
	ExitCode       int  // only with Done
}

// Shell is a text shell with one command running in it. One Send and one Receive may be under way at a time.
type Shell struct{}

// Open creates a shell and starts a command in it. When the command can't be started the shell is deleted.
func Open(ctx context.Context, s connection.Settings, command string) (*Shell, error) {
	panic("not written yet")
}

// Send writes to the command's stdin, in as many requests as it takes.
func (s *Shell) Send(ctx context.Context, input []byte) error { panic("not written yet") }

// Receive waits for output, or for the end of the command; an empty Output means nothing yet.
func (s *Shell) Receive(ctx context.Context) (Output, error) { panic("not written yet") }

// Close ends the command and deletes the shell.
func (s *Shell) Close(ctx context.Context) error { panic("not written yet") }
