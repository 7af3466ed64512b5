// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"strings"
	"testing"
)

// What the task starts stands on one line within double quotes, and the task scheduler and PowerShell read it before
// it runs. Source of the $(Arg0) and of %VARIABLE%: "IExecAction::put_Arguments", learn.microsoft.com.
func TestTheCommandOfTheTaskHoldsNothingThatIsReplaced(t *testing.T) {
	text, err := scripts.ReadFile("changes/system.ps1")
	if err != nil {
		t.Fatal(err)
	}
	_, functions, found := strings.Cut(string(text), "\nfunction ")
	if !found {
		t.Fatal("no function is there")
	}
	for _, never := range []string{`"`, "$(", "%", "#", "`"} {
		if strings.Contains(functions, never) {
			t.Errorf("%s is in it", never)
		}
	}
	for line := range strings.Lines(functions) {
		line = strings.TrimSpace(line)
		last := line == "" || strings.HasSuffix(line, ";") || strings.HasSuffix(line, "{") || strings.HasSuffix(line, "}")
		if !last && !strings.HasPrefix(line, "param(") && line != "$pipe" {
			t.Errorf("the line %q does not end in a semicolon, so that the next one can't follow it", line)
		}
	}
}
