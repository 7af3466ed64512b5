// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// elevate has the agent start one as SYSTEM, which the client speaks to from then on.
func (c *client) elevate(t *testing.T) {
	t.Helper()
	token := newToken()
	a := c.call(t, "["+elevation(t, token, 300000)+"]")
	var r struct {
		V *agent.Elevated `json:"v"`
	}
	if err := json.Unmarshal(a.results[0], &r); err != nil || r.V == nil {
		t.Fatalf("the elevation was answered with %s", a.results[0])
	}
	if r.V.Account == "" || r.V.SID == "" || !r.V.Elevated {
		t.Errorf("the elevation tells too little of who asked for it: %s", a.results[0])
	}
	c.token, c.n = token, 0
}

// startElevated starts an agent and has it start another as SYSTEM.
func startElevated(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	c := startReader(t, w, caller)
	c.elevate(t)
	return c
}

func TestContractElevation(t *testing.T) {
	t.Parallel()
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			c := startElevated(t, w, stranger.caller())
			var r struct {
				V agent.Hello `json:"v"`
			}
			if err := json.Unmarshal(c.call(t, `[{"op":"hello"}]`).results[0], &r); err != nil || r.V.SID != "S-1-5-18" {
				t.Errorf("the agent is %s: %v", r.V.Account, err)
			}
			if left := w.tasks.Tasks(); len(left) != 0 {
				t.Errorf("left: %v", left)
			}
			if err := c.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			if code := c.exit(t); code != agent.ExitEnd {
				t.Errorf("exit code %d, want %d", code, agent.ExitEnd)
			}
		})
	}
}

// TestContractAsSystem holds the agents that run as SYSTEM, behind a relay, to a part of the table: what depends on
// elevation, ownership and rights, and the lines of the protocol.
func TestContractAsSystem(t *testing.T) {
	t.Parallel()
	holdToContract(t, systemCases(), relayScripts(), func(w *world) { w.elevated = true })
}

func systemCases() []contractCase {
	states := func(cases []contractCase) []contractCase {
		return slices.DeleteFunc(cases, func(c contractCase) bool {
			return !strings.HasSuffix(c.name, string(bits.StateSuspended)) && !strings.HasSuffix(c.name, string(bits.StateTransferred))
		})
	}
	cases := slices.Concat(states(stateCases()), batchCases(), endingCases())
	return slices.DeleteFunc(cases, func(c contractCase) bool { return c.as != "" })
}
