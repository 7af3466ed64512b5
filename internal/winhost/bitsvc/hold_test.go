// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// holdsWith checks the state of a job and the code of its error, 0 for none.
func (r *rig) holdsWith(id bits.JobID, state bits.State, want bits.HResult) {
	r.t.Helper()
	job, err := r.Job(system, id)
	r.must(err)
	var got bits.HResult
	if job.Error != nil {
		got = job.Error.HResult
	}
	if job.State != state || got != want {
		r.t.Errorf("the job is %s with %s instead of %s with %s", job.State, got, state, want)
	}
}

// Source: "Users and Network Connections", learn.microsoft.com.
func TestALostNetworkStopsEveryJobThatWantsToMove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state bits.State
		stays bool
		code  bits.HResult
	}{
		{state: bits.StateQueued}, {state: bits.StateConnecting}, {state: bits.StateTransferring},
		{state: bits.StateSuspended, stays: true}, {state: bits.StateTransferred, stays: true},
		{state: bits.StateError, stays: true, code: 0x80190194},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, h := r.in(c.state)
			r.NetworkDown()
			if c.stays {
				r.holdsWith(id, c.state, c.code)
				return
			}
			r.holdsWith(id, bits.StateTransientError, bgNoNetwork)
			r.clock.Advance(defaultNoProgress) // no retry helps. Source: BG_JOB_STATE, learn.microsoft.com
			r.holdsWith(id, bits.StateTransientError, bgNoNetwork)
			r.must(h.Resume())
			r.holdsWith(id, bits.StateTransientError, bgNoNetwork)
			r.Pause()
			r.NetworkUp()
			r.holdsWith(id, bits.StateQueued, 0)
		})
	}
}

// Source: "Users and Network Connections", learn.microsoft.com: jobs with a transient error, "which may include any error code".
func TestTheNetworksReturnQueuesJobsWithAnyTransientError(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	failed, _ := r.in(bits.StateTransientError)
	moving := r.job(ops, bits.PriorityForeground, "/a?size=10")
	r.NetworkUp() // it was not down
	r.holdsWith(failed, bits.StateTransientError, 0x801901F7)
	r.NetworkDown()
	r.holdsWith(failed, bits.StateTransientError, 0x801901F7)
	r.must(r.Resume(ops, moving))
	r.holdsWith(moving, bits.StateTransientError, bgNoNetwork)
	before, err := r.Job(ops, failed)
	r.must(err)
	r.clock.Advance(time.Minute)
	r.NetworkUp()
	r.await(moving, bits.StateTransferred)
	r.until(failed, func(j bits.Job) bool {
		return j.State == bits.StateTransientError && j.ModifiedAt.After(before.ModifiedAt)
	})
}

// Sources: "Group Policies" of BITS and "Policy CSP - BITS", learn.microsoft.com; began is at four o'clock.
func TestNoBandwidthHoldsBackgroundJobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		policy map[string]uint32
		held   bool
		ends   time.Duration // after which the jobs move; 0: not within a day
	}{
		{name: "a limit of 0", policy: map[string]uint32{"MaxInternetBandwidth": 0}, held: true},
		{name: "a limit of 2 kbit/s", policy: map[string]uint32{"MaxInternetBandwidth": 2}},
		{
			name:   "0 at work, which is from 8 to 17 o'clock",
			policy: map[string]uint32{"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0},
		},
		{
			name: "0 from 4 to 6 o'clock", held: true, ends: 2 * time.Hour,
			policy: map[string]uint32{
				"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0, "MaxBandwidthValidFrom": 4, "MaxBandwidthValidTo": 6,
			},
		},
		{
			name: "0 from 22 to 5 o'clock", held: true, ends: time.Hour,
			policy: map[string]uint32{
				"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0, "MaxBandwidthValidFrom": 22, "MaxBandwidthValidTo": 5,
			},
		},
		{
			name: "0 outside of work", held: true, ends: 4 * time.Hour,
			policy: map[string]uint32{
				"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 10, "UseSystemMaximum": 0, "MaxTransferRateOffSchedule": 0,
			},
		},
		{
			name: "no limit outside of work",
			policy: map[string]uint32{
				"EnableBITSMaxBandwidth": 1, "MaxTransferRateOnSchedule": 0, "UseSystemMaximum": 1, "MaxTransferRateOffSchedule": 0,
			},
		},
		{
			name: "a policy that is off",
			policy: map[string]uint32{
				"EnableBITSMaxBandwidth": 0, "MaxTransferRateOnSchedule": 0, "MaxBandwidthValidFrom": 0, "MaxBandwidthValidTo": 0,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.SetKey(PolicyKey, c.policy)
			var ids []bits.JobID
			for _, p := range []bits.Priority{bits.PriorityHigh, bits.PriorityNormal, bits.PriorityLow} {
				id := r.job(ops, p, "/a?size=10")
				r.must(r.Resume(ops, id))
				ids = append(ids, id)
			}
			foreground := r.job(ops, bits.PriorityForeground, "/a?size=10")
			r.must(r.Resume(ops, foreground))
			r.await(foreground, bits.StateTransferred)
			if !c.held {
				r.awaitAll(ids, bits.StateTransferred)
				return
			}
			for _, id := range ids {
				r.holdsWith(id, bits.StateTransientError, bgBlockedByPolicy)
			}
			if c.ends == 0 {
				r.clock.Advance(day)
				r.holdsWith(ids[0], bits.StateTransientError, bgBlockedByPolicy)
				r.ResetKeys()
			} else {
				r.clock.Advance(c.ends - time.Hour)
				r.holdsWith(ids[0], bits.StateTransientError, bgBlockedByPolicy)
				r.clock.Advance(time.Hour)
			}
			r.awaitAll(ids, bits.StateTransferred)
		})
	}
}

func (r *rig) awaitAll(ids []bits.JobID, state bits.State) {
	r.t.Helper()
	for _, id := range ids {
		r.await(id, state)
	}
}

// Source: "Group Policies" of BITS, learn.microsoft.com: "this policy does not affect foreground transfers".
func TestAHeldJobMovesInForeground(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.job(ops, bits.PriorityNormal, slow)
	r.must(r.Resume(ops, id))
	r.await(id, bits.StateTransferring)
	r.SetKey(PolicyKey, map[string]uint32{"MaxInternetBandwidth": 0})
	r.holdsWith(id, bits.StateTransientError, bgBlockedByPolicy)
	r.must(r.SetPriority(ops, id, bits.PriorityForeground))
	r.await(id, bits.StateTransferring)
	r.must(r.SetPriority(ops, id, bits.PriorityLow))
	r.holdsWith(id, bits.StateTransientError, bgBlockedByPolicy)
	r.NetworkDown()
	r.holdsWith(id, bits.StateTransientError, bgNoNetwork)
	r.NetworkUp()
	r.holdsWith(id, bits.StateTransientError, bgBlockedByPolicy)
	r.must(r.Suspend(ops, id))
	r.holdsWith(id, bits.StateSuspended, 0)
}

// Sources: Set-BitsTransfer, BITS_JOB_PROPERTY_ID and "Policy CSP - BITS", learn.microsoft.com; setup() of Wine's
// dlls/qmgr/tests/job.c for the default of the background.
func TestTheCostOfTheNetworkHoldsJobsWhosePolicyExcludesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		cost     bits.CostState
		policy   []bits.CostState
		host     map[string]uint32 // the group policy
		priority bits.Priority     // "": normal
		held     bool
	}{
		{name: "a server does not know what its network costs", policy: []bits.CostState{"roaming"}},
		{name: "a background job does not move on a metered network", cost: "capped", held: true},
		{name: "nor in high priority", cost: "usage_based", priority: bits.PriorityHigh, held: true},
		{name: "a foreground job does", cost: "capped", priority: bits.PriorityForeground},
		{name: "a network that costs nothing holds no job", cost: "unrestricted"},
		{name: "always is every network", cost: "roaming", policy: []bits.CostState{"always"}},
		{name: "not roaming is a metered network, too", cost: "usage_based", policy: []bits.CostState{"not_roaming"}},
		{name: "not roaming excludes roaming", cost: "roaming", policy: []bits.CostState{"not_roaming"}, held: true},
		{name: "standard excludes a plan near its cap", cost: "near_cap", policy: []bits.CostState{"standard"}, held: true},
		{
			name: "the host's policy allows a class more", cost: "capped",
			host: map[string]uint32{"NormalTransferPolicy": 0x800000FF, "LowTransferPolicy": 0x80000021},
		},
		{
			name: "the host's policy allows a class less, foreground too", cost: "roaming", priority: bits.PriorityForeground, held: true,
			host: map[string]uint32{"ForegroundTransferPolicy": 0x8000007F},
		},
		{
			name: "the host's policy does not override the job's", cost: "capped", policy: []bits.CostState{"always"},
			host: map[string]uint32{"NormalTransferPolicy": 0x80000021},
		},
		{
			name: "its own policy holds a foreground job, too", cost: "capped", held: true,
			policy: []bits.CostState{"policy_unrestricted"}, priority: bits.PriorityForeground,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.must(r.SetNetworkCost(c.cost))
			r.SetKey(CostKey, c.host)
			id := r.job(ops, cmp.Or(c.priority, bits.PriorityNormal), "/a?size=10")
			set := func(policy ...bits.CostState) {
				t.Helper()
				r.must(r.Do(ops, id, func(h *Handle) error { return h.SetProperties(bits.Properties{TransferPolicy: policy}) }))
			}
			if c.policy != nil {
				set(c.policy...)
			}
			r.must(r.Resume(ops, id))
			if c.held {
				r.holdsWith(id, bits.StateTransientError, bgBlockedByCost)
				set("always") // takes effect at once
			}
			r.await(id, bits.StateTransferred)
		})
	}
	if err := newRig(t).SetNetworkCost("cheap"); err == nil {
		t.Error("a network may be cheap")
	}
}

// Source: IBackgroundCopyJob::SetMinimumRetryDelay, learn.microsoft.com.
func TestATransientFailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, h := r.in(bits.StateQueued)
	r.must(h.Fail(0x80072EE7, true))
	r.holdsWith(id, bits.StateTransientError, 0x80072EE7)
	r.Run()
	r.holdsWith(id, bits.StateTransientError, 0x80072EE7)
	r.clock.Advance(defaultRetryDelay)
	r.await(id, bits.StateTransferred)
}
