// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

const (
	maxReply  = 4 << 20 // bytes of an answer's body
	maxHeader = 128 << 10
	userAgent = "terraform-provider-bits"
)

// errStale is an exchange of which the host has executed nothing, over a connection that can't be used again.
var errStale = errors.New("the connection can't be used again")

// authConnection is a connection with the security context on it.
type authConnection struct {
	http          *http.ClientConn
	counter       *countingConn
	scheme        auth.Scheme
	authenticated bool // the host has accepted the credential
}

// countingConn counts what is written to a connection, handshakes included. The bytes of a write count from its beginning:
// the peer may answer them before it returns.
type countingConn struct {
	net.Conn
	written atomic.Int64
}

// Write is for net.Conn.
func (c *countingConn) Write(b []byte) (int, error) {
	c.written.Add(int64(len(b)))
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n - len(b)))
	return n, err
}

// Transport returns how a host is reached: with TLS and through a proxy where they are set, one connection at a time.
func (c *Client) Transport(s connection.Settings) (*http.Transport, error) {
	method, err := auth.MethodOf(s)
	if err != nil {
		return nil, err
	}
	config, err := tlsConfig(s, method)
	if err != nil {
		return nil, err
	}
	dial := c.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: s.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		DialContext:         throughProxy(s, dial),
		TLSClientConfig:     config,
		TLSHandshakeTimeout: s.ConnectTimeout,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 alone
		DisableCompression:  true,

		MaxResponseHeaderBytes: maxHeader,
	}, nil
}

// connect opens a connection unless one is open.
func (c *channel) connect(ctx context.Context, request envelope) error {
	if c.conn != nil && c.conn.http.Err() != nil {
		c.disconnect()
	}
	if c.conn != nil {
		return nil
	}
	var err error
	if c.conn, err = c.newConnection(ctx); err != nil {
		return connectionLost(ctx, request, &connectError{err})
	}
	return nil
}

// disconnect closes the open connection. The caller has the token of sem.
func (c *channel) disconnect() {
	if c.conn != nil {
		_ = c.conn.http.Close()
		c.conn = nil
	}
}

// newConnection opens a connection, with TLS where it is set, and begins a security context on it. No credential is sent.
func (c *channel) newConnection(ctx context.Context) (*authConnection, error) {
	var certificate *x509.Certificate
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeDone: func(state tls.ConnectionState, _ error) {
			if len(state.PeerCertificates) > 0 {
				certificate = state.PeerCertificates[0]
			}
		},
	})
	protocol := "http"
	if c.settings.HTTPS {
		protocol = "https"
	}
	conn, err := c.transport.NewClientConn(ctx, protocol, c.settings.Address())
	if err != nil {
		return nil, err
	}
	scheme, err := c.begin(c.settings, certificate)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &authConnection{http: conn, counter: c.dialed.Load(), scheme: scheme}, nil
}

// send posts a message over the open connection. On a new one the requests of the logon come first; the scheme ends it.
func (c *channel) send(ctx context.Context, request envelope) (*reply, error) {
	reused := c.conn.authenticated
	var challenges []string // of the 401 before; nil: there was none
	for requests := 1; ; requests++ {
		l, err := c.leg(ctx, request, challenges)
		c.countProof(l, err)
		if err != nil {
			return nil, err
		}
		status := l.resp.StatusCode
		switch {
		case status == http.StatusUnauthorized && l.credential:
			challenges = append([]string{}, l.resp.Header.Values("WWW-Authenticate")...)
			continue
		case status == http.StatusUnauthorized && reused && c.settings.HTTPS:
			return nil, fmt.Errorf("%w: the host asks for another logon", errStale)
		case status == http.StatusUnauthorized:
			return nil, c.logonForgotten(request)
		case status != http.StatusOK && (status != http.StatusInternalServerError || !l.message):
			return nil, c.unexpectedStatus(request, l.resp, l.sealed)
		case l.isForeign():
			return nil, c.notSOAP(request, l.resp, errors.New("it does not match the request"))
		}
		challenges = nil
		if err := c.finishLogon(ctx, l.resp, requests); err != nil {
			return nil, c.logonFailed(ctx, request, nil, err)
		}
		if l.message {
			return c.answer(request, l.resp, l.text)
		}
	}
}

// leg is a request of a logon or with a message, and its answer.
type leg struct {
	credential, message, sealed bool // what the request held
	proof                       bool // what it held proves a password, or fails to

	resp *http.Response
	text []byte
}

// leg sends the next request: the scheme decides what it holds.
func (c *channel) leg(ctx context.Context, request envelope, challenges []string) (leg, error) {
	scheme := c.conn.scheme
	header, err := scheme.Next(ctx, challenges)
	if err != nil {
		return leg{}, c.logonFailed(ctx, request, challenges, err)
	}
	l := leg{credential: header != "", message: scheme.Established()}
	l.proof = l.credential && (l.message || challenges != nil)
	if l.proof {
		if err := c.enterLimiter(ctx); err != nil {
			return leg{}, err
		}
	}
	var body []byte
	contentType := auth.SOAP
	if l.message {
		if body, contentType, err = scheme.Seal([]byte(request.text)); err != nil {
			return leg{}, fmt.Errorf("seal %s: %w", request.verb, err)
		}
	}
	l.sealed = contentType != auth.SOAP
	if l.resp, l.text, err = c.roundTrip(ctx, header, contentType, body); err != nil { //nolint:bodyclose // roundTrip has closed it
		return l, connectionLost(ctx, request, err)
	}
	return l, nil
}

// isForeign reports whether WinRM does not answer so: it has no content for a step of the logon, and SOAP for a message. What is
// sealed is judged by the scheme.
func (l leg) isForeign() bool {
	switch {
	case l.sealed:
		return false
	case !l.message:
		return len(l.text) > 0
	case len(l.text) == 0:
		return l.resp.StatusCode == http.StatusOK
	}
	return !isSOAP(l.resp.Header.Get("Content-Type"))
}

// isSOAP reports whether a content type is that of a message.
func isSOAP(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/soap+xml"
}

// finishLogon takes the first answer that is not a 401.
func (c *channel) finishLogon(ctx context.Context, resp *http.Response, requests int) error {
	if c.conn.authenticated {
		return nil
	}
	if err := c.conn.scheme.Finish(resp.Header.Values("WWW-Authenticate")); err != nil {
		return err
	}
	c.conn.authenticated, c.proofs = true, 0
	c.log.Debug(ctx, "WinRM logon", "host", c.settings.Address(), "auth", string(c.settings.Scheme()), "requests", requests)
	return nil
}

// roundTrip sends a request over the open connection and reads the answer.
func (c *channel) roundTrip(ctx context.Context, header, contentType string, body []byte) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.URL(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", userAgent)
	if header != "" {
		req.Header.Set("Authorization", header)
	}
	before := c.conn.counter.written.Load()
	resp, err := c.conn.http.RoundTrip(req)
	if err != nil {
		if c.conn.counter.written.Load() == before {
			err = fmt.Errorf("%w: %w", errStale, err)
		}
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the response: %w", err)
	}
	c.received, c.answered = len(text), true
	return resp, text, nil
}

// answer reads the answer to a message.
func (c *channel) answer(request envelope, resp *http.Response, text []byte) (*reply, error) {
	if len(text) > maxReply {
		return nil, fmt.Errorf("%s: the response is larger than %d bytes", request.verb, maxReply)
	}
	message, err := c.conn.scheme.Open(resp.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, c.unprotected(request, resp, err)
	}
	answer, err := parse(request, message)
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, c.notSOAP(request, resp, err)
	}
	c.recognised.Store(true)
	return answer, err
}
