// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// hostile are strings that a shell, a script, a JSON parser or a code page could spoil. Those that are a value of another kind, or
// that could be trimmed, are strings of their own; the others share a few.
var hostile = []struct{ name, text string }{
	{"quotes, backtick, $(), markup, wildcards, a here-string", "a\"b'c`d$(x)${y}%PATH% </script>&<b> a*b?[c] @'\n'@ x"},
	{"line breaks, separators and control characters", "one\ntwo\r\nthree\tfour a\u2028b\u2029c a\u0085b a\x7fb a\x01\x1b[0mb"},
	{
		"emoji, the Kelvin sign, composed and decomposed letters, CJK, right to left, typographic quotes and dashes",
		"😀 and 👩‍👩‍👧 273 \u212a \u00e9 e\u0301 作業 עבודה \u2018a\u2019 \u201cb\u201d \u2013 \u2014 z",
	},
	{"a JSON date of ASP.NET", `\/Date(1)\/`},
	{"a bare JSON date of ASP.NET", "/Date(1)/"},
	{"an ISO date", "2026-11-20T10:11:12Z"},
	{"an ISO date with a zone", "2026-11-20T10:11:12.5+01:00"},
	{"the word null", "null"},
	{"the word true", "true"},
	{"a number", "007"},
	{"blanks at both ends", "  x  "},
	{"a byte order mark", "\ufeffx"},
	{"an emoji at the end", "x 😀"},
	{"a backslash at the end", `C:\x\`},
	{"JSON", `{"b":1,"end":true}`},
	{"a parameter", "-Priority"},
	{"a here-string at the end", "@'\n'@"},
}

// stringCases bring hostile strings to BITS and back, as name, description and file name.
func stringCases() []contractCase {
	cases := make([]contractCase, 0, len(hostile)+2)
	for _, h := range hostile {
		cases = append(cases, contractCase{
			name:    "name and description arrive exactly: " + h.name,
			arrange: in(bits.StateSuspended),
			ask: expandText(h.text, `[{"op":"create","token":"{token}","job":{"description":TEXT,
				"transfer_type":"download","priority":"low","files":[{"remote_name":"{files}/a","local_name":"{local}"}]}},
				{"op":"commit","id":"{job}","display_name":TEXT,"suspended":true},
				{"op":"change","id":"{job}","set":{"description":TEXT,"display_name":TEXT}}]`),
			want: expandText(h.text, `[{"v":{"job":{"description":TEXT}}},{"v":{"job":{"display_name":TEXT}}},
				{"v":{"job":{"description":TEXT,"display_name":TEXT}}}]`),
			after: func(t *testing.T, w *world, v vars) error {
				t.Helper()
				job, err := w.service.Job(w.admin(), bits.JobID(v["job"]))
				if err == nil && (job.DisplayName != h.text || job.Description != h.text) {
					err = fmt.Errorf("the job is called %q, described %q", job.DisplayName, job.Description)
				}
				return err
			},
		})
	}
	return append(cases,
		contractCase{
			name: "a description can be emptied", arrange: in(bits.StateSuspended),
			ask: `[{"op":"change","id":"{job}","set":{"description":"x"}},
				{"op":"change","id":"{job}","set":{"description":""}}]`,
			want: `[{"v":{"job":{"description":"x"}}},{"v":{"job":{"description":""}}}]`,
		},
		contractCase{
			name: "a local name with blanks, quotes and an emoji arrives exactly",
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low",
				"files":[{"remote_name":"{files}/a","local_name":"C:\\t\\it's $(x) [1] 😀.bin"}]}}]`,
			want: created(`,"files":[{"local_name":"C:\\t\\it's $(x) [1] 😀.bin"}]`),
		},
		contractCase{
			name: "files of the host and of shares are remote names", // source: BG_FILE_INFO, and Wine's test_CompleteLocalURL
			ask: `[{"op":"create","token":"{token}","job":{"description":"","transfer_type":"download","priority":"low","files":[
				{"remote_name":"C:\\t\\a b.bin","local_name":"C:\\t\\1.bin"},{"remote_name":"file://C:\\t\\a b.bin","local_name":"C:\\t\\2.bin"},
				{"remote_name":"\\\\files\\pub\\[1].bin","local_name":"C:\\t\\3.bin"}]}}]`,
			want: created(`,"files":[{"remote_name":"C:\\t\\a b.bin"},{"remote_name":"file://C:\\t\\a b.bin"},
				{"remote_name":"\\\\files\\pub\\[1].bin"}]`),
		},
	)
}

// expandText puts a string into a JSON template.
func expandText(text, template string) string {
	quoted, _ := json.Marshal(text) // a string always can be written
	return strings.ReplaceAll(template, "TEXT", string(quoted))
}

// limitCases are the longest strings and the ones just longer. Source: IBackgroundCopyJob::SetDisplayName,
// ::SetDescription and BG_FILE_INFO, learn.microsoft.com.
func limitCases() []contractCase {
	commit := func(name string) string {
		return expandText(name, `[{"op":"commit","id":"{job}","display_name":TEXT,"suspended":true}]`)
	}
	describe := func(text string) string {
		return expandText(text, `[{"op":"change","id":"{job}","set":{"description":TEXT}}]`)
	}
	url := func(n int) string { // each segment stays below MAX_PATH
		path := strings.Repeat("/"+strings.Repeat("a", 99), n/100)
		return path + strings.Repeat("b", n%100)
	}
	addURL := func(n int) string {
		// "http://h" has 8 characters.
		return expandText("http://h"+url(n-8), `[{"op":"change","id":"{job}",
			"add_files":[{"remote_name":TEXT,"local_name":"{other}"}]}]`)
	}
	refused := func(step string) string {
		return `[{"e":{"code":"refused","step":"` + step + `","hresult":"*"}}]`
	}
	length := func(n int) string { return strings.Repeat("n", n) }
	cases := []contractCase{
		{name: "a display name of 256 characters", ask: commit(length(256)), want: `[{"v":{}}]`},
		{name: "a display name of 257 characters is refused", ask: commit(length(257)), want: refused("set:display_name")},
		{
			name: "a display name of 128 emoji, which are 256 code units", ask: commit(strings.Repeat("😀", 128)),
			want: `[{"v":{}}]`,
		},
		{
			name: "a display name of 129 emoji is refused", ask: commit(strings.Repeat("😀", 129)),
			want: refused("set:display_name"),
		},
		{name: "a description of 1024 characters", ask: describe(length(1024)), want: `[{"v":{}}]`},
		{
			name: "a description of 1025 characters is refused", ask: describe(length(1025)),
			want: `[{"e":{"code":"refused","step":"set:description","hresult":"0x80200021"}}]`,
		},
		{name: "a URL of 2200 characters", ask: addURL(2200), want: `[{"v":{}}]`},
		{name: "a URL of 2201 characters is refused", ask: addURL(2201), want: refused("add-file")},
	}
	for i := range cases {
		cases[i].arrange = in(bits.StateSuspended)
	}
	return append(cases,
		contractCase{
			name: "a create with a description of 1025 characters is refused and leaves nothing",
			ask:  createOne(`,"priority":"low","description":"` + length(1025) + `"`),
			want: refused("create"), after: nothingLeft,
		},
		contractCase{
			name: "a create with a URL of another scheme is refused and leaves nothing",
			ask: strings.Replace(createOne(`,"priority":"low","description":""`),
				"{files}", "ftp://files.example", 1),
			want: `[{"e":{"code":"refused","step":"create","hresult":"0x80070057"}}]`, after: nothingLeft,
		},
	)
}
