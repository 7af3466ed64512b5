// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Sources: IBackgroundCopyJob::SetPriority, ::AddFile, ::SetDisplayName, ::SetDescription, ::Resume and IBackgroundCopyManager::CreateJob,
// learn.microsoft.com. They name no code for a type that is not defined, nor for an upload of a file that is not there.
func TestRefusals(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for _, c := range []struct {
		name string
		want bits.HResult
		call func(r *rig, id bits.JobID) error
	}{
		{"an undefined priority", eNotImpl, func(r *rig, id bits.JobID) error { return r.SetPriority(ops, id, "top") }},
		{"a name of 257 characters when set", bgStringTooLong, func(r *rig, id bits.JobID) error {
			return r.Do(ops, id, func(h *Handle) error { return h.SetDisplayName(long[:257]) })
		}},
		{"a name of 256 characters", 0, func(r *rig, id bits.JobID) error {
			return r.Do(ops, id, func(h *Handle) error { return h.SetDisplayName(long[:256]) })
		}},
		{"a name of 257 characters when made", eInvalidArg, func(r *rig, _ bits.JobID) error {
			_, err := r.CreateJob(ops, long[:257], bits.Download)
			return err
		}},
		{"a description of 1025 characters", bgStringTooLong, func(r *rig, id bits.JobID) error {
			return r.Do(ops, id, func(h *Handle) error { return h.SetDescription(long[:1025]) })
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
		{"a disabled service", serviceDisabled, func(r *rig, id bits.JobID) error {
			r.Disable()
			return r.Suspend(ops, id)
		}},
		{"a disabled service that was started again", 0, func(r *rig, id bits.JobID) error {
			r.Disable()
			r.Start()
			return r.Suspend(ops, id)
		}},
		{"an upload of a missing file", fileNotFound, func(r *rig, _ bits.JobID) error {
			id, f := r.upload(ops)
			f.LocalName = `C:\t\none.bin`
			return r.AddFile(ops, id, f)
		}},
		{"an undefined direction", eNotImpl, func(r *rig, _ bits.JobID) error {
			_, err := r.CreateJob(ops, "x", "sideways")
			return err
		}},
		{"a name that another job has", 0, func(r *rig, _ bits.JobID) error {
			_, err := r.CreateJob(ops, "a job", bits.Download)
			return err
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
		{"a job of LocalSystem changed by an administrator", eAccessDenied, func(r *rig, _ bits.JobID) error {
			id := r.job(system, bits.PriorityLow, "/a")
			if _, err := r.Job(ops, id); err != nil {
				return fmt.Errorf("an administrator may read it: %w", err)
			}
			return r.SetPriority(ops, id, bits.PriorityHigh)
		}},
		{"a second file to upload", bgTooManyFiles, func(r *rig, _ bits.JobID) error {
			id, f := r.upload(ops)
			r.must(r.AddFile(ops, id, f))
			return r.AddFile(ops, id, f)
		}},
		{"an upload completed too early", bgInvalidState, func(r *rig, _ bits.JobID) error {
			id, _ := r.upload(ops)
			_, err := r.Complete(ops, id)
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

// Sources: BG_FILE_INFO and IBackgroundCopyJob::AddFile, learn.microsoft.com. They name no code for a directory that is missing, and
// MAX_PATH, which is their limit of a local name, counts the terminator everywhere else in Windows.
func TestFilesAreChecked(t *testing.T) {
	t.Parallel()
	long, r := strings.Repeat("x", 3000), newRig(t)
	for _, c := range []struct {
		name          string
		want          bits.HResult
		remote, local string // "": good ones
	}{
		{"a remote name of 2201 characters", eInvalidArg, "http://a/" + long[:2192], ""},
		{"an FTP address", eInvalidArg, "ftp://a/b", ""},
		{"a relative path", eInvalidArg, "", `a`},
		{"a missing directory", 0x80070003, "", `C:\none\a`},
		{"a directory for a file", eInvalidArg, "", `C:\Windows`},
		{"a path segment of 261 characters", eInvalidArg, "http://a/" + long[:261], ""},
		{"a query of 300 characters", 0, "http://a/b?" + long[:300], ""},
		{"an address without a host", eInvalidArg, "http:///b", ""},
		{"an address with a wildcard", eInvalidArg, "http://a/*.cab", ""},
		{"an address with a blank", eInvalidArg, "http://a/b c", ""},
		{"a share", 0, `\\fs\b\c`, ""},
		{"a share without a file", eInvalidArg, `\\fs\b`, ""},
		{"a file of the host, which need not be there", 0, `C:\Program Files\a b.bin`, ""},
		{"a file of another drive", 0, `Z:\a.bin`, ""},
		{"a file of the host in a URL", 0, `file://C:\t\a.bin`, ""},
		{"a wildcard in a path", eInvalidArg, `C:\t\*.bin`, ""},
		{"a URL without a path", eInvalidArg, `file://`, ""},
		{"a path without a drive", eInvalidArg, `t\a.bin`, ""},
		{"a local name of 260 characters", eInvalidArg, "", `C:\t\` + long[:255]},
		{"a local name of 259 characters", 0, "", `C:\t\` + long[:254]},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			id, err := r.CreateJob(ops, "a job", bits.Download)
			r.must(err)
			file := bits.FileSpec{RemoteName: cmp.Or(c.remote, r.url), LocalName: cmp.Or(c.local, `C:\t\a`)}
			if got := code(t, r.AddFile(ops, id, file)); got != c.want {
				t.Errorf("%s instead of %s", got, c.want)
			}
		})
	}
}
