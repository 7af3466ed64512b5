package wsman

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// Client opens shells. What the connections of a process share is its own: tickets, the log, and how long it waits
// before it asks a busy service again. It is safe for concurrent use.
type Client struct {
	BusyPause time.Duration // before the first repetition; doubles with each

	schemes *auth.Schemes
	log     *slog.Logger
	dial    dialer // nil: that of package net
}

// NewClient returns a client that logs exchanges and logons to log; nil discards them. No secret is logged.
func NewClient(log *slog.Logger) *Client {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Client{BusyPause: time.Second, schemes: auth.NewSchemes(), log: log}
}

// Open creates a shell and starts a command in it. When the command can't be started the shell is deleted. From
// dialling until the command runs it takes no longer than the settings' ConnectTimeout; the time at the gate (nil:
// none) does not count.
func (c *Client) Open(ctx context.Context, s connection.Settings, command string, gate LogonLimiter) (*Shell, error) {
	shell, err := c.shell(s)
	if err != nil {
		return nil, err
	}
	return shell.begin(ctx, command, gate)
}

// shell returns a shell that the service has not been asked for yet.
func (c *Client) shell(s connection.Settings) (*Shell, error) {
	sending, err := c.lane(s)
	if err != nil {
		return nil, err
	}
	receiving, err := c.lane(s)
	if err != nil {
		return nil, err
	}
	return &Shell{envelopes: envelopes{url: s.URL()}, sending: sending, receiving: receiving, busyPause: c.BusyPause}, nil
}

// dialer opens a connection, as net.Dialer does.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dialerFor returns the dialer of a host: through a proxy where one is set.
func (c *Client) dialerFor(s connection.Settings) dialer {
	dial := c.dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: s.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	return throughProxy(s, dial)
}
