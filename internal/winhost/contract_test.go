// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// contractCase is one batch and what every agent must answer to it. Names in braces stand for values of the case.
type contractCase struct {
	name     string
	as       role                                       // "": admin
	realOnly bool                                       // it is about PowerShell's cmdlets, which the stand-in does not have
	arrange  func(t *testing.T, w *world, v vars)       // nil: nothing to arrange
	ask      string                                     // JSON array of operations; deadlines are added
	want     string                                     // JSON array of what each result holds at least
	after    func(t *testing.T, w *world, v vars) error // what is to be seen on the host then
}

// contractScript is what one batch can't show: lines of the protocol, in order.
type contractScript struct {
	name string
	run  func(t *testing.T, w *world)
}

// TestContract holds the Go stand-in and, where a PowerShell is found, the real agent to one table.
func TestContract(t *testing.T) {
	t.Parallel()
	holdToContract(t, allCases(), append(sharedScripts(), ownScripts()...), func(*world) {})
}

// holdToContract plays cases and scripts with every agent, in a world of its own that setUp prepares, and compares their
// answers.
func holdToContract(t *testing.T, cases []contractCase, scripts []contractScript, setUp func(w *world)) {
	t.Helper()
	kinds := agentsUnderTest(t)
	transcripts := make([]map[string]string, len(kinds)) // nil of an agent that did not start
	t.Run("agents", func(t *testing.T) {
		for i, kind := range kinds {
			t.Run(kind.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, kind.agents)
				setUp(w)
				w.client(t, admin).call(t, `[]`) // ends the test where no agent starts, before every case fails
				transcripts[i] = map[string]string{}
				for _, c := range cases {
					if !c.realOnly || kind.real {
						t.Run(c.name, func(t *testing.T) { transcripts[i][c.name] = c.run(t, w) })
					}
				}
				for _, s := range scripts {
					t.Run(s.name, func(t *testing.T) {
						t.Cleanup(func() { w.endPause(); w.sweep(t) })
						s.run(t, w)
					})
				}
			})
		}
	})
	if len(kinds) < 2 || transcripts[0] == nil || transcripts[1] == nil {
		return
	}
	for _, c := range cases {
		if !c.realOnly && transcripts[0][c.name] != transcripts[1][c.name] {
			t.Errorf("%s: the agents differ:\n%s\n%s", c.name, transcripts[0][c.name], transcripts[1][c.name])
		}
	}
}

// compareAgents plays something with every agent, side by side, and compares what it returns.
func compareAgents(t *testing.T, name string, play func(t *testing.T, kind agentKind) string) {
	t.Helper()
	kinds := agentsUnderTest(t)
	answers := make([]string, len(kinds)) // "" of an agent that failed
	t.Run(name, func(t *testing.T) {
		for i, kind := range kinds {
			t.Run(kind.name, func(t *testing.T) {
				t.Parallel()
				answers[i] = play(t, kind)
			})
		}
	})
	if last := answers[len(answers)-1]; answers[0] != "" && last != "" && answers[0] != last {
		t.Errorf("%s: the agents differ:\n%s\n%s", name, answers[0], last)
	}
}

// run plays one case and gives the answer in a form that can be compared.
func (c contractCase) run(t *testing.T, w *world) string {
	t.Helper()
	t.Cleanup(func() { w.endPause(); w.sweep(t); w.resetLogs() })
	v := vars{"files": w.files, "local": w.local(), "other": w.local(), "token": newToken(),
		"admin": w.admin().Account, "admin_sid": w.admin().SID}
	if c.arrange != nil {
		c.arrange(t, w, v)
	}
	as := c.as
	if as == "" {
		as = admin
	}
	got := w.client(t, as).call(t, v.expand(c.ask)).value(t)
	if bad := mismatch("answer", parse(t, v.expand(c.want)), got); bad != "" {
		t.Errorf("%s\nwhole answer: %s", bad, compact(got))
	}
	if c.after != nil {
		if err := c.after(t, w, v); err != nil {
			t.Error(err)
		}
	}
	return compact(normal(t, v, "", got))
}

// sweep removes the jobs that a case left.
func (w *world) sweep(t *testing.T) {
	t.Helper()
	jobs, err := w.service.Jobs(system(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		owner := system()
		if job.Owner.SID != owner.SID {
			owner = admin.caller()
		}
		if _, err := w.service.Cancel(owner, job.ID); err != nil {
			t.Errorf("remove the job %q: %v", job.DisplayName, err)
		}
	}
}

// allCases is the table.
func allCases() []contractCase {
	var all []contractCase
	for _, part := range [][]contractCase{
		helloCases(), stateCases(), refusalCases(), limitCases(), stringCases(), requestCases(), batchCases(),
		historyCases(), statCases(), hostCases(),
		propertyCases(), valueCases(), togetherCases(), secretStringCases(), endingCases(), languageCases(), duplicateCases(), oddCases(),
	} {
		all = append(all, part...)
	}
	return all
}

// in arranges a job of the admin's in a state: {job}.
func in(state bits.State) func(t *testing.T, w *world, v vars) {
	return func(t *testing.T, w *world, v vars) {
		t.Helper()
		v["job"] = string(w.jobIn(t, state))
	}
}
