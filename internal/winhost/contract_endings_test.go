// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// endingCases are how jobs end that do not end simply. Sources: IBackgroundCopyJob::Complete and ::Cancel,
// learn.microsoft.com.
func endingCases() []contractCase {
	cases := []contractCase{
		{
			name: "a job that is half done is left alone", arrange: halfDone,
			ask:   `[{"op":"complete","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want:  `[{"v":{"done":false,"hresult":null}},{"v":{"job":{"state":"transferring","files_transferred":1}}}]`,
			after: notNamed("first"),
		},
		{
			name: "a job that is still listed though it was completed is reported",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				in(bits.StateTransferred)(t, w, v)
				w.service.IgnoreComplete(true)
				t.Cleanup(func() { w.service.IgnoreComplete(false) })
			},
			ask:  `[{"op":"complete","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"done":true,"remaining":true,"hresult":null}},{"v":{"job":{"state":"transferred"}}}]`,
		},
		{
			name: "whether a job that was completed is still listed is not known when BITS stops", arrange: endsAtComplete,
			ask:   `[{"op":"complete","id":"{job}"}]`,
			want:  `[{"v":{"done":true,"remaining":null,"hresult":null,"job":{"state":"transferred"}}}]`,
			after: func(_ *testing.T, w *world, _ vars) error { w.service.Start(); return nil },
		},
		{
			name: "a locked destination is named, and the job stays transferred", arrange: locked,
			ask: `[{"op":"complete","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"code":"refused","step":"complete","hresult":"0x80070005","file":"{first}"}},
				{"v":{"job":{"state":"transferred","files":[{}]}}}]`,
		},
		{
			name: "files that can't be deleted do not keep a job from being removed", arrange: undeletable,
			ask:  `[{"op":"remove","id":"{job}"},{"op":"remove","id":"{job}"}]`,
			want: `[{"v":{"absent":false,"hresult":"0x0020001A"}},{"v":{"absent":true,"hresult":null}}]`,
		},
		{
			name: "an upload that never began is removed at once", arrange: anUpload,
			ask:  `[{"op":"remove","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"absent":false}},{"e":{"code":"not_found"}}]`,
		},
		{
			name: "an upload may linger after it was removed",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				anUpload(t, w, v)
				if err := w.service.Resume(w.admin(), bits.JobID(v["job"])); err != nil {
					t.Fatal(err)
				}
			},
			ask:  `[{"op":"remove","id":"{job}"},{"op":"get","id":"{job}"},{"op":"remove","id":"{job}"}]`,
			want: `[{"v":{"absent":false,"hresult":null}},{"v":{"job":{"state":"queued"}}},{"v":{"absent":false}}]`,
		},
	}
	return append(cases, directoryCases()...)
}

// endsAtComplete arranges a transferred job, {job}, and has BITS stop when that is completed.
func endsAtComplete(t *testing.T, w *world, v vars) {
	t.Helper()
	in(bits.StateTransferred)(t, w, v)
	w.service.EndAtComplete()
	t.Cleanup(w.service.Start)
}

// directoryCases are creates into directories that may be missing.
func directoryCases() []contractCase {
	create := func(more, local string) string {
		return `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low"` + more + `,
			"files":[{"remote_name":"{files}/a","local_name":"` + local + `"}]}}]`
	}
	const asked = `,"create_directories":true`
	return []contractCase{
		{
			name: "missing directories are made when asked", ask: create(asked, `C:\\t\\{token}\\in\\a.bin`),
			want: `[{"v":{"job":{"state":"suspended"},"open_to_users":null}}]`, after: directory(`\in`, true),
		},
		{
			name: "and not when not asked", ask: create(`,"create_directories":false`, `C:\\t\\{token}\\in\\a.bin`),
			want: `[{"e":{"code":"refused","step":"create","hresult":null}}]`, after: directory("", false),
		},
		{
			name: "a create that is refused takes its directories back",
			ask:  create(asked+`,"proxy_usage":"override"`, `C:\\t\\{token}\\in\\a.bin`),
			want: `[{"e":{"code":"refused","step":"create","hresult":"0x80070057","left":null}}]`, after: both(directory("", false), nothingLeft),
		},
		{
			name: "a directory that can't be made is named", arrange: aFile,
			ask: create(asked, `{file}\\in\\a.bin`), after: nothingLeft,
			want: `[{"e":{"code":"refused","step":"create-directory","file":"{file}"}}]`,
		},
		{
			name: "where ordinary users may make files and replace none nothing is warned of",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low","create_directories":true,"files":[
				{"remote_name":"{files}/a","local_name":"C:\\ProgramData\\{token}"},{"remote_name":"{files}/b","local_name":"C:\\ProgramData\\Acme\\{token}"},
				{"remote_name":"{files}/c","local_name":"C:\\Windows\\{token}"},{"remote_name":"{files}/d","local_name":"C:\\{token}"},
				{"remote_name":"{files}/e","local_name":"C:\\Acme\\{token}"}]}}]`,
			want: `[{"v":{"job":{"state":"suspended"},"open_to_users":null}}]`,
		},
		{
			name: "of files that are appended, too, and of those only", arrange: then(in(bits.StateSuspended), func(_ *testing.T, w *world, _ vars) {
				w.drive.Allow(`C:\Temp`, machine.AccessRule{SID: machine.SIDEveryone, Rights: machine.RightDeleteChild})
			}),
			ask: `[{"op":"change","id":"{job}","add_files":[{"remote_name":"{files}/b","local_name":"C:\\Temp\\{token}"},
				{"remote_name":"{files}/c","local_name":"C:\\Windows\\{token}"}]},{"op":"change","id":"{job}","set":{"priority":"high"}}]`,
			want: `[{"v":{"open_to_users":["C:\\Temp"]}},{"v":{"open_to_users":null}}]`,
		},
	}
}

// openDirectoriesScript makes two files each in directories with one rule each, and expects those to be named in which ordinary users may
// replace files.
func openDirectoriesScript(t *testing.T, w *world) {
	token, files, want := newToken(), []agent.FileSpec{}, []string{}
	users := func(rights uint32) machine.AccessRule {
		return machine.AccessRule{SID: machine.SIDUsers, Rights: rights}
	}
	inherited := func(rights uint32) machine.AccessRule {
		return machine.AccessRule{SID: machine.SIDAuthenticatedUsers, Rights: rights, Files: true, InheritOnly: true}
	}
	for k, test := range []struct {
		rule machine.AccessRule
		open bool
	}{
		{rule: users(machine.RightDeleteChild), open: true},
		{rule: users(machine.RightWriteDAC), open: true},
		{rule: users(machine.RightGenericAll), open: true},
		{rule: users(0x80000), open: true},                             // WRITE_OWNER
		{rule: users(machine.RightModify &^ machine.RightDeleteChild)}, // which contains DELETE of the directory, and no file inherits it
		{rule: users(machine.RightAddFile | machine.RightAddSubdirectory)},
		{rule: inherited(machine.RightModify), open: true},
		{rule: inherited(machine.RightAddFile), open: true}, // to a file: FILE_WRITE_DATA
		{rule: inherited(0x40000000), open: true},           // GENERIC_WRITE
		{rule: inherited(machine.RightDeleteChild)},         // which means nothing to a file
		{rule: inherited(0xA0000000)},                       // GENERIC_READ and GENERIC_EXECUTE
		{rule: machine.AccessRule{SID: machine.SIDUsers, Rights: machine.RightDeleteChild, Folders: true, InheritOnly: true}},
		{rule: machine.AccessRule{SID: "S-1-5-32-544", Rights: machine.RightGenericAll, Files: true, Folders: true}}, // Administrators
	} {
		directory := fmt.Sprintf(`C:\t\%s%d`, token, k)
		w.drive.Allow(directory, test.rule)
		for _, name := range []string{"a", "b"} {
			files = append(files, agent.FileSpec{RemoteName: w.files + "/" + name, LocalName: directory + `\` + name})
		}
		if test.open {
			want = append(want, directory)
		}
	}
	spec, err := json.Marshal(agent.Spec{TransferType: "download", Priority: "low", Files: files, Directories: true})
	if err != nil {
		t.Fatal(err)
	}
	a := w.client(t, admin).call(t, fmt.Sprintf(`[{"op":"create","token":%q,"job":%s}]`, token, spec))
	var r struct{ V agent.JobValue }
	if err := json.Unmarshal(a.results[0], &r); err != nil || !slices.Equal(r.V.OpenToUsers, want) {
		t.Errorf("open to users are %q, want %q: %v", r.V.OpenToUsers, want, err)
	}
}

// after is what is to be seen on the host when a case is over.
type after = func(t *testing.T, w *world, v vars) error

func both(one, other after) after {
	return func(t *testing.T, w *world, v vars) error {
		t.Helper()
		return errors.Join(one(t, w, v), other(t, w, v))
	}
}

// notNamed checks that a file of the case does not have its name yet.
func notNamed(file string) after {
	return func(t *testing.T, w *world, v vars) error {
		t.Helper()
		if _, err := w.drive.Stat(v[file]); err == nil {
			return fmt.Errorf("the %s file has its name", file)
		}
		return nil
	}
}

// directory checks whether the directory of the case's token, or one in it, is there.
func directory(in string, want bool) after {
	return func(t *testing.T, w *world, v vars) error {
		t.Helper()
		if _, err := w.drive.Stat(`C:\t\` + v["token"] + in); (err == nil) != want {
			return fmt.Errorf("the directory is there: %t, want %t", err == nil, want)
		}
		return nil
	}
}

// halfDone arranges a job one of whose two files has arrived: {job} with {first} and {second}.
func halfDone(t *testing.T, w *world, v vars) {
	t.Helper()
	caller := w.admin()
	id := w.job(t, caller, "/a")
	v["job"], v["first"], v["second"] = string(id), w.localOf(t, id), w.local()
	err := errors.Join(
		w.service.AddFile(caller, id, bits.FileSpec{RemoteName: w.files + "/half", LocalName: v["second"]}),
		w.service.SetPriority(caller, id, bits.PriorityForeground), w.service.Resume(caller, id))
	if err != nil {
		t.Fatal(err)
	}
	w.awaitBytes(t, id, func(job bits.Job) bool {
		return job.BytesTotal != nil && job.BytesTransferred == *job.BytesTotal/4*3
	})
}

// locked arranges a transferred job whose file can't get its name, because a directory has it: {job} with {first}.
func locked(t *testing.T, w *world, v vars) {
	t.Helper()
	in(bits.StateTransferred)(t, w, v)
	v["first"] = w.localOf(t, bits.JobID(v["job"]))
	place, err := w.drive.Path(v["first"])
	if err == nil {
		err = os.Mkdir(place, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// undeletable arranges a suspended job whose temporary file is a directory that has something in it.
func undeletable(t *testing.T, w *world, v vars) {
	t.Helper()
	in(bits.StateTransferring)(t, w, v)
	if err := w.service.Suspend(w.admin(), bits.JobID(v["job"])); err != nil {
		t.Fatal(err)
	}
	place, err := w.drive.Path(w.localOf(t, bits.JobID(v["job"])))
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(place), "BIT*.tmp"))
	if err != nil || len(found) != 1 {
		t.Fatalf("temporary files: %v, %v", found, err)
	}
	if err := errors.Join(os.Remove(found[0]), os.MkdirAll(filepath.Join(found[0], "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(found[0]) })
}

// aFile arranges a file: {file}.
func aFile(t *testing.T, w *world, v vars) {
	t.Helper()
	v["file"] = w.written(t)
}
