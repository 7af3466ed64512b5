// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

const day = 24 * time.Hour

// Sources: JobInactivityTimeout in "Group Policies" of BITS and in "Policy CSP - BITS", learn.microsoft.com: "Transfer progress
// or property changes reset the timer".
func TestAJobThatNobodyUsesExpires(t *testing.T) {
	t.Parallel()
	policy := func(days uint32) func(*rig, bits.JobID) {
		return func(r *rig, _ bits.JobID) { r.SetKey(PolicyKey, map[string]uint32{"JobInactivityTimeout": days}) }
	}
	for _, c := range []struct {
		name  string
		path  string // "": /a?size=100
		after time.Duration
		act   func(r *rig, id bits.JobID) // after that time
		days  int                         // when it expires, counted from its creation; 0: 90
		event string                      // "": 90 days
	}{
		{name: "90 days after its creation"},
		{name: "90 days after a property was set", after: 50 * day, days: 140, act: func(r *rig, id bits.JobID) {
			r.must(r.SetPriority(anna, id, bits.PriorityLow))
		}},
		{name: "90 days after a file was added", after: 50 * day, days: 140, act: func(r *rig, id bits.JobID) {
			r.must(r.AddFile(anna, id, r.file("/b")))
		}},
		{name: "90 days after its last bytes, though it is transferred", after: 50 * day, days: 140, act: func(r *rig, id bits.JobID) {
			r.must(r.Resume(anna, id))
			r.await(id, bits.StateTransferred)
		}},
		{name: "90 days after its creation, though it tries again every day", path: "/a?status=503", act: func(r *rig, id bits.JobID) {
			r.must(r.Do(anna, id, func(h *Handle) error {
				return h.SetProperties(bits.Properties{MinimumRetryDelay: seconds(day), NoProgressTimeout: seconds(300 * day)})
			}))
			r.must(r.Resume(anna, id))
			r.await(id, bits.StateTransientError)
		}},
		{name: "as early as the policy says", act: policy(2), days: 2, event: "2"},
		{name: "as late as the policy says", act: policy(120), days: 120, event: "120"},
		{name: "after a day, because the policy takes no less", act: policy(0), days: 1, event: "1"},
		{name: "after 999 days, because the policy takes no more", act: policy(0xFFFFFFFF), days: 999, event: "999"},
		{name: "at once when the policy comes later", after: 50 * day, act: policy(30), days: 50, event: "30"},
		{name: "at the default when the policy was taken back", act: func(r *rig, id bits.JobID) { policy(2)(r, id); r.ResetKeys() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(anna, bits.PriorityForeground, cmp.Or(c.path, "/a?size=100"))
			r.clock.Advance(c.after)
			if c.act != nil {
				c.act(r, id)
			}
			left := time.Duration(cmp.Or(c.days, 90))*day - c.after
			for ; left > day; left -= day { // day by day, so that each retry has its answer
				r.clock.Advance(day)
				r.settle(id)
			}
			r.clock.Advance(left - time.Second)
			if _, err := r.Job(anna, id); err != nil && left > 0 {
				t.Fatalf("a second before its time: %v", err)
			}
			r.clock.Advance(time.Second)
			if last, ended := r.Final(id); !ended || last.State != bits.StateCancelled {
				t.Errorf("the job is %s", last.State)
			}
			if _, err := r.Job(anna, id); code(t, err) != bgNotFound {
				t.Errorf("a look-up answers %v", err)
			}
			want := `16389 =a job =` + string(id) + ` =CORP\anna =` + cmp.Or(c.event, "90")
			if got := r.records(machine.SystemLog); len(got) != 1 || got[0] != want {
				t.Errorf("the log has %q, want %q", got, want)
			}
		})
	}
}

// settle waits until a job does not transfer.
func (r *rig) settle(id bits.JobID) {
	r.t.Helper()
	r.until(id, func(j bits.Job) bool {
		return j.State != bits.StateQueued && j.State != bits.StateConnecting && j.State != bits.StateTransferring
	})
}

func TestTheBytesOfAJobThatExpiredAreGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.in(bits.StateTransferred)
	r.clock.Advance(90 * day)
	if left := r.temporaries(); len(left) > 0 {
		t.Errorf("%q are left", left)
	}
}

// Source: BG_JOB_TIMES, learn.microsoft.com: "Time the job was last modified or bytes were transferred".
func TestBytesMoveTheTimeOfModification(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.job(ops, bits.PriorityForeground, "/a?rate=100000&size=100000000")
	r.must(r.Resume(ops, id))
	r.await(id, bits.StateTransferring)
	before, err := r.Job(ops, id)
	r.must(err)
	r.clock.Advance(time.Minute)
	r.until(id, func(j bits.Job) bool {
		return j.BytesTransferred > before.BytesTransferred && j.ModifiedAt.Equal(began.Add(time.Minute))
	})
}

// Source: MaxDownloadTime in "Group Policies" of BITS, learn.microsoft.com; seconds, as Limit the maximum BITS job download time
// in "Policy CSP - ADMX_Bits" says.
func TestThePolicyIsTheDownloadTimeOfNewJobs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	old := r.job(ops, bits.PriorityForeground, "/a")
	r.SetKey(PolicyKey, map[string]uint32{"MaxDownloadTime": 60})
	own := r.job(ops, bits.PriorityForeground, slow)
	r.must(r.Do(ops, own, func(h *Handle) error {
		return h.SetProperties(bits.Properties{MaximumDownloadTime: pointer(bits.Seconds(120))})
	}))
	id := r.job(ops, bits.PriorityForeground, slow)
	for job, want := range map[bits.JobID]bits.Seconds{old: 90 * 24 * 3600, own: 120, id: 60} {
		if got, err := r.Job(ops, job); err != nil || *got.Properties.MaximumDownloadTime != want {
			t.Errorf("a job has %d seconds instead of %d: %v", *got.Properties.MaximumDownloadTime, want, err)
		}
	}
	r.must(r.Resume(ops, id))
	r.await(id, bits.StateTransferring)
	r.clock.Advance(time.Minute)
	r.await(id, bits.StateError)
	if job, err := r.Job(ops, id); err != nil || job.Error.HResult != bgMaxDownloadTime {
		t.Errorf("the job is %+v, %v", job, err)
	}
}
