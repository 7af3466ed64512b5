// SPDX-License-Identifier: MPL-2.0

package job

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files in testdata")

// situation is one that a job can be in when a plan is made.
type situation struct {
	name   string
	config values          // how it was declared
	move   func(*bits.Job) // what happened on the host since; nil: nothing
	ended  bool            // it was completed by Terraform
	tidied bool            // a file of it is gone
	gone   bits.Ending     // how it ended, by somebody else, as the event log tells
}

var matrixStates = []situation{
	{name: "pending"},
	{name: "declared suspended", config: values{"suspended": yes()}},
	{name: "suspended by somebody", move: moveTo(bits.StateSuspended)},
	{name: "resumed by somebody", config: values{"suspended": yes()}, move: moveTo(bits.StateTransferring)},
	{name: "error", move: failTransfer},
	{name: "error, declared suspended", config: values{"suspended": yes()}, move: failTransfer},
	{name: "transferred", move: moveTo(bits.StateTransferred)},
	{name: "transferred, not to be completed", config: values{"complete_when_transferred": no()}, move: moveTo(bits.StateTransferred)},
	{name: "completed by somebody", gone: bits.EndingCompleted},
	{name: "in error, then completed by somebody", gone: bits.EndingCompleted, move: failTransfer},
	{name: "cancelled by somebody", gone: bits.EndingCancelled},
	{name: "expired while it was transferred", gone: bits.EndingExpired, move: moveTo(bits.StateTransferred)},
	{name: "not listed, and nothing tells why", gone: bits.EndingUnknown},
	{name: "completed by somebody, replace for changes", gone: bits.EndingCompleted, config: values{"on_finished_change": text("replace")}},
	{name: "not listed, fail then", gone: bits.EndingUnknown, config: values{"on_missing": text("error")}},
	{name: "acknowledged, replace for changes", config: values{"wait_for_transfer": yes(), "on_finished_change": text("replace")}, ended: true},
	{name: "completed by somebody, record changes", gone: bits.EndingCompleted, config: values{"on_finished_change": text("ignore")}},
	{name: "acknowledged, record changes", config: values{"wait_for_transfer": yes(), "on_finished_change": text("ignore")}, ended: true},
	{name: "acknowledged, a file is gone", config: values{"wait_for_transfer": yes()}, ended: true, tidied: true},
	{name: "acknowledged, a file is gone, replace then", config: values{"wait_for_transfer": yes(), "on_file_missing": text("replace")}, ended: true, tidied: true},
	{name: "pending, with triggers", config: values{"triggers": triggersOf(text("1"))}},
	{name: "acknowledged, with triggers", config: values{"wait_for_transfer": yes(), "triggers": triggersOf(text("1"))}, ended: true},
	{name: "acknowledged", config: values{"wait_for_transfer": yes()}, ended: true},
}

const (
	urlA, urlB, urlC    = "https://dl.example/a.cab?sig=1", "https://dl.example/b.cab", "https://dl.example/c.cab"
	pathA, pathB, pathC = `C:\t\a.cab`, `C:\t\b.cab`, `C:\t\c.cab`
)

var matrixChanges = []struct {
	name string
	set  values
}{
	{name: "nothing"},
	{name: "priority", set: values{"priority": text("high")}},
	{name: "display name", set: values{"display_name": text("other name")}},
	{name: "description", set: values{"description": text("other words")}},
	{name: "description removed", set: values{"description": nullText()}},
	{name: "priority not known yet", set: values{"priority": unknownText()}},
	{name: "a file added", set: values{"files": fileList(urlA, pathA, urlB, pathB, urlC, pathC)}},
	{name: "a file added and the order changed", set: values{"files": fileList(urlC, pathC, urlB, pathB, urlA, pathA)}},
	{name: "a file removed", set: values{"files": fileList(urlA, pathA)}},
	{name: "a URL changed", set: values{"files": fileList(urlA, pathA, urlC, pathB)}},
	{name: "the query of a URL changed", set: values{"files": fileList("https://dl.example/a.cab?sig=2", pathA, urlB, pathB)}},
	{name: "another query of a URL", set: values{"files": fileList("https://dl.example/a.cab?version=2", pathA, urlB, pathB)}},
	{name: "the order of files changed", set: values{"files": fileList(urlB, pathB, urlA, pathA)}},
	{name: "the case of a local name changed", set: values{"files": fileList(urlA, `c:\T\A.cab`, urlB, pathB)}},
	{name: "a URL not known yet", set: values{"files": unknownFile(urlA, pathA, "", pathB)}},
	{name: "an added file not known yet", set: values{"files": unknownFile(urlA, pathA, urlB, pathB, "", "")}},
	{name: "a file not known yet as a whole", set: values{"files": unknownElement(urlA, pathA)}},
	{name: "an added file not known as a whole", set: values{"files": unknownElement(urlA, pathA, urlB, pathB)}},
	{name: "files not known yet", set: values{"files": tftypes.NewValue(tftypes.List{ElementType: fileObject}, tftypes.UnknownValue)}},
	{name: "the order of files and the priority", set: values{"files": fileList(urlB, pathB, urlA, pathA), "priority": text("low")}},
	{name: "transfer type", set: values{"transfer_type": text("upload"), "files": fileList(urlA, pathA, urlB, pathB)}},
	{name: "host spelled otherwise", set: values{"host": text("WEB01")}},
	{name: "host with the port that is used", set: values{"host": text("web01:5986")}},
	{name: "another port", set: values{"host": text("web01:5999")}},
	{name: "another host", set: values{"host": text("web02")}},
	{name: "a host not known yet", set: values{"host": unknownText()}},
	{name: "suspended", set: values{"suspended": yes(), "wait_for_transfer": no()}},
	{name: "not suspended", set: values{"suspended": no()}},
	{name: "wait", set: values{"wait_for_transfer": yes(), "suspended": no()}},
	{name: "wait, do not complete", set: values{"wait_for_transfer": yes(), "suspended": no(), "complete_when_transferred": no()}},
	{name: "wait and priority", set: values{"wait_for_transfer": yes(), "suspended": no(), "priority": text("high")}},
	{name: "complete", set: values{"complete_when_transferred": yes()}},
	{name: "do not complete", set: values{"complete_when_transferred": no()}},
	{name: "timeouts", set: values{"timeouts": timeoutsOf("2h")}},
	{name: "triggers", set: values{"triggers": triggersOf(text("2"))}},
	{name: "triggers not known yet", set: values{"triggers": triggersOf(unknownText())}},
	{name: "triggers and priority", set: values{"triggers": triggersOf(text("2")), "priority": text("high")}},
	{name: "other policies", set: values{"on_missing": text("replace"), "on_finished_change": text("error"), "on_file_missing": text("warn")}},
	{name: "priority and another host", set: values{"priority": text("high"), "host": text("web02")}},
}

func timeoutsOf(d string) tftypes.Value {
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"create": tftypes.String, "read": tftypes.String, "update": tftypes.String, "delete": tftypes.String,
	}}
	return tftypes.NewValue(typ, map[string]tftypes.Value{"create": text(d), "read": text("1m"), "update": text(d), "delete": text(d)})
}

// unknownFile makes a list of files in which empty names are unknown.
func unknownFile(names ...string) tftypes.Value { return filled(unknownText(), names...) }

// filled makes a list of files with a value for names that are empty.
func filled(value tftypes.Value, names ...string) tftypes.Value {
	list, _ := tftypes.Transform(fileList(names...), func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.Equal(text("")) {
			return value, nil
		}
		return v, nil
	})
	return list
}

// unknownElement makes a list of files whose last element is unknown as a whole.
func unknownElement(names ...string) tftypes.Value {
	var files []tftypes.Value
	_ = fileList(names...).As(&files)
	return tftypes.NewValue(tftypes.List{ElementType: fileObject}, append(files, tftypes.NewValue(fileObject, tftypes.UnknownValue)))
}

// TestMatrix plans every change for a job in every situation and compares with testdata/matrix.txt, which reads:
// what the plan does, and which attributes it changes ("?" marks those known after apply). It then applies the plan,
// and checks that nothing is planned any more: no diff is perpetual.
func TestMatrix(t *testing.T) {
	tables := make([][]string, len(matrixStates))
	t.Run("situations", func(t *testing.T) {
		for i, state := range matrixStates {
			t.Run(state.name, func(t *testing.T) {
				t.Parallel()
				tables[i] = append(tables[i], "# "+state.name)
				declared := state.declared(values{"files": fileList(urlA, pathA, urlB, pathB), "description": text("words")})
				r := ready(t)
				prior := state.reached(r, declared)
				host := r.host
				for _, change := range matrixChanges {
					r.host = host.clone()
					config := with(declared, change.set)
					p := r.plan(prior, config)
					tables[i] = append(tables[i], fmt.Sprintf("%-36s %s", change.name, describe(p)))
					r.keepsPromise(change.name, p, config)
				}
			})
		}
	})
	t.Logf("%d situations x %d changes = %d plans", len(matrixStates), len(matrixChanges), len(matrixStates)*len(matrixChanges))
	golden(t, "matrix.txt", strings.Join(slices.Concat(tables...), "\n")+"\n")
}

// declared is the configuration of a job in this situation.
func (s situation) declared(changes values) values {
	return with(jobConfig(changes), s.config)
}

// reached makes the job of a configuration, leads it there, and refreshes.
func (s situation) reached(r *rig, config values) instance {
	r.t.Helper()
	prior := r.brought(config, s.move, s.ended)
	if s.tidied {
		delete(r.host.files, bits.FileKey(pathB))
		prior, _ = r.refresh(prior)
	}
	if s.gone != "" {
		prior = r.vanished(prior, s.gone)
	}
	return prior
}

// brought makes a job, lets move happen on the host, and refreshes.
func (r *rig) brought(config values, move func(*bits.Job), ended bool) instance {
	r.t.Helper()
	if ended {
		r.host.onGet = moveTo(bits.StateTransferred)
	}
	made := r.created(config)
	r.host.onGet = nil
	if move != nil {
		for _, job := range r.host.jobs {
			move(job)
		}
	}
	read, diags := r.refresh(made)
	if failed(diags) {
		r.t.Fatal(formatted(diags))
	}
	return read
}

// vanished lets a job end by somebody else's hand, and refreshes.
func (r *rig) vanished(prior instance, how bits.Ending) instance {
	r.t.Helper()
	r.host.gone(r.host.theJob(r.t).ID)
	r.host.history = bits.History{Ending: how, At: &endedAt, By: `CORP\ops`}
	read, diags := r.refresh(prior)
	if failed(diags) {
		r.t.Fatal(formatted(diags))
	}
	return read
}

// keepsPromise applies a plan that changes a job in place: it does what was planned, or fails where the plan warned that it will.
func (r *rig) keepsPromise(name string, p planned, config values) {
	r.t.Helper()
	if p.action() != "update" || !p.config.IsFullyKnown() {
		return
	}
	expected := willFailAt(p.diags)
	if len(expected) == 0 {
		r.settles(name, p, config)
		return
	}
	r.host.called()
	_, diags := r.apply(r.t.Context(), p)
	var got []string
	for _, d := range diags {
		got = append(got, finding(d))
	}
	if diff := cmp.Diff(expected, got); diff != "" || r.host.mutated() {
		r.t.Errorf("%s: the plan and the apply differ (-plan +apply):\n%s\nthe host was asked for %v", name, diff, r.host.called())
	}
}

// willFailAt returns where a plan warns that the apply will fail, and why.
func willFailAt(diags []*tfprotov6.Diagnostic) []string {
	var at []string
	for _, d := range diags {
		if strings.HasPrefix(d.Detail, "Applying this plan will fail. ") && d.Severity == tfprotov6.DiagnosticSeverityWarning {
			at = append(at, finding(d))
		}
	}
	return at
}

func finding(d *tfprotov6.Diagnostic) string {
	return fmt.Sprintf("%s: %s", strings.TrimPrefix(d.Attribute.String(), "AttributeName"), d.Summary)
}

// settles applies a plan while the transfer succeeds, and plans until nothing is left to do: at once, or after one
// more apply for a job that is transferred by then.
func (r *rig) settles(name string, p planned, config values) {
	r.t.Helper()
	r.host.onGet = func(j *bits.Job) {
		if j.State.Stage() == bits.StagePending && r.looks > 0 {
			j.State = bits.StateTransferred
		}
	}
	for range 3 {
		r.looks = 0
		state, diags := r.apply(r.t.Context(), p)
		if failed(diags) {
			r.t.Errorf("%s: apply: %s", name, formatted(diags))
			return
		}
		if state, diags = r.refresh(state); failed(diags) {
			r.t.Errorf("%s: refresh: %s", name, formatted(diags))
			return
		}
		if p = r.plan(state, config); p.action() == "none" {
			return
		}
	}
	r.t.Errorf("%s: a perpetual diff: %s", name, describe(p))
}

// describe tells what a plan does.
func describe(p planned) string {
	if failed(p.diags) {
		return "error " + formatted(p.diags)
	}
	words := []string{p.action()}
	if len(p.replace) > 0 {
		words = append(words, "for")
		for _, at := range p.replace {
			words = append(words, strings.Trim(strings.TrimPrefix(at, "AttributeName"), `()"`))
		}
		return strings.Join(words, " ")
	}
	prior, state := attributesOf(p.prior.value, nil), attributesOf(p.state, nil)
	for _, name := range slices.Sorted(maps.Keys(state)) {
		before, after := prior[name], state[name]
		switch {
		case before.Equal(after):
		case !after.IsFullyKnown():
			words = append(words, name+"?")
		case name == "state":
			words = append(words, name+"="+textOf(p.state, name))
		default:
			words = append(words, name)
		}
	}
	if at := willFailAt(p.diags); len(at) > 0 {
		words = append(words, "and fails for", strings.Join(at, ", "))
	}
	return strings.Join(words, " ")
}

// golden compares with a file of testdata, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", file, diff)
	}
}
