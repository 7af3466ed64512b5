// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestUpdateSendsOneChange(t *testing.T) {
	watched := append([]string{"change"}, slices.Repeat([]string{"get"}, 7)...) // the retry of a job may fail again
	high, name, words, held, running := bits.PriorityHigh, "other name", "other words", true, false
	for _, test := range []struct {
		name   string
		prior  values
		move   func(*bits.Job)
		config values
		want   []bits.Change
		calls  []string
	}{
		{name: "one property", config: values{"priority": text("high")}, want: []bits.Change{{Priority: &high}}, calls: []string{"change"}},
		{
			name:   "several properties",
			config: values{"priority": text("high"), "display_name": text(name), "description": text(words), "suspended": yes()},
			want:   []bits.Change{{Priority: &high, DisplayName: &name, Description: &words, Suspended: &held}}, calls: []string{"change"},
		},
		{
			name: "files, after a look at what the job has already", config: values{"files": fileList(urlB, pathB, urlA, pathA, urlC, pathC)},
			want: []bits.Change{{AddFiles: []bits.FileSpec{{RemoteName: urlC, LocalName: pathC}}, Suspended: &running}}, calls: []string{"get", "change"},
		},
		{
			name: "files of a held job, which stays held", prior: values{"suspended": yes()}, config: values{"suspended": yes(), "files": fileList(urlA, pathA, urlB, pathB, urlC, pathC)},
			want: []bits.Change{{AddFiles: []bits.FileSpec{{RemoteName: urlC, LocalName: pathC}}, Suspended: &held}}, calls: []string{"get", "change"},
		},
		{
			name: "files that a broken append left in the job are not appended twice", move: func(j *bits.Job) {
				addFiles(j, []bits.FileSpec{{RemoteName: urlC, LocalName: `c:\t\C.cab`}})
			},
			config: values{"files": fileList(urlA, pathA, urlB, pathB, urlC, pathC)},
			want:   []bits.Change{{Suspended: &running}}, calls: []string{"get", "change"},
		},
		{name: "the retry of a failed job", move: failTransfer, want: []bits.Change{{Suspended: &running}}, calls: watched},
		{name: "the retry of a failed job with a correction", move: failTransfer, config: values{"priority": text("high")}, want: []bits.Change{{Priority: &high, Suspended: &running}}, calls: watched},
		{name: "the resume of a job that somebody suspended", move: moveTo(bits.StateSuspended), want: []bits.Change{{Suspended: &running}}, calls: []string{"change"}},
		{name: "the completion of a transferred job", move: moveTo(bits.StateTransferred), calls: []string{"complete"}},
		{name: "a change of a transferred job, then its completion", move: moveTo(bits.StateTransferred), config: values{"priority": text("high")}, want: []bits.Change{{Priority: &high}}, calls: []string{"change", "complete"}},
		{name: "nothing for this provider's own settings", config: values{"timeouts": timeoutsOf("2h"), "complete_when_transferred": no()}},
		{name: "nothing for triggers that are taken out", prior: values{"triggers": triggersOf(text("1"))}, config: values{"triggers": noTriggers()}},
		{name: "an empty description for one that is removed", config: values{"description": nullText()}, want: []bits.Change{{Description: new("")}}, calls: []string{"change"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"files": fileList(urlA, pathA, urlB, pathB), "description": text("words")})
			maps.Copy(config, test.prior)
			prior := r.brought(config, test.move, false)
			maps.Copy(config, test.config)
			r.host.called()
			p := r.plan(prior, config)
			if p.action() != "update" {
				t.Fatalf("planned: %s", describe(p))
			}
			_, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "")
			if diff := cmp.Diff(test.want, r.host.changes, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if calls := r.host.called(); !slices.Equal(calls, test.calls) {
				t.Errorf("the calls were %v, want %v", calls, test.calls)
			}
		})
	}
}

// TestTheJobEndsBetweenPlanAndApply is the honest error: nothing proves what became of the job.
func TestTheJobEndsBetweenPlanAndApply(t *testing.T) {
	for _, test := range []struct {
		name   string
		move   func(*bits.Job)
		config values
		at     string
		stage  string
	}{
		{"priority", nil, values{"priority": text("high")}, "priority", "pending"},
		{"display name", nil, values{"display_name": text("other")}, "display_name", "pending"},
		{"description", nil, values{"description": text("other")}, "description", "pending"},
		{"files", nil, values{"files": fileList(urlA, pathA, urlB, pathB)}, "files", "pending"},
		{"suspended", nil, values{"suspended": yes()}, "suspended", "pending"},
		{"retry", failTransfer, nil, "suspended", "error"},
		{"wait", nil, values{"wait_for_transfer": yes()}, "wait_for_transfer", "pending"},
		{"completion", moveTo(bits.StateTransferred), nil, "complete_when_transferred", "transferred"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"files": fileList(urlA, pathA)})
			prior := r.brought(config, test.move, false)
			maps.Copy(config, test.config)
			p := r.plan(prior, config)
			r.host.gone(r.host.theJob(t).ID)
			r.host.called()
			after, diags := r.apply(t.Context(), p)
			calls := r.host.called()
			if looks := slices.DeleteFunc(slices.Clone(calls), func(verb string) bool { return verb != "history" }); len(looks) != 1 {
				t.Errorf("the end of the job was looked up %d times: %v", len(looks), calls)
			}
			id := textOf(prior.value, "id")
			expectDiagnostic(t, diags, "ERROR", `[AttributeName("`+test.at+`")] Invalid BITS Job State: `,
				"BITS no longer lists job "+id+", which was "+test.stage+" when last read: it was completed, cancelled or expired since; "+
					"a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)")
			for _, name := range []string{"id", "state", "priority", "display_name"} {
				if name != test.at && textOf(after.value, name) != textOf(prior.value, name) {
					t.Errorf("%s is %s after the error, and was %s", name, textOf(after.value, name), textOf(prior.value, name))
				}
			}
			if test.at == "priority" && textOf(after.value, "priority") != "normal" {
				t.Error("the state has a priority that was never set")
			}
		})
	}
}

func TestTheStepThatTheHostRefusesIsReported(t *testing.T) {
	for _, test := range []struct {
		step  string
		doing string
		at    string
	}{
		{"set:priority", "set the priority of", "priority"},
		{"set:display_name", "set the display name of", "display_name"},
		{"set:description", "set the description of", "description"},
		{"add-file", "append files to", "files"},
		{"suspend", "suspend", "suspended"},
		{"read", "set the priority of", "priority"}, // before any of them
	} {
		t.Run(test.step, func(t *testing.T) {
			r := ready(t)
			prior := r.created(jobConfig(values{"files": fileList(urlA, pathA)}))
			r.host.fail["change"] = &bits.Error{Code: bits.CodeRefused, Step: test.step, HResult: 0x80200002}
			_, diags := r.apply(t.Context(), r.plan(prior, jobConfig(values{
				"priority": text("high"), "display_name": text("other"), "description": text("words"),
				"files": fileList(urlA, pathA, urlB, pathB), "suspended": yes(),
			})))
			expectDiagnostic(t, diags, "ERROR", `[AttributeName("`+test.at+`")] Invalid BITS Job State: Unable to `+test.doing+" job ",
				"the host returned BG_E_INVALID_STATE (0x80200002)")
			if strings.Contains(formatted(diags), "no longer lists") {
				t.Errorf("more is concluded than the host said: %s", formatted(diags))
			}
		})
	}
}

func TestAPartOfAChangeIsReadBack(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"files": fileList(urlA, pathA)})
	prior := r.created(config)
	maps.Copy(config, values{"priority": text("high"), "display_name": text("other"), "files": fileList(urlA, pathA, urlB, pathB, urlC, pathC)})
	p := r.plan(prior, config)
	job := r.host.theJob(t)
	r.host.fail["change"] = &bits.Error{Code: bits.CodeRefused, Step: "add-file", HResult: 0x80070003, File: pathC, Done: []string{"set:priority", "set:display_name"}}
	job.Priority, job.DisplayName = bits.PriorityHigh, "other"
	addFiles(job, []bits.FileSpec{{RemoteName: urlB, LocalName: pathB}})

	after, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "ERROR", "Path Not Found", "Unable to append files to job", `[AttributeName("files")]`, "Done before: set:priority, set:display_name.")
	delete(r.host.fail, "change")
	p = r.plan(after, config)
	if got, want := describe(p), "update files"; got != want {
		t.Errorf("left to do is %q, want %q", got, want)
	}
	r.host.called()
	_, diags = r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "")
	if len(job.Files) != 3 {
		t.Errorf("the job has the files %v", job.Files)
	}
}

func TestUpdateThatWaits(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"wait_for_transfer": yes()})
	r.slow = true
	ctx, cancel := context.WithCancel(t.Context())
	r.onPause = func(int) { cancel() }
	prior, _ := r.apply(ctx, r.plan(r.none(), config))
	r.slow, r.onPause = false, nil

	p := r.plan(prior, config)
	ctx, cancel = context.WithCancel(t.Context())
	r.onPause = func(int) { cancel() }
	again, diags := r.apply(ctx, p)
	expectDiagnostic(t, diags, "WARNING", "Interrupted", "The job is kept")
	if got := textOf(again.value, "state"); got != "pending" {
		t.Errorf("state is %s", got)
	}

	r.onPause = func(int) { failTransfer(r.host.theJob(t)) }
	stands, diags := r.apply(t.Context(), r.plan(again, config))
	expectDiagnostic(t, diags, "ERROR", "BITS Job Failed", "next apply resumes")
	if got := textOf(stands.value, "state"); got != "error" {
		t.Errorf("state is %s", got)
	}

	r.onPause = func(int) { r.host.theJob(t).State = bits.StateTransferred }
	done, diags := r.apply(t.Context(), r.plan(stands, config))
	if got := textOf(done.value, "state"); got != "acknowledged" || len(diags) > 0 {
		t.Errorf("state is %s: %s", got, formatted(diags))
	}
	if p := r.plan(done, config); p.action() != "none" {
		t.Errorf("planned: %s", describe(p))
	}
}

func TestACompletionThatDoesNotComeAboutIsAnError(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(h *fakeHost, j *bits.Job)
		want []string
	}{
		{"the host refuses", func(h *fakeHost, _ *bits.Job) { h.fail["complete"] = refused(0x80070005) }, []string{"Unable to complete job", "Access Denied"}},
		{"somebody resumed it with more files", func(_ *fakeHost, j *bits.Job) { j.State = bits.StateTransferring }, []string{"Unable to complete", "but is no longer"}},
		{"a destination file is locked", func(h *fakeHost, _ *bits.Job) { h.remaining = true }, []string{"Unable to complete", "BITS still lists the job"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.brought(jobConfig(nil), moveTo(bits.StateTransferred), false)
			p := r.plan(prior, jobConfig(nil))
			test.do(r.host, r.host.theJob(t))
			after, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "ERROR", test.want...)
			if got := textOf(after.value, "state"); got != "transferred" {
				t.Errorf("state is %s", got)
			}
		})
	}
}

func TestAnAcknowledgedJobRefusesChangesWithItsEvidence(t *testing.T) {
	r := ready(t)
	prior := r.brought(jobConfig(values{"wait_for_transfer": yes()}), nil, true)
	r.host.called()
	p := r.plan(prior, jobConfig(values{"wait_for_transfer": yes(), "priority": text("high")}))
	expectDiagnostic(t, p.diags, "WARNING", `[AttributeName("priority")] Invalid BITS Job State: Applying this plan will fail. Unable to change the priority of job `,
		`("nightly payload") on web01: it was completed at 2026-11-20T11:11:12Z by Terraform; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)`,
		`on_finished_change = "replace"`, "a value in triggers", `on_finished_change = "ignore"`, "terraform apply -replace=ADDRESS")
	if len(r.host.called()) > 0 {
		t.Error("a plan dialled the host")
	}
}

func TestAChangeOfAnAcknowledgedJobThatShowsAtApplyIsRefusedWithItsEvidence(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"wait_for_transfer": yes()})
	prior := r.brought(config, nil, true)
	maps.Copy(config, values{"priority": unknownText()})
	p := r.plan(prior, config)
	if len(p.diags) > 0 {
		t.Fatal(formatted(p.diags))
	}
	r.host.called()
	known := r.plan(prior, jobConfig(values{"wait_for_transfer": yes(), "priority": text("normal")}))
	p.config, p.state = known.config, known.state
	_, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "")
	p.config = r.object(r.resource, jobConfig(values{"wait_for_transfer": yes(), "priority": text("high")}))
	p.state = r.object(r.resource, attributesOf(p.state, values{"priority": text("high")}))
	after, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "ERROR", `[AttributeName("priority")] Invalid BITS Job State: Unable to change the priority of job `,
		"it was completed at 2026-11-20T11:11:12Z by Terraform; BITS no longer lists it")
	if len(r.host.called()) > 0 {
		t.Error("the host was asked about a job that it does not know")
	}
	if got := textOf(after.value, "priority"); got != "normal" {
		t.Errorf("the state has priority %s", got)
	}
}

func TestAnAcknowledgedJobIsNotDialledFor(t *testing.T) {
	r := ready(t)
	prior := r.brought(jobConfig(values{"wait_for_transfer": yes(), "triggers": triggersOf(text("1"))}), nil, true)
	dead := newRig(t)
	dead.mustConfigure(values{"host": text("web01")}) // not even a credential
	read, diags := dead.refresh(prior)
	expectDiagnostic(t, diags, "WARNING", "BITS Job Files Not Checked", "requires username and password")
	if !read.value.Equal(prior.value) {
		t.Errorf("a refresh gives %s", read.value)
	}
	p := dead.plan(prior, jobConfig(values{"wait_for_transfer": no(), "timeouts": timeoutsOf("1m")}))
	_, diags = dead.apply(t.Context(), p)
	expectDiagnostic(t, diags, "")
	expectDiagnostic(t, dead.destroy(prior), "")
	if len(dead.dialled) > 0 {
		t.Error("the host was dialled")
	}
}

func TestADeadHostIsNamedWithAWayOut(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	dead := &connection.Error{Kind: connection.Unreachable, Host: "web01:5986", Problem: "nothing listens there", Remedy: "Enable a listener."}
	for _, verb := range []string{"get", "change", "remove"} {
		r.host.fail[verb] = dead
	}
	read, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "ERROR", "Host Unreachable", "web01:5986: nothing listens there", "Enable a listener.")
	if read.value.IsNull() {
		t.Error("a transport error removed the job from the state")
	}
	_, diags = r.apply(t.Context(), r.plan(prior, jobConfig(values{"priority": text("high")})))
	expectDiagnostic(t, diags, "ERROR", "Host Unreachable", "Unable to set the priority of job")
	expectDiagnostic(t, r.destroy(prior), "ERROR", "Host Unreachable", "destroy = false", "terraform state rm")
}

// TestACompletionOutsideTerraformIsWhatWasPlanned has the event log tell it.
func TestACompletionOutsideTerraformIsWhatWasPlanned(t *testing.T) {
	for _, test := range []struct {
		name   string
		move   func(*bits.Job)
		config values
		how    bits.Ending
		fails  bool
	}{
		{name: "a completion", move: moveTo(bits.StateTransferred), how: bits.EndingCompleted},
		{name: "a wait", config: values{"wait_for_transfer": yes()}, how: bits.EndingCompleted},
		{name: "a completion and a change", move: moveTo(bits.StateTransferred), config: values{"priority": text("high")}, how: bits.EndingCompleted, fails: true},
		{name: "a cancelled job", move: moveTo(bits.StateTransferred), how: bits.EndingCancelled, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(nil)
			prior := r.brought(config, test.move, false)
			maps.Copy(config, test.config)
			p := r.plan(prior, config)
			r.host.gone(r.host.theJob(t).ID)
			r.host.history = bits.History{Ending: test.how, By: `CORP\ops`, At: &endedAt}
			after, diags := r.apply(t.Context(), p)
			if failed(diags) != test.fails {
				t.Fatal(formatted(diags))
			}
			if test.fails {
				return
			}
			expectDiagnostic(t, diags, "WARNING", "BITS Job Was Completed", `by CORP\ops before this apply could complete it`)
			if got := textOf(after.value, "state") + " " + textOf(after.value, "completed_at"); got != "acknowledged 2026-11-20T10:12:12Z" {
				t.Errorf("the state is %s", got)
			}
			r.host.history = bits.History{Ending: bits.EndingUnknown}
			if p := r.plan(after, config); p.action() != "none" {
				t.Errorf("planned after it: %s", describe(p))
			}
		})
	}
}

// TestASwitchThatIsKnownInTheApply plans with a switch that is not known yet, which turns out to ask for nothing.
func TestASwitchThatIsKnownInTheApply(t *testing.T) {
	for _, test := range []struct {
		name    string
		move    func(*bits.Job)
		unknown string
		then    values
	}{
		{name: "a pending job is not suspended", unknown: "suspended", then: values{"suspended": no()}},
		{name: "a pending job is not waited for", unknown: "wait_for_transfer", then: values{"wait_for_transfer": no()}},
		{name: "a transferred job is not completed", move: moveTo(bits.StateTransferred), unknown: "complete_when_transferred", then: values{"complete_when_transferred": no()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.brought(jobConfig(nil), test.move, false)
			config := jobConfig(values{test.unknown: unknownBool()})
			p := r.plan(prior, config)
			after, diags := r.apply(t.Context(), r.known(p, with(config, test.then), test.then))
			expectDiagnostic(t, diags, "")
			if got, want := textOf(after.value, "state"), textOf(prior.value, "state"); got != want {
				t.Errorf("state is %s, want %s", got, want)
			}
		})
	}
}
