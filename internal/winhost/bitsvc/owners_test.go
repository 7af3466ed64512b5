// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Source: "User Account Control and BITS", IBackgroundCopyManager::EnumJobs and ::GetJob, learn.microsoft.com.
func TestWhoMayReadAndChangeAJob(t *testing.T) {
	t.Parallel()
	plain := ops
	plain.Elevated = false
	ben := Caller{Account: `CORP\ben`, SID: "S-1-5-21-4", LoggedOn: true}
	for _, c := range []struct {
		name          string
		owner, caller Caller
		read, change  bits.HResult
		listed        bool // among all users' jobs
	}{
		{name: "a user's own job", owner: anna, caller: anna},
		{name: "another user's job", owner: anna, caller: ben, read: eAccessDenied, change: eAccessDenied},
		{name: "a user's job for an administrator", owner: anna, caller: ops, listed: true},
		{name: "a user's job for LocalSystem", owner: anna, caller: system, listed: true},
		{name: "an elevated job for its owner", owner: ops, caller: ops, listed: true},
		{name: "an elevated job for its owner who is not elevated now", owner: ops, caller: plain, read: eAccessDenied, change: eAccessDenied},
		{name: "a job made without elevation for its elevated owner", owner: plain, caller: ops, listed: true},
		{name: "a job of LocalSystem for an administrator", owner: system, caller: ops, change: eAccessDenied, listed: true},
		{name: "a job of LocalSystem for itself", owner: system, caller: system, listed: true},
		{name: "a job of LocalSystem for a user", owner: system, caller: anna, read: eAccessDenied, change: eAccessDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(c.owner, bits.PriorityNormal, "/a")
			if _, err := r.Job(c.caller, id); code(t, err) != c.read {
				t.Errorf("it reads %v instead of %s", err, c.read)
			}
			for call, err := range map[string]error{
				"SetPriority": r.SetPriority(c.caller, id, bits.PriorityLow),
				"Suspend":     r.Suspend(c.caller, id),
				"AddFile":     r.AddFile(c.caller, id, r.file("/b")),
			} {
				if got := code(t, err); got != c.change {
					t.Errorf("%s is %s instead of %s", call, got, c.change)
				}
			}
			all, err := r.Jobs(c.caller, true)
			if (err == nil && len(all) == 1) != c.listed || err != nil && code(t, err) != eAccessDenied {
				t.Errorf("all jobs are %v, %v", all, err)
			}
			own, err := r.Jobs(c.caller, false)
			if err != nil || (len(own) == 1) != (c.owner.SID == c.caller.SID) {
				t.Errorf("its own jobs are %v, %v", own, err)
			}
			if _, err := r.Cancel(c.caller, id); code(t, err) != c.change {
				t.Errorf("Cancel is %v instead of %s", err, c.change)
			}
		})
	}
}

// Sources: "Users and Network Connections", learn.microsoft.com, and DFIR-ORC/dfir-orc issue 34: the job is made, its files are
// refused, and an empty suspended job stays behind.
func TestAJobOfSomebodyWhoIsNotLoggedOnStaysBehind(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.CreateJob(ghost, "left", bits.Download)
	r.must(err)
	if got := code(t, r.AddFile(ghost, id, r.file("/a"))); got != notLoggedOn {
		t.Errorf("AddFile is %s", got)
	}
	job, err := r.Job(ghost, id)
	if err != nil || job.State != bits.StateSuspended || len(job.Files) != 0 {
		t.Errorf("the job is %+v, %v", job, err)
	}
	if _, err := r.Cancel(ghost, id); err != nil {
		t.Errorf("its owner can't cancel it: %v", err)
	}
}

// Source: "Group Policies" of BITS, learn.microsoft.com.
func TestPoliciesLimitOrdinaryUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	fill := func(c Caller, n int) {
		t.Helper()
		for range n {
			_, err := r.CreateJob(c, "one of many", bits.Download)
			r.must(err)
		}
	}
	refused := func(c Caller, want bits.HResult) {
		t.Helper()
		if _, err := r.CreateJob(c, "one too many", bits.Download); code(t, err) != want {
			t.Errorf("%s gets %v instead of %s", c.Account, err, want)
		}
	}
	fill(anna, maxJobsPerUser)
	refused(anna, bgTooManyUserJobs)
	fill(ops, maxJobsPerMachine-maxJobsPerUser)
	refused(Caller{Account: `CORP\ben`, SID: "S-1-5-21-4", LoggedOn: true}, bgTooManyJobs)
	refused(ops, 0)
	refused(system, 0)

	r.SetKey(PolicyKey, map[string]uint32{"MaxJobsPerUser": maxJobsPerUser + 1, "MaxJobsPerMachine": maxJobsPerMachine + 9})
	refused(anna, 0)
	refused(anna, bgTooManyUserJobs)
	mine, err := r.Jobs(anna, false)
	r.must(err)
	id := mine[0].ID
	for range maxFilesPerJob {
		r.must(r.AddFile(anna, id, r.file("/a")))
	}
	if got := code(t, r.AddFile(anna, id, r.file("/a"))); got != bgTooManyFilesInJob {
		t.Errorf("one file too many is %s", got)
	}
	r.must(r.AddFile(ops, id, r.file("/a")))
	if _, err := r.Cancel(anna, id); err != nil {
		t.Fatal(err)
	}
}

func TestJobsAreListedInTheOrderTheyWereMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var made []bits.JobID
	for range 20 {
		made = append(made, r.job(ops, bits.PriorityNormal, "/a"))
	}
	list, err := r.Jobs(ops, true)
	r.must(err)
	for i, job := range list {
		if job.ID != made[i] {
			t.Fatalf("job %d of the list was made at another time", i)
		}
	}
}
