package bitsvc

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Every call in every state that a job can be held in. Source: the pages of IBackgroundCopyJob's methods,
// learn.microsoft.com: each lists BG_E_INVALID_STATE for cancelled and acknowledged jobs, and what it does to others.
func TestCallsFollowTheState(t *testing.T) {
	t.Parallel()
	states := []bits.State{
		bits.StateSuspended, bits.StateQueued, bits.StateTransferring, bits.StateError, bits.StateTransientError,
		bits.StateTransferred, bits.StateAcknowledged, bits.StateCancelled,
	}
	for _, c := range []struct {
		name string
		call func(r *rig, h *Handle) error
		then func(before bits.State) bits.State // nil: as before
		ends bool
	}{
		{name: "SetPriority", call: func(_ *rig, h *Handle) error { return h.SetPriority(bits.PriorityForeground) }},
		{name: "SetDisplayName", call: func(_ *rig, h *Handle) error { return h.SetDisplayName("b") }},
		{name: "SetDescription", call: func(_ *rig, h *Handle) error { return h.SetDescription("b") }},
		{name: "AddFile", call: func(r *rig, h *Handle) error { return h.AddFile(r.file("/z")) }},
		{
			name: "Suspend", call: func(_ *rig, h *Handle) error { return h.Suspend() },
			then: func(bits.State) bits.State { return bits.StateSuspended },
		},
		{
			name: "Complete", call: func(_ *rig, h *Handle) error { _, err := h.Complete(); return err },
			then: func(bits.State) bits.State { return bits.StateAcknowledged }, ends: true,
		},
		{
			name: "Cancel", call: func(_ *rig, h *Handle) error { _, err := h.Cancel(); return err },
			then: func(bits.State) bits.State { return bits.StateCancelled }, ends: true,
		},
	} {
		for _, state := range states {
			t.Run(fmt.Sprintf("%s of a job that is %s", c.name, state), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				id, h := r.in(state)
				err := c.call(r, h)
				if state.Final() {
					if got := code(t, err); got != bgInvalidState {
						t.Errorf("%s instead of BG_E_INVALID_STATE", got)
					}
					if _, err := r.Job(ops, id); code(t, err) != bgNotFound {
						t.Errorf("a final job is still found: %v", err)
					}
					return
				}
				r.must(err)
				want := state
				if c.then != nil {
					want = c.then(state)
				}
				if c.ends {
					last, ok := r.Final(id)
					if !ok || last.State != want {
						t.Errorf("the job ended as %s instead of %s", last.State, want)
					}
					return
				}
				if got := r.state(id); got != want {
					t.Errorf("the job is %s instead of %s", got, want)
				}
			})
		}
	}
}

// Source: IBackgroundCopyJob::SetPriority, ::AddFile, ::SetDisplayName, ::SetDescription, ::Resume and
// IBackgroundCopyManager::CreateJob, learn.microsoft.com.
func TestRefusals(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for _, c := range []struct {
		name string
		want bits.HResult
		call func(r *rig, id bits.JobID) error
	}{
		{"an undefined priority", eNotImpl, func(r *rig, id bits.JobID) error { return r.SetPriority(ops, id, "top") }},
		{"a name of 257 characters when set", bgStringTooLong, func(r *rig, id bits.JobID) error { return r.SetDisplayName(ops, id, long[:257]) }},
		{"a name of 256 characters", 0, func(r *rig, id bits.JobID) error { return r.SetDisplayName(ops, id, long[:256]) }},
		{"a name of 257 characters when made", eInvalidArg, func(r *rig, _ bits.JobID) error {
			_, err := r.CreateJob(ops, long[:257], bits.Download)
			return err
		}},
		{"a description of 1025 characters", bgStringTooLong, func(r *rig, id bits.JobID) error { return r.SetDescription(ops, id, long[:1025]) }},
		{"a remote name of 2201 characters", eInvalidArg, func(r *rig, id bits.JobID) error {
			return r.AddFile(ops, id, bits.FileSpec{RemoteName: "http://a/" + long[:2192], LocalName: `C:\t\a`})
		}},
		{"an FTP address", eInvalidArg, func(r *rig, id bits.JobID) error {
			return r.AddFile(ops, id, bits.FileSpec{RemoteName: "ftp://a/b", LocalName: `C:\t\a`})
		}},
		{"a relative path", eInvalidArg, func(r *rig, id bits.JobID) error {
			return r.AddFile(ops, id, bits.FileSpec{RemoteName: r.url, LocalName: `a`})
		}},
		{"a missing directory", 0x80070003, func(r *rig, id bits.JobID) error {
			return r.AddFile(ops, id, bits.FileSpec{RemoteName: r.url, LocalName: `C:\none\a`})
		}},
		{"a directory for a file", eInvalidArg, func(r *rig, id bits.JobID) error {
			return r.AddFile(ops, id, bits.FileSpec{RemoteName: r.url, LocalName: `C:\Windows`})
		}},
		{"a job that never was", bgNotFound, func(r *rig, _ bits.JobID) error {
			return r.Suspend(ops, "00000000-0000-0000-0000-000000000000")
		}},
		{"another's job", eAccessDenied, func(r *rig, id bits.JobID) error { return r.Suspend(anna, id) }},
		{"all jobs for an ordinary user", eAccessDenied, func(r *rig, _ bits.JobID) error {
			_, err := r.Jobs(anna, true)
			return err
		}},
		{"a stopped service", serviceNotActive, func(r *rig, id bits.JobID) error {
			r.Stop()
			return r.Suspend(ops, id)
		}},
		{"a service that was started again", 0, func(r *rig, id bits.JobID) error {
			r.Stop()
			r.Start()
			return r.Suspend(ops, id)
		}},
		{"a job without files resumed", bgEmpty, func(r *rig, _ bits.JobID) error {
			id, err := r.CreateJob(ops, "empty", bits.Download)
			r.must(err)
			return r.Resume(ops, id)
		}},
		{"a file from somebody who is not logged on", notLoggedOn, func(r *rig, _ bits.JobID) error {
			id, err := r.CreateJob(ghost, "stays behind", bits.Download)
			r.must(err)
			return r.AddFile(ghost, id, r.file("/a"))
		}},
		{"a job of LocalSystem changed by an administrator", eAccessDenied, func(r *rig, _ bits.JobID) error {
			id := r.job(system, bits.PriorityLow, "/a")
			if _, err := r.Job(ops, id); err != nil {
				return fmt.Errorf("an administrator may read it: %w", err)
			}
			return r.SetPriority(ops, id, bits.PriorityHigh)
		}},
		{"a second file to upload", bgTooManyFiles, func(r *rig, _ bits.JobID) error {
			id, err := r.CreateJob(ops, "up", bits.Upload)
			r.must(err)
			place, err := r.drive.Path(`C:\t\up.bin`)
			r.must(err)
			r.must(os.WriteFile(place, []byte("x"), 0o600))
			f := bits.FileSpec{RemoteName: r.url, LocalName: `C:\t\up.bin`}
			r.must(r.AddFile(ops, id, f))
			return r.AddFile(ops, id, f)
		}},
		{"an upload completed too early", bgInvalidState, func(r *rig, _ bits.JobID) error {
			id, err := r.CreateJob(ops, "up", bits.Upload)
			r.must(err)
			_, err = r.Complete(ops, id)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(ops, bits.PriorityNormal, "/a")
			if got := code(t, c.call(r, id)); got != c.want {
				t.Errorf("%s instead of %s", got, c.want)
			}
		})
	}
}
