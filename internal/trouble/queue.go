// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// ofQueues are reasons why BITS does not move a job, or moves it slowly. Sources: BG_JOB_PRIORITY, "Users and Network Connections",
// "Network Bandwidth", "BITS Cost States" and "Group Policies", learn.microsoft.com.
var ofQueues = []reason{
	{
		title: "Other jobs run first", symptom: queued, states: []bits.State{bits.StateQueued},
		holds: both(background, maybeBehind), known: behind,
		cause: "{host} has {ahead}. Below `foreground` BITS transfers one job at a time, higher priorities first; jobs of the same " +
			"priority take turns.",
		cures: []cure{{condition{}, "Raise `priority`: `foreground` jobs run in parallel."}},
	},
	{
		title: "A policy limits the bandwidth", symptom: queued, codes: []bits.HResult{0x8020003E}, asks: true,
		states: []bits.State{bits.StateQueued}, holds: both(background, maybePolicies), known: knownPolicies,
		cause: "A policy on bandwidth or maintenance hours holds jobs below `foreground`.",
		cures: []cure{
			{leftOut(knownPolicies), "{host} has {policies}."},
			{implied(unknownPolicies), "Check `holding_policies` in `bits_host`."},
			{implied(background), "Set `priority = \"foreground\"`, which is exempt, or wait until the policy's hours end."},
			{leftOut(foreground), "The job is now in `foreground`: apply again."},
		},
	},
	{
		title: "The network is metered", symptom: queued, codes: []bits.HResult{0x80200059},
		states: []bits.State{bits.StateQueued}, holds: someNetworks,
		cause: "BITS holds jobs on a metered or roaming network.",
		cures: []cure{
			{implied(someNetworks), "Set `transfer_policy = [\"always\"]`, or connect {host} to an unmetered network."},
			{anyNetwork, "A policy of {host} holds the job: change it, or use an unmetered network."},
		},
	},
	{
		title: "The host saves power or resources", symptom: queued,
		codes:  []bits.HResult{0x80200065, 0x80200067, 0x80200068, 0x8020006E, 0x8020006F, 0x80200070},
		states: []bits.State{bits.StateQueued},
		cures: []cure{
			{implied(noCode), "BITS pauses jobs while the host is on battery, in Game Mode or short of resources."},
			{implied(codeIsNot(0x8020006E, 0x8020006F)), "Connect {host} to power, keep it awake, and check its load."},
			{both(implied(background), codeIs(0x80200068)), "Or set `priority = \"foreground\"`, which is exempt."},
			{codeIs(0x8020006F), "End Game Mode on {host}."},
			{codeIs(0x8020006E), "Allow the app to run in the background in the settings of {host}."},
			bitsGoesOn,
		},
	},
	{
		title: "The job waits for idle bandwidth", symptom: slow, states: []bits.State{bits.StateTransferring}, holds: background,
		cause: "Below `foreground` BITS uses only idle bandwidth, and bandwidth policies limit it further.",
		cures: []cure{{condition{}, "Set `priority = \"foreground\"`: the transfer then competes with other traffic, without limits."}},
	},
}
