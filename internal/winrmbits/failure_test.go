package winrmbits

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

var (
	errGone     = &wsman.Fault{Code: 2150858843}
	unreachable = &connection.Error{Kind: connection.Unreachable, Host: "web00:5986", Problem: "nothing listens on port 5986.", Remedy: "Open it."}
	wrong       = &connection.Error{Kind: connection.Unauthorized, Host: "web00:5986", Problem: "the host refused the credential of ops.", Remedy: "Check it."}
)

// ask asks hosts something at once, and gives the failures told whole and those that refer to them.
func ask(t *testing.T, hosts ...*Host) (whole, repeated int) {
	t.Helper()
	var mu sync.Mutex
	var callers sync.WaitGroup
	for _, h := range hosts {
		callers.Go(func() {
			_, err := h.Hello(t.Context())
			var failed *connection.Error
			mu.Lock()
			defer mu.Unlock()
			switch {
			case !errors.As(err, &failed):
				t.Errorf("%v", err)
			case failed.Repeated:
				repeated++
			default:
				whole++
			}
		})
	}
	callers.Wait()
	return whole, repeated
}

func TestADeadHostCostsOneTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		dials := 0
		r.opens(func(context.Context, connection.Settings) error {
			dials++
			pass(30 * time.Second)
			return unreachable
		})
		many := make([]*Host, 10)
		for i := range many {
			many[i] = r.host
		}
		began := time.Now()
		whole, repeated := ask(t, many...)
		more, again := ask(t, many...)
		if took := time.Since(began); whole != 1 || repeated != 9 || more != 0 || again != 10 || dials != 1 || took != 30*time.Second {
			t.Errorf("%d and %d times told whole, %d dials, %s", whole, more, dials, took)
		}
	})
}

// TestAHostSlowerThanOperationTimeoutIsRemembered has the caller gone before the host's own time is over.
func TestAHostSlowerThanOperationTimeoutIsRemembered(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		dials := 0
		r.opens(func(context.Context, connection.Settings) error {
			dials++
			pass(30 * time.Second)
			return unreachable
		})
		s := settings(0)
		s.OperationTimeout = 10 * time.Second
		h := r.fleet.Host(s)
		if whole, _ := ask(t, h); whole != 1 {
			t.Error("the first caller was told nothing")
		}
		wait(30 * time.Second)
		if whole, repeated := ask(t, h, h, h); whole != 1 || repeated != 2 || dials != 1 {
			t.Errorf("%d told whole, %d refer to it, %d dials", whole, repeated, dials)
		}
	})
}

func TestAHostThatWorkedIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		wait(2 * time.Minute) // the session is closed meanwhile
		failures := 3
		r.opens(func(context.Context, connection.Settings) error {
			if failures--; failures >= 0 {
				return unreachable
			}
			return nil
		})
		if _, err := r.host.Hello(t.Context()); err != nil {
			t.Errorf("%v", err)
		}
		if failures != -1 {
			t.Errorf("%d failures left", failures)
		}
	})
}

func TestAWrongCredentialIsShownOnceForManyHosts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.opens(func(context.Context, connection.Settings) error {
			pass(time.Second) // so that all hosts come to the gate
			return wrong
		})
		hosts := make([]*Host, 200)
		for i := range hosts {
			hosts[i] = r.fleet.Host(settings(i))
		}
		whole, repeated := ask(t, hosts...)
		if whole != 1 || repeated != 199 || r.logons != 1 {
			t.Errorf("%d told whole, %d refer to it, %d logons", whole, repeated, r.logons)
		}
		other := settings(0)
		other.Password = bits.NewSecret("the right one")
		r.opens(nil)
		if _, err := r.fleet.Host(other).Hello(t.Context()); err != nil {
			t.Errorf("another password is another credential: %v", err)
		}
	})
}

func TestAnUnprovenCredentialIsShownByOneHostAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		together, most := 0, 0
		r.opens(func(_ context.Context, s connection.Settings) error {
			mu.Lock()
			together++
			most = max(most, together)
			mu.Unlock()
			pass(time.Second)
			mu.Lock()
			defer mu.Unlock()
			together--
			if s.Host < "web02" { // a host that is not there proves nothing
				return unreachable
			}
			return nil
		})
		var callers sync.WaitGroup
		for i := range 3 {
			callers.Go(func() { _, _ = r.fleet.Host(settings(i)).Hello(t.Context()) })
			synctest.Wait()
		}
		callers.Wait()
		if most != 1 {
			t.Errorf("%d at a time", most)
		}
		for i := 3; i < 8; i++ {
			callers.Go(func() { _, _ = r.fleet.Host(settings(i)).Hello(t.Context()) })
		}
		callers.Wait()
		if most != 5 {
			t.Errorf("once accepted, %d at a time", most)
		}
	})
}

// TestAHostBehindASilentOneIsNotBlamed has a host take longer for the first logon than another one's caller waits.
func TestAHostBehindASilentOneIsNotBlamed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.opens(func(_ context.Context, s connection.Settings) error {
			if s.Host == "web00" {
				pass(90 * time.Second)
				return unreachable
			}
			return nil
		})
		var first sync.WaitGroup
		first.Go(func() { _, _ = r.fleet.Host(settings(0)).Hello(t.Context()) })
		synctest.Wait()
		second := r.fleet.Host(settings(1))
		_, err := second.Hello(t.Context())
		var failed *connection.Error
		if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), "the host was not asked within") {
			t.Errorf("%v", err)
		}
		first.Wait()
		wait(time.Minute)
		r.greeted(second) // nothing is remembered of it
	})
}

func TestACredentialThatIsRefusedLaterIsShownNoMoreOnThatHost(t *testing.T) {
	tests := map[string]func(r *rig){
		"when a session is opened again": func(r *rig) {
			for _, s := range r.all() {
				s.kill()
			}
			r.opens(func(_ context.Context, s connection.Settings) error {
				if s.Host == "web00" {
					return wrong
				}
				return nil
			})
		},
		"within a session": func(r *rig) { r.faults(at("send", 2, fault{before: wrong})) },
		"while it is idle": func(r *rig) {
			r.faults(at("send", 2, fault{before: wrong}))
			wait(15 * time.Second)
			r.faults(nil)
		},
	}
	for name, refuse := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				refuse(r)
				whole, repeated := ask(t, r.host)
				logons := r.logons
				more, again := ask(t, r.host, r.host)
				if whole != 1 || repeated != 0 || more != 0 || again != 2 || r.logons != logons {
					t.Errorf("%d and %d times told whole, %d more logons", whole, more, r.logons-logons)
				}
				if _, err := r.fleet.Host(settings(1)).Hello(t.Context()); err != nil {
					t.Errorf("another host: %v", err)
				}
			})
		})
	}
}

// TestAForbiddenAccountHasAGoodCredential has a host know the account and not let it open a shell.
func TestAForbiddenAccountHasAGoodCredential(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.opens(func(_ context.Context, s connection.Settings) error {
			if s.Host == "web00" {
				return fmt.Errorf("open a shell: %w", &wsman.Fault{Code: 5})
			}
			return nil
		})
		if _, err := r.host.Hello(t.Context()); err == nil {
			t.Error("opened")
		}
		if _, err := r.fleet.Host(settings(1)).Hello(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestAHostWithoutAnAgentIsExplained has PowerShell, or what stands before it, not get to the agent.
func TestAHostWithoutAnAgentIsExplained(t *testing.T) {
	ends := func(code int, stdout, stderr string) program {
		return func(_ context.Context, command string, stdin io.Reader, out, err io.Writer) int {
			_, _ = io.WriteString(out, strings.ReplaceAll(stdout, "TOKEN", tokenOf(command)))
			_, _ = io.WriteString(err, stderr)
			if stdout != "" {
				_, _ = io.Copy(io.Discard, stdin)
			}
			return code
		}
	}
	tests := []struct {
		name    string
		program program
		fault   func(event) *fault
		kind    connection.Kind
		says    []string
	}{
		{name: "no PowerShell", program: ends(1, "", "'powershell.exe' is not recognized"), kind: connection.NoAgent, says: []string{"exit code 1", "is not recognized"}},
		{name: "a constrained language mode", program: ends(3, "TOKEN {\"b\":0,\"fatal\":\"language_mode\",\"mode\":\"ConstrainedLanguage\"}\n", ""), kind: connection.NoAgent, says: []string{"(ConstrainedLanguage)", "AppLocker"}},
		{name: "only the exit code of that", program: ends(3, "", ""), kind: connection.NoAgent, says: []string{"constrained language mode"}},
		{name: "a loader that fails", program: ends(5, "TOKEN {\"b\":0,\"fatal\":\"loader\",\"e\":{\"code\":\"refused\",\"hresult\":\"0x80131501\",\"text\":\"odd\"}}\n", ""), kind: connection.NoAgent, says: []string{"could not start the agent", "5.1", "odd"}},
		{name: "another protocol", program: scripted(func(int, agent.Request) []string {
			return []string{`{"b":1,"r":[{"i":0,"v":{"protocol":99}}],"end":true}`}
		}), kind: connection.NoAgent, says: []string{"protocol 99"}},
		{name: "a hello that fails", program: scripted(func(int, agent.Request) []string {
			return []string{`{"b":1,"r":[{"i":0,"e":{"code":"refused","hresult":"0x80070005"}}],"end":true}`}
		}), kind: connection.NoAgent, says: []string{"could not say what is there", "0x80070005"}},
		{name: "a line without an end", program: func(ctx context.Context, _ string, _ io.Reader, out, _ io.Writer) int {
			_, _ = out.Write(bytes.Repeat([]byte("x"), maxPartial+1))
			<-ctx.Done()
			return -1
		}, kind: connection.NoAgent, says: []string{"a line of more than"}},
		{name: "an answer that can't be read", program: scripted(func(int, agent.Request) []string { return []string{`{"b":`} }), kind: connection.NoAgent, says: []string{"read a line of the agent"}},
		{name: "an answer to what was not asked", program: scripted(func(int, agent.Request) []string { return []string{`{"b":1,"r":[{"i":7,"v":{}}]}`} }), kind: connection.NoAgent, says: []string{"operation 7 of 2"}},
		{name: "a quota", fault: func(event) *fault { return &fault{before: &wsman.Fault{Code: 2150859174}} }, kind: connection.Quota, says: []string{"MaxConcurrentOperationsPerUser"}},
		{name: "connections that break again and again", fault: func(event) *fault { return &fault{before: errBroken} }, kind: connection.NoAgent, says: []string{"no agent answered"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				if tt.program != nil {
					r.program = func(int) program { return tt.program }
				}
				if tt.fault != nil {
					r.faults(func(e event) *fault {
						if e.verb == "close" {
							return nil
						}
						return tt.fault(e)
					})
				}
				_, err := r.host.Hello(t.Context())
				var failed *connection.Error
				if !errors.As(err, &failed) || failed.Kind != tt.kind || failed.Host != "web00:5986" {
					t.Fatalf("%v", err)
				}
				for _, text := range tt.says {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("%q is not said: %v", text, err)
					}
				}
				shells := len(r.all())
				if _, repeated := ask(t, r.host, r.host); repeated != 2 || len(r.all()) != shells || shells > 2 {
					t.Errorf("%d shells, then %d", shells, len(r.all()))
				}
			})
		})
	}
}

// tokenOf finds the token in a command line: the loader is UTF-16 in base64.
func tokenOf(command string) string {
	_, encoded, _ := strings.Cut(command, "-EncodedCommand ")
	units, _ := base64.StdEncoding.DecodeString(encoded)
	text := strings.ReplaceAll(string(units), "\x00", "")
	_, text, _ = strings.Cut(text, "$token='")
	token, _, _ := strings.Cut(text, "'")
	return token
}

// TestNeitherErrorsNorLogsTellTheSecret has a session work, break and fail, and looks at everything that is told.
func TestNeitherErrorsNorLogsTellTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ctx, log := t.Context(), &r.logged
		id := r.world.job("a")
		r.faults(at("send", 3, fault{before: fmt.Errorf("the proxy says %s: %w", password, errBroken)}))
		for range 3 {
			if _, err := r.host.Get(ctx, id, ""); err != nil {
				t.Error(err)
			}
		}
		r.faults(func(event) *fault { return &fault{before: fmt.Errorf("the proxy says %s: %w", password, errGone)} })
		_, err := r.host.Get(ctx, id, "")
		r.faults(nil)
		if !strings.Contains(log.String(), "asking again") || !strings.Contains(log.String(), "the session ended") {
			t.Errorf("the log tells nothing: %s", log.String())
		}
		if strings.Contains(log.String(), password) {
			t.Errorf("the log tells the password: %s", log.String())
		}
		if told := fmt.Sprintf("%v %+v %#v %v", err, err, err, r.host.settings); strings.Contains(told, password) && !strings.Contains(told, "the proxy says") {
			t.Errorf("the password is told: %s", told)
		}
		wait(4 * time.Minute)
	})
}
