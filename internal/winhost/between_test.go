// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// handOn forwards the connections of a listener to a host, by pass for each direction.
func handOn(t *testing.T, l net.Listener, dial func() (net.Conn, error), pass func(to io.Writer, from io.Reader, fromHost bool)) {
	t.Helper()
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			host, err := dial()
			if err != nil {
				_ = client.Close()
				continue
			}
			both := func(to, from net.Conn, fromHost bool) {
				pass(to, from, fromHost)
				_, _ = to.Close(), from.Close()
			}
			running.Go(func() { both(host, client, false) })
			running.Go(func() { both(client, host, true) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
}

// onLoopback opens a port that leads to an address.
func onLoopback(t *testing.T, address string, pass func(to io.Writer, from io.Reader, fromHost bool)) net.Addr {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", loopback)
	if err != nil {
		t.Fatal(err)
	}
	handOn(t, l, func() (net.Conn, error) { return (&net.Dialer{}).DialContext(t.Context(), "tcp", address) }, pass)
	return l.Addr()
}

// between puts a proxy in front of the host that ends TLS with a certificate of its own. The client trusts every certificate.
func between(t *testing.T, h *Host, s *connection.Settings) {
	t.Helper()
	evil, err := newAuthority(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", loopback, &tls.Config{Certificates: []tls.Certificate{evil.host}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(h.caCert))
	host := &tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	address := s.Address()
	handOn(t, l, func() (net.Conn, error) { return host.DialContext(t.Context(), "tcp", address) }, func(to io.Writer, from io.Reader, _ bool) {
		_, _ = io.Copy(to, from)
	})
	s.Port, s.Insecure = l.Addr().(*net.TCPAddr).Port, true
}

// tamperer changes the bytes before the end of sealed messages of one direction.
type tamperer struct {
	to io.Writer
}

func (c tamperer) Write(b []byte) (int, error) {
	changed := bytes.Clone(b)
	if end := bytes.LastIndex(changed, []byte("--Encrypted Boundary--")); end > 0 {
		changed[end-1] ^= 1
	}
	return c.to.Write(changed)
}

// TestWhatIsChangedOnTheWayIsNoticed changes sealed messages of one direction, and lets the other pass.
func TestWhatIsChangedOnTheWayIsNoticed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		fromHost bool
		kind     connection.Kind
		says     string
	}{
		{"of the host", true, connection.Unprotected, "can't be trusted: its signature is wrong"},
		{"of the client", false, connection.Lost, "encrypted for another connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := startNetwork(t, Config{Security: Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}})
			s := network.Host(0).Settings()
			s.Port = onLoopback(t, s.Address(), func(to io.Writer, from io.Reader, fromHost bool) {
				if fromHost == tt.fromHost {
					to = tamperer{to}
				}
				_, _ = io.Copy(to, from)
			}).(*net.TCPAddr).Port
			client := wsman.NewClient(nil)
			client.RetryPause = time.Millisecond
			_, err := client.Open(t.Context(), s, "echo hello", nil)
			var failed *connection.Error
			if !errors.As(err, &failed) || failed.Kind != tt.kind || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
