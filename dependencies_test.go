// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestTheProviderLinksOnlyWhatItUses lists the packages that end up in the provider, and so in every bill of materials
// of it: the client of github.com/masterzen/winrm brings libraries for NTLM and Kerberos that ADRs 9 and 10 reject.
func TestTheProviderLinksOnlyWhatItUses(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := strings.Fields(string(out))
	rejected := []string{
		"github.com/Azure/go-ntlmssp", "github.com/bodgit/ntlmssp", "github.com/jcmturner", "github.com/gofrs", "github.com/tidwall",
		"github.com/hashicorp/terraform-plugin-sdk", "github.com/hashicorp/terraform-plugin-testing",
	}
	for _, name := range packages {
		if slices.ContainsFunc(rejected, func(module string) bool { return name == module || strings.HasPrefix(name, module+"/") }) {
			t.Errorf("%s is linked", name)
		}
		if strings.HasPrefix(name, "github.com/masterzen/winrm") && name != "github.com/masterzen/winrm/soap" {
			t.Errorf("%s is linked: only its package soap is used", name)
		}
	}
	if !slices.Contains(packages, "github.com/masterzen/winrm/soap") {
		t.Errorf("the list of %d packages is not that of the provider", len(packages))
	}
}
