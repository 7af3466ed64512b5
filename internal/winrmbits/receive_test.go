// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// TestAReceiveThatFailsForEverEndsInOneError has a host answer every Receive with the same failure, and counts the requests
// until the error comes, and afterwards: clients that take a fault for an empty answer never stop.
func TestAReceiveThatFailsForEverEndsInOneError(t *testing.T) {
	t.Parallel()
	instead := func(f *wsmansvc.Fault) wsmansvc.Action {
		return wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: f}
	}
	fault := func(code uint32) wsmansvc.Action {
		return instead(&wsmansvc.Fault{Code: code, Subcode: "w:InternalError", Reason: "Odd. "})
	}
	tests := []struct {
		name     string
		action   wsmansvc.Action
		kind     connection.Kind
		text     string
		receives int64
		requests int64 // all that come before the error; two more end the shell
	}{
		{"an unknown code", fault(305419896), connection.NoAgent, "305419896", 1, 4},
		{"no code", fault(0), connection.NoAgent, "InternalError", 1, 4},
		{"access denied", fault(5), connection.NoAgent, "Administrators", 1, 4},
		{"the command is gone", instead(wsmansvc.CommandNotFound()), connection.NoAgent, "ERROR_WSMAN_UNEXPECTED_SELECTORS", 4, 18},
		{"the service is shutting down", fault(2150859118), connection.NoAgent, "ERROR_WINRS_SHELL_NOT_INITIALIZED", 4, 18},
		{"the profile was unloaded", fault(2147943418), connection.NoAgent, "ERROR_KEY_DELETED", 4, 18},
		{"a page instead of a message", wsmansvc.Action{Outcome: wsmansvc.Garbage}, connection.Lost, "responded instead of it (HTTP 200, text/html)", 4, 10},
		{"the connection breaks", wsmansvc.Action{Outcome: wsmansvc.CutBefore}, connection.Lost, "PowerShell did not respond", 4, 10},
		{"nothing yet, at once", instead(wsmansvc.OperationTimedOut()), connection.Silent, "within 5s", 7, 9},
	}
	network := start(t, winhost.Config{Hosts: len(tests), Security: basic})
	var cases sync.WaitGroup
	for i, tt := range tests {
		cases.Go(func() {
			on := network.Host(i)
			var receives atomic.Int64
			on.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
				if e.Verb != wsmansvc.Receive {
					return wsmansvc.Action{}
				}
				receives.Add(1)
				return tt.action
			})
			fleet := quickFleet(t)
			settings := settingsOf(on)
			if tt.kind == connection.Silent { // all others end before any timeout
				settings.OperationTimeout = 5 * time.Second
			}
			_, err := fleet.Host(settings).Hello(t.Context())
			wantFailure(t, err, tt.kind, tt.text)
			closeFleet(t, fleet)
			got := on.Stats()
			if receives.Load() > tt.receives || got.HTTPRequests > tt.requests+2 || got.ShellsOpen != 0 {
				t.Errorf("%s: %d Receives, want %d; %d requests, want %d and two; %d shells are left",
					tt.name, receives.Load(), tt.receives, got.HTTPRequests, tt.requests, got.ShellsOpen)
			}
			t.Logf("%s: %d Receives, %d requests: %s", tt.name, receives.Load(), got.HTTPRequests, strings.SplitN(err.Error(), "\n", 2)[0])
		})
	}
	cases.Wait()
}
