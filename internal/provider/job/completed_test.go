// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestTheFilesOfACompletedJobAreLookedAt(t *testing.T) {
	for _, test := range []struct {
		name     string
		setup    func(h *fakeHost)
		says     []string
		replaced string // what is planned with on_file_missing = "replace"
	}{
		{name: "all are there", replaced: "none"},
		{name: "one is gone", setup: func(h *fakeHost) { delete(h.files, bits.FileKey(pathB)) }, says: []string{"BITS Job Files Missing", pathB}, replaced: "replace for state"},
		{
			name: "one has another size", setup: func(h *fakeHost) { h.files[bits.FileKey(pathB)] = diskFile{size: 5, at: fakeNow} },
			says: []string{"BITS Job Files Changed", pathB}, replaced: "none",
		},
		{
			name: "one has another time", setup: func(h *fakeHost) {
				h.files[bits.FileKey(pathB)] = diskFile{size: 1 << 20, at: fakeNow.Add(time.Hour)}
			},
			says: []string{"BITS Job Files Changed", pathB}, replaced: "none",
		},
		{name: "one can't be looked at", setup: func(h *fakeHost) { h.hidden = pathB }, says: []string{"BITS Job Files Not Checked", pathB, "E_ACCESSDENIED (0x80070005)"}, replaced: "none"},
		{name: "the host can't be reached", setup: func(h *fakeHost) {
			h.fail["stat"] = &connection.Error{Kind: connection.Unreachable, Host: "web01:5986", Problem: "nothing listens there"}
		}, says: []string{"Host Unreachable", "Unable to check the files of job"}, replaced: "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"wait_for_transfer": yes(), "files": fileList(urlA, pathA, urlB, pathB)})
			done := r.brought(config, nil, true)
			if test.setup != nil {
				test.setup(r.host)
			}
			r.host.called()
			read, diags := r.refresh(done)
			severity := "WARNING"
			if test.says == nil {
				severity = ""
			}
			expectDiagnostic(t, diags, severity, test.says...)
			if calls := r.host.called(); !slices.Equal(calls, []string{"stat"}) || !read.value.Equal(done.value) {
				t.Errorf("the refresh calls %v and gives %s", calls, read.value)
			}
			if p := r.plan(read, config); p.action() != "none" {
				t.Errorf("planned: %s", describe(p))
			}
			config["on_file_missing"] = text("replace")
			with := instance{value: r.object(r.resource, attributesOf(read.value, values{"on_file_missing": text("replace")})), private: read.private}
			if got := describe(r.plan(with, config)); got != test.replaced {
				t.Errorf("with replace is planned: %s, want %s", got, test.replaced)
			}
			r.host.called()
			ignoring := instance{value: r.object(r.resource, attributesOf(read.value, values{"on_file_missing": text("ignore")})), private: read.private}
			if _, diags := r.refresh(ignoring); len(diags) > 0 || len(r.host.called()) > 0 {
				t.Errorf("a refresh that ignores the files dials or complains: %s", formatted(diags))
			}
			if diags := r.destroy(read); len(diags) > 0 || len(r.host.called()) > 0 {
				t.Errorf("a destroy dials or complains: %s", formatted(diags))
			}
		})
	}
}

func TestAFileThatIsThereAgainIsNotGone(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"wait_for_transfer": yes(), "on_file_missing": text("replace")})
	done := r.brought(config, nil, true)
	kept := r.host.files
	r.host.files = nil
	lost, _ := r.refresh(done)
	r.host.files = kept
	back, diags := r.refresh(lost)
	if p := r.plan(back, config); len(diags) > 0 || p.action() != "none" {
		t.Errorf("planned: %s: %s", describe(p), formatted(diags))
	}
}

func TestTheFileOfACompletedUploadIsNotLookedAt(t *testing.T) {
	r := ready(t)
	done := r.brought(jobConfig(values{"wait_for_transfer": yes(), "transfer_type": text("upload")}), nil, true)
	r.host.called()
	if _, diags := r.refresh(done); len(diags) > 0 || len(r.host.called()) > 0 {
		t.Errorf("a refresh dials or complains: %s", formatted(diags))
	}
}

func TestAnotherOwnerIsAWarning(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	r.host.theJob(t).Owner = bits.Owner{SID: "S-1-5-21-1-2-3-500", Name: `WEB01\Administrator`}
	read, diags := r.refresh(made)
	expectDiagnostic(t, diags, "WARNING", "BITS Job Owner Changed", `changed owner from WEB01\svc-bits (S-1-5-21-1-2-3-1001) to WEB01\Administrator (S-1-5-21-1-2-3-500)`)
	if p := r.plan(read, jobConfig(nil)); p.action() != "none" {
		t.Errorf("planned: %s", describe(p))
	}
}

// TestALesserIdentityConcludesNothing has an account look that sees its own jobs only, where the job is LocalSystem's.
func TestALesserIdentityConcludesNothing(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	r.host.theJob(t).Owner = bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`}
	made, _ = r.refresh(made)
	r.host.blind = true
	read, diags := r.refresh(made)
	expectDiagnostic(t, diags, "ERROR", "Job Not Visible", "may belong to another account")
	if !read.value.Equal(made.value) {
		t.Errorf("the state is %s", read.value)
	}
	_, diags = r.apply(t.Context(), r.plan(made, jobConfig(values{"priority": text("high")})))
	expectDiagnostic(t, diags, "ERROR", "Job Not Visible", "Unable to set the priority of job")
	expectDiagnostic(t, r.destroy(made), "ERROR", "Job Not Visible", "Unable to remove job")
	if len(r.host.jobs) != 1 {
		t.Error("the job is gone")
	}
}
