// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// host is a look at a host: per job its state and bytes.
func host(urgent, nightly, archive bits.State, bytes uint64) map[string]winhost.Job {
	return map[string]winhost.Job{
		"urgent": {ID: "u", State: urgent}, "nightly": {ID: "n", State: nightly},
		"archive": {ID: "a", State: archive, Files: []winhost.File{{BytesTransferred: bytes}}},
	}
}

func TestTheOrderOfTheScheduler(t *testing.T) {
	together := host("transferring", "transferring", "queued", 0)
	tests := []struct {
		name  string
		looks []map[string]winhost.Job
		done  bool
		fails string
	}{
		{name: "nothing moves yet", looks: []map[string]winhost.Job{host("queued", "queued", "queued", 0)}},
		{name: "the low job waits", looks: []map[string]winhost.Job{together, host("transferred", "transferring", "queued", 0)}},
		{
			name: "the low job moves after the high one", done: true,
			looks: []map[string]winhost.Job{together, host("transferred", "transferred", "transferring", 1)},
		},
		{
			name:  "the low job moves while the foreground one does",
			looks: []map[string]winhost.Job{together, host("transferring", "transferred", "transferring", 1)},
		},
		{
			name: "the low job moves before the high one is done", fails: "though the high one is transferring",
			looks: []map[string]winhost.Job{together, host("transferred", "transferring", "queued", 1)},
		},
		{
			name: "foreground and background one after the other", fails: "side by side",
			looks: []map[string]winhost.Job{host("transferring", "queued", "queued", 0), host("transferred", "transferred", "transferring", 1)},
		},
		{name: "a job is gone", looks: []map[string]winhost.Job{{"urgent": {ID: "u"}, "archive": {ID: "a"}}}, fails: `"nightly"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o order
			var done bool
			var err error
			for _, look := range tt.looks {
				done, err = o.look(look)
			}
			failed(t, err, tt.fails)
			if done != tt.done {
				t.Errorf("done is %v", done)
			}
		})
	}
}

func TestAPlanOfPrioritiesOnly(t *testing.T) {
	const good = "      ~ priority                  = \"foreground\" -> \"low\"\n        # (13 unchanged attributes hidden)\n" +
		"      ~ priority                  = \"normal\" -> \"high\"\nPlan: 0 to add, 2 to change, 0 to destroy.\n"
	tests := []struct{ name, plan, fails string }{
		{"both", good, ""},
		{"both, and OpenTofu marks what is write-only", "      ~ custom_headers_wo = (write-only attribute)\n" + good, ""},
		{"one of them", strings.Replace(good, "foreground", "high", 1), "foreground"},
		{"something else changes, too", "      ~ state = \"suspended\" -> \"pending\"\n" + good, "something else"},
		{"a job is made, too", strings.Replace(good, "0 to add", "1 to add", 1), "0 to add"},
		{"nothing", "No changes.", "priority"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { failed(t, onlyPriorities(tt.plan), tt.fails) })
	}
}

func TestTheErrorOfAFinishedJob(t *testing.T) {
	const good = "Error: Invalid BITS Job State\n\nUnable to set the priority of job id-1 (\"catalog\") on web01: it was\n" +
		"completed at 2026-11-20T10:11:12Z by\nCORP\\ops (0x80200002). Run terraform\napply again."
	tests := []struct{ name, message, fails string }{
		{"everything is said", good, ""},
		{"no code", strings.Replace(good, "0x80200002", "", 1), "0x80200002"},
		{"another job", strings.Replace(good, "id-1", "id-2", 1), "id-1"},
		{"no host", strings.Replace(good, "web01", "it", 1), "web01"},
		{"no time", strings.Replace(good, "completed at", "completed", 1), "completed at"},
		{"nobody", strings.Replace(good, "CORP", "", 1), "CORP"},
		{"no way out", strings.Replace(good, "terraform", "make", 1), "terraform apply"},
		{"another error", "Error: no", "Invalid BITS Job State"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { failed(t, invalidState(tt.message, "id-1", "web01"), tt.fails) })
	}
}

// failed checks that an error holds a text, or that there is none where nothing is expected.
func failed(t *testing.T, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil:
		t.Errorf("it failed: %v", err)
	case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
		t.Errorf("the error is %v, want %q", err, says)
	}
}
