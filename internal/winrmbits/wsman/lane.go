package wsman

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

const (
	maxReply  = 4 << 20 // bytes of an answer
	userAgent = "terraform-provider-bits"
)

// Subsystem is the name of this client's log: TF_LOG_PROVIDER_BITS_WINRM sets its level.
const Subsystem = "winrm"

// dialer opens a connection, as net.Dialer does.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// lane sends one message at a time over one connection.
type lane struct {
	settings  connection.Settings
	scheme    auth.Scheme
	transport *http.Transport
	client    *http.Client
	conn      atomic.Pointer[net.Conn] // the last that was opened; nil: none yet
	gate      Gate                     // of the first exchange; nil afterwards
}

func newLane(s connection.Settings, dial dialer) (*lane, error) {
	scheme, err := auth.New(s, nil)
	if err != nil {
		return nil, err
	}
	config, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	l := &lane{settings: s, scheme: scheme}
	dial = throughProxy(s, dial)
	l.transport = &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err == nil {
				l.conn.Store(&conn)
			}
			return conn, err
		},
		TLSClientConfig:     config,
		TLSHandshakeTimeout: s.ConnectTimeout,
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 alone
		MaxConnsPerHost:     1,
		MaxIdleConnsPerHost: 1,
		DisableCompression:  true,
	}
	l.client = &http.Client{
		Transport: l.transport,
		// A redirect would carry the credential to another place.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return l, nil
}

// post sends a message and gives the answer. A fault, a status and a failed exchange are errors.
func (l *lane) post(ctx context.Context, request envelope) (*reply, error) {
	began := time.Now()
	answer, err := l.exchange(ctx, request)
	fields := map[string]any{
		"verb": request.verb, "host": l.settings.Address(), "sent": len(request.text), "ms": time.Since(began).Milliseconds(),
	}
	var fault *Fault
	if errors.As(err, &fault) {
		fields["fault"] = fault.Code
	}
	tflog.SubsystemDebug(ctx, Subsystem, "WinRM exchange", fields)
	return answer, err
}

func (l *lane) exchange(ctx context.Context, request envelope) (*reply, error) {
	body, contentType, err := l.scheme.Seal([]byte(request.text))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", request.verb, err)
	}
	var p passage
	if l.gate != nil {
		ctx = l.guarded(ctx, &p)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.settings.URL(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", request.verb, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", userAgent)
	header, err := l.scheme.Next(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("authenticate for %s: %w", request.verb, err)
	}
	req.Header.Set("Authorization", header)
	answer, err := l.answered(ctx, request, req)
	if p.refused != nil {
		return nil, p.refused
	}
	if p.leave != nil {
		p.leave(err)
	}
	return answer, err
}

// passage is a request's way through the gate.
type passage struct {
	leave   func(error)
	refused error
}

// guarded makes a request enter the gate between its connection and its first byte. A refused one writes nothing:
// its connection is closed under it, because a request that has a connection is written even when its context ends.
func (l *lane) guarded(ctx context.Context, p *passage) context.Context {
	gate := l.gate
	l.gate = nil
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		if p.leave, p.refused = gate(ctx); p.refused != nil {
			_ = (*l.conn.Load()).Close()
		}
	}})
}

// answered sends a request and reads its answer.
func (l *lane) answered(ctx context.Context, request envelope, req *http.Request) (*reply, error) {
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, l.broken(ctx, request, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, l.broken(ctx, request, err)
	}
	if len(text) > maxReply {
		return nil, fmt.Errorf("%s: the answer is larger than %d bytes", request.verb, maxReply)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusInternalServerError {
		return nil, l.refused(request, resp)
	}
	message, err := l.scheme.Open(resp.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, fmt.Errorf("open the answer to %s: %w", request.verb, err)
	}
	answer, err := parse(request, message)
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, l.notWinRM(request, resp, err)
	}
	return answer, err
}

// connected reports whether a connection was opened.
func (l *lane) connected() bool { return l.conn.Load() != nil }

// close gives the connection back.
func (l *lane) close() { l.transport.CloseIdleConnections() }
