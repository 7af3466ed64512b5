// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"maps"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestPoliciesThatHoldJobs(t *testing.T) {
	for _, test := range []struct {
		name   string
		limits map[string]uint32
		costs  map[string]uint32
		want   map[string]string
	}{
		{name: "none", limits: map[string]uint32{"MaxJobsPerUser": 5, "EnableBITSMaxBandwidth": 0, "MaxTransferRateOnSchedule": 0}},
		{
			name: "no transfer at work", limits: map[string]uint32{"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0},
			want: map[string]string{"EnableBITSMaxBandwidth": "limits background jobs to 0 kbit/s (none) from 8 to 17 o'clock, and to the idle bandwidth at other times"},
		},
		{
			name: "the name of Microsoft's page", limits: map[string]uint32{"MaxInternetBandwidth": 0},
			want: map[string]string{"MaxInternetBandwidth": "limits background jobs to 0 kbit/s (none)"},
		},
		{
			name: "two rates", limits: map[string]uint32{
				"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 10, "MaxBandwidthValidFrom": 22, "MaxBandwidthValidTo": 4, "UseSystemMaximum": 0, "MaxTransferRateOffSchedule": 20,
			},
			want: map[string]string{"EnableBITSMaxBandwidth": "limits background jobs to 10 kbit/s from 22 to 4 o'clock, and to 20 kbit/s at other times"},
		},
		{
			name: "schedules", limits: map[string]uint32{"EnableBandwidthLimits": 1, "EnableMaintenanceLimits": 1},
			want: map[string]string{
				"EnableBandwidthLimits":   "limits background jobs by a schedule of work days and hours",
				"EnableMaintenanceLimits": "limits background jobs by a schedule of maintenance days and hours",
			},
		},
		{
			name: "networks that cost something", costs: map[string]uint32{"Normal": 0x80000021, "Foreground": 0x800000ff},
			want: map[string]string{`TransferPolicy\Normal`: "chooses the networks that jobs without transfer_policy may use, by their cost (0x80000021)"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := HoldingPolicies(bits.Host{Limits: test.limits, Costs: test.costs}); !maps.Equal(got, test.want) {
				t.Errorf("they are %q, want %q", got, test.want)
			}
		})
	}
}
