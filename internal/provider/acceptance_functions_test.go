// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// TestFunctions calls each function from a configuration. Numbers are passed as such, and unknown values are waited for.
func TestFunctions(t *testing.T) {
	needCLI(t)
	t.Parallel()
	provider := newAttachedProvider(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"bits": func() (tfprotov6.ProviderServer, error) { return provider, nil },
		},
		Steps: []resource.TestStep{
			{
				Config:      `output "path" { value = provider::bits::windows_path("C:/t", "nul.txt") }`,
				ExpectError: regexp.MustCompile(`(?s)"nul.txt",\s+which\s+is\s+a\s+device\s+name`),
			},
			{
				Config:      `output "url" { value = provider::bits::url_path("a", "") }`,
				ExpectError: regexp.MustCompile(`(?s)Invalid function argument.*part\s+of\s+the\s+path\s+is\s+empty`),
			},
			{
				Config: `
resource "terraform_data" "late" {
  input = "C:/t"
}

output "path" {
  value = provider::bits::windows_path(terraform_data.late.output, "p.cab")
}

output "url" {
  value = provider::bits::url_path("a b", "c")
}

output "codes" {
  value = [for code in [2149580802, -2145386494, "0x80200002"] : provider::bits::hresult(code).name]
}

output "unknown" {
  value = provider::bits::hresult("0x8013FFFF")
}
`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("path", knownvalue.StringExact(`C:\t\p.cab`)),
					statecheck.ExpectKnownOutputValue("url", knownvalue.StringExact("a%20b/c")),
					statecheck.ExpectKnownOutputValue("codes", knownvalue.ListExact([]knownvalue.Check{
						knownvalue.StringExact("BG_E_INVALID_STATE"), knownvalue.StringExact("BG_E_INVALID_STATE"), knownvalue.StringExact("BG_E_INVALID_STATE"),
					})),
					statecheck.ExpectKnownOutputValueAtPath("unknown", tfjsonpath.New("name"), knownvalue.Null()),
					statecheck.ExpectKnownOutputValueAtPath("unknown", tfjsonpath.New("code"), knownvalue.StringExact("0x8013FFFF")),
				},
			},
		},
	})
}
