// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// TestWhatIsSentMeansWhatIsWritten compares the tokens of the agent's files with those of what a client sends: the comments are gone,
// and everything else is there, in its line.
func TestWhatIsSentMeansWhatIsWritten(t *testing.T) {
	const folder = "../../winrmbits/agent/"
	files, err := filepath.Glob(folder + "*.ps1")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(folder + "changes/*.ps1")
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Index(files, filepath.Clean(folder+"agent.ps1"))
	files = slices.Concat(files[first:first+1], files[:first], files[first+1:], more)
	var written strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != "loader.ps1" {
			written.WriteString(strings.ReplaceAll(string(text), "\r\n", "\n"))
		}
	}
	const script = `
$lists = foreach ($encoded in [Console]::In.ReadToEnd().Split(' ')) {
    $tokens = $null; $faults = $null
    $text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($encoded))
    [void][Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$faults)
    if ($faults) { throw $faults[0] }
    $seen = foreach ($token in $tokens) { if ('Comment', 'NewLine' -notcontains $token.Kind) { "$($token.Extent.StartLineNumber) $($token.Kind) $($token.Text)" } }
    , @($seen)
}
$differ = 0
for ($i = 0; $i -lt [Math]::Max($lists[0].Count, $lists[1].Count); $i++) {
    if ($lists[0][$i] -cne $lists[1][$i]) { $differ++; if ($differ -lt 4) { [Console]::Out.WriteLine("$($lists[0][$i]) becomes $($lists[1][$i])") } }
}
[Console]::Out.WriteLine("$($lists[0].Count -gt 5000) $differ")
`
	encode := base64.StdEncoding.EncodeToString
	out, complaints, _ := runScriptWith(t, testHost(t), script, encode([]byte(written.String()))+" "+encode([]byte(agent.Functions())))
	if got := strings.TrimSpace(out); got != "True 0" {
		t.Errorf("%s\n%s", got, complaints)
	}
}
