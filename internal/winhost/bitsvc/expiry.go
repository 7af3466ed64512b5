// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The days that a job may be left alone by default, and the most that the policy takes.
// Source: JobInactivityTimeout in "Policy CSP - BITS", learn.microsoft.com: days, 1 to 999.
const (
	defaultInactivity = 90
	maxInactivity     = 999
)

// inactivity is how many days a job may make no progress and not be changed before it is cancelled. The lock is held.
func (s *Service) inactivity() int {
	return max(1, min(s.limit("JobInactivityTimeout", defaultInactivity), maxInactivity))
}

// watch cancels the job once nothing happened to it for too long: bytes and changes of properties count, retries do not.
// Source: "Group Policies" of BITS, learn.microsoft.com.
func (s *Service) watch(j *job) {
	if j.stopWatch != nil {
		j.stopWatch()
	}
	left := time.Duration(s.inactivity())*24*time.Hour - s.clock.Now().Sub(j.used)
	j.stopWatch = s.clock.AfterFunc(max(left, 0), func() { s.expire(j) })
}

// expire cancels the job, unless something happened to it since the watch was set.
func (s *Service) expire(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.jobs[j.id] != j {
		return
	}
	if days := s.inactivity(); s.clock.Now().Sub(j.used) >= time.Duration(days)*24*time.Hour {
		s.abandon(j, days)
		return
	}
	s.watch(j)
}

// abandon cancels a job that nobody uses.
func (s *Service) abandon(j *job, days int) {
	s.release(j)
	if j.state.Final() { // a call was faster
		return
	}
	j.stopRetry()
	j.drop()
	j.state, j.failure = bits.StateCancelled, nil
	s.retire(j)
	s.log.Write(machine.SystemLog, eventExpired, named("", j.name, "", string(j.id), "", j.owner.Account, "", strconv.Itoa(days))...)
	s.touch(j)
	s.schedule()
}
