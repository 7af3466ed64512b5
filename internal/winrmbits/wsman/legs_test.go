// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// twoLegs is a scheme of two legs whose sealed messages name the logon and their number on it.
type twoLegs struct {
	logon         int // which one of the client's
	said          int // legs
	authenticated bool
	sealed        int
	early         bool  // the message goes with the last leg
	proof         error // of the host
}

func (s *twoLegs) Next(_ context.Context, challenges []string) (string, error) {
	switch {
	case s.authenticated:
		return "", nil
	case s.said == 2:
		return "", auth.ErrRefused
	case s.said == 1 && !auth.Offers(challenges, "Legs"):
		return "", auth.ErrNotOffered
	}
	s.said++
	return fmt.Sprintf("Legs %d of logon %d", s.said, s.logon), nil
}

func (s *twoLegs) Established() bool { return s.authenticated || s.early && s.said == 2 }

func (s *twoLegs) Finish([]string) error {
	s.authenticated = true
	return s.proof
}

const sealedBy = "application/sealed"

func (s *twoLegs) Seal(message []byte) ([]byte, string, error) {
	s.sealed++
	return append(fmt.Appendf(nil, "%d.%d ", s.logon, s.sealed), message...), sealedBy, nil
}

func (s *twoLegs) Open(contentType string, body []byte) ([]byte, error) {
	if contentType != sealedBy {
		return nil, errors.New("it is not encrypted")
	}
	_, message, _ := bytes.Cut(body, []byte(" "))
	return message, nil
}

// legs is the service behind a scheme of two legs: it lets connections in and opens what is sealed for them.
type legs struct {
	service http.Handler

	mu       sync.Mutex
	logons   []string       // the legs that were said, and what became of them
	let      map[string]int // the logon that a connection has; 0: it said the first leg
	opened   map[string]int // messages of a connection
	refuse   bool           // the complete logon
	forget   map[int]bool   // logons that are forgotten at their next message
	always   bool           // every logon is forgotten at once
	offered  string         // instead of Legs
	unsealed bool           // answers go out as they are
	status   int            // of the answer to the last leg; 0: 200
	early    bool           // messages come with the last leg
	proof    error          // what the client finds wrong with it
}

func (l *legs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	challenge := func() {
		w.Header().Set("WWW-Authenticate", l.offered)
		w.WriteHeader(http.StatusUnauthorized)
	}
	var leg, logon int
	if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Legs %d of logon %d", &leg, &logon); err == nil {
		l.logons = append(l.logons, fmt.Sprintf("%d.%d", logon, leg))
		switch {
		case len(body) > 0 && !l.early:
			l.logons = append(l.logons, "a body!")
		case leg == 1, l.refuse:
			challenge()
		case l.status != 0:
			w.WriteHeader(l.status)
		default:
			l.let[r.RemoteAddr] = logon
		}
		if !l.early || leg == 1 || l.refuse {
			return
		}
	} else if logon = l.let[r.RemoteAddr]; logon == 0 || l.always || l.forget[logon] {
		delete(l.let, r.RemoteAddr)
		challenge()
		return
	}
	l.opened[r.RemoteAddr]++
	message, found := bytes.CutPrefix(body, fmt.Appendf(nil, "%d.%d ", logon, l.opened[r.RemoteAddr]))
	if !found || r.Header.Get("Content-Type") != sealedBy {
		w.WriteHeader(http.StatusBadRequest) // as Windows does with what is sealed for another connection
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(message))
	r.SetBasicAuth("ops", password)
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	l.service.ServeHTTP(answer, r)
	if !l.unsealed {
		w.Header().Set("Content-Type", sealedBy)
		answer.text = append([]byte("0 "), answer.text...)
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.text)
}

// recorder keeps an answer back.
type recorder struct {
	http.ResponseWriter
	status int
	text   []byte
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { r.text = append(r.text, b...); return len(b), nil }

// inLegs runs a test with a service that takes the scheme of two legs, and a shell that uses it and is not opened yet.
func inLegs(t *testing.T, test func(t *testing.T, s *service, l *legs, shell *Shell)) {
	t.Helper()
	bubble(t, func(t *testing.T, s *service) {
		l := &legs{service: http.HandlerFunc(s.serve), let: map[string]int{}, opened: map[string]int{}, forget: map[int]bool{}, offered: "Legs"}
		s.server.Config.Handler = l
		settings := s.settings()
		settings.Auth = connection.AuthNTLM // any of those that have legs
		shell, err := clientOver(s.pipes.dial).shell(settings)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		logons := 0
		for _, channel := range []*channel{shell.main, shell.spare} {
			channel.begin = func(_ connection.Settings, certificate *x509.Certificate) (auth.Scheme, error) {
				mu.Lock()
				defer mu.Unlock()
				if certificate == nil || !certificate.Equal(s.server.Certificate()) {
					t.Error("the logon is bound to another certificate than the host's")
				}
				logons++
				return &twoLegs{logon: logons, proof: l.proof, early: l.early}, nil
			}
		}
		test(t, s, l, shell)
	})
}

// begun opens the shell, and closes it when the test ends.
func begun(t *testing.T, shell *Shell) {
	t.Helper()
	if _, err := shell.begin(t.Context(), "powershell.exe", nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shell.Close(context.Background()) })
}

func (l *legs) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.logons, " ")
}

// TestWhatAHostMayDoWithALogon opens a shell and sends a piece of input. What is sealed for a connection that is gone is of no use on
// the next one: the logon and the message are made anew.
func TestWhatAHostMayDoWithALogon(t *testing.T) {
	forgotten := []string{"required another one", "load balancer"}
	for _, tt := range []struct {
		name          string
		before, after func(s *service, l *legs) // before the shell opens and after it; nil: nothing
		logons, verbs string
		kind          connection.Kind // "" means that the input arrives
		says          []string
		lost          bool // the host may have done what was sent
	}{
		{
			name: "it ends the connection", after: func(s *service, _ *legs) { s.server.CloseClientConnections() },
			logons: "1.1 1.2 2.1 2.2", verbs: "Create Command Send",
		},
		{
			name: "it forgets the logon", after: func(_ *service, l *legs) { l.forget[1] = true },
			logons: "1.1 1.2 2.1 2.2", verbs: "Create Command Send",
		},
		{
			name: "it forgets every logon at once", before: func(_ *service, l *legs) { l.always = true },
			logons: "1.1 1.2", kind: connection.NoLogon, says: forgotten,
		},
		{
			name: "it forgets every logon later", after: func(_ *service, l *legs) { l.always = true },
			logons: "1.1 1.2 2.1 2.2", verbs: "Create Command", kind: connection.NoLogon, says: forgotten,
		},
		{
			name: "it forgets a logon after each request, which comes with the last leg", before: func(_ *service, l *legs) { l.early, l.always = true, true },
			logons: "1.1 1.2 2.1 2.2 3.1 3.2", verbs: "Create Command Send",
		},
		{
			name: "it offers another scheme", before: func(_ *service, l *legs) { l.offered = `Basic realm="WSMAN", Digest qop="auth"` },
			logons: "1.1", kind: connection.NoLogon, says: []string{"does not accept Negotiate authentication: it offers Basic, Digest", "No password was sent"},
		},
		{
			name: "it answers the logon with 400", before: func(_ *service, l *legs) { l.status = http.StatusBadRequest },
			logons: "1.1 1.2", kind: connection.NotWinRM, says: []string{"HTTP 400"},
		},
		{
			name: "it answers the logon with 500", before: func(_ *service, l *legs) { l.status = http.StatusInternalServerError },
			logons: "1.1 1.2 2.1 2.2", kind: connection.NotWinRM, says: []string{"HTTP 500", "the last of 2 attempts"}, lost: true,
		},
		{
			name: "it does not prove itself", before: func(_ *service, l *legs) { l.proof = errors.New("the host has not proven its identity") },
			logons: "1.1 1.2", kind: connection.NoLogon, says: []string{"the logon failed: the host has not proven its identity"},
		},
		{
			name: "it answers in clear text", after: func(_ *service, l *legs) { l.unsealed = true },
			logons: "1.1 1.2", verbs: "Create Command Send", kind: connection.Unprotected,
			says: []string{"can't be trusted: it is not encrypted"}, lost: true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
				if tt.before != nil {
					tt.before(s, l)
				}
				_, err := shell.begin(t.Context(), "powershell.exe", nil)
				if err == nil {
					t.Cleanup(func() { _ = shell.Close(context.Background()) })
					if tt.after != nil {
						l.mu.Lock()
						tt.after(s, l)
						l.mu.Unlock()
						synctest.Wait()
					}
					err = shell.Send(t.Context(), []byte("input"))
				}
				if tt.kind != "" {
					expect(t, err, tt.kind, tt.says...)
				} else if err != nil {
					t.Error(err)
				}
				if got := l.said(); got != tt.logons || s.verbs() != tt.verbs || errors.Is(err, ErrConnectionLost) != tt.lost {
					t.Error(got, s.verbs(), err)
				}
				if dialed, closed := s.pipes.counts(); tt.kind != "" && dialed != closed {
					t.Errorf("%d connections, %d closed", dialed, closed)
				}
			})
		})
	}
}

func TestALogonThatIsRefusedOnTheSecondConnectionEndsTheSession(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		shell.main.sem <- struct{}{} // an exchange is under way there
		if got := l.said(); got != "1.1 1.2" {
			t.Errorf("before the second connection: %s", got)
		}
		l.mu.Lock()
		l.refuse = true
		l.mu.Unlock()
		_, err := shell.Receive(t.Context())
		<-shell.main.sem
		expect(t, err, connection.Unauthorized, "refused the credential of ops")
		if err := shell.Send(t.Context(), []byte("input")); kind(err) != connection.Unauthorized {
			t.Error(err)
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2" || s.verbs() != "Create Command" {
			t.Error(got, s.verbs())
		}
	})
}

// TestTheLimiterIsCalledBeforeTheLegThatProvesThePassword has the limiter see a connection with the first leg when it is called, and the
// whole logon when it is released. It is called once.
func TestTheLimiterIsCalledBeforeTheLegThatProvesThePassword(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		entered := 0
		_, err := shell.begin(t.Context(), "powershell.exe", func(context.Context) (func(error), error) {
			entered++
			if dialed, _ := s.pipes.counts(); dialed != 1 || l.said() != "1.1" {
				t.Errorf("before the limiter: %d connections, %s", dialed, l.said())
			}
			return func(err error) {
				if got := l.said(); got != "1.1 1.2" || s.verbs() != "Create" || err != nil {
					t.Errorf("after the limiter: %s, %s, %v", got, s.verbs(), err)
				}
			}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := shell.Receive(t.Context()); err != nil || entered != 1 {
			t.Errorf("%v, entered %d times", err, entered)
		}
		_ = shell.Close(t.Context())
	})
}
