// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestAWaitThatTimesOutExplainsWhatHoldsTheJob is about jobs without an error. Chromium, too, takes a job for stuck that stays
// queued or connecting: background_downloader_win.cc.
func TestAWaitThatTimesOutExplainsWhatHoldsTheJob(t *testing.T) {
	other := bits.Job{ID: anID, DisplayName: "big", Priority: bits.PriorityHigh, State: bits.StateTransferring, Owner: bits.Owner{SID: "S-1-5-18"}}
	for _, test := range []struct {
		name  string
		state bits.State
		setup func(h *fakeHost)
		want  []string
		not   string
	}{
		{
			name: "a job of a higher priority", state: bits.StateQueued, setup: func(h *fakeHost) { h.put(other) },
			want: []string{
				"(timeouts.create)", "in state queued", "The host reports what holds or slows it:\n  - web01 has 1 job of higher priority that BITS has not transferred yet (" + string(anID) + ` "big": high, transferring)`,
				"What can hold a job in this state:\n  - BITS transfers a job only while its owner is logged on, and a WinRM session does not count.", "The job is kept, and the next apply continues with it.",
			},
		},
		{
			name: "a policy", state: bits.StateQueued, setup: func(h *fakeHost) {
				h.described.Limits = map[string]uint32{"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0}
			},
			want: []string{"The host reports what holds or slows it:\n  - A policy on bandwidth", "EnableBITSMaxBandwidth, which limits background jobs to 0 kbit/s"},
			not:  "of a higher priority",
		},
		{
			name: "an owner who is not logged on", state: bits.StateQueued, setup: func(h *fakeHost) { h.described.LoggedOn = new(false) },
			want: []string{"The host reports what holds or slows it:\n  - BITS transfers a job only while its owner is logged on, and the owner has no interactive session on web01."},
		},
		{
			name: "a server that is not reached", state: bits.StateConnecting,
			want: []string{"in state connecting", "What can hold a job in this state:\n  - web01 can't reach dl.example", "Resolve-DnsName dl.example"}, not: "The host reports",
		},
		{
			name: "a job that tries again after an error", state: bits.StateTransientError,
			want: []string{"in state queued, with 0 bytes transferred. The last attempt failed: ERROR_WINHTTP_CANNOT_CONNECT (0x80072EFD)", "Test-NetConnection dl.example"},
			not:  "What can hold",
		},
		{
			name: "a host that can't be asked", state: bits.StateQueued,
			setup: func(h *fakeHost) {
				h.fail["list mine=false"], h.fail["describe"] = refused(0x80070005), refused(0x80070005)
			},
			want: []string{"What can hold a job in this state:", "web01 has other jobs", "bits_host"}, not: "The host reports",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := ready(t)
				if test.setup != nil {
					test.setup(r.host)
				}
				r.slow, r.host.starts = true, test.state
				config := jobConfig(values{"wait_for_transfer": yes(), "timeouts": timeoutsOf("40ms")})
				_, diags := r.apply(t.Context(), r.plan(r.none(), config))
				expectDiagnostic(t, diags, "WARNING", test.want...)
				if test.not != "" && strings.Contains(formatted(diags), test.not) {
					t.Errorf("%q is in: %s", test.not, formatted(diags))
				}
			})
		})
	}
}

// TestAnInterruptedWaitAsksNothing has Terraform end the run, which shall take no longer for an explanation.
func TestAnInterruptedWaitAsksNothing(t *testing.T) {
	r := ready(t)
	r.onPause = func(int) {
		r.slow = true
		if _, err := r.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}
	}
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"wait_for_transfer": yes()})))
	expectDiagnostic(t, diags, "WARNING", "Interrupted")
	if calls := r.host.called(); slices.Contains(calls, "describe") {
		t.Errorf("the calls were %v", calls)
	}
}
