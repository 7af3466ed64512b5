// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var identityObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"host": tftypes.String, "id": tftypes.String}}

// kept is what a CLI keeps of an identity: nothing where it knows none.
func (r *rig) kept(told *tfprotov6.ResourceIdentityData) *tfprotov6.ResourceIdentityData {
	r.t.Helper()
	if r.old || told == nil || r.identityOf(told).IsNull() {
		return nil
	}
	return told
}

func (r *rig) identityOf(data *tfprotov6.ResourceIdentityData) tftypes.Value {
	r.t.Helper()
	if data == nil {
		return tftypes.NewValue(identityObject, nil)
	}
	v, err := data.IdentityData.Unmarshal(identityObject)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// identity is one as a CLI has it.
func (r *rig) identity(host, id tftypes.Value) *tfprotov6.ResourceIdentityData {
	r.t.Helper()
	return &tfprotov6.ResourceIdentityData{IdentityData: r.dynamic(identityObject, tftypes.NewValue(identityObject, map[string]tftypes.Value{"host": host, "id": id}))}
}

func (r *rig) expectIdentity(of instance, host, id string) {
	r.t.Helper()
	if got := r.identityOf(of.identity); got.IsNull() || textOf(got, "host") != host || textOf(got, "id") != id {
		r.t.Errorf("the identity is %s, want %s and %s", got, host, id)
	}
}

// TestTheIdentityOfAJobNeverChanges leads a job through its life. The framework and the CLI refuse an identity that changes.
func TestTheIdentityOfAJobNeverChanges(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"host": text("Web01")})
	job := r.created(config)
	id := textOf(job.value, "id")
	r.expectIdentity(job, "web01", id)
	for _, change := range []values{{"host": text("web01:5986")}, {"priority": text("high")}, {"wait_for_transfer": yes()}} {
		r.host.onGet = func(j *bits.Job) {
			if change["wait_for_transfer"].Equal(yes()) {
				j.State = bits.StateTransferred
			}
		}
		maps.Copy(config, change)
		var diags []*tfprotov6.Diagnostic
		job, diags = r.apply(t.Context(), r.plan(job, config))
		expectDiagnostic(t, diags, "")
		job, diags = r.refresh(job)
		expectDiagnostic(t, diags, "")
		r.expectIdentity(job, "web01", id)
	}
	if textOf(job.value, "state") != "acknowledged" || textOf(job.value, "host") != "web01:5986" {
		t.Errorf("the state is %s", job.value)
	}
	r.old = true // a state of before: an identity is given to it by a refresh
	before, _ := r.refresh(job)
	r.old = false
	now, diags := r.refresh(before)
	expectDiagnostic(t, diags, "")
	r.expectIdentity(now, "web01:5986", id)
}

// TestAJobOfWhichItIsNotKnownWhetherItWasMade breaks the connection while a job is made, before and after the host has made it, with CLIs
// that keep identities and CLIs that do not.
func TestAJobOfWhichItIsNotKnownWhetherItWasMade(t *testing.T) {
	for _, old := range []bool{false, true} {
		unmade := func(t *testing.T, made bool) (*rig, instance) {
			t.Helper()
			r := ready(t)
			r.old = old
			answer := r.host.fail
			if made {
				answer = r.host.after
			}
			answer["create"] = bits.ErrUnknownOutcome
			job, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(nil)))
			expectDiagnostic(t, diags, "ERROR", "Unknown Outcome", "tainted")
			if !strings.Contains(string(privateOf(t, job)["evidence"]), "token") || textOf(job.value, "id") != "(null)" {
				t.Errorf("the state is %s with the evidence %s", job.value, privateOf(t, job)["evidence"])
			}
			r.host.called()
			return r, job
		}
		t.Run("it was", func(t *testing.T) {
			r, job := unmade(t, true)
			read, diags := r.refresh(job)
			expectDiagnostic(t, diags, "")
			if r.host.mutated() || strings.Contains(string(privateOf(t, read)["evidence"]), "token") {
				t.Errorf("a refresh called %v and keeps the evidence %s", r.host.called(), privateOf(t, read)["evidence"])
			}
			if !old {
				r.expectIdentity(read, "web01", string(r.host.theJob(t).ID))
			}
			for _, state := range []instance{job, read} { // also without a refresh
				if diags := r.destroy(state); len(diags) > 0 || len(r.host.jobs) > 0 {
					t.Errorf("a destroy leaves %d jobs: %s", len(r.host.jobs), formatted(diags))
				}
			}
		})
		t.Run("it was not", func(t *testing.T) {
			r, job := unmade(t, false)
			read, diags := r.refresh(job)
			expectDiagnostic(t, diags, "WARNING", "BITS Job Not Created")
			if !read.value.IsNull() || r.host.mutated() {
				t.Errorf("the state is %s", read.value)
			}
			expectDiagnostic(t, r.destroy(job), "")
		})
		t.Run("nobody can ask", func(t *testing.T) {
			r, job := unmade(t, true)
			r.mustConfigure(values{"host": text("web01"), "username": unknownText(), "password": text("p")})
			read, diags := r.refresh(job)
			expectDiagnostic(t, diags, "WARNING", "BITS Job Not Read")
			r.mustConfigure(values{"host": text("web01"), "username": text("u"), "password": text("p")})
			if read, diags = r.refresh(read); len(diags) > 0 || textOf(read.value, "id") != string(r.host.theJob(t).ID) {
				t.Errorf("the state is %s: %s", read.value, formatted(diags))
			}
		})
	}
}

func TestImportByIdentity(t *testing.T) {
	capitals := "{" + strings.ToUpper(string(anID)) + "}"
	for _, test := range []struct {
		name     string
		host, id tftypes.Value
		want     string // the host; "" where it fails
		says     []string
	}{
		{name: "host and id", host: text("WEB02.corp.example:5986"), id: text(string(anID)), want: "WEB02.corp.example:5986"},
		{name: "an id is on the provider's host", host: nullText(), id: text(capitals), want: "web01"},
		{name: "no id", host: text("web01"), id: text("nightly"), says: []string{"Invalid Import Identity", "is not a job ID", "unless the job is on the provider's host"}},
		{name: "no host", host: text("https://web01"), id: text(string(anID)), says: []string{"Invalid Import Identity", "without scheme"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			r.host.put(bits.Job{ID: anID, DisplayName: "old", TransferType: bits.Download, Priority: bits.PriorityNormal, State: bits.StateQueued})
			state, diags := r.imported(&tfprotov6.ImportResourceStateRequest{TypeName: "bits_job", Identity: r.identity(test.host, test.id)})
			if test.want == "" {
				expectDiagnostic(t, diags, "ERROR", test.says...)
				return
			}
			if len(diags) > 0 || textOf(state.value, "host") != test.want || textOf(state.value, "display_name") != "old" {
				t.Errorf("the state is %s: %s", state.value, formatted(diags))
			}
			r.expectIdentity(state, strings.ToLower(test.want), string(anID))
		})
	}
}
