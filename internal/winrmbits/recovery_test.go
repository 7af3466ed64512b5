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
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

var errBroken = lost(io.ErrUnexpectedEOF)

// at is something that goes wrong with one act on the first shell.
func at(verb string, n int, f fault) func(event) *fault {
	return func(e event) *fault {
		if e == (event{1, verb, n}) {
			return &f
		}
		return nil
	}
}

// TestALostConnectionIsAskedAgainOverTheSameShell has the answer or the request lost: the agent knows by the number
// what it did already.
func TestALostConnectionIsAskedAgainOverTheSameShell(t *testing.T) {
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
				if _, err := r.host.Get(t.Context(), job.ID, ""); err != nil { // late answers confuse nobody
					t.Error(err)
				}
				r.expect("1/3 get")
			})
		})
	}
}

// warm opens the session.
func (r *rig) warm() {
	r.t.Helper()
	if _, err := r.host.Hello(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.story()
}

func TestTheFirstBatchIsAskedAgainOnlyOnceTheAgentHasItsText(t *testing.T) {
	tests := []struct {
		name  string
		fault func(event) *fault
		want  string
	}{
		{"the output is lost", at("receive", 1, fault{after: errBroken}), "open 1; 1/1 hello create; 1/1 hello create"},
		{"the request is lost", at("send", 1, fault{before: errBroken}), "open 1; close 1; open 2; 2/1 hello adopt; 2/2 create"},
		{"the answer to the request is lost", at("send", 1, fault{after: errBroken}), "open 1; 1/1 hello create; close 1; open 2; 2/1 hello adopt"},
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
				r.program = func(shell int) program {
					if shell > 1 {
						return nil
					}
					return scripted(func(n int, request agent.Request) []string {
						switch {
						case n == 1:
							return greeting()
						case n-1 <= tt.unread:
							return []string{unreadable}
						}
						return []string{fmt.Sprintf(`{"b":%d,"r":[{"i":0,"v":{"job":%s}}],"end":true}`, request.B, wire(id))}
					})
				}
				r.warm()
				if job, err := r.host.Get(t.Context(), id, ""); err != nil || job.ID != id {
					t.Errorf("%v", err)
				}
				r.expect(tt.want)
			})
		})
	}
}

// TestAListOfWhichAPageWasLostIsNotWhole has the second half of a first answer come before the second answer.
func TestAListOfWhichAPageWasLostIsNotWhole(t *testing.T) {
	const one, two = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", "7f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	bubble(t, func(t *testing.T, r *rig) {
		r.program = func(int) program {
			return scripted(func(n int, _ agent.Request) []string {
				if n == 1 {
					return greeting()
				}
				return []string{
					`{"b":2,"r":[{"i":0,"page":[` + wire(one) + `]}]}`, pause,
					`{"b":2,"r":[{"i":0,"page":[` + wire(two) + `]},{"i":0,"v":{"count":2,"all_users":true,"now":"2026-11-20T10:11:12Z"}}],"end":true}`,
				}
			})
		}
		r.warm()
		r.faults(at("receive", 2, fault{after: errBroken}))
		jobs, err := r.host.List(t.Context(), false)
		if err != nil || len(jobs) != 2 {
			t.Errorf("%d jobs, %v", len(jobs), err)
		}
		r.expect("1/2 list; 1/2 list")
	})
}

// TestTheEndOfAnAnswerIsNotThatOfItsRepetition has the result of a change lost and the rest of its answer come.
func TestTheEndOfAnAnswerIsNotThatOfItsRepetition(t *testing.T) {
	const id = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	bubble(t, func(t *testing.T, r *rig) {
		r.program = func(int) program {
			return scripted(func(n int, _ agent.Request) []string {
				if n == 1 {
					return greeting()
				}
				return []string{`{"b":2,"r":[{"i":0,"v":{"absent":true,"hresult":null}}]}`, pause, `{"b":2,"end":true}`}
			})
		}
		r.warm()
		r.faults(at("receive", 2, fault{after: errBroken}))
		if removed, err := r.host.Remove(t.Context(), id); err != nil || !removed.Absent {
			t.Errorf("%+v, %v", removed, err)
		}
		r.expect("1/2 remove; 1/2 remove")
	})
}

func TestWhatAnEndedPowerShellSaidIsToldThoughTheSendFails(t *testing.T) {
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

// wire is a job as an agent tells it.
func wire(id bits.JobID) string {
	return `{"id":"` + string(id) + `","display_name":"a","description":"","transfer_type":"download","priority":"normal",` +
		`"state":"suspended","bytes_transferred":"0","created_at":"2026-01-02T03:04:05Z","modified_at":"2026-01-02T03:04:05Z"}`
}

func TestNoiseAroundTheAgentsLinesIsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.program = func(int) program {
			return func(ctx context.Context, commandLine string, stdin io.Reader, stdout, stderr io.Writer) int {
				_, _ = io.WriteString(stdout, "WARNING: a profile talks\r\n{\"b\":1,\"end\":true}\r\nno line end: ")
				_, _ = io.WriteString(stderr, "#< CLIXML")
				return r.world.standIn(ctx, commandLine, stdin, stdout, stderr)
			}
		}
		if _, err := r.host.Hello(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestReadsAreAskedAgainOverTheNextSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		for _, s := range r.all() {
			s.kill()
		}
		if _, err := r.host.Get(t.Context(), id, ""); err != nil {
			t.Error(err)
		}
		r.expect("close 1; open 2; 2/1 hello get")
	})
}

func TestAnAgentThatFallsSilentIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.program = func(shell int) program {
			if shell > 1 {
				return nil
			}
			return scripted(func(n int, _ agent.Request) []string {
				if n == 1 {
					return greeting()
				}
				return []string{}
			})
		}
		r.warm()
		// The first caller's deadline is the batch's; a caller behind it gets the next agent.
		if _, err := r.host.Get(t.Context(), id, ""); !strings.Contains(fmt.Sprint(err), "did not answer within 1m0s") {
			t.Errorf("%v", err)
		}
		if _, err := r.host.Get(t.Context(), id, ""); err != nil {
			t.Errorf("%v", err)
		}
		if story := r.story(); !strings.HasSuffix(story, "close 1; open 2; 2/1 hello get") {
			t.Error(story)
		}
	})
}

// TestResultsThatCameBeforeTheEndCount has an agent end between two operations of a batch.
func TestResultsThatCameBeforeTheEndCount(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.program = func(shell int) program {
			if shell > 1 {
				return nil
			}
			return scripted(func(n int, _ agent.Request) []string {
				if n == 1 {
					return greeting()
				}
				return []string{`{"b":2,"r":[{"i":0,"v":{"job":` + wire(id) + `}}]}`}
			})
		}
		r.faults(at("receive", 3, fault{before: &wsman.Fault{Code: 2150858843}}))
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
