// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// stepImport is the step of an operation at which PowerShell loads the cmdlets of BITS.
const stepImport = "import"

const repairWindows = "DISM /Online /Cleanup-Image /RestoreHealth, then sfc /scannow."

// explainModule returns why a PowerShell that works has no cmdlets of BITS. Other errors stay as they are: the code of one
// shows that the service is stopped or disabled.
func (h *Host) explainModule(err error) error {
	var refused *bits.Error
	if !errors.As(err, &refused) || refused.Step != stepImport {
		return err
	}
	h.mu.Lock()
	var hello agent.Hello
	if h.hello != nil {
		hello = *h.hello
	}
	h.mu.Unlock()
	e := &connection.Error{Kind: connection.NoAgent, Host: h.settings.Address(), Err: err}
	scope, policy := strictPolicy(hello.Policies)
	switch {
	case policy != "":
		e.Problem = fmt.Sprintf("PowerShell on the host can't load the module BitsTransfer: group policy (%s) sets the execution policy %s, "+
			"which the provider can't override.", scope, policy)
		e.Remedy = "Set the group policy Turn on Script Execution of the host to Allow local scripts and remote signed scripts (RemoteSigned)."
	case strings.HasPrefix(refused.FQEID, "Modules_ModuleNotFound"):
		e.Problem = "the host has no module BitsTransfer, which is a part of Windows."
		e.Remedy = "It was removed from the Windows image, or deleted. Repair Windows on the host: run " + repairWindows
	default:
		e.Problem = fmt.Sprintf("the module BitsTransfer of the host can't be loaded%s", quotedText(refused.Text))
		e.Remedy = "On the host, try Import-Module BitsTransfer. If its files are damaged, repair Windows: run " + repairWindows
	}
	if hello.OS64 && !hello.Process64 {
		e.Remedy += " PowerShell on the host is a 32-bit process of 64-bit Windows, with its own modules below SysWOW64: " +
			"the 64-bit PowerShell is required."
	}
	return e
}

// quotedText ends a sentence with the host's own words, in its language.
func quotedText(text string) string {
	if text = bits.Quotable(text); text == "" {
		return "."
	}
	return fmt.Sprintf(": %q.", strings.TrimSuffix(text, "."))
}

// strictPolicy is the execution policy that a group policy sets and that refuses a module that is a script.
// Source: about_Execution_Policies, learn.microsoft.com: MachinePolicy goes before UserPolicy, and both before Process.
func strictPolicy(policies map[string]string) (scope, policy string) {
	for _, scope := range []string{"MachinePolicy", "UserPolicy"} {
		switch p := policies[scope]; p {
		case "AllSigned", "Restricted":
			return scope, p
		case "", "Undefined":
		default:
			return "", ""
		}
	}
	return "", ""
}
