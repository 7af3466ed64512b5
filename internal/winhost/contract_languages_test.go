// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// languages are what hosts say in whatever case: nothing may depend on it. The last one lies.
var languages = []struct{ name, text string }{
	{"Japanese", "\u8981\u6c42\u3055\u308c\u305f\u64cd\u4f5c\u306f\u5b9f\u884c\u3055\u308c\u307e\u305b\u3093\u3067\u3057\u305f\u3002"},
	{"words that mislead", "Cannot find a BITS transfer that has the specified ID (0x80200001). Access is denied. S_OK"},
}

// languageCases are refusals on hosts that do not speak English.
func languageCases() []contractCase {
	const unknown = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	with := func(text string, arrange func(t *testing.T, w *world, v vars)) func(t *testing.T, w *world, v vars) {
		return func(t *testing.T, w *world, v vars) {
			t.Helper()
			w.service.SetMessages(func(bits.HResult) string { return text })
			t.Cleanup(func() { w.service.SetMessages(nil) })
			if arrange != nil {
				arrange(t, w, v)
			}
		}
	}
	said := func(text, code string) string { return text + " (Exception from HRESULT: " + code + ")" }
	var cases []contractCase
	for _, l := range languages {
		cases = append(cases,
			contractCase{
				name: "an unknown job is not found in " + l.name, arrange: with(l.text, nil),
				ask: `[{"op":"get","id":"` + unknown + `"},{"op":"change","id":"` + unknown + `","suspended":true},{"op":"complete","id":"` +
					unknown + `"},{"op":"remove","id":"` + unknown + `"}]`,
				want: `[{"e":{"code":"not_found","hresult":null}},{"e":{"code":"not_found"}},{"e":{"code":"not_found"}},{"v":{"absent":true}}]`,
			},
			contractCase{
				name: "another's job is refused in " + l.name, as: user, arrange: with(l.text, in(bits.StateSuspended)),
				ask: `[{"op":"get","id":"{job}"},{"op":"remove","id":"{job}"}]`,
				want: expandText(said(l.text, "0x80070005"), `[{"e":{"code":"refused","step":"read","hresult":"0x80070005","text":TEXT}},
					{"e":{"code":"refused","hresult":"0x80070005","text":TEXT}}]`),
			},
			contractCase{
				name: "an account that is not logged on is told so in " + l.name, as: stranger, arrange: with(l.text, nil),
				ask: createOne(`,"description":"","priority":"low"`), after: nothingLeft,
				want: expandText(said(l.text, "0x800704DD"), `[{"e":{"code":"refused","step":"create","hresult":"0x800704DD","text":TEXT,"left":null}}]`),
			},
			contractCase{
				name: "a property that is refused is so in " + l.name, arrange: with(l.text, in(bits.StateConnecting)),
				ask: `[{"op":"change","id":"{job}","set":{"http_method":"PUT"}},{"op":"change","id":"{job}","set":{
					"certificate_store_location":"users","certificate_store_name":"MY","certificate_hash":"00"}}]`,
				want: `[{"e":{"code":"refused","step":"set:http_method","hresult":"0x80200062"}},
					{"e":{"code":"refused","step":"set:certificate_store_location","hresult":"0x800706F7","done":["suspend","resume"]}}]`,
			},
			contractCase{
				name: "a job's error comes in " + l.name, arrange: with(l.text, in(bits.StateError)),
				ask:  `[{"op":"get","id":"{job}"}]`,
				want: expandText(l.text, `[{"v":{"job":{"state":"error","error":{"hresult":"0x80190194","context":"remote_file","text":TEXT}}}}]`),
			},
			contractCase{
				name: "a stopped service says so in " + l.name,
				arrange: func(t *testing.T, w *world, v vars) {
					t.Helper()
					with(l.text, in(bits.StateSuspended))(t, w, v)
					w.service.Stop()
					t.Cleanup(w.service.Start)
				},
				ask:  `[{"op":"get","id":"{job}"},{"op":"list"}]`,
				want: `[{"e":{"code":"refused","hresult":"0x80070426"}},{"e":{"code":"refused","hresult":"0x80070426"}}]`,
				after: func(t *testing.T, w *world, _ vars) error {
					t.Helper()
					w.service.Start()
					return nil
				},
			},
			contractCase{
				name: "files that can't be deleted are told of in " + l.name, arrange: with(l.text, undeletable),
				ask:  `[{"op":"remove","id":"{job}"}]`,
				want: `[{"v":{"absent":false,"hresult":"0x0020001A"}}]`,
			},
		)
	}
	return cases
}

// duplicateCases name one job, or one token, several times in a batch.
func duplicateCases() []contractCase {
	return []contractCase{
		{
			name: "several changes of one job in a batch follow one another", arrange: in(bits.StateSuspended),
			ask: `[{"op":"get","id":"{job}"},{"op":"change","id":"{job}","set":{"priority":"low"}},{"op":"get","id":"{job}"},
				{"op":"change","id":"{job}","set":{"priority":"high"}},{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"job":{"priority":"normal"}}},{"v":{"job":{"priority":"low"}}},{"v":{"job":{"priority":"low"}}},
				{"v":{"job":{"priority":"high"}}},{"v":{"job":{"priority":"high"}}}]`,
		},
		{
			name: "what ends in a batch is gone for the rest of it", arrange: in(bits.StateTransferred),
			ask: `[{"op":"complete","id":"{job}"},{"op":"complete","id":"{job}"},{"op":"change","id":"{job}","set":{"priority":"low"}},
				{"op":"remove","id":"{job}"},{"op":"get","id":"{job}"}]`,
			want: `[{"v":{"done":true}},{"e":{"code":"not_found"}},{"e":{"code":"not_found"}},{"v":{"absent":true}},{"e":{"code":"not_found"}}]`,
		},
		{
			name: "two creates with one token make two jobs, of which an adopt leaves one",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"{local}"}]}},{"op":"create","token":"{token}","job":{"description":"",
				"transfer_type":"download","priority":"low","files":[{"remote_name":"{files}/a","local_name":"{other}"}]}},
				{"op":"list","mine":true},{"op":"adopt","token":"{token}"},{"op":"list","mine":true}]`,
			want: `[{"v":{}},{"v":{}},{"v":{"count":2}},{"v":{"job":{"files":[{"local_name":"{local}"}]}}},{"v":{"count":1}}]`,
		},
		{
			name: "one file may be added twice", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","add_files":[{"remote_name":"{files}/b","local_name":"{other}"},
				{"remote_name":"{files}/b","local_name":"{other}"}]}]`,
			want: `[{"v":{"job":{"files":[{},{"local_name":"{other}"},{"local_name":"{other}"}]}}}]`,
		},
	}
}
