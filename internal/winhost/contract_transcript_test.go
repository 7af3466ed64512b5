// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
)

// TestCmdletsGetNoSecrets writes down the arguments of every cmdlet that the loader and the agent call. Module logging,
// event 4103, keeps them on a host where it is on for these cmdlets. Source: about_Logging_Windows, learn.microsoft.com.
func TestCmdletsGetNoSecrets(t *testing.T) {
	t.Parallel()
	path := judges.PowerShell(t)
	folder := t.TempDir()
	if err := pwsh.Install(folder); err != nil {
		t.Fatal(err)
	}
	hook, err := os.ReadFile(filepath.Join("testdata", "transcript.ps1"))
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(folder, "Windows.ps1"), hook)
	w := newWorld(t, realAgentIn(path, folder))
	c := start(t, w, admin.caller())

	const shown, planted = "Shown-header", "Planted-description" // headers that are not write-only are in answers
	secrets := fmt.Sprintf(`"custom_headers":["X: %[1]sa","Y: %[1]sb"],"custom_headers_write_only":true,
		"credential":{"username":"u","password":"%[1]sc"},"proxy_credential":{"username":"u","password":"%[1]sd"}`, topSecret)
	v := vars{"files": w.files, "local": w.local(), "token": newToken()}
	call := func(ops string) answered { // the transcript takes time
		t.Helper()
		return c.call(t, strings.ReplaceAll(v.expand(ops), `{"op":`, `{"ms":300000,"op":`))
	}
	job := jobOf(t, call(createOne(`,"description":"` + planted + `","priority":"low",` + secrets)).results[0])
	v["job"], v["other"] = job.ID, string(w.jobIn(t, bits.StateSuspended))
	for _, ops := range []string{
		`[{"op":"change","id":"{job}","set":{` + secrets + `}},{"op":"commit","id":"{job}","display_name":"n","suspended":true}]`,
		`[{"op":"change","id":"{job}","set":{"custom_headers":[": ` + topSecret + `e"]}},{"op":"get","id":"{job}"}]`,
		`[{"op":"change","id":"{other}","set":{"custom_headers":["X: ` + shown + `"]}},{"op":"list"},{"op":"remove","id":"{other}"}]`,
	} {
		call(ops)
	}
	if set := w.service.Settings(bits.JobID(job.ID)); set.ProxyCredential == nil || set.ProxyCredential.Password.Reveal() != topSecret+"d" {
		t.Error("the secrets did not arrive")
	}
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	c.exit(t)

	given := transcript(t, filepath.Join(folder, "transcript.txt"))
	for cmdlet, arguments := range given {
		if strings.Contains(cmdlet, "-Bits") {
			continue
		}
		for _, secret := range []string{topSecret, shown} {
			if at := strings.Index(arguments, secret); at >= 0 {
				t.Errorf("%s is given a secret: ...%.200s", cmdlet, arguments[max(0, at-60):])
			}
		}
	}
	// The transcript does see what it is to see.
	for cmdlet, want := range map[string]string{
		"ConvertFrom-Json":   `{"secrets":4,"b":1,"ops":[{"ms":300000,"op":"create"`,
		"ConvertTo-Json":     "-Compress",
		"New-Object":         "Security.SecureString",
		"Where-Object":       "System.Collections.Hashtable",
		"Start-BitsTransfer": "X: " + topSecret + "a Y: " + topSecret + "b",
		"Set-BitsTransfer":   "X: " + shown,
		"Get-BitsTransfer":   job.ID,
	} {
		if !strings.Contains(given[cmdlet], want) {
			t.Errorf("the transcript has %v; of %s it has %.2000s; want %q", slices.Sorted(maps.Keys(given)), cmdlet, given[cmdlet], want)
		}
	}
	if !strings.Contains(given["ConvertFrom-Json"], planted) {
		t.Error("the transcript lacks a request's description")
	}
}

func appendTo(t *testing.T, path string, text []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(content, text...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// transcript returns what each cmdlet was given.
func transcript(t *testing.T, path string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for line := range strings.Lines(string(content)) {
		cmdlet, arguments, _ := strings.Cut(line, "\t")
		given[cmdlet] += arguments
	}
	return given
}
