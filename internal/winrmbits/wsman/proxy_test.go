package wsman

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// viaProxy posts a Create through a proxy, which answers CONNECT with a status.
func viaProxy(t *testing.T, s *service, status string, dial dialer) (asked <-chan *http.Request, err error) {
	t.Helper()
	connects := make(chan *http.Request, 1)
	if dial == nil {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			client, proxy := net.Pipe()
			go splice(ctx, s, proxy, status, connects)
			return client, nil
		}
	}
	l, err := newLane(s.settings(), dial)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.example:3128", User: url.UserPassword("me", "proxy secret")})
	if _, err = l.post(t.Context(), envelopes{url: s.settings().URL()}.create()); err != nil {
		err = l.explain(t.Context(), err)
	}
	return connects, err
}

// splice is the proxy.
func splice(ctx context.Context, s *service, proxy net.Conn, status string, asked chan<- *http.Request) {
	connect, err := http.ReadRequest(bufio.NewReader(proxy))
	if err != nil {
		return
	}
	asked <- connect
	_, _ = io.WriteString(proxy, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
	if !strings.HasPrefix(status, "200") {
		_ = proxy.Close()
		return
	}
	host, err := s.pipes.dial(ctx, "tcp", "")
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(host, proxy)
		_ = host.Close()
	}()
	go func() {
		_, _ = io.Copy(proxy, host)
		_ = proxy.Close()
	}()
}

func TestAProxyIsAskedToConnect(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		asked, err := viaProxy(t, s, "200 Connection established", nil)
		if err != nil {
			t.Fatal(err)
		}
		connect := <-asked
		if connect.Method != http.MethodConnect || connect.Host != "127.0.0.1:5986" || connect.Header.Get("Proxy-Authorization") == "" {
			t.Errorf("%s %s", connect.Method, connect.Host)
		}
		if connect.Header.Get("Authorization") != "" {
			t.Error("the proxy was told the host's credential")
		}
	})
}

func TestAProxyThatStandsInTheWayIsNamed(t *testing.T) {
	failing := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	tests := []struct {
		name, status string
		dial         dialer
		says         string
	}{
		{"it wants a credential", "407 Proxy Authentication Required", nil, "the proxy did not connect to the host (HTTP 407"},
		{"it forbids the host", "403 Forbidden", nil, "(HTTP 403"},
		{"it is not there", "", failing, "the proxy could not be reached"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				_, err := viaProxy(t, s, tt.status, tt.dial)
				expect(t, err, connection.Unreachable, tt.says, "HTTPS_PROXY")
				if strings.Contains(err.Error(), "proxy secret") || s.verbs() != "" {
					t.Errorf("%v, %q", err, s.verbs())
				}
			})
		})
	}
}
