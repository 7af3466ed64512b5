// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// helloCases are what an agent reports about itself.
func helloCases() []contractCase {
	const ask = `[{"op":"hello"}]`
	const want = `[{"v":{"computer":"*","os":"*","powershell":"*","module":"*",
		"language_mode":"FullLanguage","account":%q,"sid":%q,"elevated":%t,"all_users":%t}}]`
	var cases []contractCase
	for _, r := range []role{admin, user, stranger} {
		c := r.caller()
		cases = append(cases, contractCase{
			name: "hello of the " + string(r), as: r, ask: ask,
			want: fmt.Sprintf(want, c.Account, c.SID, c.Elevated, c.Elevated),
		})
	}
	return cases
}

// created is the answer to a create, with more of the job.
func created(more string) string {
	return `[{"v":{"job":{"id":"*","state":"suspended","display_name":"terraform-provider-bits pending {token}"` +
		more + `}}}]`
}

// createOne asks for a job with one file and more of its properties.
func createOne(more string) string {
	return `[{"op":"create","token":"{token}","job":{"transfer_type":"download","files":[
		{"remote_name":"{files}/a","local_name":"{local}"}]` + more + `}}]`
}

// nothingLeft checks that a refused create left no job of its name behind.
func nothingLeft(t *testing.T, w *world, v vars) error {
	t.Helper()
	jobs, err := w.service.Jobs(w.admin(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		if strings.HasSuffix(job.DisplayName, v["token"]) {
			return fmt.Errorf("the job %q is left behind", job.DisplayName)
		}
	}
	return nil
}

// refusalCases are what BITS and its cmdlets refuse, and what they do not. Sources: IBackgroundCopyJob::SetPriority,
// "BITS return values", and the pages of the cmdlets, learn.microsoft.com.
func refusalCases() []contractCase {
	const unknown = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	cases := []contractCase{
		{
			name: "an undefined priority is a binding error and changes nothing", arrange: in(bits.StateSuspended), realOnly: true,
			ask: `[{"op":"change","id":"{job}","set":{"priority":"urgent","description":"never"}},
			       {"op":"get","id":"{job}"}]`,
			want: `[{"e":{"code":"binding","step":"set:priority","hresult":null}},
			        {"v":{"job":{"priority":"normal","description":""}}}]`,
		},
		{
			name: "an empty priority is a binding error", arrange: in(bits.StateSuspended), realOnly: true,
			ask:  `[{"op":"change","id":"{job}","set":{"priority":""}}]`,
			want: `[{"e":{"code":"binding","step":"set:priority","hresult":null}}]`,
		},
		{
			name: "a create with an undefined priority is a binding error and leaves nothing", realOnly: true,
			ask:   createOne(`,"description":"","priority":"urgent"`),
			want:  `[{"e":{"code":"binding","step":"create","hresult":null,"left":null}}]`,
			after: nothingLeft,
		},
		{
			name: "a create with an undefined transfer type is a binding error", realOnly: true,
			ask: strings.Replace(createOne(`,"description":"","priority":"low"`),
				`"download"`, `"sideload"`, 1),
			want:  `[{"e":{"code":"binding","step":"create","hresult":null,"left":null}}]`,
			after: nothingLeft,
		},
		{
			name: "a create into a missing directory is refused by the cmdlet and leaves nothing",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"C:\\nowhere\\a.bin"}]}}]`,
			want:  `[{"e":{"code":"refused","step":"create","hresult":null,"left":null}}]`,
			after: nothingLeft,
		},
		{
			name: "a create by an account that is not logged on is ERROR_NOT_LOGGED_ON and leaves nothing", as: stranger,
			ask:   createOne(`,"description":"","priority":"low"`),
			want:  `[{"e":{"code":"refused","step":"create","hresult":"0x800704DD","left":null}}]`,
			after: nothingLeft,
		},
		{
			name: "an unknown job is not found by any operation but remove",
			ask: strings.ReplaceAll(`[{"op":"get","id":"ID"},{"op":"change","id":"ID","set":{"priority":"low"}},
				{"op":"commit","id":"ID","display_name":"n","suspended":true},{"op":"complete","id":"ID"},
				{"op":"remove","id":"ID"},{"op":"adopt","token":"{token}"}]`, "ID", unknown),
			want: `[{"e":{"code":"not_found"}},{"e":{"code":"not_found"}},{"e":{"code":"not_found"}},
				{"e":{"code":"not_found"}},{"v":{"absent":true,"hresult":null}},{"e":{"code":"not_found"}}]`,
		},
		{
			name: "a user may not touch another's job", as: user, arrange: in(bits.StateSuspended),
			ask: `[{"op":"get","id":"{job}"},{"op":"change","id":"{job}","set":{"priority":"low"}},
				{"op":"remove","id":"{job}"}]`,
			want: `[{"e":{"code":"refused","hresult":"0x80070005"}},{"e":{"code":"refused","hresult":"0x80070005"}},
				{"e":{"code":"refused","hresult":"0x80070005"}}]`,
		},
		{
			name: "an administrator reads SYSTEM's job but may not change it", arrange: ofSystem,
			ask: `[{"op":"get","id":"{job}"},{"op":"change","id":"{job}","set":{"priority":"low"}},
				{"op":"change","id":"{job}","suspended":true},{"op":"remove","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"owner_sid":"S-1-5-18"}}},
				{"e":{"code":"refused","step":"set:priority","hresult":"0x80070005"}},
				{"e":{"code":"refused","step":"suspend","hresult":"0x80070005"}},
				{"e":{"code":"refused","step":"remove","hresult":"0x80070005"}},
				{"v":{"job":{"priority":"normal","state":"suspended"}}}]`,
		},
		{
			name: "an administrator changes a user's job", arrange: ofUser,
			ask: `[{"op":"change","id":"{job}","set":{"priority":"high"}},{"op":"remove","id":"{job}"}]`,
			want: `[{"v":{"job":{"priority":"high","owner_name":"WEB01\\user"}}},
				{"v":{"absent":false,"hresult":null}}]`,
		},
		{
			name: "a stopped service refuses everything and forgets nothing",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				in(bits.StateSuspended)(t, w, v)
				w.service.Stop()
				t.Cleanup(w.service.Start)
			},
			ask: `[{"op":"get","id":"{job}"},{"op":"list"},{"op":"change","id":"{job}","set":{"priority":"low"}},
				{"op":"commit","id":"{job}","display_name":"n","suspended":true},{"op":"complete","id":"{job}"},
				{"op":"remove","id":"{job}"},{"op":"adopt","token":"{token}"},
				{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}]`,
			want: `[{"e":{"code":"refused","hresult":"0x80070426"}},{"e":{"code":"refused","hresult":"0x80070426"}},
				{"e":{"code":"refused","hresult":"0x80070426"}},{"e":{"code":"refused","hresult":"0x80070426"}},
				{"e":{"code":"refused","hresult":"0x80070426"}},{"e":{"code":"refused","hresult":"0x80070426"}},
				{"e":{"code":"refused","hresult":"0x80070426"}},
				{"e":{"code":"refused","step":"create","hresult":"0x80070426"}}]`,
			after: func(t *testing.T, w *world, v vars) error {
				t.Helper()
				w.service.Start()
				_, err := w.service.Job(w.admin(), bits.JobID(v["job"]))
				return errors.Join(err, nothingLeft(t, w, v))
			},
		},
		{
			name: "a change stops at the first refusal and says what was done", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"priority":"high","description":"done"},
				"add_files":[{"remote_name":"{files}/b","local_name":"{other}"},
				{"remote_name":"{files}/c","local_name":"C:\\nowhere\\c.bin"}],"suspended":false},
				{"op":"get","id":"{job}"}]`,
			want: `[{"e":{"code":"refused","step":"add-file","hresult":null,
				"done":["set:priority","set:description","add-file"]}},
				{"v":{"job":{"state":"suspended","priority":"high","description":"done","files":[{},{}]}}}]`,
		},
	}
	for _, p := range []string{"foreground", "high", "normal", "low"} {
		cases = append(cases, contractCase{
			name: "a create with the priority " + p + " makes a suspended job with it",
			ask:  createOne(`,"description":"why","priority":"` + p + `"`),
			want: created(`,"priority":"` + p + `","description":"why","transfer_type":"download","error":null,
				"owner_name":"{admin}","owner_sid":"{admin_sid}",
				"bytes_total":null,"bytes_transferred":"0","files_transferred":0,"transferred_at":null,
				"files":[{"remote_name":"{files}/a","local_name":"{local}","bytes_transferred":"0"}]`),
		})
	}
	return cases
}

// ofSystem arranges a job of LocalSystem's: {job}.
func ofSystem(t *testing.T, w *world, v vars) {
	t.Helper()
	v["job"] = string(w.job(t, system(), "/a"))
}

// ofUser arranges a job of the user's: {job}.
func ofUser(t *testing.T, w *world, v vars) {
	t.Helper()
	v["job"] = string(w.job(t, user.caller(), "/a"))
}
