// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// jobNotFound is BG_E_NOT_FOUND.
const jobNotFound bits.HResult = 0x80200001

// failed is an error of the protocol, but for what the operation adds to it.
type failed struct{ answer agent.Error }

func (f *failed) Error() string { return f.answer.Text }

func notFound(text string) error {
	return &failed{answer: agent.Error{Code: string(bits.CodeNotFound), Text: text}}
}

// resultOf is the HRESULT of a refusal by BITS, 0 where there is none.
func resultOf(err error) bits.HResult {
	var refusal *bits.Error
	if errors.As(err, &refusal) {
		return refusal.HResult
	}
	return 0
}

// failure is the error that an operation is answered with.
func (o *operation) failure(err error) *agent.Error {
	e := agent.Error{Code: string(bits.CodeRefused), Text: err.Error(), HResult: hex(resultOf(err))}
	var own *failed
	var refusal *bits.Error
	switch {
	case errors.As(err, &own):
		e = own.answer
	case errors.As(err, &refusal):
		e.Text = fmt.Sprintf("%s (Exception from HRESULT: %s)", refusal.Text, refusal.HResult.Hex())
	}
	e.Text = o.secrets.hide(e.Text)
	e.Step, e.File, e.Done, e.Left = cmp.Or(e.Step, o.step), o.file, o.done, string(o.left)
	return &e
}

// importModule is the refusal of the module BitsTransfer, or nil: where the module itself can't be loaded, the assembly
// of its cmdlets can.
func (h Host) importModule() *agent.Error {
	e := &agent.Error{Code: string(bits.CodeRefused), Step: "import"}
	switch {
	case !h.Setup.NoAssembly:
		return nil
	case h.Setup.RefusesScripts():
		e.Type = "System.Management.Automation.PSSecurityException"
		e.Text = "File BitsTransfer.psm1 cannot be loaded. For more information, see about_Execution_Policies."
	case h.Setup.Module == windows.ModuleMissing:
		e.Type, e.FQEID = "System.IO.FileNotFoundException", "Modules_ModuleNotFound,Microsoft.PowerShell.Commands.ImportModuleCommand"
		e.Text = "The specified module was not loaded because no valid module file was found in any module directory."
		e.HResult = hex(0x80070002)
	case h.Setup.Module == windows.ModuleBroken:
		e.Type = "System.MissingMemberException"
		e.Text = "The module manifest could not be processed because it is not a valid PowerShell module manifest file."
	default:
		return nil
	}
	return e
}
