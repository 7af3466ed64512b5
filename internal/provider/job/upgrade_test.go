// SPDX-License-Identifier: MPL-2.0

package job

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// stored is an instance as a CLI stores it.
type stored struct {
	Version         int64           `json:"schema_version"`
	Attributes      json.RawMessage `json:"attributes"`
	Private         []byte          `json:"private"`
	IdentityVersion int64           `json:"identity_schema_version"`
	Identity        json.RawMessage `json:"identity"`
}

// TestStatesOfEarlierReleases reads states that earlier releases wrote, private state and identity included, one for each stage: nothing
// is planned but what the stage asks for. A CLI reads the file of 0.1.0 in TestCLIStatesOfEarlierReleases.
func TestStatesOfEarlierReleases(t *testing.T) {
	before := map[string]stored{} // of before 0.1.0
	decodeFile(t, "testdata/state_v0.json", &before)
	t.Run("before 0.1.0", func(t *testing.T) { plansOfStages(t, before) })
	var file struct {
		Resources []struct {
			Name      string
			Instances []stored
		}
	}
	decodeFile(t, "../testdata/0.1.0/terraform.tfstate", &file)
	states := map[string]stored{}
	for _, resource := range file.Resources {
		states[resource.Name] = resource.Instances[0]
	}
	t.Run("0.1.0", func(t *testing.T) { plansOfStages(t, states) })
}

func decodeFile(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// upgraded is what today's provider makes of a stored instance.
func (r *rig) upgraded(s stored) instance {
	r.t.Helper()
	resp, err := r.server.UpgradeResourceState(r.t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "bits_job", Version: s.Version, RawState: &tfprotov6.RawState{JSON: s.Attributes},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	expectDiagnostic(r.t, resp.Diagnostics, "")
	value, err := resp.UpgradedState.Unmarshal(r.resource)
	if err != nil {
		r.t.Fatal(err)
	}
	prior := instance{value: value, private: s.Private}
	if s.Identity != nil { // of the version that today's has, so that a CLI does not ask to upgrade it
		var identity struct{ Host, ID string }
		if err := json.Unmarshal(s.Identity, &identity); err != nil || s.IdentityVersion != 0 {
			r.t.Fatalf("identity of version %d: %v", s.IdentityVersion, err)
		}
		prior.identity = r.identity(text(identity.Host), text(identity.ID))
	}
	return prior
}

// lists has BITS list the job of a state.
func (r *rig) lists(value tftypes.Value, live bits.State) {
	r.t.Helper()
	name, delay := textOf(value, "display_name"), bits.Seconds(120)
	job := bits.Job{
		ID: bits.JobID(textOf(value, "id")), DisplayName: name, Description: textOf(value, "description"), State: live,
		TransferType: bits.Download, Priority: bits.Priority(textOf(value, "priority")), Owner: bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`},
	}
	addFiles(&job, []bits.FileSpec{{RemoteName: "https://dl.example/" + name + ".bin", LocalName: `C:\t\` + name + ".bin"}})
	job.MinimumRetryDelay = &delay
	r.host.jobs[job.ID] = &job
}

// storedStage is a stage in which a state was stored, and what is planned for it.
type storedStage struct {
	name   string
	live   bits.State // on the host; "": BITS does not list it
	config values
	want   string
}

func plansOfStages(t *testing.T, states map[string]stored) {
	for _, test := range []storedStage{
		{
			name: "pending", live: bits.StateTransferring, want: "none",
			config: values{
				"priority": text("high"), "description": text("words"), "on_missing": text("replace"), "minimum_retry_delay": text("2m"),
				"triggers": triggersOf(text("1")),
			},
		},
		{name: "suspended", live: bits.StateSuspended, config: values{"suspended": yes()}, want: "none"},
		{name: "error", live: bits.StateError, config: values{"priority": text("foreground")}, want: "update error state?"},
		{
			name: "transferred", live: bits.StateTransferred, config: values{"priority": text("foreground"), "complete_when_transferred": no()},
			want: "none",
		},
		{
			name: "acknowledged", want: "none", config: values{
				"priority": text("foreground"), "wait_for_transfer": yes(), "on_file_missing": text("replace"), "on_finished_change": text("error"),
			},
		},
		{name: "missing", want: "replace for state"},
	} {
		t.Run(test.name, func(t *testing.T) {
			state, found := states[test.name]
			if !found {
				t.Fatalf("no state %s", test.name)
			}
			test.plan(t, state)
		})
	}
}

// plan refreshes and plans a stored job whose configuration is the one that it was created from.
func (s storedStage) plan(t *testing.T, state stored) {
	t.Helper()
	r := ready(t)
	local := `C:\t\` + s.name + ".bin"
	prior := r.upgraded(state)
	value := prior.value
	config := with(jobConfig(values{"files": fileList("https://dl.example/"+s.name+".bin", local), "display_name": text(s.name)}), s.config)
	if timeouts := attribute(value, "timeouts"); !timeouts.IsNull() {
		config["timeouts"] = timeouts
	}
	if s.live != "" {
		r.lists(value, s.live)
	}
	if s.name == "acknowledged" {
		r.host.files[bits.FileKey(local)] = diskFile{size: 5, at: fakeNow}
	}
	read, diags := r.refresh(prior)
	if failed(diags) {
		t.Fatal(formatted(diags))
	}
	if state.Identity != nil {
		r.expectIdentity(read, "web01", textOf(value, "id"))
	}
	if got := describe(r.plan(read, config)); got != s.want {
		t.Errorf("planned: %s, want %s", got, s.want)
	}
}

func TestOddStatesOfVersion0(t *testing.T) {
	for _, test := range []struct{ json, severity string }{{"null", ""}, {"[]", "ERROR"}, {"", "ERROR"}} {
		r := ready(t)
		resp, err := r.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: "bits_job", Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(test.json)},
		})
		if err != nil {
			t.Fatal(err)
		}
		expectDiagnostic(t, resp.Diagnostics, test.severity)
	}
	r := ready(t)
	resp, err := r.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "bits_job", Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(`{"custom_headers_wo_version": 9223372036854775807, "on_missing": "recreate"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	value, err := resp.UpgradedState.Unmarshal(r.resource)
	if err != nil {
		t.Fatal(err)
	}
	if got := attribute(value, "custom_headers_wo_version"); !got.Equal(number(9223372036854775807)) || textOf(value, "on_missing") != "replace" {
		t.Errorf("read: %s", got)
	}
}

// TestAccountsOfVersion0 reads states of version 0 with an account for the server, which is kept, and with one for a proxy.
func TestAccountsOfVersion0(t *testing.T) {
	server := credentialsOf(values{"username": text("u"), "scheme": text("basic"), "password_wo_version": number(9007199254740993)})
	for target, want := range map[string]tftypes.Value{`null`: server, `"server"`: server, `"proxy"`: tftypes.NewValue(server.Type(), nil)} {
		r := ready(t)
		resp, err := r.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: "bits_job", Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(`{"proxy": {"usage": "auto_detect", "username": null}, "credentials":
				{"target": ` + target + `, "scheme": "basic", "username": "u", "password_wo": null, "password_wo_version": 9007199254740993}}`)},
		})
		if err != nil {
			t.Fatal(err)
		}
		expectDiagnostic(t, resp.Diagnostics, "")
		value, err := resp.UpgradedState.Unmarshal(r.resource)
		if err != nil {
			t.Fatal(err)
		}
		if got := attribute(value, "credentials"); !got.Equal(want) {
			t.Errorf("target %s: %s, want %s", target, got, want)
		}
		if got, want := attribute(value, "proxy"), proxyOf(values{"usage": text("auto_detect")}); !got.Equal(want) {
			t.Errorf("target %s: %s, want %s", target, got, want)
		}
	}
}
