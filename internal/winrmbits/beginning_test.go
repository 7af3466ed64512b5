// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// trouble spoils the exchange of one request: next lets the host answer it.
type trouble func(w http.ResponseWriter, r *http.Request, next http.Handler)

// instead answers for the host, which does not get the request.
func instead(status int, contentType, body string) trouble {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// after answers for the host, which has executed the request.
func after(t trouble) trouble {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		t(w, r, next)
	}
}

func cut(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

// stall holds the request for a while before the host gets it.
func stall(d time.Duration) trouble {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body, _ := io.ReadAll(r.Body) // or the server would not notice that the client is gone
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-time.After(d):
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// half sends the first half of the host's answer; fitting, with the length of that half.
func half(fitting bool) trouble {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		whole := httptest.NewRecorder()
		next.ServeHTTP(whole, r)
		maps.Copy(w.Header(), whole.Header())
		body := whole.Body.Bytes()
		if !fitting {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		}
		w.WriteHeader(whole.Code)
		_, _ = w.Write(body[:len(body)/2])
	}
}

var (
	page     = "<html><body>Sorry</body></html>"
	troubles = map[string]trouble{
		"the connection ends before it":       cut,
		"the connection ends after it":        after(cut),
		"3 s pass before it":                  stall(3 * time.Second),
		"35 s pass before it":                 stall(35 * time.Second),
		"it is never answered":                stall(time.Hour),
		"404 instead":                         instead(http.StatusNotFound, "text/html", page),
		"500 instead":                         instead(http.StatusInternalServerError, "text/html", page),
		"500 without content instead":         instead(http.StatusInternalServerError, "text/html", ""),
		"503 instead":                         instead(http.StatusServiceUnavailable, "text/html", page),
		"a page instead":                      instead(http.StatusOK, "text/html", page),
		"502 after it":                        after(instead(http.StatusBadGateway, "text/html", page)),
		"a page after it":                     after(instead(http.StatusOK, "text/html", page)),
		"half of the answer":                  half(false),
		"half of the answer, with its length": half(true),
	}
)

// gate is a host behind a proxy that spoils requests.
type gate struct {
	service  *wsmansvc.Service
	accounts *logon.Accounts
	listener *pipeListener
	started  atomic.Int64 // processes
	proofs   atomic.Int64 // times that a password was judged
	spoil    func(n int) trouble

	mu       sync.Mutex
	requests int
}

// ServeHTTP counts requests from 1.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.requests++
	t := g.spoil(g.requests)
	g.mu.Unlock()
	if t != nil {
		t(w, r, g.service)
		return
	}
	g.service.ServeHTTP(w, r)
}

// behindGate runs a test in a bubble with a client of a host: NTLM over http, or Basic over https.
func behindGate(t *testing.T, https bool, test func(t *testing.T, w *world, g *gate, h *Host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.service.Close()
		s := settings(0)
		g, end := startGate(w, &s, https, wsmansvc.Quotas{})
		defer end()
		client := wsman.NewClient(nil)
		client.Dial = g.listener.dial
		fleet := fleetOver(client, nil)
		defer closeFleet(t, fleet)
		test(t, w, g, fleet.Host(s))
	})
}

// startGate starts a host, and changes the settings to its own.
func startGate(w *world, s *connection.Settings, https bool, quotas wsmansvc.Quotas) (g *gate, end func()) {
	g = &gate{
		spoil:    func(int) trouble { return nil },
		listener: &pipeListener{accept: make(chan net.Conn), done: make(chan struct{})},
	}
	server := httptest.NewUnstartedServer(g)
	_ = server.Listener.Close()
	server.Listener, server.Config.ErrorLog = g.listener, log.New(io.Discard, "", 0)
	g.accounts = logon.NewAccounts(func(name string) (logon.Account, bool) {
		g.proofs.Add(1)
		return logon.Account{Name: name, Password: password}, name == "ops"
	}, 0)
	options := logon.Options{Accounts: g.accounts, Schemes: []logon.Scheme{logon.NTLM}, Mechanisms: []logon.Mechanism{
		logon.NewNTLM(logon.NTLMOptions{Computer: "WEB00", Names: []string{s.Host}, Accounts: g.accounts, Now: time.Now}),
	}}
	s.HTTPS, s.Auth = https, connection.AuthNTLM
	if https {
		options.Schemes, s.Auth, s.TLSServerName = []logon.Scheme{logon.Basic}, connection.AuthBasic, "example.com"
	}
	g.service = wsmansvc.New(wsmansvc.Options{
		Clock: machine.NewClock(), Meter: &machine.Meter{}, Policy: logon.New(options), Quotas: quotas,
		Start: func(ctx context.Context, p wsmansvc.Process) int {
			g.started.Add(1)
			return w.standIn(ctx, p.CommandLine, p.Stdin, p.Stdout, p.Stderr)
		},
	})
	server.Config.ConnContext, server.Config.ConnState = g.service.ConnContext, g.service.ConnState
	if https {
		server.StartTLS()
		s.CACert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	} else {
		server.Start()
	}
	return g, func() {
		server.Close()
		g.service.Close()
	}
}

// pipeListener is a listener in memory.
type pipeListener struct {
	accept chan net.Conn
	done   chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accept <- server:
		return client, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept is for http.Server.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close is for http.Server.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr is for http.Server.
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 5985} }

// createFive creates five jobs at once, and returns the errors that are whole and those that refer to one.
func createFive(t *testing.T, h *Host) (whole, repeated []error) {
	t.Helper()
	var mu sync.Mutex
	var callers sync.WaitGroup
	for i := range 5 {
		callers.Go(func() {
			name := strings.Repeat(strconv.Itoa(i), 32)
			_, err := h.Create(t.Context(), name, spec("job "+name))
			var failed *connection.Error
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
			case errors.As(err, &failed) && failed.Repeated:
				repeated = append(repeated, err)
			default:
				whole = append(whole, err)
			}
		})
	}
	callers.Wait()
	return whole, repeated
}

// TestOneFaultInTheBeginningIsSurvived spoils one of the first requests, until the agent has answered. A request that is
// never answered may use up connect_timeout: then one cause is reported, and nothing was done.
func TestOneFaultInTheBeginningIsSurvived(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		https    bool
		requests int // until the agent has answered
	}{{"NTLM over http", false, 9}, {"Basic over https", true, 4}} {
		for _, what := range slices.Sorted(maps.Keys(troubles)) {
			t.Run(tt.name+"/"+what, func(t *testing.T) {
				for k := 1; k <= tt.requests; k++ {
					behindGate(t, tt.https, func(t *testing.T, w *world, g *gate, h *Host) {
						g.spoil = func(n int) trouble {
							if n == k {
								return troubles[what]
							}
							return nil
						}
						survives(t, fmt.Sprintf("request %d", k), strings.Contains(what, "never") || strings.Contains(what, "35 s"), w, h)
					})
				}
			})
		}
	}
}

// survives has five jobs created; with mayBeSilent, fail with one cause.
func survives(t *testing.T, name string, mayBeSilent bool, w *world, h *Host) {
	t.Helper()
	whole, repeated := createFive(t, h)
	jobs := len(w.jobs())
	switch {
	case len(whole) == 0 && len(repeated) == 0 && jobs == 5:
	case mayBeSilent && len(whole) == 1 && len(repeated) == 4 && jobs == 0:
		wantFailure(t, whole[0], connection.Silent, "did not respond within 30s")
	default:
		t.Errorf("%s: %d jobs, %d errors, %d that refer to one: %v", name, jobs, len(whole), len(repeated), errors.Join(whole...))
	}
}

// TestWhatAnybodyCanSayRepeatsNothing has something on the way answer 401 to a request that the host has executed. Over http such an
// answer proves nothing: no shell gets a second command, and a batch is repeated under its number, which the agent knows. An agent
// whose text may have arrived by half is replaced, with its shell.
func TestWhatAnybodyCanSayRepeatsNothing(t *testing.T) {
	t.Parallel()
	const command, upload = 4, 5
	for k := command; k <= 14; k++ {
		t.Run(fmt.Sprintf("request %d", k), func(t *testing.T) {
			behindGate(t, false, func(t *testing.T, w *world, g *gate, h *Host) {
				g.spoil = func(n int) trouble {
					if n == k {
						return after(instead(http.StatusUnauthorized, "", ""))
					}
					return nil
				}
				whole, _ := createFive(t, h)
				switch jobs := len(w.jobs()); {
				case g.started.Load() != 1 && k != upload:
					t.Errorf("%d PowerShells", g.started.Load())
				case k == command && (jobs != 0 || len(whole) != 1), k > command && len(whole) == 0 && jobs != 5, jobs > 5:
					t.Errorf("%d jobs, %v", jobs, whole)
				}
			})
		})
	}
}
