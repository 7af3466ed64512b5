// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// maxCommandLine is what cmd.exe takes. Source: learn.microsoft.com, "Command prompt line string limitation".
const maxCommandLine = 8191

func TestCommandLineIsShortAndCarriesTheTokenOnly(t *testing.T) {
	one, two := CommandLine(strings.Repeat("a", TokenLength)), CommandLine(strings.Repeat("b", TokenLength))
	if len(one) > maxCommandLine/2 {
		t.Errorf("the command line has %d characters; far less than %d are wanted", len(one), maxCommandLine)
	}
	if !regexp.MustCompile(`^powershell\.exe( -[A-Za-z]+( (Bypass|Text))?)* -EncodedCommand [A-Za-z0-9+/=]+$`).MatchString(one) {
		t.Errorf("the command line is %.200s", one)
	}
	if len(one) != len(two) || one == two {
		t.Error("command lines of two tokens differ by something else than the token")
	}
	if strings.Contains(loader, "$input") {
		t.Error("$input anywhere in the loader makes PowerShell swallow stdin")
	}
}

// Windows PowerShell loads the modules of its own cmdlets when they are first used, from the module path, so that path comes first. The
// loader explains a failure without any cmdlet: a policy may keep those modules from being loaded.
// Source: about_Modules, about_PSModulePath, learn.microsoft.com.
func TestNoCmdletRunsBeforeTheModulePathIsSet(t *testing.T) {
	const ownPath = `PSModulePath *= *\[IO\.Path\]::Combine\(\$PSHOME, *'Modules'\)`
	cmdlet := regexp.MustCompile(`[^'\w][A-Z][a-z]+-[A-Z]\w+`)
	ours := map[string]bool{"Open-RelayPipe": true, "Start-SystemAgent": true, "Get-PipeOwner": true, "Remove-OwnTask": true}
	_, system, _ := strings.Cut(part("changes/system.ps1"), "\nfunction ")
	for name, text := range map[string]string{loaderPart: loader, "system.ps1": system} {
		if !regexp.MustCompile(ownPath).MatchString(text) {
			t.Errorf("%s does not set the module path", name)
		}
		for _, found := range cmdlet.FindAllString(text, -1) {
			if !ours[found[1:]] {
				t.Errorf("%s calls %s", name, found[1:])
			}
		}
	}
}

func TestUploadIsAsciiTextThatEndsOnce(t *testing.T) {
	for _, changes := range []bool{false, true} {
		upload := Upload(changes)
		if at := bytes.IndexFunc(upload, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); at >= 0 {
			t.Errorf("byte %d is not printable ASCII", at)
		}
		if n := strings.Count("\n"+string(upload), "\n"+EndOfUpload+"\n"); n != 1 || !strings.HasSuffix(string(upload), "\n"+startLine+EndOfUpload+"\n") {
			t.Errorf("the line %q is there %d times, or the last ones are not what starts the agent", EndOfUpload, n)
		}
		if strings.Contains(string(upload), "$input") {
			t.Error("$input anywhere in the agent makes PowerShell swallow stdin")
		}
		if at := strings.LastIndex(string(upload), strings.TrimSpace(startLine)); string(upload[at:]) != startLine+EndOfUpload+"\n" {
			t.Errorf("an agent that elevates takes %q for its last line", upload[at:])
		}
	}
}

func TestEveryScriptIsUploadedOnce(t *testing.T) {
	err := fs.WalkDir(scripts, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		changes := strings.HasPrefix(name, "changes/")
		for _, whole := range []bool{false, true} {
			want := 1
			if name == loaderPart || changes && !whole {
				want = 0
			}
			if n := strings.Count(string(Upload(whole)), strip(part(name))); n != want {
				t.Errorf("%s is uploaded %d times, want %d", name, n, want)
			}
		}
		if n := strings.Count(Changes(), strip(part(name))); n != map[bool]int{true: 1}[changes] {
			t.Errorf("%s is %d times in what changes need", name, n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(Upload(false)), strip(part(firstPart))) {
		t.Error("the settings are not first")
	}
}

// A session that only reads sends the first of these, and one that changes something both, a third larger in base64.
func TestTheAgentIsSmall(t *testing.T) {
	for what, tt := range map[string]struct{ size, most int }{
		"what every agent needs": {len(Upload(false)), 38_500}, "what changes need": {len(Changes()), 23_000},
	} {
		if t.Logf("%s: %d bytes", what, tt.size); tt.size > tt.most {
			t.Errorf("%s takes %d bytes, and its budget is %d", what, tt.size, tt.most)
		}
	}
}

func TestWhatIsSentHasNoCommentsAndKeepsItsLines(t *testing.T) {
	if got, want := strip("# a\n    b # c\n\n  # d\n  'e'\n"), "\nb # c\n\n\n'e'\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRequestsLeaveOutWhatIsNotSet(t *testing.T) {
	got, err := json.Marshal(Request{B: 1, Ops: []Op{{Name: OpGet, MS: 5, ID: "x"}}})
	if want := `{"b":1,"ops":[{"op":"get","ms":5,"id":"x"}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	got, err = json.Marshal(Request{B: 2, Ops: []Op{}})
	if want := `{"b":2,"ops":[]}`; err != nil || string(got) != want {
		t.Errorf("an empty batch is %s, %v; want %s", got, err, want)
	}
}
