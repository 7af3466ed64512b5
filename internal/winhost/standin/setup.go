package standin

import (
	"fmt"
	"io"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	stepImport = "import"

	// importCommand ends the ids of what Import-Module refuses.
	importCommand = ",Microsoft.PowerShell.Commands.ImportModuleCommand"
)

// importModule is the refusal of the module BitsTransfer, or nil: where the module itself can't be loaded, the assembly
// of its cmdlets does as well.
func (h Host) importModule() *record {
	if !h.Setup.NoAssembly {
		return nil
	}
	switch {
	case h.Setup.RefusesScripts():
		return &record{
			exception: "System.Management.Automation.PSSecurityException", id: "UnauthorizedAccess",
			text: "File BitsTransfer.psm1 cannot be loaded. For more information, see about_Execution_Policies.",
		}
	case h.Setup.Module == windows.ModuleMissing:
		return &record{
			hresult: 0x80070002, exception: "System.IO.FileNotFoundException", id: "Modules_ModuleNotFound" + importCommand,
			text: "The specified module was not loaded because no valid module file was found in any module directory.",
		}
	case h.Setup.Module == windows.ModuleBroken:
		return &record{
			exception: "System.MissingMemberException", id: "Modules_InvalidManifest" + importCommand,
			text: "The module manifest could not be processed because it is not a valid PowerShell module manifest file.",
		}
	}
	return nil
}

// needsModule reports whether an operation makes calls of BITS.
func needsModule(op string) bool {
	switch op {
	case agent.OpHello, agent.OpBye, agent.OpStat, agent.OpHistory, agent.OpElevate:
		return false
	}
	return true
}

// refuseLanguage is what the loader says where PowerShell runs in a constrained language mode.
func (p *process) refuseLanguage() (refused bool) {
	mode := p.host.Setup.LanguageMode
	if mode == "" || mode == fullLanguage {
		return false
	}
	_, _ = fmt.Fprintf(p, "%s {\"b\":0,\"fatal\":%q,\"mode\":%q}\r\n", p.token, agent.FatalLanguageMode, mode) // the exit code says enough
	return true
}

// fullLanguage is the language mode of a PowerShell that nobody restricts.
const fullLanguage = "FullLanguage"

// noise is what profiles, products and native tools write between the lines that matter.
func (h Host) noise(stdout, stderr io.Writer) {
	if !h.Setup.Noisy {
		return
	}
	_, _ = io.WriteString(stdout, "Windows PowerShell\r\nCopyright (C) Microsoft Corporation. All rights reserved.\r\n\r\nWARNING: a profile talks\r\nPS C:\\> ")
	_, _ = io.WriteString(stderr, `#< CLIXML`+"\r\n"+`<Objs Version="1.1.0.1"><Obj S="progress" RefId="0"><MS><S>Preparing modules for first use.</S></MS></Obj></Objs>`)
}
