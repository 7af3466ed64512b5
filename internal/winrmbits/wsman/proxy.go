package wsman

import (
	"bufio"
	"context"
	"crypto/tls"
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

// The remedies of what a proxy does.
const (
	proxyURLRemedy    = "proxy_url of the provider names the proxy of all hosts, with its user name and password if it wants them."
	environmentRemedy = "HTTPS_PROXY and NO_PROXY in the environment of Terraform say which hosts are reached through a proxy; proxy_url of the provider wins over them."
)

// proxy is how hosts are reached through one: by CONNECT, also over http, because a security context belongs to the connection to
// the host, and a proxy that forwards messages may share its connections among its clients.
type proxy struct {
	settings connection.Settings
	url      *url.URL
	remedy   string
}

// throughProxy gives the way to a host, which leads through the proxy of proxy_url, else for https through that of the environment.
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

// proxyOf finds the proxy of a host; its url is nil where there is none.
func proxyOf(s connection.Settings) (proxy, error) {
	p := proxy{settings: s, remedy: environmentRemedy}
	switch {
	case s.ProxyURL.Reveal() != "":
		p.remedy = proxyURLRemedy
		u, err := url.Parse(s.ProxyURL.Reveal())
		if err != nil {
			return p, p.fails("proxy_url is no URL.", nil) // the error would quote the URL
		}
		p.url = u
	case s.HTTPS:
		target, err := url.Parse(s.URL())
		if err != nil {
			return p, fmt.Errorf("the URL of the host: %w", err)
		}
		if p.url, err = httpproxy.FromEnvironment().ProxyFunc()(target); err != nil {
			return p, p.fails("HTTPS_PROXY is no URL.", nil)
		}
	}
	if p.url != nil && p.url.Scheme != "http" && p.url.Scheme != "https" {
		return p, p.fails(fmt.Sprintf("the proxy is one of %q, and only those of http and https are used.", p.url.Scheme), nil)
	}
	return p, nil
}

// connect dials the proxy and has it connect to the host.
func (p proxy) connect(ctx context.Context, address string, dial dialer) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", p.address())
	if err != nil {
		return nil, p.broke(ctx, fmt.Sprintf("the proxy %s could not be reached", p.address()), err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(p.settings.ConnectTimeout))
	tunnel := conn
	if p.url.Scheme == "https" {
		secured := tls.Client(conn, &tls.Config{ServerName: p.url.Hostname(), MinVersion: tls.VersionTLS12})
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, p.broke(ctx, fmt.Sprintf("the TLS handshake with the proxy %s failed", p.address()), err)
		}
		tunnel = secured
	}
	if err := p.ask(ctx, tunnel, address); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return tunnel, conn.SetDeadline(time.Time{})
}

// ask says CONNECT. The host does not speak before the client does, so that the reader holds nothing of it.
func (p proxy) ask(ctx context.Context, tunnel net.Conn, address string) error {
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{"User-Agent": {userAgent}}}
	if user := p.url.User; user != nil {
		password, _ := user.Password()
		asBasic := http.Request{Header: http.Header{}}
		asBasic.SetBasicAuth(user.Username(), password)
		request.Header["Proxy-Authorization"] = asBasic.Header["Authorization"]
	}
	if err := request.Write(tunnel); err != nil {
		return p.broke(ctx, "the proxy closed the connection", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(tunnel, maxProxyReply)), request)
	if err != nil {
		return p.broke(ctx, "the proxy did not answer CONNECT", err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p.fails(fmt.Sprintf("the proxy did not connect to the host (HTTP %s).", resp.Status), &statusError{resp.StatusCode})
	}
	return nil
}

const maxProxyReply = 64 << 10 // bytes

// address is the proxy's, with its port.
func (p proxy) address() string {
	port := p.url.Port()
	switch {
	case port != "":
	case p.url.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(p.url.Hostname(), port)
}

// broke is a way that ended at the proxy, unless the caller has ended it.
func (p proxy) broke(ctx context.Context, problem string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	cause := err
	var dialled *net.OpError
	if errors.As(err, &dialled) {
		cause = dialled.Err
	}
	return p.fails(fmt.Sprintf("%s: %s.", problem, cause), err)
}

func (p proxy) fails(problem string, err error) error {
	return &connection.Error{Kind: connection.Unreachable, Host: p.settings.Address(), Problem: problem, Remedy: p.remedy, Err: err}
}
