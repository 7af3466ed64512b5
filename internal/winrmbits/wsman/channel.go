// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// channel sends one message at a time over one connection, and over another one when that has ended: a failure of an
// exchange ends its connection, because a security context counts the messages of both sides.
type channel struct {
	settings  connection.Settings
	method    auth.Method
	log       Log
	transport *http.Transport
	begin     func(connection.Settings, *x509.Certificate) (auth.Scheme, error)
	limiter   LogonLimiter // of what shows the credential until the host has accepted it; nil afterwards

	recognised *atomic.Bool // WinRM has answered a message, over this channel or over the other one of its shell

	sem      chan struct{}   // has a token while an exchange is under way, whose goroutine uses what follows
	conn     *authConnection // nil: none is open
	received int             // bytes of the last answer
	answered bool            // an answer of HTTP came
	proofs   int             // times that the whole credential was sent since the host has accepted it
	admitted func(error)     // releases the limiter; nil: the exchange has not asked it

	dialed atomic.Pointer[countingConn] // the last connection that was opened; nil: none yet
	closed atomic.Bool                  // connections are not kept
}

// channel returns a channel without a connection.
func (c *Client) channel(s connection.Settings) (*channel, error) {
	method, err := auth.MethodOf(s)
	if err != nil {
		return nil, err
	}
	transport, err := c.Transport(s)
	if err != nil {
		return nil, err
	}
	ch := &channel{
		settings: s, method: method, log: NewLog(c.log, s), transport: transport, begin: c.schemes.Begin, sem: make(chan struct{}, 1),
		recognised: &atomic.Bool{},
	}
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		counting := &countingConn{Conn: conn}
		ch.dialed.Store(counting)
		return counting, nil
	}
	return ch, nil
}

// post sends a message after those before it, and returns the answer. A fault, an HTTP status and a failed exchange are
// errors.
func (c *channel) post(ctx context.Context, request envelope) (*reply, error) {
	select {
	case c.sem <- struct{}{}:
	case <-ctx.Done():
		return nil, connectionLost(ctx, request, ctx.Err())
	}
	defer c.release()
	began := time.Now()
	c.received = 0
	answer, err := c.exchange(ctx, request)
	fields := []any{
		"verb", request.verb, "host", c.settings.Address(), "sent", len(request.text), "received", c.received, "ms", time.Since(began).Milliseconds(),
	}
	var fault *Fault
	if errors.As(err, &fault) {
		fields = append(fields, "fault", fault.Code)
	}
	c.log.Debug(ctx, "WinRM exchange", fields...)
	return answer, err
}

// exchange sends a message, a second time when the host has not executed anything.
func (c *channel) exchange(ctx context.Context, request envelope) (answer *reply, err error) {
	defer func() { c.leaveLimiter(err) }()
	for first := true; ; first = false {
		if err = c.connect(ctx, request); err == nil {
			answer, err = c.send(ctx, request)
		}
		var fault *Fault
		if err != nil && !errors.As(err, &fault) {
			c.disconnect()
		}
		// What was sealed for the connection that is gone is of no use on the next: the message is sealed anew.
		if first && errors.Is(err, errStale) && ctx.Err() == nil {
			continue
		}
		return answer, err
	}
}

// enterLimiter waits until the credential may be shown to the host. What comes before needs no limit: a host that does not answer
// that keeps no other one waiting.
func (c *channel) enterLimiter(ctx context.Context) (err error) {
	if c.limiter == nil || c.admitted != nil {
		return nil
	}
	if c.admitted, err = c.limiter(ctx); err == nil && c.conn.http.Err() != nil {
		return fmt.Errorf("%w: the host has closed it meanwhile", errStale)
	}
	return err
}

// leaveLimiter ends what the limiter has allowed an exchange, and its use once the host has accepted the credential.
func (c *channel) leaveLimiter(err error) {
	if c.admitted != nil {
		c.admitted(err)
		c.admitted = nil
	}
	if c.conn != nil && c.conn.authenticated {
		c.limiter = nil
	}
}

// release lets the next exchange begin.
func (c *channel) release() {
	<-c.sem
	if c.closed.Load() {
		c.close()
	}
}

// ready reports whether a request can go out at once: a connection is open and authenticated, and no exchange is under way.
func (c *channel) ready() bool {
	select {
	case c.sem <- struct{}{}:
		defer c.release()
		return c.conn != nil && c.conn.authenticated && c.conn.http.Err() == nil
	default:
		return false
	}
}

// busy reports whether an exchange is under way.
func (c *channel) busy() bool {
	select {
	case c.sem <- struct{}{}:
		defer c.release()
		return false
	default:
		return true
	}
}

// close closes the connection, once the exchange that is under way has ended.
func (c *channel) close() {
	c.closed.Store(true)
	select {
	case c.sem <- struct{}{}:
		c.disconnect()
		<-c.sem
	default: // release closes it
	}
}
