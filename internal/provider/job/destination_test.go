// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// TestALiveJobOfTheSameFile creates a job whose file a job on the host writes already.
func TestALiveJobOfTheSameFile(t *testing.T) {
	system := bits.Owner{SID: trouble.SystemSID, Name: `NT AUTHORITY\SYSTEM`}
	for _, test := range []struct {
		name     string
		was      values          // how the job on the host was made
		since    func(*bits.Job) // what happened to it
		now      values
		severity string
		says     []string
		calls    []string
		changes  []bits.Change
		fail     string // a verb that the host refuses
		removed  bool   // the job on the host
	}{
		{
			name: "as a killed run leaves it", severity: "WARNING",
			says:  []string{"BITS Job Was Adopted", "probably from an interrupted run", "terraform state rm ADDRESS for one of the two"},
			calls: []string{"list mine=false", "get"},
		},
		{
			name: "as a killed run leaves it, and the priority was changed since", now: values{"priority": text("high"), "description": text("words")}, severity: "WARNING",
			says: []string{"BITS Job Was Adopted"}, calls: []string{"list mine=false", "get", "change"},
			changes: []bits.Change{{Priority: new(bits.PriorityHigh), Description: new("words")}},
		},
		{
			name: "failed, as a killed run leaves it", since: failTransfer, severity: "WARNING", says: []string{"BITS Job Was Adopted"},
			calls:   append([]string{"list mine=false", "get", "change"}, slices.Repeat([]string{"get"}, 7)...), // whether it fails again
			changes: []bits.Change{{Suspended: new(false)}},
		},
		{
			name: "suspended, and it is to run", since: moveTo(bits.StateSuspended), severity: "WARNING", says: []string{"BITS Job Was Adopted"},
			calls: []string{"list mine=false", "get", "change"}, changes: []bits.Change{{Suspended: new(false)}},
		},
		{
			name: "of another account", since: func(j *bits.Job) { j.Owner = bits.Owner{SID: "S-1-5-21-9", Name: `CORP\ops`} }, severity: "ERROR",
			says: []string{
				`[AttributeName("files")] Duplicate Destination`, `C:\ProgramData\Acme\p.cab on web01 is also written by job`, `of CORP\ops (S-1-5-21-9)`,
				"import {", `id = "web01/00000000-0000-4000-8000-000000000001"`, "Remove-BitsTransfer", "create_before_destroy",
			},
			calls: []string{"list mine=false", "get"},
		},
		{
			name: "of another name", now: values{"display_name": text("other")}, severity: "ERROR", says: []string{"Duplicate Destination"},
			calls: []string{"list mine=false", "get"},
		},
		{
			name: "from another URL, in another case", now: values{"files": fileList(urlA, `c:\PROGRAMDATA\acme\P.cab`)}, severity: "ERROR",
			says: []string{"Duplicate Destination"}, calls: []string{"list mine=false", "get"},
		},
		{
			name: "with dynamic content, which does not change", now: values{"dynamic": yes(), "priority": text("foreground")}, severity: "ERROR",
			says: []string{"Duplicate Destination"}, calls: []string{"list mine=false", "get"},
		},
		{
			name: "pending, as a killed run leaves it", since: pending, removed: true,
			calls: []string{"list mine=false", "get", "remove", "create", "commit"},
		},
		{
			name: "pending, under another name of the declared job", since: pending, now: values{"display_name": text("other")}, removed: true,
			calls: []string{"list mine=false", "get", "remove", "create", "commit"},
		},
		{
			name: "pending, and it can't be removed", since: pending, fail: "remove",
			calls: []string{"list mine=false", "get", "remove", "create", "commit"},
		},
		{
			name: "pending, of another account", since: both(pending, func(j *bits.Job) { j.Owner = bits.Owner{SID: "S-1-5-21-9"} }),
			calls: []string{"list mine=false", "get", "create", "commit"},
		},
		{
			name: "pending, with another URL", since: pending, now: values{"files": fileList(urlA+"2", `C:\ProgramData\Acme\p.cab`)},
			calls: []string{"list mine=false", "get", "create", "commit"},
		},
		{
			name: "pending, and resumed by somebody", since: both(pending, moveTo(bits.StateQueued)),
			calls: []string{"list mine=false", "get", "create", "commit"},
		},
		{
			name: "with a name like a pending one", since: func(j *bits.Job) { j.DisplayName, j.State = bits.PendingPrefix+"0123", bits.StateSuspended },
			calls: []string{"list mine=false", "get", "create", "commit"},
		},
		{
			name: "an upload of it", since: func(j *bits.Job) { j.TransferType = bits.Upload }, calls: []string{"list mine=false", "create", "commit"},
		},
		{name: "another file", now: values{"files": fileList(urlA, pathA)}, calls: []string{"list mine=false", "create", "commit"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			r.created(jobConfig(test.was))
			job := r.host.theJob(t)
			job.Owner = system
			if test.since != nil {
				test.since(job)
			}
			r.host.called()
			if test.fail != "" {
				r.host.fail[test.fail] = refused(0x80070005)
			}
			made, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(test.now)))
			expectDiagnostic(t, diags, test.severity, test.says...)
			changes := r.host.changes
			if calls := r.host.called(); !slices.Equal(calls, test.calls) {
				t.Errorf("the host was asked for %v, want %v", calls, test.calls)
			}
			if _, listed := r.host.jobs[job.ID]; listed == test.removed {
				t.Errorf("the job on the host is listed: %t", listed)
			}
			if test.severity == "WARNING" {
				if got := textOf(made.value, "id"); got != string(job.ID) {
					t.Errorf("the resource has job %s, want %s", got, job.ID)
				}
				if diff := cmp.Diff(test.changes, changes, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
				r.host.called()
				if p := r.plan(made, jobConfig(test.now)); p.action() != "none" {
					t.Errorf("planned: %s", describe(p))
				}
			}
		})
	}
}

// TestAnAdoptedJobThatFailsAgainFailsTheApply adopts a failed job without a wait for its transfer.
func TestAnAdoptedJobThatFailsAgainFailsTheApply(t *testing.T) {
	r := ready(t)
	r.created(jobConfig(nil))
	job := r.host.theJob(t)
	job.Owner.SID = trouble.SystemSID
	failTransfer(job)
	r.onPause = func(int) { failTransfer(job) }
	made, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
	if len(diags) != 2 {
		t.Fatal(formatted(diags))
	}
	expectDiagnostic(t, diags[:1], "WARNING", "BITS Job Was Adopted")
	expectDiagnostic(t, diags[1:], "ERROR", "BITS Job Failed", "terraform untaint")
	if got := textOf(made.value, "state"); got != "error" {
		t.Errorf("state is %s", got)
	}
}

// pending makes a job one that is not committed.
func pending(j *bits.Job) {
	j.DisplayName, j.State = bits.PendingPrefix+strings.Repeat("0a", 16), bits.StateSuspended
}

func both(first, second func(*bits.Job)) func(*bits.Job) {
	return func(j *bits.Job) { first(j); second(j) }
}

// newRunOf does something in one run of its own.
func (r *rig) newRunOf(do func()) {
	r.configure(r.configured)
	do()
	r.configure(r.configured)
}

// theOther returns the job of a resource.
func (h *fakeHost) theOther(of instance) *bits.Job { return h.jobs[bits.JobID(textOf(of.value, "id"))] }

// TestOneRunGivesEachJobItsOwnFile has two resources of one command write one file, or hold one job.
func TestOneRunGivesEachJobItsOwnFile(t *testing.T) {
	r := ready(t)
	r.oneRun = true
	first := r.created(jobConfig(nil))
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"display_name": text("second")})))
	expectDiagnostic(t, diags, "ERROR", `[AttributeName("files")] Duplicate Destination`, `Job "nightly payload" of this run also writes`)

	r.host.fail["create"] = refused(0x80070005)
	r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"display_name": text("report"), "transfer_type": text("upload")})))
	_, diags = r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"display_name": text("third")}))) // the upload that failed claimed nothing
	expectDiagnostic(t, diags, "ERROR", "Duplicate Destination", `Job "nightly payload" of this run also writes`)

	r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"files": fileList(urlA, pathA)})))
	delete(r.host.fail, "create")
	r.host.called()
	r.created(jobConfig(values{"files": fileList(urlA, pathA)}))                        // nothing has this file
	r.expectCalls("create", "commit")                                                   // the jobs are listed once
	r.created(jobConfig(values{"host": text("web02"), "files": fileList(urlA, pathB)})) // another host

	// A resource that was renamed is created and destroyed in one run: the job stays.
	r.newRunOf(func() {
		r.host.theOther(first).Owner.SID = trouble.SystemSID
		renamed, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
		expectDiagnostic(t, diags, "WARNING", "BITS Job Was Adopted")
		r.host.called()
		expectDiagnostic(t, r.destroy(first), "")
		if r.host.mutated() || textOf(renamed.value, "id") != textOf(first.value, "id") {
			t.Errorf("the host was asked for %v", r.host.called())
		}
		first = renamed
	})

	_, diags = r.refresh(first)
	expectDiagnostic(t, diags, "")
	_, diags = r.refresh(first)
	expectDiagnostic(t, diags, "WARNING", "BITS Job Managed Twice")
}

// TestARenameWhileItsJobIsRemoved creates a resource while the destruction of another one removes the job that it would adopt.
func TestARenameWhileItsJobIsRemoved(t *testing.T) {
	r := ready(t)
	old := r.created(jobConfig(nil))
	r.host.theOther(old).Owner.SID = trouble.SystemSID
	r.newRun()
	r.oneRun = true
	p := r.plan(r.none(), jobConfig(nil))
	var renamed instance
	r.host.before = map[string]func(){"remove": func() {
		var diags []*tfprotov6.Diagnostic
		renamed, diags = r.apply(t.Context(), p)
		expectDiagnostic(t, diags, "")
	}}
	expectDiagnostic(t, r.destroy(old), "")
	if r.host.theOther(renamed) == nil {
		t.Errorf("the resource has job %s, which is gone", textOf(renamed.value, "id"))
	}
}

// TestAJobThatIsNotRemovedKeepsItsFile creates a job for the file of another one, whose destruction in the same run has failed.
func TestAJobThatIsNotRemovedKeepsItsFile(t *testing.T) {
	for says, err := range map[string]error{"Access Denied": refused(0x80070005), "Unknown Outcome": bits.ErrUnknownOutcome} {
		t.Run(says, func(t *testing.T) {
			r := ready(t)
			old := r.created(jobConfig(nil))
			r.newRun()
			r.oneRun = true
			r.host.fail["remove"] = err
			expectDiagnostic(t, r.destroy(old), "ERROR", says)
			_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"display_name": text("other")})))
			expectDiagnostic(t, diags, "ERROR", "Duplicate Destination", textOf(old.value, "id"))
			r.host.theJob(t)
		})
	}
}

// TestAnAdoptedProxyIsSetWhole adopts a job with other proxies than are declared.
func TestAnAdoptedProxyIsSetWhole(t *testing.T) {
	r := ready(t)
	proxyOf := func(url string) values {
		typ := r.resource.AttributeTypes["proxy"].(tftypes.Object)
		list := tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{text(url)})
		return values{"proxy": r.object(typ, values{"usage": text("override"), "list": list})}
	}
	r.created(jobConfig(proxyOf("http://a:1")))
	r.host.theJob(t).Owner.SID = trouble.SystemSID
	r.host.called()
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(proxyOf("http://b:1"))))
	expectDiagnostic(t, diags, "WARNING", "Adopted")
	if c := r.host.changes; len(c) != 1 || c[0].ProxyUsage == nil || len(c[0].ProxyList) != 1 {
		t.Errorf("the change is %+v", c)
	}
}
