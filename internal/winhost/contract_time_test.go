// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// TestContractLife has agents grow old: between two batches they end.
func TestContractLife(t *testing.T) {
	t.Parallel()
	const life = 24 * time.Hour
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			step := life // the real agent is idle by real time,
			if kind.name == "stand-in" {
				step = 20 * time.Second // and the stand-in by the host's
			}
			c := start(t, w, admin.caller())
			c.call(t, `[]`)
			for age := step; age < life; age += step {
				w.clock.Advance(step)
				c.call(t, `[]`)
			}
			w.clock.Advance(step)
			_, _ = fmt.Fprintf(c.stdin, "%s {\"b\":%d,\"ops\":[]}\n", c.token, c.n+1) // an agent that looked at its age by then has ended
			if code := c.exit(t); code != agent.ExitAge {
				t.Errorf("exit code %d, want %d", code, agent.ExitAge)
			}
		})
	}
}

// TestContractIdle waits for the real agent as long as it takes, with a limit that is cut to 3 s.
func TestContractIdle(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind.agents)
			w.limits = 1.0 / 30
			c := start(t, w, admin.caller())
			c.call(t, `[]`)
			began := time.Now()
			defer w.passTime(t)()
			if code := c.exit(t); code != agent.ExitIdle {
				t.Errorf("exit code %d, want %d", code, agent.ExitIdle)
			}
			if took := time.Since(began); kind.real && took < 2900*time.Millisecond {
				t.Errorf("the agent ended %s after its last line", took)
			}
		})
	}
}

// TestContractHang asks a service that is stuck: the operation outlives its deadline, and the process ends.
func TestContractHang(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, kind.agents)
			id := w.job(t, admin.caller(), "/a")
			c := start(t, w, admin.caller())
			c.call(t, `[{"op":"hello"}]`)
			release := sync.OnceFunc(w.service.Hang())
			defer release()
			time.AfterFunc(5*time.Second, release) // the simulated host waits for its own calls
			c.send(t, fmt.Sprintf(`{"b":%d,"ops":[{"op":"change","id":%q,"ms":1000,"set":{"priority":"low"}},{"op":"list","ms":1000}]}`, c.n+1, id))
			if code := c.exit(t); code != agent.ExitDeadline {
				t.Errorf("exit code %d, want %d", code, agent.ExitDeadline)
			}
		})
	}
}

// TestContractManyJobs lists as many jobs as a busy host has, and more.
func TestContractManyJobs(t *testing.T) {
	t.Parallel()
	const many = 600
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			for range many {
				w.job(t, crowdElevated(), "/a")
			}
			c := start(t, w, crowd.caller())
			a := c.call(t, `[{"op":"list","ms":300000}]`)
			if want := fmt.Sprintf(`{"count":%d,"all_users":false,"now":"`, many); !strings.Contains(string(a.results[0]), want) {
				t.Errorf("the list ended with %s, want %s", a.results[0], want)
			}
			ids := map[string]bool{}
			for _, job := range a.pages[0] {
				object, ok := parse(t, string(job)).(map[string]any)
				if !ok || object["display_name"] == nil || object["files"] == nil {
					t.Fatalf("a job came as %s", job)
				}
				ids[fmt.Sprint(object["id"])] = true
			}
			if len(a.pages[0]) != many || len(ids) != many {
				t.Errorf("%d jobs came, %d of them different", len(a.pages[0]), len(ids))
			}
			if len(a.lines) < many/agent.MaxPage {
				t.Errorf("they came in %d lines", len(a.lines))
			}
			few := c.call(t, `[{"op":"list","ms":300000,"max":3}]`)
			if len(few.pages[0]) != 3 || !strings.Contains(string(few.results[0]), `{"count":3,`) {
				t.Errorf("of a list of 3 at most %d came, and it ended with %s", len(few.pages[0]), few.results[0])
			}
		})
	}
}
