// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call calls a function of the provider, which is not configured, as Terraform does. It returns what is wrong, with the argument that is.
func (r *rig) call(name string, arguments ...string) (result any, text string, argument *int64) {
	r.t.Helper()
	functions, err := r.server.GetFunctions(r.t.Context(), &tfprotov6.GetFunctionsRequest{})
	if err != nil || functions.Functions[name] == nil {
		r.t.Fatalf("no function %s: %v", name, err)
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for _, a := range arguments {
		req.Arguments = append(req.Arguments, r.dynamic(tftypes.String, tftypes.NewValue(tftypes.String, a)))
	}
	resp, err := r.server.CallFunction(r.t.Context(), req)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.Error != nil {
		return nil, resp.Error.Text, resp.Error.FunctionArgument
	}
	value, err := resp.Result.Unmarshal(functions.Functions[name].Return.Type)
	if err != nil {
		r.t.Fatal(err)
	}
	return plain(r.t, value), "", nil
}

func TestHResult(t *testing.T) {
	const goneRemedy = "Run terraform apply again: it reads the host, and plans a new job if BITS does not list this one."
	const elsewhere = `For more, check the event log Microsoft-Windows-Bits-Client/Operational on the host, or run bitsadmin /info "{GUID}" /verbose there as an administrator.`
	invalidState := map[string]any{
		"code": "0x80200002", "name": "BG_E_INVALID_STATE", "kind": "usage",
		"meaning": "The job's state does not allow this; a job that was completed or cancelled is read-only",
		"cause":   "BITS lists only unfinished jobs.", "remedy": goneRemedy,
	}
	for _, test := range []struct {
		name, code string
		want       map[string]any
	}{
		{"hexadecimal", "0x80200002", invalidState},
		{"capitals and blanks around", " 0X80200002\n", invalidState},
		{"signed, as .NET prints it", "-2145386494", invalidState},
		{"unsigned", "2149580802", invalidState},
		{"an HTTP status", "0x80190194", map[string]any{
			"code": "0x80190194", "name": "BG_E_HTTP_ERROR_404", "kind": "fatal", "cause": nil,
			"meaning": "HTTP status 404: the server has no such file; for an upload: uploads may be disabled, or the file is too large",
			"remedy":  "Check remote_name, and that SERVER has the file: on the host, the name may resolve to another server.",
		}},
		{"a status without a name", "0x80190257", map[string]any{
			"code": "0x80190257", "name": nil, "kind": "fatal", "cause": nil, "meaning": "HTTP status 599: the server failed",
			"remedy": elsewhere,
		}},
		{"a success has no remedy", "0x00200017", map[string]any{
			"code": "0x00200017", "name": "BG_S_PARTIAL_COMPLETE", "kind": "success", "cause": nil, "remedy": nil,
			"meaning": "Only the files that were fully transferred were kept; the others were deleted",
		}},
		{"a code that is not known", "0x8013FFFF", map[string]any{
			"code": "0x8013FFFF", "name": nil, "kind": nil, "cause": nil, "meaning": "The code is unknown",
			"remedy": elsewhere,
		}},
		{"0 is the usual success", "0", map[string]any{
			"code": "0x00000000", "name": "S_OK", "kind": "success", "cause": nil, "meaning": "The call succeeded", "remedy": nil,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, text, _ := newRig(t).call("hresult", test.code)
			if diff := cmp.Diff(any(test.want), got); diff != "" || text != "" {
				t.Errorf("%s%s", text, diff)
			}
		})
	}
}

func TestHResultOfWhatIsNoCode(t *testing.T) {
	for _, code := range []string{"", "BG_E_INVALID_STATE", "8020000A", "0x180200002", "4294967296"} {
		_, text, argument := newRig(t).call("hresult", code)
		if !strings.Contains(text, "is not an HRESULT: write it as 0x80200002") || argument == nil || *argument != 0 {
			t.Errorf("%q: argument %v: %s", code, argument, text)
		}
	}
}

// TestPaths calls windows_path and url_path. What windows_path returns is what local_name takes.
func TestPaths(t *testing.T) {
	for _, test := range []struct {
		name, function string
		parts          []string
		want           string
	}{
		{"slashes become backslashes", "windows_path", []string{"C:/ProgramData/Acme/p.cab"}, `C:\ProgramData\Acme\p.cab`},
		{"parts are joined", "windows_path", []string{"C:", "ProgramData", "Acme", "p.cab"}, `C:\ProgramData\Acme\p.cab`},
		{"separators at the ends of parts do not matter", "windows_path", []string{`D:\`, "/Acme/", `\x/y\`}, `D:\Acme\x\y`},
		{"a share", "windows_path", []string{"//files/pub", "p.cab"}, `\\files\pub\p.cab`},
		{"a share in parts", "windows_path", []string{`\\files`, "pub", "p.cab"}, `\\files\pub\p.cab`},
		{"names that need no encoding", "windows_path", []string{"C:/Größe", "a b+c%.cab"}, `C:\Größe\a b+c%.cab`},
		{"a space and what is not ASCII", "url_path", []string{"Größe", "a b.cab"}, "Gr%C3%B6%C3%9Fe/a%20b.cab"},
		{"a slash separates segments", "url_path", []string{"/a/b c/", "/d/"}, "a/b%20c/d"},
		{"what RFC 3986 leaves alone in section 2.3", "url_path", []string{"AZaz09-._~"}, "AZaz09-._~"},
		{"what servers may read otherwise", "url_path", []string{"a+b=c&d;e:f@g?h#i%20j"}, "a%2Bb%3Dc%26d%3Be%3Af%40g%3Fh%23i%2520j"},
		{"a backslash is a character", "url_path", []string{`a\b`}, "a%5Cb"},
		{"dots within a name", "url_path", []string{"..a", "v1.2"}, "..a/v1.2"},
	} {
		t.Run(test.function+": "+test.name, func(t *testing.T) {
			got, text, _ := newRig(t).call(test.function, test.parts...)
			if got != test.want {
				t.Errorf("got %v, want %s: %s", got, test.want, text)
			}
		})
	}
}

func TestPathsThatNothingCouldUse(t *testing.T) {
	const path, none = "windows_path", -1
	for _, test := range []struct {
		function string
		parts    []string
		argument int64 // none: all of it
		want     string
	}{
		{path, nil, none, "at least one argument"},
		{path, []string{""}, 0, "is empty"},
		{path, []string{"C:/t", ""}, 1, "is empty"},
		{path, []string{"C:/t", "/"}, 1, "is empty"},
		{path, []string{"C:/"}, none, "not an absolute path"},
		{path, []string{"t", "p.cab"}, none, "not an absolute path"},
		{path, []string{"/t/p.cab"}, none, "not an absolute path"},
		{path, []string{"C:p.cab"}, none, "not an absolute path"},
		{path, []string{"//files/pub"}, none, "not a file on a share"},
		{path, []string{"C:/t", "D:/p.cab"}, 1, "only the first part"},
		{path, []string{"C:/t", "//files/pub"}, 1, "only the first part"},
		{path, []string{"C:/t//p.cab"}, none, "two in a row"},
		{path, []string{"C:/t/../p.cab"}, none, `".."`},
		{path, []string{"C:/t", "./p.cab"}, none, `"."`},
		{path, []string{"C:/t", "nul.txt"}, none, "device name"},
		{path, []string{"C:/t", "COM1"}, none, "device name"},
		{path, []string{"C:/t", "*.cab"}, none, "wildcard"},
		{path, []string{"C:/t", "p.cab:stream"}, none, "stream"},
		{path, []string{"C:/t", "a|b"}, none, "file names on Windows can't contain it"},
		{path, []string{"C:/t", "p\n"}, none, "file names on Windows can't contain it"},
		{path, []string{"C:/t. ", "p"}, none, "dot or a space"},
		{path, []string{"%TEMP%/p.cab"}, none, "%TEMP%"},
		{path, []string{"//?/C:/p.cab"}, none, `\\?\`},
		{path, []string{"C:/" + strings.Repeat("a", 260)}, none, "259 characters"},
		{"url_path", nil, none, "at least one argument"},
		{"url_path", []string{"a", ""}, 1, "is empty"},
		{"url_path", []string{"a//b"}, 0, "is empty"},
		{"url_path", []string{"a", "../b"}, 1, `".."`},
		{"url_path", []string{"."}, 0, `"."`},
		{"url_path", []string{"a", "b\n"}, 1, "trimspace()"},
	} {
		t.Run(test.function+" "+strings.Join(test.parts, " "), func(t *testing.T) {
			got, text, argument := newRig(t).call(test.function, test.parts...)
			at := int64(none)
			if argument != nil {
				at = *argument
			}
			if !strings.Contains(text, test.want) || at != test.argument {
				t.Errorf("got %v; argument %d: %s", got, at, text)
			}
		})
	}
}
