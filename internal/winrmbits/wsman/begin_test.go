// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

var (
	nowhere   = answer{raw: true, status: 404, body: "<html>"}
	broken    = answer{cut: true}
	reloading = answer{raw: true, status: 503, body: "<html>"}
)

// inTurn returns answers to the first requests, whatever their verb; nil is that of a healthy service.
func inTurn(answers ...*answer) func(int, request) *answer {
	return func(n int, _ request) *answer {
		if n < len(answers) {
			return answers[n]
		}
		return nil
	}
}

// TestAShellOpensThoughSomethingOnTheWayFails counts the requests. A command is never sent twice to one shell, because two would read
// what is sent to it; a shell whose id is not known ends by its idle timeout.
func TestAShellOpensThoughSomethingOnTheWayFails(t *testing.T) {
	fault := faulty("2150859118")
	for _, tt := range []struct {
		name  string
		say   func(int, request) *answer
		verbs string
		took  time.Duration // at most
	}{
		{"Create is lost", inTurn(&broken), "Create Create Command", 2 * time.Second},
		{"Create is answered for the host, three times", inTurn(&nowhere, &reloading, &nowhere), "Create Create Create Create Command", 12 * time.Second},
		{"Command is lost", inTurn(nil, &broken), "Create Command Delete Create Command", 2 * time.Second},
		{"Command is lost three times", first(3, "Command", broken), "Create Command" + strings.Repeat(" Delete Create Command", 3), 12 * time.Second},
		{"the shell can't be deleted at once", inTurn(nil, &broken, &broken, &nowhere), "Create Command Delete Delete Delete Create Command", 6 * time.Second},
		{"the service restarts", inTurn(&fault), "Create Create Command", 2 * time.Second},
		{"text is before the answer", inTurn(&answer{raw: true, header: soapHeader, body: "ok " + windows.envelope("REQUEST", createdBody())}), "Create Create Command", 2 * time.Second},
		{"a message comes as another type", inTurn(&answer{header: http.Header{"Content-Type": {"text/plain"}}, body: createdBody()}), "Create Create Command", 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = tt.say
				began := time.Now()
				shell, err := s.open(nil)
				if took := time.Since(began); err != nil || s.verbs() != tt.verbs || took > tt.took {
					t.Fatalf("%s after %s: %v", s.verbs(), took, err)
				}
				_ = shell.Close(t.Context())
			})
		})
	}
}

// first returns one answer to the first n requests of a verb.
func first(n int, verb string, a answer) func(int, request) *answer {
	return func(_ int, r request) *answer {
		if r.Verb != verb || n == 0 {
			return nil
		}
		n--
		return &a
	}
}

// TestTheLastFailureIsReported has a host fail in several ways, and for ever in the last.
func TestTheLastFailureIsReported(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(int, request) *answer
		kind connection.Kind
		says []string
	}{
		{
			"404 at last", inTurn(&reloading, &reloading, &reloading, &nowhere), connection.Lost,
			[]string{"a device in front of the host responded instead of it (HTTP 404)", "returned WinRM", "the last of 4 attempts", "proxy, load balancer or firewall"},
		},
		{
			"the connection breaks at last", inTurn(&reloading, &reloading, &reloading, &broken), connection.Lost,
			[]string{"the connection broke before the host responded. WS-Management Identify returned WinRM", "the last of 4 attempts"},
		},
		{
			"a quota at last", func(n int, _ request) *answer {
				a := faulty("5")
				if n == 0 {
					a = broken
				}
				return &a
			}, connection.Forbidden, []string{"LocalAccountTokenFilterPolicy", "the last of 2 attempts"},
		},
		{
			"Command is answered for WinRM, which answered Create", always("Command", nowhere), connection.Lost,
			[]string{"responded instead of it (HTTP 404)", "the last of 4 attempts"},
		},
		{
			"half of the answer to Command", always("Command", answer{raw: true, header: soapHeader, body: "<s:Envelope"}), connection.Lost,
			[]string{"was truncated or changed in transit"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = tt.say
				_, err := s.open(nil)
				expect(t, err, tt.kind, tt.says...)
				if dialed, closed := s.pipes.counts(); dialed != closed {
					t.Errorf("%d connections, %d closed", dialed, closed)
				}
			})
		})
	}
}

// TestACredentialThatMayBeWrongIsNotSentAgainAndAgain loses the host's verdict: a wrong password counts all the same.
func TestACredentialThatMayBeWrongIsNotSentAgainAndAgain(t *testing.T) {
	refusal := answer{raw: true, status: 401}
	for name, tt := range map[string]struct {
		say   func(int, request) *answer
		verbs string
	}{
		"it is refused":                        {always("Create", refusal), "Create"},
		"its verdict is lost":                  {always("Create", broken), "Create Create Identify"},
		"a proxy has lost it":                  {always("Create", answer{raw: true, status: 502}), "Create Create Identify"},
		"no host has seen it":                  {always("Create", nowhere), "Create Create Create Create Identify"},
		"it is lost once, then refused":        {inTurn(&broken, &refusal), "Create Create"},
		"a server accepts it that is no WinRM": {always("Create", answer{raw: true, body: "<html>"}), "Create Create Identify"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = tt.say
				if _, err := s.open(nil); err == nil || s.verbs() != tt.verbs {
					t.Errorf("%s, want %s: %v", s.verbs(), tt.verbs, err)
				}
			})
		})
	}
}

// TestOnlyAHostThatAnsweredIsDialledAgain closes the port, before anything is sent and after Create.
func TestOnlyAHostThatAnsweredIsDialledAgain(t *testing.T) {
	closed := dialError(numberOf(t, refused))
	for name, tt := range map[string]struct {
		refuse func(dial int) bool
		dials  int
		opens  bool
	}{
		"from the beginning":     {func(int) bool { return true }, 1, false},
		"after Create":           {func(dial int) bool { return dial > 1 && dial < 4 }, 4, true},
		"after Create, for ever": {func(dial int) bool { return dial > 1 }, 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = only("Command", 0, broken)
				dials := 0
				dial := func(ctx context.Context, network, address string) (net.Conn, error) {
					if dials++; tt.refuse(dials) {
						return nil, closed
					}
					return s.pipes.dial(ctx, network, address)
				}
				shell, err := clientOver(dial).Open(t.Context(), s.settings(), "powershell.exe", nil)
				if (err == nil) != tt.opens || err != nil && kind(err) != connection.Unreachable {
					t.Error(err)
				}
				if dials < tt.dials {
					t.Errorf("%d dials, want %d", dials, tt.dials)
				}
				if err == nil {
					_ = shell.Close(t.Context())
				}
			})
		})
	}
}

// TestAttemptsEndWithConnectTimeout has each take a while.
func TestAttemptsEndWithConnectTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(int, request) *answer {
			wait(12 * time.Second)
			return &nowhere
		}
		began := time.Now()
		_, err := s.open(nil)
		expect(t, err, connection.Silent, "did not respond within 30s", "the last of 3 attempts")
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("after %s", took)
		}
	})
}
