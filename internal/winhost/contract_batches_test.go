package winhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// badOp is the answer to one operation that can't be run as it stands.
const badOp = `{"e":{"code":"bad_op","hresult":null}}`

// requestCases are operations that lack something or have something of another type. Each stands between two good
// ones, which it must not spoil.
func requestCases() []contractCase {
	wrong := []struct{ name, op string }{
		{"an unknown operation", `{"op":"format"}`},
		{"an operation of a later version", `{"op":"levitate"}`},
		{"an elevate that is not alone", `{"op":"elevate","token":"{token}"}`},
		{"an operation without a name", `{"id":"{job}","ms":1000}`},
		{"an operation with an empty name", `{"op":""}`},
		{"an operation whose name is a number", `{"op":7}`},
		{"an operation that is a string", `"get"`},
		{"an operation that is null", `null`},
		{"an operation that is an array", `[{"op":"get","id":"{job}","ms":1000}]`},
		{"a get without an id", `{"op":"get"}`},
		{"a get whose id is null", `{"op":"get","id":null}`},
		{"a get whose id is no GUID", `{"op":"get","id":"nightly"}`},
		{"a get whose id is a wildcard", `{"op":"get","id":"*"}`},
		{"a get whose id has braces", `{"op":"get","id":"{6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b}"}`},
		{"a get whose id is a number", `{"op":"get","id":7}`},
		{"a get whose id is an object", `{"op":"get","id":{}}`},
		{"a get without a deadline", `{"op":"get","id":"{job}","ms":0}`},
		{"a get whose deadline is a string", `{"op":"get","id":"{job}","ms":"1000"}`},
		{"a commit without a display name", `{"op":"commit","id":"{job}","suspended":true}`},
		{"a commit whose suspended is a string", `{"op":"commit","id":"{job}","display_name":"n","suspended":"no"}`},
		{"a change whose priority is a number", `{"op":"change","id":"{job}","set":{"priority":1}}`},
		{"a change whose set is a list", `{"op":"change","id":"{job}","set":["priority"]}`},
		{"a change whose files are no list", `{"op":"change","id":"{job}","add_files":{"remote_name":"{files}/b"}}`},
		{"a list whose fields are no list", `{"op":"list","fields":"id"}`},
		{"a list whose mine is a number", `{"op":"list","mine":1}`},
		{"a change without an id", `{"op":"change","set":{"priority":"low"}}`},
		{"a remove without an id", `{"op":"remove"}`},
		{"a create without a job", `{"op":"create","token":"{token}"}`},
		{"a create without files", `{"op":"create","token":"{token}","job":{"description":"",
			"transfer_type":"download","priority":"low","files":[]}}`},
		{"a create without a token", `{"op":"create","job":{"description":"","transfer_type":"download",
			"priority":"low","files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}`},
		{"a create with a token of another form", `{"op":"create","token":"x","job":{"description":"",
			"transfer_type":"download","priority":"low","files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}`},
		{"a create whose files are strings", `{"op":"create","token":"{token}","job":{"description":"",
			"transfer_type":"download","priority":"low","files":["{files}/a"]}}`},
		{"a create with a capital in its token", `{"op":"create","token":"0123456789ABCDEF0123456789ABCDEF","job":{
			"description":"","transfer_type":"download","priority":"low",
			"files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}`},
		{"an adopt without a token", `{"op":"adopt"}`},
		{"a list of an unknown field", `{"op":"list","fields":["id","colour"]}`},
		{"an operation after itself", `{"op":"get","id":"{job}","after":1}`},
		{"an operation after a later one", `{"op":"get","id":"{job}","after":2}`},
		{"an operation after a negative one", `{"op":"get","id":"{job}","after":-1}`},
		{"a bye that is not alone", `{"op":"bye"}`},
	}
	cases := make([]contractCase, 0, len(wrong))
	for _, c := range wrong {
		cases = append(cases, contractCase{
			name: c.name + " is a bad_op and spoils no other", arrange: in(bits.StateSuspended),
			ask:  fmt.Sprintf(`[{"op":"get","id":"{job}"},%s,{"op":"get","id":"{job}"}]`, c.op),
			want: fmt.Sprintf(`[{"v":{"job":{"id":"{job}"}}},%s,{"v":{"job":{"id":"{job}"}}}]`, badOp),
		})
	}
	return cases
}

// batchCases are the rules that one batch shows.
func batchCases() []contractCase {
	return []contractCase{
		{name: "an empty batch keeps the agent alive", ask: `[]`, want: `[]`},
		{
			name: "a failure stops only what names it", arrange: in(bits.StateSuspended),
			ask: `[{"op":"get","id":"6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"},
				{"op":"change","id":"{job}","set":{"priority":"high"},"after":0},
				{"op":"get","id":"{job}","after":1},
				{"op":"change","id":"{job}","set":{"description":"ran"}},
				{"op":"get","id":"{job}","after":3}]`,
			want: `[{"e":{"code":"not_found"}},{"e":{"code":"skipped","hresult":null}},
				{"e":{"code":"skipped","hresult":null}},{"v":{"job":{"description":"ran"}}},
				{"v":{"job":{"priority":"normal","description":"ran"}}}]`,
		},
		{
			name: "operations of a batch see what earlier ones did",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"},
				{"remote_name":"{files}/b","local_name":"{other}"}]}},
				{"op":"adopt","token":"{token}","after":0}]`,
			want: `[{"v":{"job":{"state":"suspended","files":[{},{}]}}},
				{"v":{"job":{"state":"suspended","priority":"low","files":[{"local_name":"{local}"},{"local_name":"{other}"}]}}}]`,
		},
		{
			name: "an adopt keeps the oldest job of its token and removes the others",
			arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				v["job"] = string(w.job(t, w.admin(), "/a"))
				v["twin"] = string(w.job(t, w.admin(), "/a"))
				for _, name := range []string{"job", "twin"} {
					id := bits.JobID(v[name])
					if err := w.service.SetDisplayName(w.admin(), id, bits.PendingPrefix+v["token"]); err != nil {
						t.Fatal(err)
					}
				}
			},
			ask:  `[{"op":"adopt","token":"{token}"},{"op":"get","id":"{twin}"}]`,
			want: `[{"v":{"job":{"id":"{job}"}}},{"e":{"code":"not_found"}}]`,
		},
		{
			name: "an id in capitals is the same job", arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				in(bits.StateSuspended)(t, w, v)
				v["JOB"] = strings.ToUpper(v["job"])
			},
			ask:  `[{"op":"get","id":"{JOB}"}]`,
			want: `[{"v":{"job":{"id":"{job}"}}}]`,
		},
		{
			name: "a field that is not known is ignored", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"get","id":"{job}","colour":"red","set":{"priority":"low"}}]`,
			want: `[{"v":{"job":{"priority":"normal"}}}]`,
		},
		{
			name: "a change of nothing reads the job", arrange: in(bits.StateSuspended),
			ask:  `[{"op":"change","id":"{job}"}]`,
			want: `[{"v":{"job":{"id":"{job}","state":"suspended"}}}]`,
		},
		{
			name: "a commit may be repeated", arrange: in(bits.StateSuspended),
			ask: `[{"op":"commit","id":"{job}","display_name":"n","suspended":false},
				{"op":"commit","id":"{job}","display_name":"n","suspended":false}]`,
			want: `[{"v":{"job":{"display_name":"n","state":"moving"}}},{"v":{"job":{"display_name":"n","state":"moving"}}}]`,
		},
		{
			name: "list gives an administrator everybody's jobs", arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				in(bits.StateSuspended)(t, w, v)
				w.job(t, user.caller(), "/a")
			},
			ask: `[{"op":"list"},{"op":"list","mine":true},{"op":"list","fields":["id"]}]`,
			want: `[{"v":{"count":2,"all_users":true},"jobs":[{"id":"{job}"},{"owner_name":"WEB01\\user"}]},
				{"v":{"count":1,"all_users":false},"jobs":[{"id":"{job}"}]},
				{"v":{"count":2,"all_users":true},"jobs":[{"id":"*","state":null},{"id":"*","state":null}]}]`,
		},
		{
			name: "list gives a user only the user's own jobs", as: user, arrange: func(t *testing.T, w *world, v vars) {
				t.Helper()
				w.job(t, w.admin(), "/a")
				ofUser(t, w, v)
			},
			ask:  `[{"op":"list"}]`,
			want: `[{"v":{"count":1,"all_users":false},"jobs":[{"id":"{job}"}]}]`,
		},
		{name: "list of nothing has no page", ask: `[{"op":"list"}]`, want: `[{"v":{"count":0,"now":"*"},"jobs":null}]`},
		{
			name: "a job in error tells its error", arrange: in(bits.StateError),
			ask:  `[{"op":"list"}]`,
			want: `[{"v":{"count":1},"jobs":[{"state":"error","error":{"hresult":"0x80190194","context":"*"}}]}]`,
		},
		{
			name: "a transferred job tells its sizes", arrange: in(bits.StateTransferred),
			ask: `[{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"bytes_total":"65536","bytes_transferred":"65536","files_transferred":1,
				"transferred_at":"*","files":[{"bytes_total":"65536","bytes_transferred":"65536"}]}}}]`,
		},
	}
}
