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
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

const (
	exchangeTimeout = 40 * time.Second // one exchange; longer than the service holds a Receive
	maxReply        = 4 << 20          // bytes of an answer
	userAgent       = "terraform-provider-bits"
)

// Subsystem is the name of this client's log: TF_LOG_PROVIDER_BITS_WINRM sets its level.
const Subsystem = "winrm"

// lane sends one message at a time over one connection.
type lane struct {
	settings  connection.Settings
	scheme    auth.Scheme
	transport *http.Transport
	client    *http.Client
	gate      Gate // of the first exchange; nil afterwards
}

func newLane(s connection.Settings) (*lane, error) {
	scheme, err := auth.New(s)
	if err != nil {
		return nil, err
	}
	config, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: s.ConnectTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   s.ConnectTimeout,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1 alone
		MaxConnsPerHost:       1,
		MaxIdleConnsPerHost:   1,
		DisableCompression:    true,
		ResponseHeaderTimeout: exchangeTimeout,
	}
	if s.HTTPS {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &lane{
		settings: s, scheme: scheme, transport: transport,
		client: &http.Client{
			Transport: transport,
			// A redirect would carry the credential to another place.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func tlsConfig(s connection.Settings) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		ServerName: s.TLSServerName,

		InsecureSkipVerify: s.Insecure, //nolint:gosec // the operator's choice
	}
	if s.CACert != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(s.CACert)) {
			return nil, errors.New("the CA certificate holds no certificate in PEM form")
		}
	}
	return config, nil
}

// post sends a message and gives the answer. A fault, a status and a failed exchange are errors.
func (l *lane) post(ctx context.Context, request envelope) (*reply, error) {
	if l.gate == nil { // the first exchange may wait at the gate; Open bounds it
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, exchangeTimeout)
		defer cancel()
	}
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
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.settings.URL(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", request.verb, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", userAgent)
	l.scheme.Authorize(req)
	leave := func(error) {}
	if l.gate != nil {
		req, leave = l.guarded(req)
	}
	answer, err := l.answered(ctx, request, req)
	leave(err)
	return answer, err
}

// guarded makes a request enter the gate between its connection and its first byte.
func (l *lane) guarded(req *http.Request) (*http.Request, func(error)) {
	gate := l.gate
	l.gate = nil
	leave := func(error) {}
	ctx, cancel := context.WithCancelCause(req.Context())
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		left, err := gate(ctx)
		if err != nil {
			cancel(err)
			return
		}
		leave = left
	}}
	return req.WithContext(httptrace.WithClientTrace(ctx, trace)), func(err error) {
		leave(err)
		cancel(nil)
	}
}

// answered sends a request and reads its answer.
func (l *lane) answered(ctx context.Context, request envelope, req *http.Request) (*reply, error) {
	resp, err := l.client.Do(req)
	if cause := context.Cause(req.Context()); cause != nil && ctx.Err() == nil {
		return nil, cause // the gate's
	}
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
		return nil, l.refused(resp)
	}
	message, err := l.scheme.Open(resp.Header.Get("Content-Type"), text)
	if err != nil {
		return nil, fmt.Errorf("open the answer to %s: %w", request.verb, err)
	}
	answer, err := parse(request, message)
	var fault *Fault
	if err != nil && !errors.As(err, &fault) {
		return nil, l.notWinRM(resp, err)
	}
	return answer, err
}

// close gives the connection back.
func (l *lane) close() { l.transport.CloseIdleConnections() }
