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
		return nil, errors.New("it is not sealed")
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
		for _, channel := range []*channel{shell.sending, shell.receiving} {
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

func TestEachConnectionLogsOnOnce(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		if got := l.said(); got != "1.1 1.2" {
			t.Errorf("before the first Receive: %s", got)
		}
		for range 3 {
			if err := shell.Send(t.Context(), []byte("input")); err != nil {
				t.Error(err)
			}
			if _, err := shell.Receive(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2" {
			t.Error(got)
		}
		if dialed, _ := s.pipes.counts(); dialed != 2 {
			t.Errorf("%d connections", dialed)
		}
	})
}

// TestAMessageIsSealedForTheConnectionItTravelsOn breaks the kept connection between two messages.
func TestAMessageIsSealedForTheConnectionItTravelsOn(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		s.server.CloseClientConnections()
		synctest.Wait()
		if err := shell.Send(t.Context(), []byte("input")); err != nil {
			t.Error(err)
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2" || s.verbs() != "Create Command Send" {
			t.Error(got, s.verbs())
		}
	})
}

func TestALogonThatTheHostForgotIsMadeAnew(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		l.mu.Lock()
		l.forget[1] = true
		l.mu.Unlock()
		if err := shell.Send(t.Context(), []byte("input")); err != nil {
			t.Error(err)
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2" || s.verbs() != "Create Command Send" {
			t.Error(got, s.verbs())
		}
		if dialed, _ := s.pipes.counts(); dialed != 2 {
			t.Errorf("%d connections", dialed)
		}
	})
}

func TestAHostThatForgetsEveryLogonIsAnError(t *testing.T) {
	for name, kept := range map[string]bool{"at once": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			inLegs(t, func(t *testing.T, _ *service, l *legs, shell *Shell) {
				forget := func() {
					l.mu.Lock()
					defer l.mu.Unlock()
					l.always = true
				}
				var err error
				want := "1.1 1.2"
				if kept {
					begun(t, shell)
					forget()
					err = shell.Send(t.Context(), []byte("input"))
					want += " 2.1 2.2"
				} else {
					forget()
					_, err = shell.begin(t.Context(), "powershell.exe", nil)
				}
				expect(t, err, connection.NoLogon, "asked for it again", "load balancer")
				if got := l.said(); got != want {
					t.Error(got)
				}
			})
		})
	}
}

// TestAHostThatForgetsALogonAfterEachRequestIsServed is about schemes whose messages may go with the last leg.
func TestAHostThatForgetsALogonAfterEachRequestIsServed(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		l.early, l.always = true, true
		begun(t, shell)
		if err := shell.Send(t.Context(), []byte("input")); err != nil {
			t.Error(err)
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2 3.1 3.2" || s.verbs() != "Create Command Send" {
			t.Error(got, s.verbs())
		}
	})
}

func TestALogonThatIsRefusedOnTheSecondConnectionEndsTheSession(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		l.mu.Lock()
		l.refuse = true
		l.mu.Unlock()
		_, err := shell.Receive(t.Context())
		expect(t, err, connection.Unauthorized, "refused the credential of ops")
		if err := shell.Send(t.Context(), []byte("input")); kind(err) != connection.Unauthorized {
			t.Error(err)
		}
		if got := l.said(); got != "1.1 1.2 2.1 2.2" || s.verbs() != "Create Command" {
			t.Error(got, s.verbs())
		}
	})
}

func TestAHostThatOffersAnotherSchemeGetsNoCredential(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		l.offered = `Basic realm="WSMAN", Digest qop="auth"`
		_, err := shell.begin(t.Context(), "powershell.exe", nil)
		expect(t, err, connection.NoLogon, "offers Basic, Digest, not Negotiate", "No password was sent")
		if got := l.said(); got != "1.1" || s.verbs() != "" {
			t.Error(got, s.verbs())
		}
	})
}

func TestAStatusInsteadOfALogonIsExplained(t *testing.T) {
	for status, want := range map[int]connection.Kind{400: connection.NotWinRM, 403: connection.Forbidden, 404: connection.NotWinRM, 500: connection.NotWinRM, 503: connection.Unreachable} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inLegs(t, func(t *testing.T, _ *service, l *legs, shell *Shell) {
				l.status = status
				_, err := shell.begin(t.Context(), "powershell.exe", nil)
				expect(t, err, want, fmt.Sprintf("HTTP %d", status))
				if got := l.said(); got != "1.1 1.2" {
					t.Error(got)
				}
			})
		})
	}
}

func TestAHostThatDoesNotProveItselfGetsNoMessage(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		l.proof = errors.New("the host has not proven its identity")
		_, err := shell.begin(t.Context(), "powershell.exe", nil)
		expect(t, err, connection.NoLogon, "the logon failed: the host has not proven its identity")
		if got := l.said(); got != "1.1 1.2" || s.verbs() != "" {
			t.Error(got, s.verbs())
		}
	})
}

// TestAnAnswerThatIsNotSealedEndsTheConnection has the service answer in clear text: what it has done is not known.
func TestAnAnswerThatIsNotSealedEndsTheConnection(t *testing.T) {
	inLegs(t, func(t *testing.T, s *service, l *legs, shell *Shell) {
		begun(t, shell)
		l.mu.Lock()
		l.unsealed = true
		l.mu.Unlock()
		err := shell.Send(t.Context(), []byte("input"))
		expect(t, err, connection.Unprotected, "can't be trusted: it is not sealed")
		if !errors.Is(err, ErrConnectionLost) {
			t.Error("the error means that the host has done nothing")
		}
		if dialed, closed := s.pipes.counts(); dialed != 1 || closed != 1 || s.verbs() != "Create Command Send" {
			t.Errorf("%d connections, %d closed, %s", dialed, closed, s.verbs())
		}
	})
}

// TestTheLimiterIsCalledBeforeTheWholeLogon has the limiter see no leg before it is called and all when it is released.
func TestTheLimiterIsCalledBeforeTheWholeLogon(t *testing.T) {
	inLegs(t, func(t *testing.T, _ *service, l *legs, shell *Shell) {
		entered := 0
		_, err := shell.begin(t.Context(), "powershell.exe", func(context.Context) (func(error), error) {
			entered++
			if got := l.said(); got != "" {
				t.Errorf("before the limiter: %s", got)
			}
			return func(err error) {
				if got := l.said(); got != "1.1 1.2" || err != nil {
					t.Errorf("after the limiter: %s, %v", got, err)
				}
			}, nil
		})
		if err != nil || entered != 1 {
			t.Errorf("%v, entered %d times", err, entered)
		}
		_ = shell.Close(t.Context())
	})
}
