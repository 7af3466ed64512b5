// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// The remedies of a proxy's failures.
const (
	proxyURLRemedy    = "Check that the proxy is up, and correct proxy_url in the provider block. It must contain user name and password if the proxy requires them."
	environmentRemedy = "Check that the proxy is up, and correct HTTPS_PROXY or NO_PROXY in the environment of Terraform. proxy_url in the provider block takes precedence."
)

// dialer opens a connection, as net.Dialer does.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// proxy is how hosts are reached through one: by CONNECT, also over http, because a security context belongs to the connection to
// the host, and a proxy that forwards messages may share its connections among its clients.
type proxy struct {
	settings connection.Settings
	url      *url.URL
	remedy   string
}

// throughProxy returns a dialer that uses the proxy of proxy_url, or for https that of the environment, where there is one.
func throughProxy(s connection.Settings, dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		p, err := proxyOf(s)
		if err != nil {
			return nil, err
		}
		if p.url == nil {
			return dial(ctx, network, address)
		}
		return p.connect(ctx, address, dial)
	}
}

// proxyOf returns the proxy of a host; its url is nil where there is none.
func proxyOf(s connection.Settings) (proxy, error) {
	p := proxy{settings: s, remedy: environmentRemedy}
	switch {
	case s.ProxyURL.Reveal() != "":
		p.remedy = proxyURLRemedy
		u, err := url.Parse(s.ProxyURL.Reveal())
		if err != nil {
			return p, p.unreachable("proxy_url is not a URL.", nil) // the error would quote the URL
		}
		p.url = u
	case s.HTTPS:
		var err error
		if p.url, err = httpproxy.FromEnvironment().ProxyFunc()(&url.URL{Scheme: "https", Host: s.Address()}); err != nil {
			return p, p.unreachable("HTTPS_PROXY is not a URL.", nil)
		}
	}
	if p.url != nil && p.url.Scheme != "http" && p.url.Scheme != "https" {
		return p, p.unreachable(fmt.Sprintf("the scheme of the proxy is %q, and only http and https are supported.", p.url.Scheme), nil)
	}
	return p, nil
}

// connect dials the proxy and has it connect to the host.
func (p proxy) connect(ctx context.Context, address string, dial dialer) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", p.address())
	if err != nil {
		return nil, p.failed(ctx, fmt.Sprintf("the proxy %s could not be reached", p.address()), err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(p.settings.ConnectTimeout))
	tunnel := conn
	if p.url.Scheme == "https" {
		secured := tls.Client(conn, &tls.Config{ServerName: p.url.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: p.authorities()})
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, p.failed(ctx, fmt.Sprintf("the TLS handshake with the proxy %s failed", p.address()), err)
		}
		tunnel = secured
	}
	if err := p.ask(ctx, tunnel, address); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return tunnel, conn.SetDeadline(time.Time{})
}

// authorities are those that may have signed the certificate of a proxy: those of this machine, and those that are set for the hosts.
func (p proxy) authorities() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM([]byte(p.settings.CACert))
	return pool
}

// ask sends CONNECT. The host sends nothing before the client does, so that the reader holds nothing of it.
func (p proxy) ask(ctx context.Context, tunnel net.Conn, address string) error {
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{"User-Agent": {userAgent}}}
	if user := p.url.User; user != nil {
		password, _ := user.Password()
		asBasic := http.Request{Header: http.Header{}}
		asBasic.SetBasicAuth(user.Username(), password)
		request.Header["Proxy-Authorization"] = asBasic.Header["Authorization"]
	}
	if err := request.Write(tunnel); err != nil {
		return p.failed(ctx, "the proxy closed the connection", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(tunnel, maxProxyReply)), request)
	if err != nil {
		return p.failed(ctx, "the proxy did not respond to CONNECT", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p.unreachable(fmt.Sprintf("the proxy did not connect to the host (HTTP %s).", resp.Status), &statusError{status: resp.StatusCode})
	}
	return nil
}

const maxProxyReply = 64 << 10 // bytes

// address is the address of the proxy, with its port.
func (p proxy) address() string {
	port := cmp.Or(p.url.Port(), map[string]string{"http": "80", "https": "443"}[p.url.Scheme])
	return net.JoinHostPort(p.url.Hostname(), port)
}

// failed is the error of a connection that failed at the proxy, unless the context has ended.
func (p proxy) failed(ctx context.Context, problem string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	cause := err
	var dial *net.OpError
	if errors.As(err, &dial) {
		cause = dial.Err
	}
	return p.unreachable(fmt.Sprintf("%s: %s.", problem, withoutPeriod(cause.Error())), err)
}

func (p proxy) unreachable(problem string, err error) error {
	return &connection.Error{Kind: connection.Unreachable, Host: p.settings.Address(), Problem: problem, Remedy: p.remedy, Err: err}
}
