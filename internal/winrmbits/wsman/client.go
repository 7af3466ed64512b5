// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// Client opens shells. It holds what the connections of a process share: tickets, the log and how long they wait. It is
// safe for concurrent use; its fields are set before its first use.
type Client struct {
	// BusyPause is the pause before a busy service is asked again; it doubles with each repetition. BusyTimeout is how
	// long all pauses of a request may take.
	BusyPause, BusyTimeout time.Duration
	// RetryPause is the pause before a shell is opened again after its connection broke; it doubles with each attempt.
	RetryPause time.Duration
	// CloseTimeout limits the deletion of a shell whose command could not be started.
	CloseTimeout time.Duration
	// Dial opens connections; nil is that of net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Edit changes the text of a request, or refuses to send it. A tool sets it to find out what a service accepts; nil
	// changes nothing.
	Edit func(verb, text string) (string, error)
	// Runs is a folder in which the runs of this program on this machine show each other that they are alive, so that one
	// deletes the shells that another left when it was killed. It need not exist; "" means that none is shown and none deleted.
	Runs string

	run     run
	schemes *auth.Schemes
	log     *slog.Logger
}

// NewClient returns a client that logs exchanges and logons to log; nil discards them. No secret is logged.
func NewClient(log *slog.Logger) *Client {
	return &Client{
		BusyPause: time.Second, BusyTimeout: 30 * time.Second, // longer than a service holds a Receive whose connection broke
		RetryPause: time.Second, CloseTimeout: 5 * time.Second, schemes: auth.NewSchemes(), log: log,
	}
}

// LogonLimiter limits what proves the password to a host: NTLM's last message and the requests of schemes that send the credential with
// each. It is called right before that is written; release is called with the error of the exchange. It is called again for another
// attempt when the host has neither accepted nor refused the credential. It may wait, or return an error instead.
//
// A Kerberos ticket is not limited: the KDC has accepted the password then, and is itself asked by one host at a time.
type LogonLimiter func(ctx context.Context) (release func(error), err error)

// Open creates a shell and starts a command in it. When the command can't be started the shell is deleted. From
// dialing until the command runs it takes no longer than the settings' ConnectTimeout; the time in the limiter (nil:
// none) does not count.
func (c *Client) Open(ctx context.Context, s connection.Settings, command string, limiter LogonLimiter) (*Shell, error) {
	shell, err := c.shell(s)
	if err != nil {
		return nil, err
	}
	return shell.begin(ctx, command, limiter)
}

// shell returns a shell for which no request was sent yet.
func (c *Client) shell(s connection.Settings) (*Shell, error) {
	main, err := c.channel(s)
	if err != nil {
		return nil, err
	}
	spare, err := c.channel(s)
	if err != nil {
		return nil, err
	}
	spare.recognised = main.recognised
	return &Shell{envelopes: envelopes{url: s.URL()}, main: main, spare: spare, client: c}, nil
}
