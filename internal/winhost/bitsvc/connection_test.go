// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// listen serves connections with a function until the test ends, and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// Sources: "Event ID 61 - Jobs", learn.microsoft.com (0x80072F78), "Debugging Event 61 errors", 2pintsoftware.com (0x80072EFE), and
// WinHTTP's "Error Messages", learn.microsoft.com.
func TestServersThatAreNotWebServers(t *testing.T) {
	t.Parallel()
	answers := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, text)
		}
	}
	for _, c := range []struct {
		name, scheme string
		serve        func(net.Conn)
		state        bits.State
		want         bits.HResult
	}{
		{"one that closes the connection", "http", func(net.Conn) {}, bits.StateTransientError, 0x80072EFE},
		{"one that closes it after the question", "http", answers(""), bits.StateTransientError, 0x80072EFE},
		{"one that closes it in mid answer", "http", answers("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), bits.StateTransientError, 0x80072EFE},
		{"one that does not speak HTTP", "http", answers("220 ready\r\n\r\n"), bits.StateTransientError, 0x80072F78},
		{"one that does not speak TLS", "https", answers("220 ready\r\n\r\n"), bits.StateError, 0x80072F7D},
		{"one that speaks HTTP where TLS is expected", "https", answers("HTTP/1.1 400 Bad\r\n\r\n"), bits.StateError, 0x80072F7D},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.url = c.scheme + "://" + listen(t, c.serve)
			id := r.job(ops, bits.PriorityNormal, "/a")
			r.must(r.Resume(ops, id))
			r.await(id, c.state)
			job, err := r.Job(ops, id)
			r.must(err)
			if job.Error.HResult != c.want || job.Error.Context != bits.ContextTransport {
				t.Errorf("the error is %+v", job.Error)
			}
		})
	}
}

// Source: "Debugging Event 61 errors", 2pintsoftware.com: at the start of a transfer three tries within a second, then the retry delay.
func TestALostConnectionIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	whole := head(func(*http.Request) (*http.Response, error) { return part("bytes 0-9/10", &zeros{}), nil })
	for _, c := range []struct {
		name   string
		works  int32 // the first try that does; 0: none
		state  bits.State
		events []int
	}{
		{"three times", 0, bits.StateTransientError, []int{59, 61, 59, 61, 59, 61}},
		{"until it holds", 3, bits.StateTransferred, []int{59, 61, 59, 61, 59, 60}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var tries atomic.Int32
				s, id := on(t, func(q *http.Request) (*http.Response, error) {
					if n := tries.Add(1); c.works == 0 || n < c.works {
						return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
					}
					return whole(q)
				})
				defer s.Close()
				if err := s.WaitState(t.Context(), id, c.state); err != nil {
					t.Fatal(err)
				}
				found, err := s.Log().Read(machine.OperationalLog, machine.EventQuery{IDs: []int{59, 60, 61}, Oldest: true})
				if err != nil {
					t.Fatal(err)
				}
				var events []int
				for _, e := range found {
					events = append(events, e.ID)
				}
				if !slices.Equal(events, c.events) {
					t.Errorf("the log has the events %v instead of %v", events, c.events)
				}
			})
		})
	}
}

// zeros is an endless body.
type zeros struct{}

func (*zeros) Read(p []byte) (int, error) { return len(p), nil }
