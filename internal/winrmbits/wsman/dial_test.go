// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestErrorsOfSocketsOnEachSystem has each system's own numbers, whatever system this is. Sources: "Windows Sockets Error Codes",
// learn.microsoft.com; errno(3) of Linux; intro(2) of macOS and FreeBSD.
func TestErrorsOfSocketsOnEachSystem(t *testing.T) {
	for _, test := range []struct {
		name                    string
		want                    dialFailure
		windows, linux, bsdLike []syscall.Errno
	}{
		{"connection refused", refused, []syscall.Errno{10061}, []syscall.Errno{111}, []syscall.Errno{61}},
		{"network or host unreachable", noRoute, []syscall.Errno{10051, 10065}, []syscall.Errno{101, 113}, []syscall.Errno{51, 65}},
		{"network or host down", noRoute, []syscall.Errno{10050, 10064}, []syscall.Errno{100, 112}, []syscall.Errno{50, 64}},
		{"timed out", noReply, []syscall.Errno{10060}, []syscall.Errno{110}, []syscall.Errno{60}},
		{"access denied", notAllowed, []syscall.Errno{10013}, []syscall.Errno{13, 1}, []syscall.Errno{13, 1}},
		{"reset, or aborted by this machine", reset, []syscall.Errno{10054, 10053}, []syscall.Errno{104, 103}, []syscall.Errno{54, 53}},
		{"an error of something else", 0, []syscall.Errno{61, 111, 5}, []syscall.Errno{61, 10061, 5}, []syscall.Errno{111, 10061, 5}},
	} {
		for system, numbers := range map[string][]syscall.Errno{"windows": test.windows, "linux": test.linux, "darwin": test.bsdLike, "freebsd": test.bsdLike} {
			for _, number := range numbers {
				if got := dialFailureOf(system, dialError(number)); got != test.want {
					t.Errorf("%s: %d on %s is %d, want %d", test.name, number, system, got, test.want)
				}
			}
		}
	}
	if _, known := dialFailures[runtime.GOOS]; !known {
		t.Errorf("the error numbers of %s are missing", runtime.GOOS)
	}
}

// dialError is the error of net for a connection that can't be made.
func dialError(number syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", number)}
}

// numberOf returns a number of this system.
func numberOf(t *testing.T, failure dialFailure) syscall.Errno {
	t.Helper()
	for number, f := range dialFailures[runtime.GOOS] {
		if f == failure {
			return number
		}
	}
	t.Fatalf("%s has no number for %d", runtime.GOOS, failure)
	return 0
}

// TestAClosedPortIsRecognised dials a port of this machine on which nothing listens, whatever system it is.
func TestAClosedPortIsRecognised(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := net.SplitHostPort(listener.Addr().String())
	port, _ := strconv.Atoi(text)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := connection.Settings{Host: "127.0.0.1", Port: port, Auth: connection.AuthBasic, AllowUnencrypted: true, ConnectTimeout: time.Minute}
	_, err = clientOver((&net.Dialer{}).DialContext).Open(t.Context(), s, "powershell.exe", nil)
	expect(t, err, connection.Unreachable, "nothing listens on port "+text, "Enable-PSRemoting")
}

func TestConnectionsThatCanNotBeMadeAreExplained(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		kind connection.Kind
		says []string
	}{
		{"a closed port", dialError(numberOf(t, refused)), connection.Unreachable, []string{"nothing listens on port 5986", "no https listener by default", "winrm quickconfig -transport:https", "https = false"}},
		{"no route", dialError(numberOf(t, noRoute)), connection.Unreachable, []string{"this machine has no route to the host: ", "Check the address"}},
		{"no reply before connect_timeout", dialError(numberOf(t, noReply)), connection.Unreachable, []string{"the host did not reply: ", "firewall"}},
		{"a firewall on this machine", dialError(numberOf(t, notAllowed)), connection.Unreachable, []string{"this machine blocked the connection: ", "connections to port 5986"}},
		{"a reset", dialError(numberOf(t, reset)), connection.Unreachable, []string{"the connection was reset: ", "firewall or proxy"}},
		{"a reset in the handshake", &net.OpError{Op: "read", Net: "tcp", Err: numberOf(t, reset)}, connection.NotWinRM, []string{"the connection was reset before the host responded", "firewall or proxy"}},
		{"another error", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.Errno(5)}, connection.Unreachable, []string{"could not connect: ", "Check the address"}},
		{"an unknown name", unresolved("no such host"), connection.Unreachable, []string{"the name web99 could not be resolved: no such host.", "DNS settings"}},
		{"a name server of Windows that fails", unresolved("This is usually a temporary error during hostname resolution."), connection.Unreachable, []string{"during hostname resolution.\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				settings := s.settings()
				settings.Port = connection.DefaultPort(true)
				failing := func(context.Context, string, string) (net.Conn, error) { return nil, test.err }
				_, err := clientOver(failing).Open(t.Context(), settings, "powershell.exe", nil)
				expect(t, err, test.kind, test.says...)
			})
		})
	}
}

// unresolved is the error of net for a name. Of WSAHOST_NOT_FOUND (11001) net itself makes "no such host".
func unresolved(text string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: text, Name: "web99"}}
}

// TestOnlyTheDefaultPortIsSaidToBeClosedByDefault dials another port with https.
func TestOnlyTheDefaultPortIsSaidToBeClosedByDefault(t *testing.T) {
	c := &channel{settings: connection.Settings{Host: "web01", Port: 1, HTTPS: true}}
	e := &connection.Error{}
	c.explainClosed(e)
	if e.Problem != "nothing listens on port 1." || e.Remedy != listenersRemedy {
		t.Errorf("%q, %q", e.Problem, e.Remedy)
	}
}
