// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestAMemberWhoseGetterFailsIsAnsweredWithItsCode(t *testing.T) {
	t.Parallel()
	functions, err := scripts.ReadFile("scripts/objects.ps1")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "members.ps1")
	// The PowerShell of tests may lack the cmdlet that the agent's first lines call.
	text := "function Remove-TypeData { }\n. {\n" + agent.Functions() + string(functions) + `
function Write-Evidence([string]$Words) { $null = $Words }
$object = [pscustomobject]@{ Shown = 1 }
$getter = { throw [Runtime.InteropServices.COMException]::new('It is gone.', 0x80200001) }
$object.PSObject.Properties.Add([psscriptproperty]::new('Hidden', $getter))
Write-Members -Of $object -When 'now'
}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), powerShell(t), "-NoProfile", "-File", file).CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "Hidden 0x80200001" {
		t.Errorf("the answer is %q, %v", got, err)
	}
}
