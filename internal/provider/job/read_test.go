// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestRefresh(t *testing.T) {
	for _, test := range []struct {
		name     string
		config   values
		move     func(*bits.Job)
		want     map[string]string
		severity string
		says     []string
	}{
		{name: "a priority that somebody changed", move: func(j *bits.Job) { j.Priority = bits.PriorityLow }, want: map[string]string{"priority": "low"}},
		{name: "a name that somebody changed", move: func(j *bits.Job) { j.DisplayName = "x" }, want: map[string]string{"display_name": "x"}},
		{name: "a description that is managed", config: values{"description": text("d")}, move: func(j *bits.Job) { j.Description = "x" }, want: map[string]string{"description": "x"}},
		{name: "a description that is not managed is not read", move: func(j *bits.Job) { j.Description = "x" }, want: map[string]string{"description": "(null)"}},
		{name: "a job that somebody suspended", move: moveTo(bits.StateSuspended), want: map[string]string{"state": "suspended"}},
		{name: "a job that waits for a retry is a warning", move: func(j *bits.Job) {
			j.State, j.Error = bits.StateTransientError, &bits.JobError{HResult: 0x80200010}
		}, want: map[string]string{"state": "pending"}, severity: "WARNING", says: []string{"BITS Job Has a Transient Error", "BG_E_NETWORK_DISCONNECTED (0x80200010)", "BITS retries by itself"}},
		{name: "a failed job is a warning with its cause", move: failTransfer, want: map[string]string{"state": "error"}, severity: "WARNING", says: []string{"BITS Job Failed", "0x80190194", pathA}},
		{name: "a failed job whose cause the host does not tell", move: func(j *bits.Job) { j.State = bits.StateError }, want: map[string]string{"state": "error"}, severity: "WARNING", says: []string{"does not report"}},
		{name: "a URL that BITS rewrote after a redirect is not drift", move: func(j *bits.Job) { j.Files[0].RemoteName = urlC }},
		{
			name: "a file that somebody appended is a warning", move: func(j *bits.Job) { addFiles(j, []bits.FileSpec{{RemoteName: urlC, LocalName: pathC}}) },
			severity: "WARNING", says: []string{"Additional Files", pathC, "BITS can't remove files"},
		},
		{name: "an owner whose name can't be translated now", move: func(j *bits.Job) { j.Owner.Name = "" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			made := r.created(jobConfig(test.config))
			test.move(r.host.theJob(t))
			r.host.called()
			read, diags := r.refresh(made)
			expectDiagnostic(t, diags, test.severity, test.says...)
			if r.host.mutated() {
				t.Errorf("a refresh changed the host: %v", r.host.called())
			}
			for name := range r.resource.AttributeTypes {
				want, checked := test.want[name]
				switch {
				case checked && textOf(read.value, name) != want:
					t.Errorf("%s is %s, want %s", name, textOf(read.value, name), want)
				case !checked && name != "error" && name != "suspended" && !attribute(read.value, name).Equal(attribute(made.value, name)):
					t.Errorf("%s moved to %s", name, attribute(read.value, name))
				}
			}
		})
	}
}

func TestOnlyNotFoundMeansGone(t *testing.T) {
	for _, err := range []error{
		bits.ErrNotVisible, bits.ErrUnknownOutcome, refused(0x80070005), refused(0x80070426), refused(0x80200002), refused(0x80200014),
		fmt.Errorf("read: %w", bits.ErrAccessDenied), fmt.Errorf("EOF"),
	} {
		t.Run(err.Error(), func(t *testing.T) {
			r := ready(t)
			prior := r.created(jobConfig(nil))
			r.host.fail["get"] = err
			read, diags := r.refresh(prior)
			if !failed(diags) || !read.value.Equal(prior.value) {
				t.Errorf("a refresh gives %s: %s", read.value, formatted(diags))
			}
		})
	}
}

func TestAJobThatTheHostCanNotShowKeepsItsState(t *testing.T) {
	r := ready(t)
	prior := r.created(jobConfig(nil))
	r.host.fail["get"] = &bits.Error{Code: bits.CodeUnreadable, Step: "read:FileList", HResult: 0x80200001}
	read, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "WARNING", "BITS Job Not Readable", "its FileList can't be read; the host returned BG_E_NOT_FOUND (0x80200001)", "Step: read:FileList", "The state keeps the last known values")
	if !read.value.Equal(prior.value) {
		t.Errorf("a refresh gives %s", read.value)
	}
	if p := r.plan(read, jobConfig(nil)); p.action() != "none" {
		t.Errorf("planned: %s", describe(p))
	}
}

func TestTheTimeOfCreationIsTheFirstThatWasRead(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	r.host.theJob(t).CreatedAt = fakeNow.Add(-8 * time.Hour)
	read, _ := r.refresh(made)
	if got, want := textOf(read.value, "created_at"), textOf(made.value, "created_at"); got != want {
		t.Errorf("created_at is %s, and was %s", got, want)
	}
}

func TestDelete(t *testing.T) {
	for _, test := range []struct {
		name     string
		setup    func(r *rig)
		severity string
		says     []string
	}{
		{name: "a job is removed", setup: func(*rig) {}},
		{name: "an absent one is done", setup: func(r *rig) { r.host.jobs = nil }},
		{name: "not found is done", setup: func(r *rig) { r.host.fail["remove"] = &bits.Error{Code: bits.CodeNotFound} }},
		{name: "a job that just ended is done", setup: func(r *rig) { r.host.fail["remove"] = refused(0x80200002) }},
		{name: "files left over are a warning", setup: func(r *rig) { r.host.removed = 0x0020001A }, severity: "WARNING", says: []string{"BG_S_UNABLE_TO_DELETE_FILES (0x0020001A)"}},
		{name: "a refusal is an error", setup: func(r *rig) { r.host.fail["remove"] = refused(0x80070005) }, severity: "ERROR", says: []string{"Unable to remove job", "Access Denied"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			prior := r.created(jobConfig(nil))
			test.setup(r)
			expectDiagnostic(t, r.destroy(prior), test.severity, test.says...)
		})
	}
}

func (r *rig) importJob(id string) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	return r.imported(&tfprotov6.ImportResourceStateRequest{TypeName: "bits_job", ID: id})
}

func (r *rig) imported(req *tfprotov6.ImportResourceStateRequest) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	resp, err := r.server.ImportResourceState(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	if failed(resp.Diagnostics) {
		return r.none(), resp.Diagnostics
	}
	state, err := resp.ImportedResources[0].State.Unmarshal(r.resource)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.refresh(instance{value: state, private: resp.ImportedResources[0].Private, identity: r.kept(resp.ImportedResources[0].Identity)})
}

func TestImport(t *testing.T) {
	for _, test := range []struct {
		name string
		id   string
		host string
		says string // of the error
	}{
		{name: "a GUID is on the provider's host", id: string(anID), host: "web01"},
		{name: "the provider's host is spelled as the provider does", id: "WEB01:5986/" + string(anID), host: "web01"},
		{name: "a GUID in capitals and braces", id: "{" + strings.ToUpper(string(anID)) + "}", host: "web01"},
		{name: "host and GUID", id: "web02.corp.example/" + string(anID), host: "web02.corp.example"},
		{name: "host, port and GUID", id: "[2001:db8::1]:5985/" + string(anID), host: "[2001:db8::1]:5985"},
		{name: "host and name", id: "web01/name=old", host: "web01"},
		{name: "a name on the provider's host", id: "name=old", host: "web01"},
		{name: "an IPv6 address, a port and a name", id: "[2001:db8::1]:5985/name=old", host: "[2001:db8::1]:5985"},
		{name: "a name that is not there", id: "web01/name=Old", says: `find job "Old" on web01: BITS lists no job with this name`},
		{name: "a name of several jobs", id: "web01/name=twin/s", says: "00000000-0000-4000-8000-000000000007"},
		{name: "a name of a job that the host can't show", id: "web01/name=odd", says: "its FileList can't be read"},
		{name: "no GUID", id: "web01/nightly", says: "is not a job ID"},
		{name: "no host before the slash", id: "/" + string(anID), says: "host can't be empty"},
		{name: "a bad host", id: "https://web01/" + string(anID), says: "without scheme"},
		{name: "neither an id nor an identity", says: "host/guid"},
		{name: "a job that BITS does not list", id: "00000000-0000-0000-0000-000000000000", says: "BITS lists no such job"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			r.host.unread = []bits.UnreadJob{{DisplayName: "odd", Err: &bits.Error{Code: bits.CodeUnreadable, Step: "read:FileList", HResult: 0x80200001}}}
			job := bits.Job{ID: anID, DisplayName: "old", Description: "d", Priority: bits.PriorityForeground, TransferType: bits.Download, State: bits.StateSuspended, CreatedAt: fakeNow}
			addFiles(&job, []bits.FileSpec{{RemoteName: urlA, LocalName: pathA}})
			r.host.put(job)
			for _, twin := range []bits.JobID{"00000000-0000-4000-8000-000000000007", "00000000-0000-4000-8000-000000000008"} {
				r.host.put(bits.Job{ID: twin, DisplayName: "twin/s"})
			}
			state, diags := r.importJob(test.id)
			if test.says != "" {
				expectDiagnostic(t, diags, "ERROR", test.says)
				return
			}
			expectDiagnostic(t, diags, "")
			if got := textOf(state.value, "host"); got != test.host {
				t.Errorf("host is %s", got)
			}
			p := r.plan(state, values{
				"host": text(test.host), "display_name": text("old"), "description": text("d"), "priority": text("foreground"), "suspended": yes(), "files": fileList(urlA, pathA),
			})
			if p.action() != "none" {
				t.Errorf("the configuration that describes it plans %s: %s", describe(p), formatted(p.diags))
			}
		})
	}
}

func TestImportWithoutAnyHost(t *testing.T) {
	r := newRig(t)
	r.mustConfigure(values{"username": text("u"), "password": text("p")})
	_, diags := r.importJob(string(anID))
	expectDiagnostic(t, diags, "ERROR", "has no host", "host/guid")
	_, diags = r.imported(&tfprotov6.ImportResourceStateRequest{TypeName: "bits_job", Identity: r.identity(nullText(), text(string(anID)))})
	expectDiagnostic(t, diags, "ERROR", "has no host", "Add host")
}

// TestAnImportWithUnknownSettingsFails imports a job that can't be read yet: a plan from its id alone would replace it.
func TestAnImportWithUnknownSettingsFails(t *testing.T) {
	for name, typ := range newRig(t).provider.AttributeTypes {
		if name == "host" || name == "on_unreachable" { // the import names the host, and no connection needs the other
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			config := values{"host": text("web01"), "username": text("u"), "password": text("p")}
			config[name] = tftypes.NewValue(typ, tftypes.UnknownValue)
			r.mustConfigure(config)
			for _, diags := range [][]*tfprotov6.Diagnostic{
				second(r.importJob("web01/" + string(anID))),
				second(r.importJob("web01/name=old")),
				second(r.imported(&tfprotov6.ImportResourceStateRequest{TypeName: "bits_job", Identity: r.identity(text("web01"), text(string(anID)))})),
			} {
				expectDiagnostic(t, diags, "ERROR", "Unknown Connection Settings", name)
			}
			if len(r.dialled) > 0 {
				t.Error("a host was dialled")
			}
		})
	}
}

// TestADeferredImportIsNotRead reads the unknown state of an import that is deferred, as Terraform does.
func TestADeferredImportIsNotRead(t *testing.T) {
	late := entriesOf("late", values{"password": unknownText()})
	for name, config := range map[string]values{
		"a setting of one host":                         fleet(late, nil),
		"a setting of one host that is not the default": fleet(late, values{"host": text("web01")}),
		"the host": {"host": unknownText(), "username": text("u"), "password": text("p")},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(config)
			unknown := r.dynamic(r.resource, tftypes.NewValue(r.resource, tftypes.UnknownValue))
			resp, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: "bits_job", CurrentState: unknown, ClientCapabilities: &tfprotov6.ReadResourceClientCapabilities{DeferralAllowed: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			expectDiagnostic(t, resp.Diagnostics, "")
			if d := resp.Deferred; d == nil || d.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
				t.Errorf("deferred: %v", d)
			}
		})
	}
}

func second[A, B any](_ A, b B) B { return b }

// TestARefreshWithoutTimeForTheFiles runs out of timeouts.read.
func TestARefreshWithoutTimeForTheFiles(t *testing.T) {
	r := ready(t)
	prior := r.brought(jobConfig(values{"wait_for_transfer": yes()}), nil, true)
	r.host.fail["stat"] = context.DeadlineExceeded
	_, diags := r.refresh(prior)
	expectDiagnostic(t, diags, "WARNING", "Unable to check the files of", "timeouts.read")
}

func TestARefreshWithoutTimeForTheEventLogConcludesNothing(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"transfer_type": text("upload"), "timeouts": timeoutsOf("1h")})
	prior := r.created(config)
	r.host.gone(r.host.theJob(t).ID)
	ctx, cancel := context.WithCancelCause(t.Context())
	r.host.before = map[string]func(){"history": func() { cancel(context.DeadlineExceeded) }}
	read, diags := r.refreshIn(ctx, prior)
	expectDiagnostic(t, diags, "ERROR", "timeouts.read")
	if !read.value.Equal(prior.value) {
		t.Errorf("state is %s", textOf(read.value, "state"))
	}
}
