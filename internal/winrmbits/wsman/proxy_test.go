// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const proxyURL = "http://me:proxy%20secret@proxy.example:3128"

// proxied is a proxy in memory.
type proxied struct {
	status string      // what it answers CONNECT
	tls    *tls.Config // nil: it speaks http
	dialed []string
	asked  chan *http.Request
}

// dial connects to the proxy, behind which is the service.
func (p *proxied) dial(s *service) dialer {
	p.asked = make(chan *http.Request, 1)
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		p.dialed = append(p.dialed, address)
		client, end := net.Pipe()
		if p.tls != nil {
			end = tls.Server(end, p.tls)
		}
		go p.splice(ctx, s, end)
		return client, nil
	}
}

// splice is the proxy.
func (p *proxied) splice(ctx context.Context, s *service, end net.Conn) {
	connect, err := http.ReadRequest(bufio.NewReader(end))
	if err != nil {
		return
	}
	p.asked <- connect
	_, _ = io.WriteString(end, "HTTP/1.1 "+p.status+"\r\nContent-Length: 0\r\n\r\n")
	if !strings.HasPrefix(p.status, "200") {
		_ = end.Close()
		return
	}
	host, err := s.pipes.dial(ctx, "tcp", "")
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(host, end)
		_ = host.Close()
	}()
	go func() {
		_, _ = io.Copy(end, host)
		_ = end.Close()
	}()
}

// created posts a Create.
func created(t *testing.T, settings connection.Settings, dial dialer) error {
	t.Helper()
	l, err := clientOver(dial).channel(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if _, err = l.post(t.Context(), envelopes{url: settings.URL()}.create("")); err != nil {
		return l.explain(t.Context(), err)
	}
	return nil
}

func TestAProxyIsAskedToConnect(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		settings := s.settings()
		settings.ProxyURL = bits.NewSecret(proxyURL)
		p := &proxied{status: "200 Connection established"}
		if err := created(t, settings, p.dial(s)); err != nil {
			t.Fatal(err)
		}
		connect := <-p.asked
		if connect.Method != http.MethodConnect || connect.Host != "127.0.0.1:5986" || p.dialed[0] != "proxy.example:3128" {
			t.Errorf("%s %s of %s", connect.Method, connect.Host, p.dialed)
		}
		connect.Header["Authorization"] = connect.Header["Proxy-Authorization"]
		if user, secret, _ := connect.BasicAuth(); user != "me" || secret != "proxy secret" {
			t.Errorf("the proxy got the credential of %q", user)
		}
	})
}

// TestAProxyConnectsOverHTTPToo speaks to no service: what matters is what the proxy is asked.
func TestAProxyConnectsOverHTTPToo(t *testing.T) {
	p := &proxied{status: "403 Forbidden"}
	settings := connection.Settings{Host: "web01", Port: 5985, ProxyURL: bits.NewSecret("http://proxy.example"), ConnectTimeout: time.Minute}
	_, err := throughProxy(settings, p.dial(nil))(t.Context(), "tcp", settings.Address())
	if err == nil {
		t.Fatal("the proxy let it through")
	}
	if connect := <-p.asked; connect.Method != http.MethodConnect || connect.Host != "web01:5985" || p.dialed[0] != "proxy.example:80" {
		t.Errorf("%s %s of %s", connect.Method, connect.Host, p.dialed)
	}
}

// TestAProxyMaySpeakTLS has one whose certificate is of an authority that this machine does not know, and that ca_file has.
func TestAProxyMaySpeakTLS(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		certificate, authority, _ := issued(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		settings := s.settings()
		settings.ProxyURL = bits.NewSecret("https://web01.corp.example")
		p := &proxied{status: "200 OK", tls: &tls.Config{Certificates: []tls.Certificate{certificate}}}
		err := created(t, settings, p.dial(s))
		expect(t, err, connection.Unreachable, "the TLS handshake with the proxy web01.corp.example:443 failed", "x509", "proxy_url")
		settings.CACert += authority
		if err := created(t, settings, p.dial(s)); err != nil {
			t.Error(err)
		}
	})
}

func TestAFailureOfTheProxyIsExplained(t *testing.T) {
	failing := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	tests := []struct {
		name, url, status string
		dial              dialer
		says              string
	}{
		{"it wants a credential", proxyURL, "407 Proxy Authentication Required", nil, "the proxy did not connect to the host (HTTP 407"},
		{"it forbids the host", proxyURL, "403 Forbidden", nil, "(HTTP 403"},
		{"it is not there", proxyURL, "", failing, "the proxy proxy.example:3128 could not be reached: connection refused"},
		{"it speaks something else", proxyURL, "\x00", nil, "the proxy did not respond to CONNECT"},
		{"it is of another kind", "socks5://me:proxy%20secret@proxy.example", "", nil, `the scheme of the proxy is "socks5"`},
		{"it is not a URL", "http://me:proxy secret@%zz", "", nil, "proxy_url is not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				settings := s.settings()
				settings.ProxyURL = bits.NewSecret(tt.url)
				dial := tt.dial
				if dial == nil {
					dial = (&proxied{status: tt.status}).dial(s)
				}
				err := created(t, settings, dial)
				expect(t, err, connection.Unreachable, tt.says, "proxy_url")
				for _, secret := range []string{"proxy secret", "proxy%20secret"} {
					if strings.Contains(err.Error(), secret) || s.verbs() != "" {
						t.Errorf("%v, %q", err, s.verbs())
					}
				}
			})
		})
	}
}

func TestTheProxyOfTheEnvironmentIsForHTTPSAlone(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://environment.example:3128")
	t.Setenv("HTTP_PROXY", "http://environment.example:3128")
	t.Setenv("NO_PROXY", "near.example")
	https := connection.Settings{Host: "web01.corp.example", Port: 5986, HTTPS: true}
	http := connection.Settings{Host: "web01.corp.example", Port: 5985}
	own, near := https, https
	near.Host = "near.example"
	own.ProxyURL = bits.NewSecret("http://own.example:1")
	for _, tt := range []struct {
		name, want string
		settings   connection.Settings
	}{
		{"https goes through it", "environment.example", https},
		{"http does not", "", http},
		{"NO_PROXY names hosts that do not", "", near},
		{"proxy_url wins", "own.example", own},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := proxyOf(tt.settings)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if p.url != nil {
				got = p.url.Hostname()
			}
			if got != tt.want {
				t.Errorf("the proxy is %q, want %q", got, tt.want)
			}
		})
	}
}
