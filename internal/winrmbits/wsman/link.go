package wsman

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

const (
	maxReply  = 4 << 20 // bytes of an answer's body
	maxHeader = 128 << 10
	maxLegs   = 8 // requests that one message may take, its logon included
	userAgent = "terraform-provider-bits"
)

// errUndone is an exchange of which the host has provably done nothing, over a connection that is of no use any more.
var errUndone = errors.New("the connection is of no use any more")

// link is a connection with the security context on it.
type link struct {
	http   *http.ClientConn
	wire   *wire
	scheme auth.Scheme
	letIn  bool // the host has taken the credential
}

// wire counts what is written to a connection, handshakes included.
type wire struct {
	net.Conn
	written atomic.Int64
}

// Write is for net.Conn.
func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	w.written.Add(int64(n))
	return n, err
}

// connect opens a connection, with TLS where it is set, and begins a security context on it. No credential is sent.
func (l *lane) connect(ctx context.Context) (*link, error) {
	var certificate *x509.Certificate
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeDone: func(state tls.ConnectionState, _ error) {
			if len(state.PeerCertificates) > 0 {
				certificate = state.PeerCertificates[0]
			}
		},
	})
	protocol := "http"
	if l.settings.HTTPS {
		protocol = "https"
	}
	conn, err := l.transport.NewClientConn(ctx, protocol, l.settings.Address())
	if err != nil {
		return nil, err
	}
	scheme, err := l.begin(l.settings, certificate)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &link{http: conn, wire: l.conn.Load(), scheme: scheme}, nil
}

// converse posts a message, and before it what the logon takes on a connection that is new.
func (l *lane) converse(ctx context.Context, request envelope) (*reply, error) {
	c := l.link
	kept := c.letIn
	var challenges []string // of the 401 before; nil: there was none
	for legs := range maxLegs {
		header, err := c.scheme.Next(ctx, challenges)
		if err != nil {
			return nil, l.unauthenticated(ctx, request, challenges, err)
		}
		message := c.scheme.Established()
		var body []byte
		contentType := auth.SOAP
		if message {
			if body, contentType, err = c.scheme.Seal([]byte(request.text)); err != nil {
				return nil, fmt.Errorf("seal %s: %w", request.verb, err)
			}
		}
		resp, text, err := l.roundTrip(ctx, header, contentType, body) //nolint:bodyclose // roundTrip has closed it
		switch {
		case err != nil:
			return nil, l.broken(ctx, request, err)
		case resp.StatusCode == http.StatusUnauthorized && header == "" && kept:
			return nil, fmt.Errorf("%w: the host has forgotten the logon", errUndone)
		case resp.StatusCode == http.StatusUnauthorized && header == "":
			return nil, l.forgetful()
		case resp.StatusCode == http.StatusUnauthorized:
			challenges = append([]string{}, resp.Header.Values("WWW-Authenticate")...)
			continue
		case resp.StatusCode != http.StatusOK && (resp.StatusCode != http.StatusInternalServerError || !message):
			return nil, l.refused(request, resp, contentType != auth.SOAP)
		}
		challenges = nil
		if !c.letIn {
			if err := c.scheme.Finish(resp.Header.Values("WWW-Authenticate")); err != nil {
				return nil, l.unauthenticated(ctx, request, nil, err)
			}
			c.letIn = true
			l.log.DebugContext(ctx, "WinRM logon", "host", l.settings.Address(), "auth", string(l.settings.Scheme()), "requests", legs+1)
		}
		if message {
			return l.answer(request, resp, text)
		}
	}
	return nil, l.endless()
}

// roundTrip sends a request over the connection that stands and reads the answer.
func (l *lane) roundTrip(ctx context.Context, header, contentType string, body []byte) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.settings.URL(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", userAgent)
	if header != "" {
		req.Header.Set("Authorization", header)
	}
	before := l.link.wire.written.Load()
	resp, err := l.link.http.RoundTrip(req)
	if err != nil {
		if l.link.wire.written.Load() == before {
			err = fmt.Errorf("%w: %w", errUndone, err)
		}
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the answer: %w", err)
	}
	l.received = len(text)
	return resp, text, nil
}

// answer reads what a message was answered.
func (l *lane) answer(request envelope, resp *http.Response, text []byte) (*reply, error) {
	if len(text) > maxReply {
		return nil, fmt.Errorf("%s: the answer is larger than %d bytes", request.verb, maxReply)
	}
	message, err := l.link.scheme.Open(resp.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, l.unprotected(request, resp, err)
	}
	answer, err := parse(request, message)
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, l.notWinRM(request, resp, err)
	}
	return answer, err
}
