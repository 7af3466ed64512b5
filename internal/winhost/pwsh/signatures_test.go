// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// versions are the Windows whose modules the stand-ins are.
var versions = map[string]string{"": "winserver2022", Module2016: "winserver2016"}

// parameter is what a signature says of a parameter.
type parameter struct {
	Type         string   `json:"type"`
	Aliases      []string `json:"aliases"`
	Values       []string `json:"values"`
	Required     bool     `json:"required"`
	Position     string   `json:"position"` // "" for a named one
	Pipeline     string   `json:"pipeline"` // "", or how
	Sets         []string `json:"sets"`
	DocumentedIn []string `json:"documented_in"` // none: everywhere
}

// describe is a script that describes the cmdlets of the stand-in as the signatures do.
const describe = `
$env:PSModulePath = [IO.Path]::Combine($PSHOME, 'Modules')
Import-BitsModule
$common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
$cmdlets = @{}
foreach ($command in (Get-Command -Module BitsTransfer)) {
    $parameters = @{}
    foreach ($p in $command.Parameters.Values) {
        if ($common -contains $p.Name) { continue }
        $set = @($p.ParameterSets.Values)[0]
        $values = @(foreach ($a in $p.Attributes) { if ($a -is [Management.Automation.ValidateSetAttribute]) { $a.ValidValues } })
        $element = $p.ParameterType
        if ($element.IsEnum) { $values = [Enum]::GetNames($element) }
        $position = ''
        if ($set.Position -ge 0) { $position = [string]$set.Position }
        $pipeline = ''
        if ($set.ValueFromPipeline) { $pipeline = 'ByValue' } elseif ($set.ValueFromPipelineByPropertyName) { $pipeline = 'ByPropertyName' }
        $sets = @($p.ParameterSets.Keys | Where-Object { $_ -ne '__AllParameterSets' })
        $parameters[$p.Name] = @{
            type = $element.Name; aliases = @($p.Aliases); values = @($values); required = [bool]$set.IsMandatory
            position = $position; pipeline = $pipeline; sets = $sets
        }
    }
    $cmdlets[$command.Name] = $parameters
}
[Console]::Out.Write((ConvertTo-Json -InputObject $cmdlets -Depth 6 -Compress))
`

// The signatures are those of the cmdlets' reference pages, in the file that BITS_TEST_CMDLETS names: modules, their
// cmdlets, and of each the parameters.
func TestCmdletsHaveTheRealSignatures(t *testing.T) {
	path := os.Getenv("BITS_TEST_CMDLETS")
	if path == "" {
		t.Skip("no signatures of cmdlets: BITS_TEST_CMDLETS names a file with them")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var modules map[string]map[string]struct {
		Parameters map[string]parameter `json:"parameters"`
	}
	if err := json.Unmarshal(raw, &modules); err != nil {
		t.Fatal(err)
	}
	for module, version := range versions {
		t.Run(version, func(t *testing.T) {
			h := testHost(t)
			h.Module = module
			out, complaints, _ := runScript(t, h, describe)
			var got map[string]map[string]parameter
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%v: %.300s; stderr: %s", err, out, complaints)
			}
			for _, cmdlet := range slices.Sorted(maps.Keys(modules["BitsTransfer"])) {
				t.Run(cmdlet, func(t *testing.T) {
					for _, difference := range differences(version, modules["BitsTransfer"][cmdlet].Parameters, got[cmdlet]) {
						t.Error(difference)
					}
				})
			}
			for cmdlet := range got {
				if _, ok := modules["BitsTransfer"][cmdlet]; !ok {
					t.Errorf("the real module has no %s", cmdlet)
				}
			}
		})
	}
}

// differences tells how parameters differ from those documented for a version.
func differences(version string, want, got map[string]parameter) []string {
	var all []string
	for name, w := range want {
		if name == "WhatIf" || name == "Confirm" || len(w.DocumentedIn) > 0 && !slices.Contains(w.DocumentedIn, version) {
			continue
		}
		g, ok := got[name]
		if !ok {
			all = append(all, fmt.Sprintf("-%s is missing", name))
			continue
		}
		for what, pair := range map[string][2]string{
			"type":     {typeName(w.Type), typeName(g.Type)},
			"aliases":  {strings.Join(w.Aliases, " "), strings.Join(g.Aliases, " ")},
			"required": {fmt.Sprint(w.Required), fmt.Sprint(g.Required)},
			"position": {w.Position, g.Position},
			"pipeline": {pipeline(w.Pipeline), g.Pipeline},
			"sets":     {strings.Join(w.Sets, " "), strings.Join(g.Sets, " ")},
		} {
			if pair[0] != pair[1] {
				all = append(all, fmt.Sprintf("the %s of -%s is %q, want %q", what, name, pair[1], pair[0]))
			}
		}
		if len(w.Values) > 0 && !slices.Equal(w.Values, g.Values) {
			all = append(all, fmt.Sprintf("the values of -%s are %v, want %v", name, g.Values, w.Values))
		}
	}
	for name := range got {
		if w, ok := want[name]; !ok || len(w.DocumentedIn) > 0 && !slices.Contains(w.DocumentedIn, version) {
			all = append(all, fmt.Sprintf("-%s is not a parameter of %s", name, version))
		}
	}
	slices.Sort(all)
	return all
}

// typeName spells a type as PowerShell does; objects that stand for jobs are PSObjects here.
func typeName(name string) string {
	return strings.Replace(name, "BitsJob", "PSObject", 1)
}

// pipeline takes "ByValue" out of "True (ByValue)".
func pipeline(documented string) string {
	_, how, _ := strings.Cut(documented, "(")
	return strings.TrimSuffix(how, ")")
}
