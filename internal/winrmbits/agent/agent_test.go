// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"bytes"
	"encoding/json"
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
	_, system, _ := strings.Cut(part("system.ps1"), "\nfunction ")
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
	upload := Upload()
	if at := bytes.IndexFunc(upload, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); at >= 0 {
		t.Errorf("byte %d is not printable ASCII", at)
	}
	lines := strings.Split(string(upload), "\n")
	ends := 0
	for _, line := range lines {
		if line == EndOfUpload {
			ends++
		}
	}
	if ends != 1 || lines[len(lines)-2] != EndOfUpload {
		t.Errorf("the line %q stands %d times, and the last is %q", EndOfUpload, ends, lines[len(lines)-2])
	}
	if strings.Contains(string(upload), "$input") {
		t.Error("$input anywhere in the agent makes PowerShell swallow stdin")
	}
}

func TestEveryScriptIsUploadedOnce(t *testing.T) {
	entries, err := scripts.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		want := 1
		if entry.Name() == loaderPart {
			want = 0
		}
		if n := strings.Count(string(Upload()), part(entry.Name())); n != want {
			t.Errorf("%s is uploaded %d times, want %d", entry.Name(), n, want)
		}
	}
	if !strings.HasPrefix(string(Upload()), part(firstPart)) || !strings.HasSuffix(string(Upload()), part(lastPart)+EndOfUpload+"\n") {
		t.Error("the settings are not first, or the loop is not last")
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
