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

// TestStatesOfVersion0 reads states that version 0 wrote, private state included, one for each stage: nothing is planned but what the
// stage asks for.
func TestStatesOfVersion0(t *testing.T) {
	raw, err := os.ReadFile("testdata/state_v0.json")
	if err != nil {
		t.Fatal(err)
	}
	var states map[string]struct {
		Attributes json.RawMessage
		Private    []byte
	}
	if err := json.Unmarshal(raw, &states); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		live   bits.State // on the host; "": BITS does not list it
		config values
		want   string
	}{
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
			r := ready(t)
			state := states[test.name]
			local := `C:\t\` + test.name + ".bin"
			resp, err := r.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
				TypeName: "bits_job", Version: 0, RawState: &tfprotov6.RawState{JSON: state.Attributes},
			})
			if err != nil {
				t.Fatal(err)
			}
			expectDiagnostic(t, resp.Diagnostics, "")
			value, err := resp.UpgradedState.Unmarshal(r.resource)
			if err != nil {
				t.Fatal(err)
			}
			prior := instance{value: value, private: state.Private}
			config := with(jobConfig(values{"files": fileList("https://dl.example/"+test.name+".bin", local), "display_name": text(test.name)}), test.config)
			if timeouts := attribute(value, "timeouts"); !timeouts.IsNull() {
				config["timeouts"] = timeouts
			}
			if test.live != "" {
				job := bits.Job{
					ID: bits.JobID(textOf(value, "id")), DisplayName: test.name, Description: textOf(value, "description"), State: test.live,
					TransferType: bits.Download, Priority: bits.Priority(textOf(value, "priority")), Owner: bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`},
				}
				addFiles(&job, []bits.FileSpec{{RemoteName: "https://dl.example/" + test.name + ".bin", LocalName: local}})
				delay := bits.Seconds(120)
				job.MinimumRetryDelay = &delay
				r.host.jobs[job.ID] = &job
			}
			if test.name == "acknowledged" {
				r.host.files[bits.FileKey(local)] = diskFile{size: 5, at: fakeNow}
			}
			read, diags := r.refresh(prior)
			if failed(diags) {
				t.Fatal(formatted(diags))
			}
			if got := describe(r.plan(read, config)); got != test.want {
				t.Errorf("planned: %s, want %s", got, test.want)
			}
		})
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
