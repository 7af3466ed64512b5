// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Answers that many cases expect.
const (
	notFound = `[{"e":{"code":"not_found","step":"read"}}]`
	absent   = `[{"v":{"absent":true,"hresult":null}}]`
)

// verb is one operation of the matrix and what it comes to in each kind of state.
type verb struct {
	name  string
	ask   string
	want  func(state bits.State) string // for the live states
	final string                        // for a job that BITS does not list any more
}

// stateCases is every operation in every state. Source: the pages of IBackgroundCopyJob's methods and "Life Cycle of
// a BITS Job", learn.microsoft.com.
func stateCases() []contractCase {
	var cases []contractCase
	for _, v := range verbs() {
		for _, state := range bits.States() {
			c := contractCase{name: fmt.Sprintf("%s a job that is %s", v.name, state), arrange: in(state), ask: v.ask}
			if state.Final() {
				c.want = v.final
			} else {
				c.want = v.want(state)
			}
			if v.name == "remove" {
				c.after = gone
			}
			cases = append(cases, c)
		}
	}
	return append(cases, retryCases()...)
}

// retryCases are about a resume of a job in transient error, which leaves every other job alone: somebody may have
// suspended it meanwhile. Source: "Life Cycle of a BITS Job", learn.microsoft.com, for what a resume does to it.
func retryCases() []contractCase {
	const ask = `[{"op":"change","id":"{job}","retry":true}]`
	paused := func(t *testing.T, w *world, v vars) {
		t.Helper()
		in(bits.StateTransientError)(t, w, v)
		w.pause()
	}
	return []contractCase{
		{name: "retry a job in transient error", arrange: paused, ask: ask, want: withState("queued", "")},
		{name: "retry a job that was suspended", arrange: in(bits.StateSuspended), ask: ask, want: withState("suspended", "")},
		{name: "retry a job that failed", arrange: in(bits.StateError), ask: ask, want: withState("error", "")},
		{name: "retry a job that is gone", arrange: in(bits.StateCancelled), ask: ask, want: notFound},
	}
}

// verbs are the operations on one job.
func verbs() []verb {
	return []verb{
		{
			name:  "get",
			ask:   `[{"op":"get","id":"{job}"}]`,
			want:  func(s bits.State) string { return withState(exactly(s), `"priority":"`+madePriority(s)+`"`) },
			final: notFound,
		},
		{
			name: "set the priority of",
			ask: `[{"op":"change","id":"{job}","set":{"priority":"low"}},
			       {"op":"get","id":"{job}"}]`,
			want: func(s bits.State) string {
				one := withState(stays(s), `"priority":"low"`)
				return one[:len(one)-1] + "," + one[1:]
			},
			final: `[{"e":{"code":"not_found","step":"read"}},{"e":{"code":"not_found","step":"read"}}]`,
		},
		{
			name: "rename and describe",
			ask:  `[{"op":"change","id":"{job}","set":{"description":"what","display_name":"who"}}]`,
			want: func(s bits.State) string {
				return withState(stays(s), `"description":"what","display_name":"who"`)
			},
			final: notFound,
		},
		{
			name:  "suspend",
			ask:   `[{"op":"change","id":"{job}","suspended":true}]`,
			want:  func(bits.State) string { return withState("suspended", "") },
			final: notFound,
		},
		{
			name:  "resume",
			ask:   `[{"op":"change","id":"{job}","suspended":false}]`,
			want:  func(s bits.State) string { return withState(resumed(s), "") },
			final: notFound,
		},
		{
			name: "add a file to",
			ask:  `[{"op":"change","id":"{job}","add_files":[{"remote_name":"{files}/b","local_name":"{other}"}]}]`,
			want: func(bits.State) string {
				return `[{"v":{"job":{"files":[{},{"remote_name":"{files}/b","local_name":"{other}"}]}}}]`
			},
			final: notFound,
		},
		{
			name:  "commit",
			ask:   `[{"op":"commit","id":"{job}","display_name":"real name","suspended":false}]`,
			want:  func(s bits.State) string { return withState(committed(s), `"display_name":"real name"`) },
			final: notFound,
		},
		{
			name:  "commit and leave alone",
			ask:   `[{"op":"commit","id":"{job}","display_name":"real name","suspended":true}]`,
			want:  func(s bits.State) string { return withState(stays(s), `"display_name":"real name"`) },
			final: notFound,
		},
		{
			name: "complete",
			ask:  `[{"op":"complete","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: func(s bits.State) string {
				if s == bits.StateTransferred {
					return `[{"v":{"done":true,"remaining":false,"hresult":null,"at":"*","job":{"id":"{job}",
						"state":"transferred"}}}, {"e":{"code":"not_found","step":"read"}}]`
				}
				return fmt.Sprintf(`[{"v":{"done":false,"remaining":false,"hresult":null,"job":{"id":"{job}",
					"state":%q}}}, {"v":{"job":{"state":%q}}}]`, stays(s), stays(s))
			},
			final: `[{"e":{"code":"not_found","step":"read"}},{"e":{"code":"not_found","step":"read"}}]`,
		},
		{
			name:  "remove",
			ask:   `[{"op":"remove","id":"{job}"},{"op":"remove","id":"{job}"}]`,
			want:  func(bits.State) string { return `[{"v":{"absent":false,"hresult":null}},{"v":{"absent":true}}]` },
			final: `[{"v":{"absent":true,"hresult":null}},{"v":{"absent":true,"hresult":null}}]`,
		},
	}
}

// withState expects the value of an operation that gives {job} in a state.
func withState(state, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`[{"v":{"job":{"id":"{job}","state":%q%s}}}]`, state, more)
}

// exactly is a state that nothing but time can change: those that were arranged to stay, too.
func exactly(s bits.State) string {
	if s == bits.StateTransientError { // which BITS leaves by itself, for a moment, with every retry
		return "moving"
	}
	return string(s)
}

// stays is the state after an operation that does not change it.
func stays(s bits.State) string {
	if moving[string(s)] {
		return "moving"
	}
	return string(s)
}

// resumed is the state after a resume.
func resumed(s bits.State) string {
	if s == bits.StateTransferred {
		return string(s)
	}
	return "moving"
}

// committed is the state after a commit that resumes.
func committed(s bits.State) string { return resumed(s) }

// madePriority is what a job in a state was made with.
func madePriority(s bits.State) string {
	switch s {
	case bits.StateConnecting, bits.StateTransferring, bits.StateTransientError, bits.StateTransferred:
		return string(bits.PriorityForeground)
	default:
		return string(bits.PriorityNormal)
	}
}

// gone checks that BITS does not list {job}.
func gone(t *testing.T, w *world, v vars) error {
	t.Helper()
	if job, err := w.service.Job(w.admin(), bits.JobID(v["job"])); err == nil {
		return fmt.Errorf("the job is still %s", job.State)
	}
	return nil
}
