// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// conditions are what keeps jobs from moving that want to.
type conditions struct {
	offline bool   // there is no network
	cost    uint32 // of the network, a bit of BITS_COST_STATE; 0: Windows does not know it

	stopHours func() bool // of the next hour, at which the policies on bandwidth may change
}

// NetworkDown cuts the host's BITS off the network: every job that is queued or moves gets BG_E_NETWORK_DISCONNECTED, and no retry
// helps. Source: "Users and Network Connections" and BG_JOB_STATE, learn.microsoft.com.
func (s *Service) NetworkDown() { s.set(func() { s.offline = true }) }

// NetworkUp connects it again: every job with a transient error, whatever its code, is queued.
// Source: "Users and Network Connections", learn.microsoft.com.
func (s *Service) NetworkUp() {
	s.set(func() {
		if !s.offline {
			return
		}
		s.offline = false
		for _, j := range s.jobs {
			if j.state == bits.StateTransientError {
				s.enqueue(j)
				s.touch(j)
			}
		}
	})
}

// SetNetworkCost tells the host what its network costs; "" is a host that does not know, as a server does not.
// Source: the message of event 312 of qmgr.dll, for servers.
func (s *Service) SetNetworkCost(cost bits.CostState) error {
	var mask uint32
	if cost != "" {
		var err error
		if mask, err = bits.PolicyMask([]bits.CostState{cost}); err != nil {
			return err
		}
	}
	s.set(func() { s.cost = mask })
	return nil
}

// hold stops the jobs that may not move now, and queues those again that may. The lock is held.
func (s *Service) hold() {
	if s.off != 0 || s.closed {
		return
	}
	for _, j := range s.jobs {
		held := j.held()
		if !j.active() && !held || j.lingers || j.ending > 0 {
			continue
		}
		switch why := s.barred(j); {
		case why == 0 && held:
			s.enqueue(j)
			s.touch(j)
		case why != 0 && (!held || j.failure.HResult != why):
			j.halt()
			j.state = bits.StateTransientError
			if j.foregroundOnly() { // no error passes by itself. Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod
				j.state = bits.StateError
			}
			j.failure = &bits.JobError{HResult: why, Context: bits.ContextQueueManager, Text: s.message(why)}
			s.touch(j)
		}
	}
}

// held reports whether the job waits for a condition to end: no retry is set.
// Source: BG_JOB_STATE, learn.microsoft.com.
func (j *job) held() bool { return j.state == bits.StateTransientError && j.stopTimer == nil }

// barred is why the job may not move now; 0 when it may. The lock is held.
func (s *Service) barred(j *job) bits.HResult {
	switch {
	case s.offline:
		return bgNoNetwork
	case j.priority != bits.PriorityForeground && s.noBandwidth():
		return bgBlockedByPolicy
	case s.tooExpensive(j):
		return bgBlockedByCost
	}
	return 0
}

// The hours between which the policy on bandwidth holds by default. Source: "Policy CSP - BITS", learn.microsoft.com.
const (
	defaultWorkFrom = 8
	defaultWorkTo   = 17
)

// noBandwidth reports whether a policy leaves none to background jobs now; foreground jobs are exempt. The host's time is UTC.
// Sources: "Group Policies" of BITS and "Policy CSP - BITS", learn.microsoft.com; the names of the numbers: SMS_BITS2Config, ditto.
func (s *Service) noBandwidth() bool {
	if s.limit("MaxInternetBandwidth", 1) == 0 {
		return true
	}
	if s.limit("EnableBITSMaxBandwidth", 0) == 0 {
		return false
	}
	from, to := s.limit("MaxBandwidthValidFrom", defaultWorkFrom), s.limit("MaxBandwidthValidTo", defaultWorkTo)
	hour := s.clock.Now().Hour()
	within := from <= hour && hour < to
	if from >= to { // over midnight, or the whole day
		within = from <= hour || hour < to
	}
	if within {
		return s.limit("MaxTransferRateOnSchedule", 1) == 0
	}
	return s.limit("UseSystemMaximum", 1) == 0 && s.limit("MaxTransferRateOffSchedule", 1) == 0
}

// watchHours looks at the policy on bandwidth every hour while there is one. The lock is held.
func (s *Service) watchHours() {
	if s.stopHours != nil {
		s.stopHours()
	}
	s.stopHours = nil
	if s.closed || s.limit("EnableBITSMaxBandwidth", 0) == 0 {
		return
	}
	now := s.clock.Now()
	s.stopHours = s.clock.AfterFunc(now.Truncate(time.Hour).Add(time.Hour).Sub(now), func() { s.set(s.watchHours) })
}

// What a job may cost where neither it nor the host has a policy. Source for the background: setup() of Wine's
// dlls/qmgr/tests/job.c, whose job of normal priority does not move on the metered network of a Windows 10. No source was found for
// the foreground.
const (
	backgroundCost = 0x80000021 // BITS_COST_STATE_TRANSFER_UNRESTRICTED
	foregroundCost = 0x800000FF // BITS_COST_STATE_TRANSFER_ALWAYS
)

// tooExpensive reports whether the job's transfer policy excludes the network. It may be set at any time, for any priority.
// Sources: Set-BitsTransfer and BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func (s *Service) tooExpensive(j *job) bool {
	policy, _ := bits.PolicyMask(j.set.TransferPolicy) // was checked when it was set
	if policy == 0 {
		policy = s.costOf(j.priority)
	}
	return s.cost != 0 && policy&s.cost == 0
}

// costOf is the transfer policy of a class for jobs without one of their own. The group policy has a number for each, whose names are
// not documented: the first with the class in it counts. Source: CostedNetworkBehavior in "Policy CSP - BITS", learn.microsoft.com.
func (s *Service) costOf(class bits.Priority) uint32 {
	policies := s.keys[CostKey]
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		if strings.Contains(strings.ToLower(name), string(class)) {
			return policies[name]
		}
	}
	if class == bits.PriorityForeground {
		return foregroundCost
	}
	return backgroundCost
}
