// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var (
	rightHash = strings.Repeat("0a", 32)
	wrongHash = strings.Repeat("1b", 32)
)

// hashedFile is a list of one file of which a content is expected.
func hashedFile(sha256 tftypes.Value) values {
	file := tftypes.NewValue(fileObject, map[string]tftypes.Value{"remote_name": text(urlA), "local_name": text(pathA), "sha256": sha256})
	return values{"files": tftypes.NewValue(tftypes.List{ElementType: fileObject}, []tftypes.Value{file})}
}

func hashedJob(sha256 tftypes.Value, more values) values {
	config := jobConfig(hashedFile(sha256))
	maps.Copy(config, more)
	return config
}

// arriving serves a provider whose files arrive with the right content.
func arriving(t *testing.T) *rig {
	t.Helper()
	r := ready(t)
	r.host.content = rightHash
	return r
}

// expectCalls expects verbs since the last time, among those that a plan or an apply needs anyway.
func (r *rig) expectCalls(want ...string) {
	r.t.Helper()
	if calls := r.host.called(); !slices.Equal(calls, want) {
		r.t.Errorf("the calls were %v, want %v", calls, want)
	}
}

func TestTheContentOfAFileIsComparedOnceWhenTheJobIsCompleted(t *testing.T) {
	r := arriving(t)
	config := hashedJob(text(rightHash), values{"wait_for_transfer": yes()})
	done := r.brought(config, nil, true)
	if calls := r.host.called(); calls[len(calls)-2] != "hash" || calls[len(calls)-1] != "stat" {
		t.Errorf("the calls were %v", calls)
	}
	for _, same := range []string{rightHash, strings.ToUpper(rightHash)} {
		read, diags := r.refresh(done)
		r.expectCalls("stat")
		if p := r.plan(read, hashedJob(text(same), values{"wait_for_transfer": yes()})); p.action() != "none" || len(diags) > 0 {
			t.Errorf("planned: %s: %s", describe(p), formatted(diags))
		}
	}
}

func TestACreateWhoseFileHasAnotherContentIsAnError(t *testing.T) {
	r := arriving(t)
	config := hashedJob(text(wrongHash), values{"wait_for_transfer": yes()})
	r.host.onGet = moveTo(bits.StateTransferred)
	made, diags := r.apply(t.Context(), r.plan(r.none(), config))
	expectDiagnostic(t, diags, "ERROR", `[AttributeName("files")]`, "SHA-256 Mismatch: files[0].sha256", pathA, "has the SHA-256 "+rightHash, wrongHash+" is expected",
		"The file stays on the host", "tainted", "terraform untaint")
	if textOf(made.value, "state") != "acknowledged" || len(r.host.files) != 1 {
		t.Errorf("the state is %s", made.value)
	}
	// Untainted: what is not corrected is a warning, what is corrected transfers nothing.
	read, diags := r.refresh(made)
	expectDiagnostic(t, diags, "WARNING", "SHA-256 Mismatch", pathA+" has "+rightHash, `on_file_missing = "replace"`)
	if got := describe(r.plan(read, config)); got != "none" {
		t.Errorf("planned: %s", got)
	}
	p := r.plan(read, hashedJob(text(rightHash), values{"wait_for_transfer": yes()}))
	r.host.called()
	if _, diags = r.apply(t.Context(), p); describe(p) != "update files" || len(diags) > 0 {
		t.Errorf("planned: %s: %s", describe(p), formatted(diags))
	}
	r.expectCalls()
}

func TestAContentThatCantBeComparedLeavesTheCompletionToTheNextApply(t *testing.T) {
	for _, how := range []string{"create", "update"} {
		t.Run(how, func(t *testing.T) {
			r := arriving(t)
			config := hashedJob(text(rightHash), nil)
			prior := r.none()
			if how == "update" {
				prior = r.brought(config, nil, false)
			}
			config["wait_for_transfer"] = yes()
			r.host.fail["hash"] = refused(0x80070020)
			r.host.onGet = moveTo(bits.StateTransferred)
			half, diags := r.apply(t.Context(), r.plan(prior, config))
			expectDiagnostic(t, diags, "WARNING", "Unable to check the files of job", "0x80070020", "next apply continues with it")
			if textOf(half.value, "state") != "transferred" || !attribute(half.value, "completed_at").IsNull() {
				t.Errorf("the state is %s", half.value)
			}
			read, diags := r.refresh(half)
			expectDiagnostic(t, diags, "WARNING", "BITS Job Was Completed", "by Terraform")
			p := r.plan(read, config)
			r.host.called()
			_, diags = r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "ERROR", "Unable to check the files of job")
			delete(r.host.fail, "hash")
			r.host.called()
			done, diags := r.apply(t.Context(), p)
			r.expectCalls("hash")
			if len(diags) > 0 || textOf(done.value, "state") != "acknowledged" {
				t.Errorf("the state is %s: %s", done.value, formatted(diags))
			}
		})
	}
}

// TestACompletionWithAnotherContentIsNotRecorded has jobs completed by an update, and by somebody else.
func TestACompletionWithAnotherContentIsNotRecorded(t *testing.T) {
	for _, how := range []string{"an update", "somebody", "somebody during the apply"} {
		t.Run(how, func(t *testing.T) {
			r := arriving(t)
			config := hashedJob(text(wrongHash), nil)
			job := r.brought(config, moveTo(bits.StateTransferred), false)
			if how == "somebody" {
				r.host.arrive(r.host.theJob(t))
				job = r.vanished(job, bits.EndingCompleted)
			}
			p := r.plan(job, config)
			if how == "somebody during the apply" {
				r.host.arrive(r.host.theJob(t))
				r.host.gone(r.host.theJob(t).ID)
				r.host.history = bits.History{Ending: bits.EndingCompleted, At: &endedAt, By: `CORP\ops`}
			}
			after, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "ERROR", "SHA-256 Mismatch", rightHash, wrongHash, "the next apply replaces the job", "correct sha256")
			if got := textOf(after.value, "state"); got != "transferred" {
				t.Errorf("state is %s", got)
			}
			read, diags := r.refresh(after)
			expectDiagnostic(t, diags, "WARNING", "SHA-256 Mismatch", "The plan replaces the job")
			if got := describe(r.plan(read, config)); got != "replace for state" {
				t.Errorf("planned: %s", got)
			}
			p = r.plan(read, hashedJob(text(rightHash), nil))
			r.host.called()
			done, diags := r.apply(t.Context(), p)
			r.expectCalls()
			if len(diags) > 0 || textOf(done.value, "state") != "acknowledged" {
				t.Errorf("planned: %s: %s", describe(p), formatted(diags))
			}
		})
	}
}

func TestAContentThatIsExpectedOfACompletedJob(t *testing.T) {
	for _, test := range []struct {
		name          string
		before, after tftypes.Value
		more          values
		plan          string
		calls         []string
		fails         []string // of the apply, or of the plan where that fails
	}{
		{name: "none was, and the file has it", before: nullText(), after: text(rightHash), plan: "update files", calls: []string{"hash"}},
		{
			name: "none was, and the file has another", before: nullText(), after: text(wrongHash), plan: "update files", calls: []string{"hash"},
			fails: []string{"SHA-256 Mismatch", rightHash, "revert or correct sha256"},
		},
		{name: "none is any more", before: text(rightHash), after: nullText(), plan: "update files"},
		{name: "another one is, which the file does not have", before: text(rightHash), after: text(wrongHash), plan: `update files and fails for ("files"): SHA-256 Mismatch`, fails: []string{`on_finished_change = "replace"`}},
		{
			name: "another one is, and changes replace the job", before: text(rightHash), after: text(wrongHash), more: values{"on_finished_change": text("replace")},
			plan: "replace for files",
		},
		{
			name: "another one is, and changes are recorded", before: text(rightHash), after: text(wrongHash), more: values{"on_finished_change": text("ignore")},
			plan: `update files and fails for ("files"): SHA-256 Mismatch`, fails: []string{`on_finished_change = "replace"`},
		},
		{name: "it is not known yet", before: text(rightHash), after: unknownText(), plan: "update files?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := arriving(t)
			more := values{"wait_for_transfer": yes()}
			maps.Copy(more, test.more)
			done := r.brought(hashedJob(test.before, more), nil, true)
			p := r.plan(done, hashedJob(test.after, more))
			if got := describe(p); got != test.plan {
				t.Errorf("planned: %s, want %s", got, test.plan)
			}
			if p.action() != "update" || !p.config.IsFullyKnown() {
				return
			}
			r.host.called()
			_, diags := r.apply(t.Context(), p)
			r.expectCalls(test.calls...)
			if test.fails == nil {
				expectDiagnostic(t, diags, "")
				return
			}
			expectDiagnostic(t, diags, "ERROR", test.fails...)
		})
	}
}

func TestAContentThatIsExpectedOfALiveJobAsksNothingOfTheHost(t *testing.T) {
	r := arriving(t)
	job := r.brought(hashedJob(nullText(), nil), nil, false)
	p := r.plan(job, hashedJob(text(rightHash), nil))
	r.host.called()
	if _, diags := r.apply(t.Context(), p); describe(p) != "update files" || len(diags) > 0 {
		t.Errorf("planned: %s: %s", describe(p), formatted(diags))
	}
	r.expectCalls()
}

func TestAFileThatWasTouchedIsComparedAgain(t *testing.T) {
	for _, test := range []struct {
		name     string
		disk     diskFile
		setup    func(h *fakeHost)
		says     []string
		replaced string
	}{
		{name: "it has the content still", disk: diskFile{size: 1 << 20, at: fakeNow.Add(time.Hour), sha256: rightHash}, replaced: "none"},
		{name: "it has another content", disk: diskFile{size: 5, at: fakeNow, sha256: wrongHash}, says: []string{"SHA-256 Mismatch", pathA + " has " + wrongHash + ", and " + rightHash + " is expected"}, replaced: "replace for state"},
		{
			name: "nobody can read it", disk: diskFile{size: 5, at: fakeNow, sha256: wrongHash}, setup: func(h *fakeHost) { h.fail["hash"] = refused(0x80070020) },
			says: []string{"Unable to check the files of job", "0x80070020"}, replaced: "none",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := arriving(t)
			config := hashedJob(text(rightHash), values{"wait_for_transfer": yes()})
			done := r.brought(config, nil, true)
			r.host.files[bits.FileKey(pathA)] = test.disk
			if test.setup != nil {
				test.setup(r.host)
			}
			r.host.called()
			read, diags := r.refresh(done)
			r.expectCalls("stat", "hash")
			severity := "WARNING"
			if test.says == nil {
				severity = ""
			}
			expectDiagnostic(t, diags, severity, test.says...)
			if got := describe(r.plan(read, config)); got != "none" {
				t.Errorf("planned: %s", got)
			}
			if test.setup == nil { // what is on record is not computed again
				r.host.called()
				_, _ = r.refresh(read)
				r.expectCalls("stat")
			}
			replace := values{"on_file_missing": text("replace")}
			with := instance{value: r.object(r.resource, attributesOf(read.value, replace)), private: read.private}
			maps.Copy(config, replace)
			if got := describe(r.plan(with, config)); got != test.replaced {
				t.Errorf("with replace is planned: %s, want %s", got, test.replaced)
			}
			if test.says != nil && test.replaced != "none" { // the new content is the one that is wanted
				maps.Copy(config, hashedFile(text(wrongHash)))
				if got := describe(r.plan(with, config)); got != "update files" {
					t.Errorf("with the new hash is planned: %s", got)
				}
			}
		})
	}
}

func TestContentsThatCanNotBeComparedAreRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		want   string
	}{
		{"64 digits in any case", hashedFile(text(strings.Repeat("aB", 32))), ""},
		{"40 digits", hashedFile(text(strings.Repeat("a", 40))), "It has 40 digits"},
		{"a prefix", hashedFile(text("sha256:" + rightHash)), `contains 's'`},
		{"nothing", hashedFile(text("")), "It has 0 digits"},
		{"of an upload", func() values {
			v := hashedFile(text(rightHash))
			v["transfer_type"] = text("upload")
			return v
		}(), "only supported for downloads"},
		{"on a share", values{"files": tftypes.NewValue(tftypes.List{ElementType: fileObject}, []tftypes.Value{tftypes.NewValue(fileObject, map[string]tftypes.Value{
			"remote_name": text(urlA), "local_name": text(`\\srv\share\a.cab`), "sha256": text(rightHash),
		})})}, "is on a share"},
		{"not known yet", hashedFile(unknownText()), ""},
	} {
		t.Run(test.name, func(t *testing.T) { checkOne(t, newRig(t), jobConfig(test.config), "files[0].sha256", test.want) })
	}
}
