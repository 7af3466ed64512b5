// SPDX-License-Identifier: MPL-2.0

package trouble

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// always is a policy that allows every network: BITS_JOB_TRANSFER_POLICY_ALWAYS. Source: bits5_0.h.
const always = 0x800000ff

// HoldingPolicies returns the policies of a host that can hold or slow its jobs, by their names in the registry: what each does.
// Sources: "Group Policies" of BITS and "Policy CSP - BITS", learn.microsoft.com.
func HoldingPolicies(h bits.Host) map[string]string {
	holding := bandwidthPolicies(h.Limits)
	for name, mask := range h.Costs {
		if mask != always {
			holding[`TransferPolicy\`+name] = fmt.Sprintf("chooses the networks that jobs without transfer_policy may use, by their cost (0x%08X)", mask)
		}
	}
	return holding
}

// bandwidthPolicies are those that hold or slow every job but those of class foreground.
func bandwidthPolicies(limits map[string]uint32) map[string]string {
	holding := map[string]string{}
	if _, set := limits["MaxInternetBandwidth"]; set {
		holding["MaxInternetBandwidth"] = "limits background jobs to " + rate(limits, "MaxInternetBandwidth")
	}
	if limits["EnableBITSMaxBandwidth"] != 0 {
		holding["EnableBITSMaxBandwidth"] = fmt.Sprintf("limits background jobs to %s from %d to %d o'clock, and to %s at other times",
			rate(limits, "MaxTransferRateOnSchedule"), valueOr(limits, "MaxBandwidthValidFrom", 8),
			valueOr(limits, "MaxBandwidthValidTo", 17), rateOffSchedule(limits))
	}
	if limits["EnableBandwidthLimits"] != 0 {
		holding["EnableBandwidthLimits"] = "limits background jobs by a schedule of work days and hours"
	}
	if limits["EnableMaintenanceLimits"] != 0 {
		holding["EnableMaintenanceLimits"] = "limits background jobs by a schedule of maintenance days and hours"
	}
	return holding
}

// rate words a limit in kilobits per second; 0 stops background jobs.
func rate(limits map[string]uint32, name string) string {
	n, set := limits[name]
	switch {
	case !set:
		return "a rate"
	case n == 0:
		return "0 kbit/s (none)"
	}
	return fmt.Sprintf("%d kbit/s", n)
}

func rateOffSchedule(limits map[string]uint32) string {
	if valueOr(limits, "UseSystemMaximum", 1) != 0 {
		return "the idle bandwidth"
	}
	return rate(limits, "MaxTransferRateOffSchedule")
}

func valueOr(limits map[string]uint32, name string, otherwise uint32) uint32 {
	if n, set := limits[name]; set {
		return n
	}
	return otherwise
}
