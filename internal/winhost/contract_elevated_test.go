package winhost_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// elevate has the agent start one as SYSTEM, which the client speaks to from then on.
func (c *client) elevate(t *testing.T) agent.Elevated {
	t.Helper()
	token := newToken()
	a := c.call(t, fmt.Sprintf(`[{"op":"elevate","token":%q}]`, token))
	var r struct {
		V *agent.Elevated `json:"v"`
	}
	if err := json.Unmarshal(a.results[0], &r); err != nil || r.V == nil {
		t.Fatalf("the elevation was answered with %s", a.results[0])
	}
	c.outer, c.token, c.n = c.token, token, 0
	return *r.V
}

// startElevated starts an agent and has it start another as SYSTEM.
func startElevated(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	c := start(t, w, caller)
	c.elevate(t)
	return c
}
