// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// requestCases are ids and tokens that are none, and an operation that the agent does not have. Each is between two good
// operations, which it must not spoil. Nothing else of a request is checked: the client is of the same build.
func requestCases() []contractCase {
	var cases []contractCase
	for _, c := range []struct{ name, op, code string }{
		{"an unknown operation", `{"op":"levitate"}`, "bad_op"},
		{"a get whose id is not a GUID", `{"op":"get","id":"nightly"}`, "refused"},
		{"a remove whose id is a wildcard", `{"op":"remove","id":"*"}`, "refused"},
		{"a history whose id is a query", `{"op":"history","id":"x' or '1'='1"}`, "refused"},
		{"a history since a query", `{"op":"history","id":"{job}","since":"2026-02-03T04:05:06Z'] or *["}`, "refused"},
		{"a create with a token of another form", `{"op":"create","token":"x","job":{"description":"",
			"transfer_type":"download","priority":"low","files":[{"remote_name":"{files}/a","local_name":"{local}"}]}}`, "refused"},
		{"an adopt with a capital in its token", `{"op":"adopt","token":"0123456789ABCDEF0123456789ABCDEF"}`, "refused"},
		{"an elevate with two lines for a token", `{"op":"elevate","token":"{token}\n{token}"}`, "refused"},
	} {
		cases = append(cases, contractCase{
			name: c.name + " is " + c.code + " and spoils no other", arrange: in(bits.StateSuspended),
			ask:  fmt.Sprintf(`[{"op":"get","id":"{job}"},%s,{"op":"get","id":"{job}"}]`, c.op),
			want: fmt.Sprintf(`[{"v":{"job":{"id":"{job}"}}},{"e":{"code":%q,"hresult":null}},{"v":{"job":{"id":"{job}"}}}]`, c.code),
		})
	}
	return cases
}

// batchCases are the rules that one batch shows.
func batchCases() []contractCase {
	return []contractCase{
		{name: "an empty batch is answered", ask: `[]`, want: `[]`},
		{
			name: "a failure stops no other operation", arrange: in(bits.StateSuspended),
			ask: `[{"op":"get","id":"6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"},
				{"op":"change","id":"{job}","set":{"description":"ran"}}]`,
			want: `[{"e":{"code":"not_found"}},{"v":{"job":{"description":"ran"}}}]`,
		},
		{
			name: "operations of a batch see what earlier ones did",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"},
				{"remote_name":"{files}/b","local_name":"{other}"}]}},
				{"op":"adopt","token":"{token}"}]`,
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
					rename := func(h *bitsvc.Handle) error { return h.SetDisplayName(bits.PendingPrefix + v["token"]) }
					if err := w.service.Do(w.admin(), id, rename); err != nil {
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
			ask: `[{"op":"list"},{"op":"list","mine":true}]`,
			want: `[{"v":{"count":2,"all_users":true},"jobs":[{"id":"{job}"},{"owner_name":"WEB01\\user"}]},
				{"v":{"count":1,"all_users":false},"jobs":[{"id":"{job}"}]}]`,
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
			want: `[{"v":{"count":1},"jobs":[{"state":"error","error":{"hresult":"0x80190194","context":"*","text":"*"}}]}]`,
		},
		{
			name: "a transferred job tells its sizes", arrange: in(bits.StateTransferred),
			ask: `[{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"bytes_total":"65536","bytes_transferred":"65536","files_transferred":1,
				"transferred_at":"*","files":[{"bytes_total":"65536","bytes_transferred":"65536"}]}}}]`,
		},
	}
}
