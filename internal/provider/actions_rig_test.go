// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// actionServer is the server of actions, and a configuration of one of them.
func (r *rig) actionServer(name string, config values) (tfprotov6.ActionServer, *tfprotov6.DynamicValue) {
	r.t.Helper()
	server, ok := r.server.(tfprotov6.ActionServer)
	if !ok {
		r.t.Fatal("the provider serves no actions")
	}
	schemas, err := r.server.GetProviderSchema(r.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		r.t.Fatal(err)
	}
	typ, ok := schemas.ActionSchemas[name].Schema.ValueType().(tftypes.Object)
	if !ok {
		r.t.Fatalf("%s has no attributes", name)
	}
	return server, r.dynamic(typ, object(typ, config))
}

// planAction validates and plans an action, and returns what is wrong with its configuration.
func (r *rig) planAction(name string, config values) []*tfprotov6.Diagnostic {
	r.t.Helper()
	server, given := r.actionServer(name, config)
	valid, err := server.ValidateActionConfig(r.t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	if failed(valid.Diagnostics) {
		return valid.Diagnostics
	}
	planned, err := server.PlanAction(r.t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	return planned.Diagnostics
}

// invokeAction invokes an action, and returns its lines of progress with the time of each, and its diagnostics.
func (r *rig) invokeAction(name string, config values) (lines []string, diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	server, given := r.actionServer(name, config)
	stream, err := server.InvokeAction(r.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: name, Config: given})
	if err != nil {
		r.t.Fatal(err)
	}
	start := time.Now()
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			lines = append(lines, time.Since(start).Truncate(time.Second).String()+": "+e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = e.Diagnostics
		}
	}
	return lines, diags
}

// TestAWaitForAJobThatDoesNotMove shows what holds it, while it waits and when its time is over, and asks the host for that only then.
func TestAWaitForAJobThatDoesNotMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := ready(t)
		id, size := bits.JobID("6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"), uint64(80_000_000)
		ahead := bits.Job{ID: "00000000-0000-4000-8000-000000000001", DisplayName: "updates", State: bits.StateTransferring, Priority: bits.PriorityHigh}
		r.host.put(bits.Job{ID: id, DisplayName: "nightly payload", State: bits.StateQueued, Priority: bits.PriorityNormal, BytesTotal: &size})
		r.host.put(ahead)
		lines, diags := r.invokeAction("bits_job_wait", values{"id": text(string(id)), "timeout": text("45s")})
		if len(lines) != 2 || lines[0] != "0s: web01 nightly payload: 0 % of 80 MB, queued" ||
			!strings.HasPrefix(lines[1], "33s: web01 nightly payload: 0 % of 80 MB, queued, unchanged for 34 s. The host reports what holds or slows it:") ||
			!strings.Contains(lines[1], `"updates"`) {
			t.Errorf("the progress is %q", lines)
		}
		got := formatted(diags)
		for _, want := range []string{`ERROR [AttributeName("timeout")] Timeout`, "(timeout, 45s)", "in state queued, with 0 of 80000000 bytes", `"updates"`} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is missing in: %s", want, got)
			}
		}
		asked := slices.DeleteFunc(r.host.called(), func(call string) bool { return strings.HasPrefix(call, "get") })
		if want := []string{"describe", "list mine=false", "describe", "list mine=false"}; !slices.Equal(asked, want) {
			t.Errorf("the host was asked %v besides, want %v", asked, want)
		}
	})
}

// TestPlansOfActions is about what a plan of an action refuses, on its attribute and without a connection.
func TestPlansOfActions(t *testing.T) {
	const id = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	for _, test := range []struct {
		name     string
		action   string // suspend where it does not matter
		provider values // with a host where it does not matter
		config   values
		want     []string // of the only error; nil: none
	}{
		{name: "an id in capitals and braces is one", config: values{"id": text("{" + strings.ToUpper(id) + "}")}},
		{name: "a display name is enough", config: values{"display_name": text("nightly payload")}},
		{
			name:   "neither names the job",
			config: values{"host": text("web01")},
			want:   []string{`[AttributeName("id")]`, "Missing Attribute", "Neither id nor display_name"},
		},
		{
			name:   "both name it",
			config: values{"id": text(id), "display_name": text("x")},
			want:   []string{`[AttributeName("display_name")]`, "Conflicting Attributes", "Remove one"},
		},
		{name: "either may be known later", config: values{"id": unknownText(), "display_name": text("x")}},
		{
			name:   "an id that is none",
			config: values{"id": text("nightly")}, want: []string{`[AttributeName("id")]`, "Invalid Job ID", "is not a job ID"},
		},
		{
			name:   "an empty name",
			config: values{"display_name": text("")},
			want:   []string{`[AttributeName("display_name")]`, "Invalid Display Name", "can't be empty"},
		},
		{
			name:   "a host that is none",
			config: values{"id": text(id), "host": text("https://web01")}, want: []string{`[AttributeName("host")]`, "Invalid Host"},
		},
		{
			name: "no host at all", provider: values{},
			config: values{"id": text(id)}, want: []string{`[AttributeName("host")]`, "Missing Host", "BITS_HOST"},
		},
		{name: "a host of its own", provider: values{}, config: values{"id": text(id), "host": text("web01")}},
		{name: "a host that is known later", provider: values{}, config: values{"id": text(id), "host": unknownText()}},
		{name: "a provider's host that is known later", provider: values{"host": unknownText()}, config: values{"id": text(id)}},
		{
			name: "an address where Kerberos needs a name", provider: values{"auth": text("kerberos"), "username": text("ops@CORP.EXAMPLE"), "password": text("x")},
			config: values{"id": text(id), "host": text("192.0.2.1")}, want: []string{`[AttributeName("host")]`, "Kerberos Requires a Name"},
		},
		{name: "a priority", action: "set_priority", config: values{"id": text(id), "priority": text("foreground")}},
		{
			name: "a priority that BITS does not have", action: "set_priority",
			config: values{"id": text(id), "priority": text("urgent")}, want: []string{`[AttributeName("priority")]`, "urgent"},
		},
		{name: "a time limit", action: "wait", config: values{"id": text(id), "timeout": text("2h30m")}},
		{
			name: "a time limit of days", action: "wait",
			config: values{"id": text(id), "timeout": text("1d")},
			want:   []string{`[AttributeName("timeout")]`, "Invalid Duration", "such as 90s, 30m or 24h"},
		},
		{
			name: "no time at all", action: "wait",
			config: values{"id": text(id), "timeout": text("0s")},
			want:   []string{`[AttributeName("timeout")]`, "Invalid Duration", "longer than 0s"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			settings := test.provider
			if settings == nil {
				settings = values{"host": text("web01")}
			}
			r.mustConfigure(settings)
			action := test.action
			if action == "" {
				action = "suspend"
			}
			diags := r.planAction("bits_job_"+action, test.config)
			got := formatted(diags)
			if len(diags) != min(1, len(test.want)) || slices.ContainsFunc(test.want, func(part string) bool { return !strings.Contains(got, part) }) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(r.dialled) > 0 {
				t.Errorf("the plan connects to %v", r.dialled)
			}
		})
	}
}
