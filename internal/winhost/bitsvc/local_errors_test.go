// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Source: "BITS Return Values", learn.microsoft.com: other results than those of BITS are those of Windows.
func TestErrorsOfTheHostsFilesHaveTheCodesOfWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bits.HResult
	}{
		{&fs.PathError{Err: syscall.ENOSPC}, 0x80070070},
		{&fs.PathError{Err: syscall.EROFS}, 0x80070013},
		{&fs.PathError{Err: syscall.EACCES}, 0x80070005},
		{&fs.PathError{Err: syscall.ENOENT}, 0x80070002},
		{&os.LinkError{Err: syscall.EIO}, 0x8007045D},
		{fs.ErrPermission, 0x80070005},
		{errors.New("something else"), 0x80004005},
	} {
		if got := refusal(c.err, bits.ContextLocalFile); got.result != c.want || got.transient {
			t.Errorf("%v is %+v instead of %s", c.err, got, c.want)
		}
	}
}

func TestADriveThatCanNotBeWrittenFailsTheJob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		spoil, mend func(r *rig)
		want        bits.HResult
		got         uint64 // bytes
	}{
		{
			name: "a full one", want: 0x80070070, got: 30,
			spoil: func(r *rig) { r.drive.SetFree(30) }, mend: func(r *rig) { r.drive.SetFree(70) },
		},
		{
			name: "one that is write-protected", want: 0x80070013,
			spoil: func(r *rig) { r.drive.RefuseWrites(0x80070013) }, mend: func(r *rig) { r.drive.RefuseWrites(0) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.link.rate = 600 // pieces of 30 bytes
			c.spoil(r)
			id := r.job(ops, bits.PriorityNormal, "/a?size=100")
			r.must(r.Resume(ops, id))
			r.fails(id, c.want)
			job, err := r.Job(ops, id)
			if err != nil || job.Error.Context != bits.ContextLocalFile || job.BytesTransferred != c.got {
				t.Errorf("the job is %+v with %+v, %v", job, job.Error, err)
			}
			c.mend(r)
			r.link.rate = 0
			r.must(r.Resume(ops, id))
			r.await(id, bits.StateTransferred)
		})
	}
}

// Source: IBackgroundCopyJob::Complete, learn.microsoft.com: it returns errors of the renaming, the job stays in the queue as it is, and
// Complete may be called again. Wine's qmgr renames with MoveFileEx and MOVEFILE_REPLACE_EXISTING (dlls/qmgr/job.c).
func TestAFileThatCanNotGetItsNameKeepsTheJob(t *testing.T) {
	t.Parallel()
	const old = "what was there"
	for _, c := range []struct {
		name        string
		spoil, mend func(r *rig, place, temporary string) error
		want        bits.HResult
	}{
		{
			name:  "another file has the name, and is replaced",
			spoil: func(_ *rig, place, _ string) error { return os.WriteFile(place, []byte(old), 0o600) },
		},
		{
			name: "a read-only file has the name", want: 0x80070005,
			spoil: func(_ *rig, place, _ string) error { return os.WriteFile(place, []byte(old), 0o400) },
			mend:  func(_ *rig, place, _ string) error { return os.Chmod(place, 0o600) },
		},
		{
			name: "a directory has the name", want: 0x80070005,
			spoil: func(_ *rig, place, _ string) error { return os.Mkdir(place, 0o700) },
			mend:  func(_ *rig, place, _ string) error { return os.Remove(place) },
		},
		{
			name: "the temporary file is gone", want: 0x80070002,
			spoil: func(_ *rig, place, temporary string) error { return os.Rename(temporary, place+".away") },
			mend:  func(_ *rig, place, temporary string) error { return os.Rename(place+".away", temporary) },
		},
		{
			name: "the directory is gone", want: 0x80070003,
			spoil: func(_ *rig, place, _ string) error {
				return os.Rename(filepath.Dir(place), filepath.Dir(place)+".away")
			},
			mend: func(_ *rig, place, _ string) error {
				return os.Rename(filepath.Dir(place)+".away", filepath.Dir(place))
			},
		},
		{
			name: "the drive is write-protected", want: 0x80070013,
			spoil: func(r *rig, _, _ string) error { r.drive.RefuseWrites(0x80070013); return nil },
			mend:  func(r *rig, _, _ string) error { r.drive.RefuseWrites(0); return nil },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(ops, bits.PriorityNormal, "/a?size=10")
			r.must(r.Resume(ops, id))
			r.await(id, bits.StateTransferred)
			r.mu.Lock()
			place, temporary := r.jobs[id].files[0].place, r.jobs[id].files[0].temporary
			r.mu.Unlock()
			r.must(c.spoil(r, place, temporary))
			if c.want != 0 {
				if _, err := r.Complete(ops, id); code(t, err) != c.want {
					t.Errorf("Complete is %v instead of %s", err, c.want)
				}
				r.holds(id, bits.StateTransferred)
				r.must(c.mend(r, place, temporary))
			}
			if result, err := r.Complete(ops, id); err != nil || result != 0 {
				t.Errorf("Complete is %s, %v", result, err)
			}
			if info, err := os.Stat(place); err != nil || info.Size() != 10 {
				t.Errorf("the file is %v, %v", info, err)
			}
		})
	}
}
