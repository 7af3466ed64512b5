// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// TestAHostileHostIsQuotedSafely has a host say what a terminal would obey, and too much of it.
func TestAHostileHostIsQuotedSafely(t *testing.T) {
	hostile := "\x1b]0;owned\a\r\n\nError: all is lost\u202e" + strings.Repeat("x", 100_000)
	h := &Host{settings: settings(0)}
	s := &session{host: h}
	for name, err := range map[string]error{
		"an elevation":   h.elevationError(&agent.Error{Step: hostile, Text: hostile}),
		"a task":         h.elevationError(&agent.Error{Step: stepConnect, Task: &hostile}),
		"stderr":         s.explainExit(&exitError{code: 1, stderr: hostile}),
		"a mode":         s.explainExit(&exitError{code: agent.ExitLanguageMode, languageMode: hostile}),
		"a module":       h.explainModule(refusal(&agent.Error{Code: "refused", Step: stepImport, Text: hostile, Type: hostile})),
		"a fault":        &wsman.Fault{Message: hostile, Subcode: hostile},
		"a fault's code": &wsman.Fault{Subcode: hostile},
	} {
		t.Run(name, func(t *testing.T) {
			text := err.Error()
			if !strings.Contains(text, "owned") || strings.ContainsAny(text, "\x1b\a\r\u202e") || strings.Contains(text, "\nError") || len(text) > 3000 {
				t.Errorf("%d bytes: %.3000q", len(text), text)
			}
		})
	}
}
