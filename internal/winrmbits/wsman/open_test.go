// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

var errLimited = errors.New("the credential was refused elsewhere")

// TestALimiterThatRefusesLetsNoByteThrough is about accounts that a further wrong password locks.
func TestALimiterThatRefusesLetsNoByteThrough(t *testing.T) {
	for range 20 { // a request that has a connection is written by a goroutine of its own
		bubble(t, func(t *testing.T, s *service) {
			shell, err := s.open(func(context.Context) (func(error), error) { return nil, errLimited })
			if shell != nil || !errors.Is(err, errLimited) {
				t.Errorf("%v", err)
			}
			synctest.Wait()
			if got := s.verbs(); got != "" {
				t.Fatalf("the service got %s", got)
			}
			if dialed, closed := s.pipes.counts(); dialed != 1 || closed != 1 {
				t.Errorf("%d connections, %d closed", dialed, closed)
			}
		})
	}
}

func TestTheLimiterIsReleasedWithTheErrorOfTheRequest(t *testing.T) {
	tests := map[string]struct {
		create answer
		check  func(error) bool
		times  int
	}{
		"a refused credential": {answer{raw: true, status: 401}, func(err error) bool { return kind(err) == connection.Unauthorized }, 1},
		"a fault":              {faulty("5"), func(err error) bool { return hasCode(err, codeAccessDenied) }, 1},
		"a broken connection":  {answer{cut: true}, func(err error) bool { return errors.Is(err, ErrConnectionLost) }, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always("Create", tt.create)
				var left []error
				_, err := s.open(func(context.Context) (func(error), error) {
					return func(err error) { left = append(left, err) }, nil
				})
				if err == nil || len(left) != tt.times || !tt.check(left[0]) {
					t.Errorf("left with %v", left)
				}
			})
		})
	}
}

// TestAConnectionThatEndsInTheLimiterIsMadeAnew has the service end a connection on which nothing is asked, as http.sys does after
// two minutes.
func TestAConnectionThatEndsInTheLimiterIsMadeAnew(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.server.Config.ReadHeaderTimeout = 2 * time.Minute
		entered := 0
		shell, err := s.open(func(context.Context) (func(error), error) {
			entered++
			wait(time.Hour)
			return func(error) {}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if dialed, _ := s.pipes.counts(); dialed != 2 || entered != 1 {
			t.Errorf("%d connections, and the limiter was called %d times", dialed, entered)
		}
		_ = shell.Close(t.Context())
	})
}

// wait lets the bubble's time pass.
func wait(d time.Duration) { <-time.After(d) }

func TestAContextEndsTheWaitInTheLimiter(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		stopped := errors.New("the user pressed Ctrl-C")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stopped) })
		_, err := clientOver(s.pipes.dial).Open(ctx, s.settings(), "powershell.exe", func(ctx context.Context) (func(error), error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		})
		if !errors.Is(err, stopped) || s.verbs() != "" {
			t.Errorf("%v, %q", err, s.verbs())
		}
	})
}

// TestConnectTimeoutBoundsEveryStep has a host stop at each step on the way to a shell.
func TestConnectTimeoutBoundsEveryStep(t *testing.T) {
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var silent sync.WaitGroup
	tests := []struct {
		name string
		say  func(int, request) *answer
		dial dialer
		want connection.Kind
		text string
	}{
		{name: "no connection comes", dial: never, want: connection.Unreachable, text: "could not connect within 30s"},
		{name: "the connection is accepted and nothing follows", dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			silent.Go(func() { _, _ = server.Read(make([]byte, 1<<20)); _, _ = server.Read(make([]byte, 1)) })
			return client, nil
		}, want: connection.Silent, text: "accepted the connection but did not respond within 30s"},
		{name: "Create is not answered", say: always("Create", answer{hold: true}), want: connection.Silent, text: "did not respond within 30s"},
		{name: "Command is not answered", say: always("Command", answer{hold: true}), want: connection.Silent, text: "did not respond within 30s"},
		{name: "a quota stays used up", say: always("Create", faulty("2150859174")), want: connection.Quota, text: "MaxConcurrentOperationsPerUser"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = tt.say
				dial := s.pipes.dial
				if tt.dial != nil {
					dial = tt.dial
				}
				began := time.Now()
				_, err := clientOver(dial).Open(t.Context(), s.settings(), "powershell.exe", nil)
				if kind(err) != tt.want || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took != 30*time.Second {
					t.Errorf("after %s", took)
				}
				silent.Wait()
			})
		})
	}
}

func TestConnectTimeoutMayBeLongerThanAnExchange(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(_ int, r request) *answer {
			if r.Verb == "Create" {
				wait(100 * time.Second)
			}
			return nil
		}
		settings := s.settings()
		settings.ConnectTimeout = 2 * time.Minute
		shell, err := clientOver(s.pipes.dial).Open(t.Context(), settings, "powershell.exe", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = shell.Close(t.Context())
	})
}

// TestTheWaitInTheLimiterDoesNotExtendTheRest holds dialling and answering together to connect_timeout.
func TestTheWaitInTheLimiterDoesNotExtendTheRest(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = always("Create", answer{hold: true})
		began := time.Now()
		slow := func(ctx context.Context, network, address string) (net.Conn, error) {
			wait(20 * time.Second)
			return s.pipes.dial(ctx, network, address)
		}
		_, err := clientOver(slow).Open(t.Context(), s.settings(), "powershell.exe", func(context.Context) (func(error), error) {
			wait(time.Hour)
			return func(error) {}, nil
		})
		if took := time.Since(began); kind(err) != connection.Silent || took != time.Hour+30*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestAShellWhoseCommandDoesNotStartIsDeleted(t *testing.T) {
	tests := map[string]struct {
		command answer
		deletes int
	}{
		"a fault":                 {faulty("2147942402"), 1},
		"the connection breaks":   {answer{cut: true}, 4},
		"an answer without an id": {answer{}, 1},
		"garbage":                 {answer{raw: true, body: "<html>"}, 4},
		"a refused credential":    {answer{raw: true, status: 401}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always("Command", tt.command)
				if _, err := s.open(nil); err == nil {
					t.Error("opened")
				}
				if got := strings.Count(s.verbs(), "Delete"); got != tt.deletes {
					t.Errorf("%d times deleted: %s", got, s.verbs())
				}
			})
		})
	}
}

func TestInvalidSettingsAreAnErrorBeforeAnythingIsDialed(t *testing.T) {
	settings := connection.Settings{HTTPS: true, Auth: connection.AuthBasic, CACert: "no certificate"}
	if _, err := NewClient(nil).Open(t.Context(), settings, "powershell.exe", nil); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Error(err)
	}
	settings.Auth = "digest"
	if _, err := NewClient(nil).Open(t.Context(), settings, "powershell.exe", nil); err == nil {
		t.Error("an unknown scheme was taken")
	}
}

// kind is the step on which a failure happened, "" for an error of another type.
func kind(err error) connection.Kind {
	var failed *connection.Error
	if !errors.As(err, &failed) {
		return ""
	}
	return failed.Kind
}
