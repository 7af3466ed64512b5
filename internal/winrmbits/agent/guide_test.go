// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// functionText finds a function in one of the parts.
func functionText(t *testing.T, part, name string) string {
	t.Helper()
	text, err := scripts.ReadFile(part + ".ps1")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?ms)^function ` + name + `[ (].*?^\}`).FindString(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if found == "" {
		t.Fatalf("%s.ps1 has no function %s", part, name)
	}
	return found
}

func TestTheGuideForThoseWhoWatchHostsQuotesTheCode(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "templates", "guides", "edr.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	guide := strings.ReplaceAll(string(content), "\r\n", "\n")
	elevate := functionText(t, "changes/elevate", "Register-SystemTask") + functionText(t, "changes/elevate", "Get-SystemCommand")
	command, _, _ := strings.Cut(CommandLine(strings.Repeat("0", TokenLength)), "-EncodedCommand")
	for what, text := range map[string]string{
		"the loader":        strings.TrimSpace(strings.ReplaceAll(loader, "\r\n", "\n")),
		"Get-PipeOwner":     functionText(t, "changes/windows", "Get-PipeOwner"),
		"Open-RelayPipe":    functionText(t, "changes/system", "Open-RelayPipe"),
		"Remove-OwnTask":    functionText(t, "changes/system", "Remove-OwnTask"),
		"Start-SystemAgent": functionText(t, "changes/system", "Start-SystemAgent"),
		"the command line":  command + "-EncodedCommand",
	} {
		if !strings.Contains(guide, text) {
			t.Errorf("%s is quoted otherwise; it is\n%s", what, text)
		}
	}
	// What the guide says of the task is what registers it.
	for _, text := range []string{
		"Lets terraform-provider-bits manage BITS jobs of SYSTEM. It deletes itself.", "S-1-5-18", "D:P(A;;FA;;;SY)(A;;FA;;;BA)", "PT24H", "PT0S",
		"-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -Command \"",
	} {
		if !strings.Contains(elevate, text) || !strings.Contains(guide, text) {
			t.Errorf("%q: in the code %t, in the guide %t", text, strings.Contains(elevate, text), strings.Contains(guide, text))
		}
	}
}
