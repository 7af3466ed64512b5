// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// actionVerbs are the actions, with what their configuration has besides the job.
var actionVerbs = []struct {
	name string
	with map[string]string
}{
	{"set_priority", map[string]string{"priority": "high"}}, {"suspend", nil}, {"resume", nil}, {"complete", nil}, {"cancel", nil}, {"wait", nil},
}

// invoker invokes actions of an attached provider on a simulated host, without a CLI.
type invoker struct {
	*simulation
	provider *attachedProvider
	silent   string // URL of a server that does not answer
	types    map[string]*tfprotov6.ActionSchema
}

func newInvoker(t *testing.T, runAs string) *invoker {
	t.Helper()
	i := &invoker{simulation: simulate(t, winhost.Config{}), provider: newAttachedProvider(t)}
	released := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(released) })
	i.silent = server.URL
	schemas, err := i.provider.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	i.types = schemas.ActionSchemas
	set := map[string]tftypes.Value{
		"port": tftypes.NewValue(tftypes.Number, i.settings.Port), "ca_file": word(i.network.CAFile), "host": word(i.settings.Host),
		"username": word(i.settings.Username), "password": word(i.settings.Password.Reveal()), "auth": word(string(i.settings.Auth)),
		"run_as": word(runAs),
	}
	resp, err := i.provider.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: filled(t, schemas.Provider.ValueType(), set)})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("configure: %v, %v", err, resp)
	}
	return i
}

func word(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// filled is an object in which everything else is null.
func filled(t *testing.T, typ tftypes.Type, set map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := typ.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", typ)
	}
	for name, attribute := range object.AttributeTypes {
		if _, found := set[name]; !found {
			set[name] = tftypes.NewValue(attribute, nil)
		}
	}
	value, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, set))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

// ignore is what happens at a line of progress that nothing depends on.
func ignore(string) {}

// invoke plans and invokes an action as Terraform does. It returns the lines of progress and the diagnostics; onProgress sees each line.
func (i *invoker) invoke(name string, config map[string]string, onProgress func(line string)) []string {
	i.t.Helper()
	set := map[string]tftypes.Value{}
	for attribute, value := range config {
		set[attribute] = word(value)
	}
	given := filled(i.t, i.types[name].Schema.ValueType(), set)
	planned, err := i.provider.PlanAction(i.t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: given})
	if err != nil || len(planned.Diagnostics) > 0 {
		i.t.Fatalf("plan %s: %v, %v", name, err, planned)
	}
	stream, err := i.provider.InvokeAction(i.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: name, Config: given})
	if err != nil {
		i.t.Fatal(err)
	}
	var lines []string
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			lines = append(lines, e.Message)
			onProgress(e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			lines = append(lines, described(e.Diagnostics)...)
		}
	}
	return lines
}

// described is each diagnostic on its attribute.
func described(diags []*tfprotov6.Diagnostic) []string {
	var lines []string
	for _, d := range diags {
		at := ""
		if d.Attribute != nil {
			at = " [" + d.Attribute.String() + "]"
		}
		lines = append(lines, fmt.Sprintf("%s%s %s: %s", d.Severity, at, d.Summary, d.Detail))
	}
	return lines
}

// jobIn makes a job of SYSTEM that is in a state and stays there.
func (i *invoker) jobIn(state bits.State) bits.JobID {
	i.t.Helper()
	service, system := i.host.BITS, bitsvc.LocalSystem()
	source := cmp.Or(map[bits.State]string{
		bits.StateTransferring: i.network.FilesURL + "/a?size=100000000&rate=1000", bits.StateConnecting: i.silent,
		bits.StateTransientError: i.network.FilesURL + "/a?size=5&status=503",
		bits.StateError:          i.network.FilesURL + "/a?size=0",
	}[state], i.network.FilesURL+"/a?size=5")
	id, err := service.CreateJob(system, "nightly payload", bits.Download)
	check := func(err error) {
		i.t.Helper()
		if err != nil {
			i.t.Fatalf("make a job that is %s: %v", state, err)
		}
	}
	check(err)
	check(service.AddFile(system, id, bits.FileSpec{RemoteName: source, LocalName: `C:\t\` + string(id)}))
	switch state {
	case bits.StateSuspended:
	case bits.StateQueued:
		service.Pause()
		check(service.Resume(system, id))
	case bits.StateError: // of an empty file, which arrives at once when the job is resumed
		check(service.Fail(id, 0x80190194)) // HTTP status 404
	case bits.StateCancelled:
		_, err := service.Cancel(system, id)
		check(err)
	default:
		check(service.SetPriority(system, id, bits.PriorityForeground))
		check(service.Resume(system, id))
	}
	switch state {
	case bits.StateAcknowledged:
		i.await(id, bits.StateTransferred)
		_, err := service.Complete(system, id)
		check(err)
	case bits.StateCancelled:
	default:
		i.await(id, state)
	}
	return id
}

func (i *invoker) await(id bits.JobID, state bits.State) {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(i.t.Context(), patience)
	defer cancel()
	if err := i.host.BITS.WaitState(ctx, id, state); err != nil {
		i.t.Fatal(err)
	}
}

// TestActionsInEachState invokes each action on a job in each state, and compares all that it reports with testdata/actions.txt.
func TestActionsInEachState(t *testing.T) {
	t.Parallel()
	i := newInvoker(t, "system")
	if err := os.MkdirAll(i.path(`C:\t`), 0o750); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, verb := range actionVerbs {
		for _, state := range bits.States() {
			table.WriteString(i.row(verb.name, verb.with, state))
		}
	}
	golden := filepath.Join("testdata", "actions.txt")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(golden, []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(strings.Split(readFile(t, golden), "\n"), strings.Split(table.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// row invokes an action on a job in a state, and returns what became of the job and what the action reported.
func (i *invoker) row(verb string, with map[string]string, state bits.State) string {
	i.t.Helper()
	service, system := i.host.BITS, bitsvc.LocalSystem()
	id := i.jobIn(state)
	config := map[string]string{"id": string(id)}
	maps.Copy(config, with)
	if verb == "resume" && (state == bits.StateSuspended || state == bits.StateTransientError) {
		service.Pause() // the job stays queued
	}
	onProgress := ignore
	if verb == "wait" { // a job that is waited for gets on once it was shown
		getOn := sync.OnceFunc(func() { i.getOn(id, state) })
		onProgress = func(string) { getOn() }
	}
	lines := i.invoke("bits_job_"+verb, config, onProgress)
	after := "gone"
	if now, err := service.Job(system, id); err == nil {
		after = string(now.State.Stage()) + " " + string(now.Priority)
	}
	service.Run()
	_, _ = service.Cancel(system, id) // of one that is gone
	text := fmt.Sprintf("%s, %s: %s\n", verb, state, after)
	for _, line := range lines {
		text += "  " + strings.ReplaceAll(i.general(line, id), "\n", "\n    ") + "\n"
	}
	return text
}

// TestActionsThatFail is about what is wrong with more than the job's state.
func TestActionsThatFail(t *testing.T) {
	t.Parallel()
	i := newInvoker(t, "system")
	first, second := i.jobIn(bits.StateSuspended), i.jobIn(bits.StateSuspended)
	queued := i.jobIn(bits.StateQueued)
	if second < first {
		first, second = second, first
	}
	if err := i.host.BITS.Do(bitsvc.LocalSystem(), queued, func(h *bitsvc.Handle) error { return h.SetDisplayName("queued") }); err != nil {
		t.Fatal(err)
	}
	named := func(name string) map[string]string { return map[string]string{"display_name": name} }
	for _, test := range []struct {
		name, action string
		config       map[string]string
		onProgress   func(string) // nil: nothing happens meanwhile
		want         []string
	}{
		{
			name: "several jobs have the name", action: "bits_job_cancel", config: named("nightly payload"),
			want: []string{"Several Jobs Have This Name", `Unable to cancel job "nightly payload" on`, "2 jobs have this name", string(first) + ", " + string(second), "Set id to one of these"},
		},
		{
			name: "no job has the name, in this case", action: "bits_job_cancel", config: named("Queued"),
			want: []string{"Job Not Found", "BITS lists no job with this name", "case-sensitive"},
		},
		{
			name: "the host has never listed the job", action: "bits_job_cancel", config: map[string]string{"id": "00000000-0000-0000-0000-000000000000"},
			want: []string{"Job Not Found", "Unable to cancel job 00000000-0000-0000-0000-000000000000 on", "BITS lists no such job"},
		},
		{
			name: "the time is over", action: "bits_job_wait", config: map[string]string{"display_name": "queued", "timeout": "1ms"},
			want: []string{`[AttributeName("timeout")] Timeout`, "it timed out (timeout, 1ms)", "in state queued, with 0 bytes transferred", "What can hold a job in this state", "To change the priority of the job, use the action bits_job_set_priority"},
		},
		{
			name: "Terraform is interrupted", action: "bits_job_wait", config: named("queued"),
			onProgress: func(string) {
				if _, err := i.provider.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
					t.Error(err)
				}
			},
			want: []string{"Interrupted", "this run was interrupted. When last read, the job was in state queued"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			onProgress := test.onProgress
			if onProgress == nil {
				onProgress = ignore
			}
			got := strings.Join(i.invoke(test.action, test.config, onProgress), "\n")
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in: %s", want, got)
				}
			}
		})
	}
	if jobs := i.jobs(); len(jobs) != 3 {
		t.Errorf("the host lists %d jobs, want the three that no action changed", len(jobs))
	}
}

// TestActionsOfAccounts is about whose jobs an account may change. Source: "User Account Control and BITS", learn.microsoft.com.
func TestActionsOfAccounts(t *testing.T) {
	t.Parallel()
	const changed = "priority normal -> low"
	for _, test := range []struct{ runAs, systems, own string }{
		{runAs: "system", systems: changed, own: changed},
		{runAs: "user", systems: `[AttributeName("priority")] Access Denied: Unable to set the priority of job`, own: changed},
	} {
		t.Run(test.runAs, func(t *testing.T) {
			t.Parallel()
			i := newInvoker(t, test.runAs)
			own, err := i.host.BITS.CreateJob(i.host.Account, "own", bits.Download)
			if err != nil {
				t.Fatal(err)
			}
			for id, want := range map[bits.JobID]string{i.jobIn(bits.StateSuspended): test.systems, own: test.own} {
				got := i.invoke("bits_job_set_priority", map[string]string{"id": string(id), "priority": "low"}, ignore)
				if len(got) != 1 || !strings.Contains(got[0], want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

// getOn lets a job that does not move get on.
func (i *invoker) getOn(id bits.JobID, state bits.State) {
	i.t.Helper()
	if !slices.Contains([]bits.State{bits.StateConnecting, bits.StateTransferring, bits.StateTransientError}, state) {
		i.host.BITS.Run()
		return
	}
	if err := i.host.BITS.Suspend(bitsvc.LocalSystem(), id); err != nil { // which ends a wait, too
		i.t.Error(err)
	}
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// general replaces what differs from run to run.
func (i *invoker) general(line string, id bits.JobID) string {
	line = strings.NewReplacer(string(id), "{id}", i.network.FilesURL, "{files}", i.silent, "{silent}", i.settings.Host, "web01").Replace(line)
	return moment.ReplaceAllString(line, "{time}")
}
