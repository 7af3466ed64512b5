// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

var errBroken = lost(io.ErrUnexpectedEOF)

// at is a fault of one act on the first shell.
func at(verb string, n int, f fault) func(event) *fault {
	return func(e event) *fault {
		if e == (event{1, verb, n}) {
			return &f
		}
		return nil
	}
}

// TestALostConnectionIsReplacedAndTheBatchRepeated loses the answer or the request: the agent knows by the number what it
// has executed already.
func TestALostConnectionIsReplacedAndTheBatchRepeated(t *testing.T) {
	tests := []struct {
		name  string
		fault func(event) *fault
		want  string
	}{
		{"the request is lost", at("send", 2, fault{before: errBroken}), "1/2 create"},
		{"the answer to the request is lost", at("send", 2, fault{after: errBroken}), "1/2 create; 1/2 create"},
		{"the output is lost", at("receive", 2, fault{after: errBroken}), "1/2 create; 1/2 create"},
		{"the connection breaks before there is output", at("receive", 2, fault{before: errBroken}), "1/2 create; 1/2 create"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				r.faults(tt.fault)
				job, err := r.host.Create(t.Context(), pending, spec("a"))
				if err != nil || len(r.world.jobs()) != 1 {
					t.Fatalf("%v, %v", err, r.world.jobs())
				}
				r.expect(tt.want)
				get(t, r.host, job.ID)
				r.expect("1/3 get")
			})
		})
	}
}

// warm opens the session.
func (r *rig) warm() {
	r.t.Helper()
	hello(r.t, r.host)
	r.story()
}

func TestTheFirstBatchIsRepeatedOnlyOnceTheAgentHasItsText(t *testing.T) {
	tests := []struct {
		name  string
		fault func(event) *fault
		want  string
	}{
		{"the output is lost", at("receive", 1, fault{after: errBroken}), "open 1; 1/1 hello create; 1/1 hello create"},
		{"the request is lost", at("send", 1, fault{before: errBroken}), "open 1; close 1; open 2; 2/1 hello adopt; 2/2 create"},
		{
			"the answer to the request is lost", at("send", 1, fault{after: errBroken}),
			"open 1; 1/1 hello create; close 1; open 2; 2/1 hello adopt",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.faults(func(e event) *fault {
					if e.verb == "close" {
						return &fault{delay: time.Second} // for the agent to do what it got
					}
					return tt.fault(e)
				})
				_, err := r.host.Create(t.Context(), pending, spec("a"))
				if jobs := len(r.world.jobs()); err != nil || jobs != 1 {
					t.Errorf("%v, %d jobs", err, jobs)
				}
				r.expect(tt.want)
			})
		})
	}
}

func TestALineThatTheAgentCanNotReadIsRepeatedOnce(t *testing.T) {
	const unreadable = `{"b":0,"fatal":"bad_line"}`
	tests := []struct {
		name   string
		unread int
		want   string
	}{
		{name: "once", unread: 1, want: "1/2 get; 1/2 get"},
		{name: "twice", unread: 2, want: "1/2 get; 1/2 get; close 1; open 2; 2/1 hello get"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.job("a")
				r.script(func(n int, request agent.Request) []string {
					if n <= tt.unread {
						return []string{unreadable}
					}
					return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":0,"v":{"job":%s}}],"end":true}`, request.B, wire(id))}
				})
				r.warm()
				get(t, r.host, id)
				r.expect(tt.want)
			})
		})
	}
}

// TestAListThatMissesAPageIsNotWhole has the second half of a first answer come before the second answer.
func TestAListThatMissesAPageIsNotWhole(t *testing.T) {
	const one, two = noJob, "7f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	bubble(t, func(t *testing.T, r *rig) {
		r.script(func(int, agent.Request) []string {
			return []string{
				`{"b":2,"r":[{"i":0,"page":[` + wire(one) + `]}]}`, pause,
				`{"b":2,"r":[{"i":0,"page":[` + wire(two) + `]},{"i":0,"v":{"count":2,"all_users":true,"now":"2026-11-20T10:11:12Z"}}],"end":true}`,
			}
		})
		r.warm()
		r.faults(at("receive", 2, fault{after: errBroken}))
		if jobs := list(t, r.host, false); len(jobs) != 2 {
			t.Errorf("%d jobs", len(jobs))
		}
		r.expect("1/2 list; 1/2 list")
	})
}

// TestTheEndOfAnAnswerIsNotThatOfItsRepetition has the result of a change lost and the rest of its answer come.
func TestTheEndOfAnAnswerIsNotThatOfItsRepetition(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.script(func(int, agent.Request) []string {
			return []string{`{"b":2,"r":[{"i":0,"v":{"absent":true,"hresult":null}}]}`, pause, `{"b":2,"end":true}`}
		})
		r.warm()
		r.faults(at("receive", 2, fault{after: errBroken}))
		if removed, err := r.host.Remove(t.Context(), noJob); err != nil || !removed.Absent {
			t.Errorf("%+v, %v", removed, err)
		}
		r.expect("1/2 remove; 1/2 remove")
	})
}

func TestTheErrorQuotesAnEndedPowerShellThoughTheSendFailed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.program = func(int) program {
			return func(_ context.Context, _ string, _ io.Reader, _, stderr io.Writer) int {
				_, _ = io.WriteString(stderr, "'powershell.exe' is not recognized")
				return 1
			}
		}
		r.faults(at("send", 1, fault{delay: time.Second}))
		if _, err := r.host.Hello(t.Context()); err == nil || !strings.Contains(err.Error(), "is not recognized") {
			t.Errorf("%v", err)
		}
	})
}

// wire returns a job in the protocol.
func wire(id bits.JobID) string {
	return `{"id":"` + string(id) + `","display_name":"a","description":"","transfer_type":"download","priority":"normal",` +
		`"state":"suspended","bytes_transferred":"0","created_at":"2026-01-02T03:04:05Z","modified_at":"2026-01-02T03:04:05Z"}`
}

func TestNoiseAroundTheAgentsLinesIsIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.program = func(int) program {
			return func(ctx context.Context, commandLine string, stdin io.Reader, stdout, stderr io.Writer) int {
				_, _ = io.WriteString(stdout, "WARNING: a profile talks\r\n{\"b\":1,\"end\":true}\r\nno line end: ")
				_, _ = io.WriteString(stderr, "#< CLIXML")
				return r.world.standIn(ctx, commandLine, stdin, stdout, stderr)
			}
		}
		hello(t, r.host)
	})
}

func TestReadsAreRepeatedOverTheNextSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		r.kill()
		get(t, r.host, id)
		r.expect("close 1; open 2; 2/1 hello get")
	})
}

func TestASilentAgentIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.script(func(int, agent.Request) []string { return []string{} })
		r.warm()
		// The first caller's deadline is the batch's; a caller behind it gets the next agent.
		if _, err := r.host.Get(t.Context(), id, ""); !strings.Contains(fmt.Sprint(err), "did not respond within 1m0s") {
			t.Errorf("%v", err)
		}
		get(t, r.host, id)
		if story := r.story(); !strings.HasSuffix(story, "close 1; open 2; 2/1 hello get") {
			t.Error(story)
		}
	})
}

// TestResultsThatCameBeforeTheEndCount has an agent end between two operations of a batch.
func TestResultsThatCameBeforeTheEndCount(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.script(func(int, agent.Request) []string {
			return []string{`{"b":2,"r":[{"i":0,"v":{"job":` + wire(id) + `}}]}`}
		})
		r.faults(at("receive", 3, fault{before: errGone}))
		r.warm()
		if err := commit(r.host, id); err != nil {
			t.Errorf("%v", err)
		}
		synctest.Wait()
		r.expect("1/2 commit; close 1")
		if names := r.world.jobs(); slices.Contains(names, "nightly") {
			t.Error("the change was made again, though its result had come")
		}
	})
}
