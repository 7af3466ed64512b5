// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// exchange is a network without sockets.
type exchange func(*http.Request) (*http.Response, error)

func (e exchange) RoundTrip(q *http.Request) (*http.Response, error) { return e(q) }

// on returns a service on a network, and a running job of it.
func on(t *testing.T, network exchange) (*Service, bits.JobID) {
	t.Helper()
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Clock: machine.NewManualClock(began), Drive: d, Client: &http.Client{Transport: network}})
	id, err := s.CreateJob(ops, "a job", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		s.AddFile(ops, id, bits.FileSpec{RemoteName: "http://dl.example/a", LocalName: `C:\t\a`}), s.Resume(ops, id),
	); err != nil {
		t.Fatal(err)
	}
	return s, id
}

// silent sends nothing more until the request is cancelled.
func silent(q *http.Request) error {
	<-q.Context().Done()
	return context.Cause(q.Context())
}

// head answers HEAD, and get the rest.
func head(get exchange) exchange {
	return func(q *http.Request) (*http.Response, error) {
		if q.Method != http.MethodHead {
			return get(q)
		}
		return &http.Response{StatusCode: http.StatusOK, ContentLength: 10, Body: http.NoBody}, nil
	}
}

// part is the answer to a GET of all ten bytes.
func part(contentRange string, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: http.StatusPartialContent, ContentLength: 10, Body: io.NopCloser(body),
		Header: http.Header{"Content-Range": {contentRange}},
	}
}

// stalling is a body whose end never comes.
type stalling struct{ q *http.Request }

func (s stalling) Read([]byte) (int, error) { return 0, silent(s.q) }

// Source: "BITS Return Values" and WinHTTP's "Error Messages", learn.microsoft.com.
func TestNetworksThatDoNotDo(t *testing.T) {
	t.Parallel()
	fails := func(err error) exchange {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	answers := func(contentRange string, body io.Reader) exchange {
		return head(func(*http.Request) (*http.Response, error) { return part(contentRange, body), nil })
	}
	for _, c := range []struct {
		name    string
		network exchange
		state   bits.State
		want    bits.HResult
		after   time.Duration
	}{
		{
			name: "a server that accepts and never answers", after: answerTimeout, state: bits.StateTransientError, want: winhttpTimeout,
			network: func(q *http.Request) (*http.Response, error) { return nil, silent(q) },
		},
		{
			name: "a server that stops in the middle", after: answerTimeout, state: bits.StateTransientError, want: winhttpTimeout,
			network: head(func(q *http.Request) (*http.Response, error) {
				return part("bytes 0-9/10", io.MultiReader(strings.NewReader("01234"), stalling{q})), nil
			}),
		},
		{
			name: "a connection that ends in the middle", network: answers("bytes 0-9/10", strings.NewReader("01234")),
			state: bits.StateTransientError, want: winhttpBroken,
		},
		{
			name: "a name that is not known", network: fails(&net.DNSError{Err: "no such host", IsNotFound: true}),
			state: bits.StateTransientError, want: winhttpNameUnknown,
		},
		{
			name: "a port that is closed", network: fails(&net.OpError{Op: "dial", Err: errors.New("refused")}),
			state: bits.StateTransientError, want: winhttpNoConnection,
		},
		{
			name: "a part without Content-Range", network: answers("", strings.NewReader("0123456789")),
			state: bits.StateError, want: bgRangeSupport,
		},
		{
			name: "a part that begins elsewhere", network: answers("bytes 1-9/10", strings.NewReader("0123456789")),
			state: bits.StateError, want: bgServerResponse,
		},
		{
			name: "a part of a file of another size", network: answers("bytes 0-9/11", strings.NewReader("0123456789")),
			state: bits.StateError, want: bgRemoteFileChanged,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s, id := on(t, c.network)
				defer s.Close()
				if err := s.WaitState(t.Context(), id, c.state); err != nil {
					t.Fatal(err)
				}
				job, err := s.Job(ops, id)
				if err != nil || job.Error == nil || job.Error.HResult != c.want {
					t.Errorf("the job is %+v with %+v, %v", job, job.Error, err)
				}
				if took := time.Since(begin); took != c.after {
					t.Errorf("it took %s instead of %s", took, c.after)
				}
			})
		})
	}
}

func TestACertificateOfNobodyIsFatal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	r.url = server.URL
	id := r.job(ops, bits.PriorityNormal, "/a")
	r.must(r.Resume(ops, id))
	r.await(id, bits.StateError)
	job, err := r.Job(ops, id)
	if err != nil || job.Error.HResult != winhttpSecureFailed || job.Error.Context != bits.ContextTransport {
		t.Errorf("the error is %+v, %v", job.Error, err)
	}
}

// Source: "Authentication" of BITS, learn.microsoft.com: also a server that does without a certificate fails a job that has none.
func TestAServerThatAsksForACertificateFailsTheJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewUnstartedServer(FileServer())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport, ok := r.client.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the service's transport is %T", r.client.Transport)
	}
	transport.TLSClientConfig.RootCAs = roots
	r.url = server.URL
	id := r.job(ops, bits.PriorityNormal, "/a")
	r.must(r.Resume(ops, id))
	r.fails(id, 0x80072F0C)
}

// The bubble of synctest fails when a goroutine is left.
func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	for name, network := range map[string]exchange{
		"while it connects":  func(q *http.Request) (*http.Response, error) { return nil, silent(q) },
		"while it transfers": head(func(q *http.Request) (*http.Response, error) { return part("bytes 0-9/10", stalling{q}), nil }),
		"while it waits to try again": func(*http.Request) (*http.Response, error) {
			return nil, errors.New("broken")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, id := on(t, network)
				synctest.Wait()
				begin := time.Now()
				s.Close()
				if took := time.Since(begin); took > time.Second {
					t.Errorf("it took %s", took)
				}
				if _, err := s.Job(ops, id); code(t, err) != serviceNotActive {
					t.Errorf("a closed service answers %v", err)
				}
				s.clock.Advance(defaultNoProgress)
				synctest.Wait()
			})
		})
	}
}
