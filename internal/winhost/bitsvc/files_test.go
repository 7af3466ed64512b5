// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// The host's account in its domain, and a share that it may use, as anna may.
const (
	hostAccount = `CORP\WEB01$`
	pub         = `\\files\pub`
)

// newFilesRig is a rig with the same file on the drive and on the share.
func newFilesRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.account = hostAccount
	r.must(r.drive.Share(pub, hostAccount, anna.Account))
	for _, name := range []string{`C:\t\src.bin`, pub + `\src.bin`} {
		r.put(name, "This came from a file.")
	}
	return r
}

// put writes a file that is an hour old.
func (r *rig) put(name, content string) {
	r.t.Helper()
	place, err := r.drive.Path(name)
	r.must(err)
	r.must(os.WriteFile(place, []byte(content), 0o600))
	r.must(os.Chtimes(place, began.Add(-time.Hour), began.Add(-time.Hour)))
}

// moves makes a running job with these names.
func (r *rig) moves(c Caller, direction bits.TransferType, remote, local string) bits.JobID {
	r.t.Helper()
	id, err := r.CreateJob(c, "files", direction)
	r.must(err)
	r.must(r.AddFile(c, id, bits.FileSpec{RemoteName: remote, LocalName: local}))
	r.must(r.Resume(c, id))
	return id
}

// Sources: test_CompleteLocal and test_CompleteLocalURL of Wine's dlls/qmgr/tests/job.c, which pass on Windows, for C:\... and
// file://C:\...; BG_FILE_INFO for shares, file:// and the time; "Service Accounts and BITS", learn.microsoft.com, for the accounts.
func TestFilesOfTheHostAndOfSharesAreFetched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, remote string
		caller       Caller
		code         bits.HResult
		state        bits.State // with a code; "": error
	}{
		{name: "a path with a drive", remote: `C:\t\src.bin`, caller: anna},
		{name: "a path with a drive behind file://", remote: `file://C:\t\src.bin`, caller: anna},
		{name: "a path with a drive in a URL", remote: `file:///C:/t/src.bin`, caller: anna},
		{name: "the scheme in capitals", remote: `FILE://c:\T\SRC.bin`, caller: anna},
		{name: "a share, by a user", remote: pub + `\src.bin`, caller: anna},
		{name: "a share in a URL", remote: `file://files/pub/src.bin`, caller: anna},
		{name: "a share, by SYSTEM, which is the host's account there", remote: pub + `\src.bin`, caller: system},
		{name: "a share that the user may not use", remote: pub + `\src.bin`, caller: ops, code: eAccessDenied},
		{name: "a missing file", remote: pub + `\none.bin`, caller: anna, code: fileNotFound},
		{name: "a missing file of the host", remote: `C:\t\none.bin`, caller: anna, code: fileNotFound},
		{name: "a missing directory", remote: `C:\none\src.bin`, caller: anna, code: pathNotFound},
		{name: "a directory", remote: `C:\Windows`, caller: anna, code: eAccessDenied},
		{name: "a drive that is not there", remote: `Z:\src.bin`, caller: anna, code: pathNotFound},
		{name: "a share that its server has not", remote: `\\files\none\src.bin`, caller: anna, code: 0x80070043},
		{name: "a server that is not there", remote: `\\gone\pub\src.bin`, caller: anna, code: 0x80070035, state: bits.StateTransientError},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newFilesRig(t)
			id := r.moves(c.caller, bits.Download, c.remote, `C:\t\a.bin`)
			if c.code != 0 {
				state := cmp.Or(c.state, bits.StateError)
				r.await(id, state)
				r.holdsWith(id, state, c.code)
				job, err := r.Job(system, id)
				r.must(err)
				if job.Error.Context != bits.ContextRemoteFile || job.Error.File != `C:\t\a.bin` {
					t.Errorf("the error is %+v", job.Error)
				}
				return
			}
			r.await(id, bits.StateTransferred)
			_, err := r.Complete(c.caller, id)
			r.must(err)
			info, err := r.drive.Stat(`C:\t\a.bin`)
			r.must(err)
			if got := r.content(`C:\t\a.bin`); got != "This came from a file." || !info.ModTime().Equal(began.Add(-time.Hour)) {
				t.Errorf("%q of %s arrived", got, info.ModTime())
			}
		})
	}
}

// Source: best practices when using BITS, learn.microsoft.com: SYSTEM without an account has no rights on other computers.
func TestAHostWithoutADomainIsNobodyOnAShare(t *testing.T) {
	t.Parallel()
	r := newFilesRig(t)
	r.account = ""
	id := r.moves(system, bits.Download, pub+`\src.bin`, `C:\t\a.bin`)
	r.await(id, bits.StateError)
	r.holdsWith(id, bits.StateError, eAccessDenied)
}

func TestACopyGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	r := newFilesRig(t)
	r.link.rate = 2000
	want := make([]byte, 600)
	for i := range want {
		want[i] = byte('a' + i%26)
	}
	r.put(pub+`\src.bin`, string(want))
	id := r.moves(anna, bits.Download, pub+`\src.bin`, `C:\t\a.bin`)
	r.until(id, func(j bits.Job) bool { return j.BytesTransferred > 0 })
	r.must(r.Suspend(anna, id))
	before, err := r.Job(anna, id)
	r.must(err)
	r.must(r.Resume(anna, id))
	r.until(id, func(j bits.Job) bool {
		if j.BytesTransferred < before.BytesTransferred {
			t.Errorf("it has %d bytes after %d", j.BytesTransferred, before.BytesTransferred)
		}
		return j.State == bits.StateTransferred
	})
	_, err = r.Complete(anna, id)
	r.must(err)
	if got := r.content(`C:\t\a.bin`); got != string(want) {
		t.Errorf("%q arrived", got)
	}
}

// Source: BG_FILE_INFO, learn.microsoft.com: "You can use SMB to express the remote name of the file to download or upload".
func TestFilesAreSentToAShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, remote string
		caller       Caller
		code         bits.HResult
	}{
		{name: "by a user", remote: pub + `\up.bin`, caller: anna},
		{name: "by SYSTEM", remote: pub + `\up.bin`, caller: system},
		{name: "over a file", remote: pub + `\src.bin`, caller: anna},
		{name: "to another directory of the host", remote: `C:\Temp\up.bin`, caller: anna},
		{name: "by a user who may not use it", remote: pub + `\up.bin`, caller: ops, code: eAccessDenied},
		{name: "to a missing directory", remote: pub + `\none\up.bin`, caller: anna, code: pathNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newFilesRig(t)
			r.put(`C:\t\up.bin`, "This goes away.")
			id := r.moves(c.caller, bits.Upload, c.remote, `C:\t\up.bin`)
			if c.code != 0 {
				r.await(id, bits.StateError)
				r.holdsWith(id, bits.StateError, c.code)
				return
			}
			r.await(id, bits.StateTransferred)
			if got := r.content(c.remote); got != "This goes away." {
				t.Errorf("%q arrived", got)
			}
			place, err := r.drive.Path(c.remote)
			r.must(err)
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(place), "BIT*")); err != nil || len(left) > 0 {
				t.Errorf("%q are left: %v", left, err)
			}
			_, err = r.Complete(c.caller, id)
			r.must(err)
		})
	}
}

// Sources: BG_FILE_INFO and IBackgroundCopyJob::AddFile, learn.microsoft.com: UNC paths are local names, too, and the user must have
// permission to write there.
func TestAShareIsATarget(t *testing.T) {
	t.Parallel()
	r := newFilesRig(t)
	id := r.moves(anna, bits.Download, r.url+"/a?size=5", pub+`\a.bin`)
	r.await(id, bits.StateTransferred)
	_, err := r.Complete(anna, id)
	r.must(err)
	if got := r.content(pub + `\a.bin`); len(got) != 5 {
		t.Errorf("%q arrived", got)
	}
	for local, want := range map[string]bits.HResult{
		pub + `\b.bin`: eAccessDenied, `\\files\none\b.bin`: 0x80070043, `\\gone\pub\b.bin`: 0x80070035,
	} {
		id, err := r.CreateJob(ops, "files", bits.Download)
		r.must(err)
		if got := code(t, r.AddFile(ops, id, bits.FileSpec{RemoteName: r.url + "/a", LocalName: local})); got != want {
			t.Errorf("AddFile of %s is %s instead of %s", local, got, want)
		}
	}
	lost := r.job(anna, bits.PriorityForeground, "/a?size=5")
	r.must(r.AddFile(anna, lost, bits.FileSpec{RemoteName: r.url + "/a?size=5", LocalName: pub + `\c.bin`}))
	r.must(r.drive.Share(pub))
	r.must(r.Resume(anna, lost))
	r.await(lost, bits.StateError)
	if job, err := r.Job(anna, lost); err != nil || job.Error.HResult != eAccessDenied || job.Error.Context != bits.ContextLocalFile {
		t.Errorf("the job is %+v, %v", job.Error, err)
	}
}
