package wsman

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// lane sends one message at a time over one connection, and over the next one when that has ended: a connection ends
// with whatever failed on it, because a security context counts the messages of both sides.
type lane struct {
	settings  connection.Settings
	method    auth.Method
	log       *slog.Logger
	transport *http.Transport
	begin     func(connection.Settings, *x509.Certificate) (auth.Scheme, error)
	turn      chan struct{}        // holds a token while an exchange is under way
	link      *link                // of the turn's holder; nil: none stands
	gate      LogonLimiter         // of the first exchange; nil afterwards
	received  int                  // bytes of the last answer, of the turn's holder
	conn      atomic.Pointer[wire] // the last that was opened; nil: none yet
	closed    atomic.Bool          // no connection is kept any more
}

// lane returns a lane without a connection.
func (c *Client) lane(s connection.Settings) (*lane, error) {
	method, err := auth.MethodOf(s)
	if err != nil {
		return nil, err
	}
	config, err := tlsConfig(s, method)
	if err != nil {
		return nil, err
	}
	l := &lane{settings: s, method: method, log: Masked(c.log, s), begin: c.schemes.Begin, turn: make(chan struct{}, 1)}
	dial := c.dialerFor(s)
	l.transport = &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			w := &wire{Conn: conn}
			l.conn.Store(w)
			return w, nil
		},
		TLSClientConfig:     config,
		TLSHandshakeTimeout: s.ConnectTimeout,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 alone
		DisableCompression:  true,

		MaxResponseHeaderBytes: maxHeader,
	}
	return l, nil
}

// post sends a message, when those before it are through, and gives the answer. A fault, a status and a failed exchange
// are errors.
func (l *lane) post(ctx context.Context, request envelope) (*reply, error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, l.broken(ctx, request, ctx.Err())
	}
	defer l.release()
	began := time.Now()
	l.received = 0
	answer, err := l.exchange(ctx, request)
	fields := []slog.Attr{
		slog.String("verb", request.verb), slog.String("host", l.settings.Address()), slog.Int("sent", len(request.text)),
		slog.Int("received", l.received), slog.Int64("ms", time.Since(began).Milliseconds()),
	}
	var fault *Fault
	if errors.As(err, &fault) {
		fields = append(fields, slog.Uint64("fault", uint64(fault.Code)))
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, "WinRM exchange", fields...)
	return answer, err
}

// exchange sends a message, a second time when the host has provably done nothing.
func (l *lane) exchange(ctx context.Context, request envelope) (*reply, error) {
	for first := true; ; first = false {
		answer, err := l.attempt(ctx, request)
		var fault *Fault
		if err != nil && !errors.As(err, &fault) {
			l.drop()
		}
		// What was sealed for the connection that is gone is of no use on the next: the message is sealed anew.
		if first && errors.Is(err, errUndone) && ctx.Err() == nil {
			continue
		}
		return answer, err
	}
}

// attempt posts a message over the connection that stands, or over a new one, which the gate is in front of.
func (l *lane) attempt(ctx context.Context, request envelope) (*reply, error) {
	if err := l.stand(ctx, request); err != nil {
		return nil, err
	}
	if l.gate == nil {
		return l.converse(ctx, request)
	}
	leave, err := l.gate(ctx)
	if err != nil {
		return nil, err
	}
	var answer *reply
	if err = l.stand(ctx, request); err == nil { // the host may have ended the connection meanwhile
		answer, err = l.converse(ctx, request)
	}
	leave(err)
	if !errors.Is(err, errUndone) {
		l.gate = nil
	}
	return answer, err
}

// stand sees to it that a connection stands.
func (l *lane) stand(ctx context.Context, request envelope) error {
	if l.link != nil && l.link.http.Err() != nil {
		l.drop()
	}
	if l.link != nil {
		return nil
	}
	var err error
	if l.link, err = l.connect(ctx); err != nil {
		return l.broken(ctx, request, err)
	}
	return nil
}

// release lets the next exchange begin.
func (l *lane) release() {
	<-l.turn
	if l.closed.Load() {
		l.close()
	}
}

// drop ends the connection that stands. The caller has the turn.
func (l *lane) drop() {
	if l.link != nil {
		_ = l.link.http.Close()
		l.link = nil
	}
}

// connected reports whether a connection was opened.
func (l *lane) connected() bool { return l.conn.Load() != nil }

// close gives the connection back, once the exchange that is under way has ended.
func (l *lane) close() {
	l.closed.Store(true)
	select {
	case l.turn <- struct{}{}:
		l.drop()
		<-l.turn
	default: // whoever has the turn closes it
	}
}

// bare posts a request without a credential and without a message over the connection that stands, and gives the
// status of the answer.
func (l *lane) bare(ctx context.Context) (string, error) {
	l.turn <- struct{}{}
	defer l.release()
	if l.link == nil {
		return "", errors.New("no connection stands")
	}
	resp, _, err := l.roundTrip(ctx, "", auth.SOAP, nil) //nolint:bodyclose // roundTrip has closed it
	if err != nil {
		l.drop()
		return "", fmt.Errorf("over the connection that stood: %w", err)
	}
	return resp.Status, nil
}
