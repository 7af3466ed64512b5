package winhost_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// elevate has the agent start one as SYSTEM, which the client speaks to from then on.
func (c *client) elevate(t *testing.T) {
	t.Helper()
	token := newToken()
	a := c.call(t, fmt.Sprintf(`[{"op":"elevate","token":%q}]`, token))
	var r struct {
		V *agent.Elevated `json:"v"`
	}
	if err := json.Unmarshal(a.results[0], &r); err != nil || r.V == nil {
		t.Fatalf("the elevation was answered with %s", a.results[0])
	}
	if r.V.Task == "" || r.V.Account == "" || r.V.SID == "" || !r.V.Elevated {
		t.Errorf("the elevation tells too little of who asked for it: %s", a.results[0])
	}
	c.token, c.n = token, 0
}

// startElevated starts an agent and has it start another as SYSTEM.
func startElevated(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	c := start(t, w, caller)
	c.elevate(t)
	return c
}

func TestContractElevation(t *testing.T) {
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
			c.call(t, `[{"op":"bye"}]`)
			if code := c.exit(t); code != agent.ExitPeer {
				t.Errorf("exit code %d, want %d", code, agent.ExitPeer)
			}
		})
	}
}

// TestContractAsSystem holds the agents that run as SYSTEM to the same table: what the admin asks there goes through a
// relay.
func TestContractAsSystem(t *testing.T) {
	holdToContract(t, systemCases(), sharedScripts(), func(w *world) { w.elevated = true })
}

// onlyAsUser are the cases that tell an administrator and SYSTEM apart.
var onlyAsUser = map[string]bool{
	"an administrator reads SYSTEM's job but may not change it": true,
}

func systemCases() []contractCase {
	var cases []contractCase
	for _, c := range allCases() {
		switch {
		case c.as != "", onlyAsUser[c.name]:
			continue
		}
		cases = append(cases, c)
	}
	return cases
}
