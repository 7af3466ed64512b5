// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Every call in every state that a job can be held in. Sources: "Life Cycle of a BITS Job" and the pages of IBackgroundCopyJob's methods,
// learn.microsoft.com: all but that of AddFile list BG_E_INVALID_STATE for cancelled and acknowledged jobs. That Resume leaves a
// transferred job alone follows from "Life Cycle" and from "BITS Return Values", which have BG_E_EMPTY for jobs without files; Wine's own
// qmgr has it for transferred jobs, too.
func TestCallsFollowTheState(t *testing.T) {
	t.Parallel()
	become := func(state bits.State) func(bits.State) bits.State {
		return func(bits.State) bits.State { return state }
	}
	none := func(call func(r *rig, h *Handle) error) func(r *rig, h *Handle) (bits.HResult, error) {
		return func(r *rig, h *Handle) (bits.HResult, error) { return 0, call(r, h) }
	}
	waits := map[bits.State]bool{bits.StateSuspended: true, bits.StateError: true, bits.StateTransientError: true}
	for _, c := range []struct {
		name string
		call func(r *rig, h *Handle) (bits.HResult, error)
		then func(before bits.State) bits.State   // nil: as before
		code func(before bits.State) bits.HResult // nil: 0
	}{
		{name: "SetPriority", call: none(func(_ *rig, h *Handle) error { return h.SetPriority(bits.PriorityForeground) })},
		{name: "SetDisplayName", call: none(func(_ *rig, h *Handle) error { return h.SetDisplayName("b") })},
		{name: "SetDescription", call: none(func(_ *rig, h *Handle) error { return h.SetDescription("b") })},
		{name: "SetProperties", call: none(func(_ *rig, h *Handle) error {
			return h.SetProperties(bits.Properties{MinimumRetryDelay: pointer(bits.Seconds(60))})
		})},
		{name: "AddFile", call: none(func(r *rig, h *Handle) error { return h.AddFile(r.file("/z")) })},
		{
			name: "Suspend", call: none(func(_ *rig, h *Handle) error { return h.Suspend() }),
			then: become(bits.StateSuspended),
		},
		{
			name: "Resume", call: none(func(r *rig, h *Handle) error {
				if job, err := r.Job(ops, h.job.id); err == nil && waits[job.State] {
					r.Pause() // so that the job is seen in the queue
				}
				return h.Resume()
			}),
			then: func(before bits.State) bits.State {
				if waits[before] {
					return bits.StateQueued
				}
				return before
			},
		},
		{
			name: "Complete", call: func(_ *rig, h *Handle) (bits.HResult, error) { return h.Complete() },
			then: become(bits.StateAcknowledged),
			code: func(before bits.State) bits.HResult {
				if before == bits.StateTransferred {
					return 0
				}
				return bgPartialComplete
			},
		},
		{
			name: "Cancel", call: func(_ *rig, h *Handle) (bits.HResult, error) { return h.Cancel() },
			then: become(bits.StateCancelled),
		},
	} {
		for _, state := range []bits.State{
			bits.StateSuspended, bits.StateQueued, bits.StateConnecting, bits.StateTransferring, bits.StateTransientError,
			bits.StateError, bits.StateTransferred, bits.StateAcknowledged, bits.StateCancelled,
		} {
			t.Run(fmt.Sprintf("%s of a job that is %s", c.name, state), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				id, h := r.in(state)
				if state.Final() {
					r.heldFinal(id, func() error { _, err := c.call(r, h); return err })
					return
				}
				result, err := c.call(r, h)
				r.must(err)
				want := state
				if c.then != nil {
					want = c.then(state)
				}
				var success bits.HResult
				if c.code != nil {
					success = c.code(state)
				}
				if result != success {
					t.Errorf("the result is %s instead of %s", result, success)
				}
				r.holds(id, want)
			})
		}
	}
}

// heldFinal checks that a call on a final job that is still held is refused, and that the job is found no more.
func (r *rig) heldFinal(id bits.JobID, call func() error) {
	r.t.Helper()
	if got := code(r.t, call()); got != bgInvalidState {
		r.t.Errorf("%s instead of BG_E_INVALID_STATE", got)
	}
	if _, err := r.Job(ops, id); code(r.t, err) != bgNotFound {
		r.t.Errorf("a final job is still found: %v", err)
	}
	if _, err := r.Open(ops, id); code(r.t, err) != bgNotFound {
		r.t.Errorf("a final job can be opened: %v", err)
	}
	list, err := r.Jobs(ops, true)
	if err != nil || len(list) != 0 {
		r.t.Errorf("a final job is listed: %v, %v", list, err)
	}
}

// holds checks the state of a job, final ones included.
func (r *rig) holds(id bits.JobID, want bits.State) {
	r.t.Helper()
	if want.Final() {
		last, ok := r.Final(id)
		if !ok || last.State != want || last.Error != nil {
			r.t.Errorf("the job ended as %s with %v instead of %s", last.State, last.Error, want)
		}
		return
	}
	if got := r.state(id); got != want {
		r.t.Errorf("the job is %s instead of %s", got, want)
	}
}

// Source: Wine's dlls/qmgr/tests/{job,file,enum_files,enum_jobs}.c, which run on Windows, too; IBackgroundCopyJob::SetPriority,
// learn.microsoft.com, for the priority.
func TestANewJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before, err := r.Jobs(anna, false)
	r.must(err)
	id, err := r.CreateJob(anna, "Test", bits.Download)
	r.must(err)
	job, err := r.Job(anna, id)
	r.must(err)
	if job.ID != id || job.DisplayName != "Test" || job.TransferType != bits.Download || job.State != bits.StateSuspended ||
		job.Priority != bits.PriorityNormal || job.Error != nil || len(job.CustomHeaders) > 0 || len(job.SecurityFlags) > 0 {
		t.Errorf("the new job is %+v", job)
	}
	if job.BytesTotal == nil || *job.BytesTotal != 0 || job.BytesTransferred != 0 || len(job.Files) != 0 || job.FilesTransferred != 0 {
		t.Errorf("without files the job's progress is %+v", job)
	}
	files := []bits.FileSpec{r.file("/remoteA"), r.file("/remoteB")}
	for _, f := range files {
		r.must(r.AddFile(anna, id, f))
	}
	if job, err = r.Job(anna, id); err != nil || len(job.Files) != len(files) || job.State != bits.StateSuspended || job.BytesTotal != nil {
		t.Errorf("with files the job is %+v, %v", job, err)
	}
	for i, f := range job.Files {
		if f.RemoteName != files[i].RemoteName || f.LocalName != files[i].LocalName {
			t.Errorf("file %d is %+v instead of %+v", i, f, files[i])
		}
		if f.BytesTotal != nil || f.BytesTransferred != 0 || f.Complete {
			t.Errorf("before the transfer file %d is %+v", i, f)
		}
	}
	after, err := r.Jobs(anna, false)
	if err != nil || len(before) != 0 || len(after) != 1 || after[0].ID != id {
		t.Errorf("the lists are %v and then %v, %v", before, after, err)
	}
}

// Source: "Life Cycle of a BITS Job", learn.microsoft.com: such a job may get more files and be resumed.
func TestATransferredJobGoesOnWithMoreFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, h := r.in(bits.StateTransferred)
	r.must(h.AddFile(r.file("/more?size=7")))
	r.holds(id, bits.StateTransferred)
	r.must(h.Resume())
	r.until(id, func(j bits.Job) bool { return j.State == bits.StateTransferred && j.FilesTransferred == 2 })
}

func TestAWaitEndsWhenItsStateCantCome(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, h := r.in(bits.StateSuspended)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.WaitState(ctx, id, bits.StateTransferred); err == nil {
		t.Error("a cancelled wait succeeded")
	}
	if _, err := h.Cancel(); err != nil {
		t.Fatal(err)
	}
	if err := r.WaitState(t.Context(), id, bits.StateTransferred); err == nil {
		t.Error("a cancelled job was transferred")
	}
	if err := r.WaitState(t.Context(), "none", bits.StateTransferred); code(t, err) != bgNotFound {
		t.Errorf("a wait for no job is %v", err)
	}
}

func TestFailIsForJobsThatBITSLists(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, h := r.in(bits.StateTransferring)
	r.must(r.Fail(id, 0x80190194))
	job, err := r.Job(ops, id)
	if err != nil || job.State != bits.StateError || job.Error.HResult != 0x80190194 || job.Error.Context != bits.ContextRemoteFile {
		t.Errorf("the job is %+v, %v", job, err)
	}
	r.Stop()
	if got := code(t, r.Fail(id, 0x80190194)); got != serviceNotActive {
		t.Errorf("under a stopped service a job fails with %s", got)
	}
	r.Start()
	if _, err := h.Cancel(); err != nil {
		t.Fatal(err)
	}
	if got := code(t, r.Fail(id, 0x80190194)); got != bgNotFound {
		t.Errorf("a final job fails with %s", got)
	}
}
