// SPDX-License-Identifier: MPL-2.0

package job

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// theJob is the one job of the fake host.
func (h *fakeHost) theJob(t *testing.T) *bits.Job {
	t.Helper()
	if len(h.jobs) != 1 {
		t.Fatalf("the host has %d jobs, want one", len(h.jobs))
	}
	for _, job := range h.jobs {
		return job
	}
	return nil
}

func moveTo(state bits.State) func(*bits.Job) { return func(j *bits.Job) { j.State = state } }

func failTransfer(j *bits.Job) {
	j.State = bits.StateError
	j.Error = &bits.JobError{HResult: 0x80190194, Context: bits.ContextRemoteFile, File: pathA}
}

// TestWhatIsNotConfiguredWaits plans, and applies, with wait_for_transfer left out.
func TestWhatIsNotConfiguredWaits(t *testing.T) {
	for _, test := range []struct {
		name            string
		set, then       values // in the plan, and what is known in addition when it is applied
		planned, result tftypes.Value
		stage           string
	}{
		{name: "a job that runs", planned: yes(), result: yes(), stage: "acknowledged"},
		{name: "a suspended job does not", set: values{"suspended": yes()}, planned: no(), result: no(), stage: "suspended"},
		{
			name: "it is not known yet whether the job is suspended, and it is", set: values{"suspended": unknownBool()}, then: values{"suspended": yes()},
			planned: unknownBool(), result: no(), stage: "suspended",
		},
		{
			name: "it is not known yet whether the job is suspended, and it is not", set: values{"suspended": unknownBool()}, then: values{"suspended": no()},
			planned: unknownBool(), result: yes(), stage: "acknowledged",
		},
		{name: "the configuration says no", set: values{"wait_for_transfer": no()}, planned: no(), result: no(), stage: "pending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := with(jobConfig(values{"wait_for_transfer": tftypes.NewValue(tftypes.Bool, nil)}), test.set)
			p := r.plan(r.none(), config)
			if got := attribute(p.state, "wait_for_transfer"); !got.Equal(test.planned) {
				t.Errorf("planned: %s, want %s", got, test.planned)
			}
			r.onPause = func(int) { r.host.theJob(t).State = bits.StateTransferred }
			made, diags := r.apply(t.Context(), r.known(p, with(config, test.then), test.then))
			expectDiagnostic(t, diags, "")
			if got := attribute(made.value, "wait_for_transfer"); !got.Equal(test.result) || textOf(made.value, "state") != test.stage {
				t.Errorf("the apply has %s, state %s", got, textOf(made.value, "state"))
			}
			if got := describe(r.plan(made, with(config, test.then))); test.stage != "pending" && got != "none" {
				t.Errorf("planned after it: %s", got)
			}
		})
	}
}

// TestAFileThatIsKnownAtApply plans a new job with a file that is unknown as a whole, such as an output of another resource.
func TestAFileThatIsKnownAtApply(t *testing.T) {
	r := ready(t)
	p := r.plan(r.none(), jobConfig(values{"files": unknownElement(urlA, pathA)}))
	expectDiagnostic(t, p.diags, "")
	if got, want := attribute(p.state, "files"), unknownElement(urlA, pathA); !got.Equal(want) {
		t.Errorf("planned: %s, want %s", got, want)
	}
	then := values{"files": fileList(urlA, pathA, urlB, pathB)}
	made, diags := r.apply(t.Context(), r.known(p, jobConfig(then), then))
	expectDiagnostic(t, diags, "")
	if got := r.host.theJob(t).Files; len(got) != 2 || got[1].RemoteName != urlB || got[1].LocalName != pathB {
		t.Errorf("the job has %+v", got)
	}
	if got := describe(r.plan(made, jobConfig(then))); got != "none" {
		t.Errorf("planned after it: %s", got)
	}
}

func unknownBool() tftypes.Value { return tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue) }

// known returns a plan with values that became known between plan and apply.
func (r *rig) known(p planned, config, changes values) planned {
	p.config = r.object(r.resource, config)
	p.state = r.object(r.resource, attributesOf(p.state, changes))
	return p
}

func TestCreateThatWaits(t *testing.T) {
	for _, test := range []struct {
		name     string
		config   values
		during   func(r *rig, id bits.JobID) // before the second look
		setup    func(h *fakeHost)
		state    string
		severity string // of the one diagnostic; "" for none
		want     []string
		calls    []string
	}{
		{
			name: "the files are there", during: func(r *rig, id bits.JobID) { r.host.jobs[id].State = bits.StateTransferred },
			state: "acknowledged", calls: []string{"list mine=false", "create", "commit", "get", "get", "complete"},
		},
		{
			name: "a job in transient error is resumed", during: func(r *rig, id bits.JobID) {
				r.host.jobs[id].State = bits.StateTransientError
				r.host.onGet = func(j *bits.Job) {
					if j.State == bits.StateQueued {
						j.State = bits.StateTransferred
					}
				}
			},
			state: "acknowledged", calls: []string{"list mine=false", "create", "commit", "get", "get", "change", "get", "complete"},
		},
		{
			name: "without completion it ends at transferred", config: values{"complete_when_transferred": no()},
			during: func(r *rig, id bits.JobID) { r.host.jobs[id].State = bits.StateTransferred },
			state:  "transferred", calls: []string{"list mine=false", "create", "commit", "get", "get"},
		},
		{
			name: "a failed job is an error, and the text says how to keep it", during: func(r *rig, id bits.JobID) { failTransfer(r.host.jobs[id]) },
			state: "error", severity: "ERROR", want: []string{"BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", "terraform untaint"},
		},
		{
			name: "a job that somebody suspends is a warning", during: func(r *rig, id bits.JobID) { r.host.jobs[id].State = bits.StateSuspended },
			state: "suspended", severity: "WARNING", want: []string{"BITS Job Suspended", "The job is kept"},
		},
		{
			name: "a job that vanishes is a warning without conclusions", during: func(r *rig, id bits.JobID) { delete(r.host.jobs, id) },
			state: "pending", severity: "WARNING", want: []string{"BITS no longer lists it: it was completed, was cancelled or has expired, and it is unknown whether its files arrived"},
		},
		{
			name: "a connection that breaks is a warning", during: func(r *rig, _ bits.JobID) {
				r.host.fail["get"] = &connection.Error{Kind: connection.Lost, Host: "web01:5986", Problem: "the session broke"}
			},
			state: "pending", severity: "WARNING", want: []string{"Connection Lost", "the session broke", "The job is kept"},
		},
		{
			name: "a completion that is refused is a warning", during: func(r *rig, id bits.JobID) { r.host.jobs[id].State = bits.StateTransferred },
			setup: func(h *fakeHost) { h.fail["complete"] = refused(0x80070005) },
			state: "transferred", severity: "WARNING", want: []string{"Access Denied", "The job is kept"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			if test.setup != nil {
				test.setup(r.host)
			}
			r.onPause = func(n int) {
				if n == 2 {
					test.during(r, r.host.theJob(t).ID)
				}
			}
			config := jobConfig(values{"wait_for_transfer": yes()})
			maps.Copy(config, test.config)
			made, diags := r.apply(t.Context(), r.plan(r.none(), config))
			if got := textOf(made.value, "state"); got != test.state {
				t.Errorf("state is %s, want %s", got, test.state)
			}
			expectDiagnostic(t, diags, test.severity, test.want...)
			if test.calls != nil && !slices.Equal(r.host.called(), test.calls) {
				t.Errorf("the calls were %v, want %v", r.host.called(), test.calls)
			}
			wantError := test.state == "error"
			if got := attribute(made.value, "error"); got.IsNull() == wantError {
				t.Errorf("error is %s in state %s", got, test.state)
			}
			wantCompleted := test.state == "acknowledged"
			if got := textOf(made.value, "completed_at"); (got != "(null)") != wantCompleted {
				t.Errorf("completed_at is %s in state %s", got, test.state)
			}
		})
	}
}

// expectDiagnostic expects one diagnostic of a severity, or none.
func expectDiagnostic(t *testing.T, diags []*tfprotov6.Diagnostic, severity string, want ...string) {
	t.Helper()
	if severity == "" {
		if len(diags) > 0 {
			t.Errorf("unexpected: %s", formatted(diags))
		}
		return
	}
	if len(diags) != 1 || diags[0].Severity.String() != severity {
		t.Fatalf("want one %s, got: %s", severity, formatted(diags))
	}
	for _, w := range want {
		if !strings.Contains(formatted(diags), w) {
			t.Errorf("%q is missing in: %s", w, formatted(diags))
		}
	}
}

func TestCtrlCKeepsTheJob(t *testing.T) {
	r := ready(t)
	r.onPause = func(n int) {
		r.slow = n == 3
		if r.slow { // Terraform sends this when it is interrupted
			if _, err := r.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		}
	}
	p := r.plan(r.none(), jobConfig(values{"wait_for_transfer": yes()}))
	made, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "WARNING", "Interrupted", "The job is kept")
	if id := textOf(made.value, "id"); id != string(r.host.theJob(t).ID) {
		t.Errorf("the state has id %s", id)
	}
	again := r.plan(made, jobConfig(values{"wait_for_transfer": yes()}))
	if got, want := describe(again), "update completed_at? state?"; got != want {
		t.Errorf("the next plan is %q, want %q", got, want)
	}
}

func TestATimeoutKeepsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ready(t)
		config := jobConfig(values{"wait_for_transfer": yes(), "timeouts": timeoutsOf("40ms")})
		r.slow = true
		made, diags := r.apply(t.Context(), r.plan(r.none(), config))
		expectDiagnostic(t, diags, "WARNING", "Timeout", "timeouts", "The job is kept")
		if got := textOf(made.value, "state"); got != "pending" {
			t.Errorf("state is %s", got)
		}
	})
}

func TestCreateThatIsRefusedLeavesNothing(t *testing.T) {
	r := ready(t)
	r.host.fail["create"] = &bits.Error{Code: bits.CodeRefused, Step: "add-file", HResult: 0x80070003, File: `C:\ProgramData\Acme\p.cab`}
	made, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
	expectDiagnostic(t, diags, "ERROR", "Path Not Found", "0x80070003", `[AttributeName("files")]`)
	if !made.value.IsNull() {
		t.Errorf("the state holds %s", made.value)
	}
}

func TestCreateThatCouldNotTidyUpIsRemembered(t *testing.T) {
	r := ready(t)
	r.host.put(bits.Job{ID: anID, State: bits.StateSuspended, DisplayName: bits.PendingPrefix + "0"})
	r.host.fail["create"] = &bits.Error{Code: bits.CodeRefused, Step: "add-file", HResult: 0x800704DD, Left: anID}
	made, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
	expectDiagnostic(t, diags, "ERROR", "Job Owner Not Logged On", string(anID))
	if diags := r.destroy(made); len(diags) > 0 || len(r.host.jobs) > 0 {
		t.Errorf("%d jobs are left: %s", len(r.host.jobs), formatted(diags))
	}
}

func TestCommitThatFailsKeepsTheID(t *testing.T) {
	r := ready(t)
	r.host.fail["commit"] = refused(0x80070005)
	made, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
	expectDiagnostic(t, diags, "ERROR", "Access Denied", "Unable to name and start job", "The resource is tainted: the next apply replaces the job.")
	if got := textOf(made.value, "id"); got != string(r.host.theJob(t).ID) {
		t.Errorf("the state has id %s", got)
	}
}

func TestUnknownOutcomeOfTheLookForAPendingJobIsNoConclusion(t *testing.T) {
	r := ready(t)
	r.host.after["create"] = bits.ErrUnknownOutcome
	tainted, _ := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
	r.host.fail["adopt"] = errors.New("connection reset")
	read, diags := r.refresh(tainted)
	if !failed(diags) || !read.value.Equal(tainted.value) {
		t.Errorf("a refresh gives %s: %s", read.value, formatted(diags))
	}
	if diags := r.destroy(tainted); !failed(diags) {
		t.Error("a destroy succeeds")
	}
}

func TestWhatIsSentAndKept(t *testing.T) {
	r := ready(t)
	name := "a\"b'c$(x)`\n😀"
	made := r.created(jobConfig(values{
		"display_name": text(name), "description": text("d"), "priority": text("low"), "suspended": yes(),
		"files": fileList(urlA, pathA, urlB, pathB),
	}))
	r.expectCalls("list mine=false", "create", "commit")
	job := r.host.theJob(t)
	if job.DisplayName != name || job.Description != "d" || job.Priority != bits.PriorityLow || job.State != bits.StateSuspended ||
		job.TransferType != bits.Download || len(job.Files) != 2 || job.Files[1].LocalName != pathB || job.Files[1].RemoteName != urlB {
		t.Errorf("the host has %+v", job)
	}
	for attribute, want := range map[string]string{
		"id": "00000000-0000-4000-8000-000000000001", "host": "web01", "state": "suspended", "created_at": "2026-11-20T10:11:12Z", "completed_at": "(null)",
	} {
		if got := textOf(made.value, attribute); got != want {
			t.Errorf("%s is %q, want %q", attribute, got, want)
		}
	}
	if read, diags := r.refresh(made); len(diags) > 0 || !read.value.Equal(made.value) {
		t.Errorf("a refresh changes the state to %s: %s", read.value, formatted(diags))
	}
}

func TestTokensDiffer(t *testing.T) {
	a, b := newToken(), newToken()
	if a == b || len(a) != 32 || strings.Trim(a, "0123456789abcdef") != "" {
		t.Errorf("%q and %q", a, b)
	}
}
