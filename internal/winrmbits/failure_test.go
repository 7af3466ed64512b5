// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

var (
	errGone     = &wsman.Fault{Code: 2150858843}
	unreachable = &connection.Error{Kind: connection.Unreachable, Host: "web00:5986", Problem: "nothing listens on port 5986."}
)

// refuseSlowly has every shell fail to open after 30 s from now on, and returns a count of these attempts.
func (r *rig) refuseSlowly(err error) *int {
	dials := 0
	r.opens(func(context.Context, connection.Settings) error {
		dials++
		pass(30 * time.Second)
		return err
	})
	return &dials
}

func TestADeadHostCostsOneTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		dials := r.refuseSlowly(unreachable)
		began := time.Now()
		wantFailures(t, connection.Unreachable, 1, 9, slices.Repeat([]*Host{r.host}, 10)...)
		wantFailures(t, connection.Unreachable, 0, 10, slices.Repeat([]*Host{r.host}, 10)...)
		if took := time.Since(began); *dials != 1 || took != 30*time.Second {
			t.Errorf("%d dials, %s", *dials, took)
		}
	})
}

// TestAHostSlowerThanOperationTimeoutIsRemembered has the caller leave before connect_timeout ends.
func TestAHostSlowerThanOperationTimeoutIsRemembered(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		dials := r.refuseSlowly(unreachable)
		s := settings(0)
		s.OperationTimeout = 10 * time.Second
		h := r.fleet.Host(s)
		wantFailures(t, connection.Silent, 1, 0, h)
		wait(30 * time.Second)
		wantFailures(t, connection.Unreachable, 1, 2, h, h, h)
		if *dials != 1 {
			t.Errorf("%d dials", *dials)
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
		hello(t, r.host)
		if failures != -1 {
			t.Errorf("%d failures left", failures)
		}
	})
}

// TestAHostWithoutAnAgentIsExplained has PowerShell, or what runs before it, not start the agent.
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
	answers := func(lines ...string) program {
		return scripted(func(int, agent.Request) []string { return lines })
	}
	endless := func(ctx context.Context, _ string, _ io.Reader, out, _ io.Writer) int {
		_, _ = out.Write(bytes.Repeat([]byte("x"), maxPartial+1))
		<-ctx.Done()
		return -1
	}
	tests := []struct {
		name    string
		program program // nil: the stand-in
		fault   error   // of every Send and Receive
		kind    connection.Kind
		texts   []string
	}{
		{"no PowerShell", ends(1, "", "no powershell.exe"), nil, connection.NoAgent, []string{"exit code 1", "no powershell.exe"}},
		{
			"a restricted language mode", ends(3, `TOKEN {"b":0,"fatal":"language_mode","mode":"ConstrainedLanguage"}`+"\n", ""), nil,
			connection.NoAgent, []string{"(ConstrainedLanguage)", "AppLocker"},
		},
		{"only the exit code of that", ends(3, "", ""), nil, connection.NoAgent, []string{"restricted language mode"}},
		{
			"a loader that fails", ends(5, `TOKEN {"b":0,"fatal":"loader","e":{"code":"refused","hresult":null,"text":"odd"}}`+"\n", ""), nil,
			connection.NoAgent, []string{"could not start the agent", "5.1", "odd"},
		},
		{
			"a hello that fails", answers(`{"b":1,"r":[{"i":0,"e":{"code":"refused","hresult":"0x80070005"}}],"end":true}`), nil,
			connection.NoAgent, []string{"could not describe the host", "0x80070005"},
		},
		{"a line without an end", endless, nil, connection.Unreadable, []string{"a line has more than"}},
		{"an answer that can't be read", answers(`{"b":`), nil, connection.Unreadable, []string{"a line does not follow the protocol", "a proxy that rewrites responses"}},
		{"an answer to no operation", answers(`{"b":1,"r":[{"i":7,"v":{}}]}`), nil, connection.Unreadable, []string{"operation 7 of 2"}},
		{"a quota", nil, &wsman.Fault{Code: 2150859174}, connection.Quota, []string{"MaxConcurrentOperationsPerUser"}},
		{"connections that break again and again", nil, errBroken, connection.Lost, []string{"PowerShell did not respond", "load balancer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				if tt.program != nil {
					r.program = func(int) program { return tt.program }
				}
				r.faults(func(e event) *fault {
					if e.verb == "close" {
						return nil
					}
					return &fault{before: tt.fault}
				})
				_, err := r.host.Hello(t.Context())
				wantFailure(t, err, tt.kind, append(tt.texts, "web00:5986")...)
				shells := len(r.all())
				wantFailures(t, tt.kind, 0, 2, r.host, r.host)
				if len(r.all()) != shells || shells > 1+maxEarlyFailures {
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

// TestNoErrorAndNoLogContainsTheSecret has a session work, break and fail.
func TestNoErrorAndNoLogContainsTheSecret(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		ctx, log := t.Context(), &r.logged
		id := r.world.job("a")
		r.faults(at("send", 3, fault{before: fmt.Errorf("the proxy says %s: %w", password, errBroken)}))
		for range 3 {
			get(t, r.host, id)
		}
		r.faults(func(event) *fault { return &fault{before: fmt.Errorf("the proxy says %s: %w", password, errGone)} })
		_, err := r.host.Get(ctx, id, "")
		r.faults(nil)
		if !strings.Contains(log.String(), "asking again") || !strings.Contains(log.String(), "the session ended") {
			t.Errorf("the log lacks what happened: %s", log.String())
		}
		if strings.Contains(log.String(), password) {
			t.Errorf("the log contains the password: %s", log.String())
		}
		printed := fmt.Sprintf("%v %+v %#v %v", err, err, err, r.host.settings)
		if printed = strings.ReplaceAll(printed, "the proxy says "+password, ""); strings.Contains(printed, password) {
			t.Errorf("an error contains the password: %s", printed)
		}
		wait(4 * time.Minute)
	})
}
