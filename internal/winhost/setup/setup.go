// Package setup says what is unusual about the Windows of a simulated host.
package setup

import "strconv"

// How the module BitsTransfer can be.
const (
	ModuleMissing = "missing" // the folder of the module is not there
	ModuleBroken  = "broken"  // its manifest can't be read
)

// Windows is what administrators and accidents have made of a host. The zero value is a Windows as it was installed.
type Windows struct {
	LanguageMode  string // of PowerShell: "ConstrainedLanguage" where AppLocker or WDAC restrict it; "" means FullLanguage
	MachinePolicy string // execution policy by group policy: AllSigned and Restricted refuse a module that is a script
	Module        string // ModuleMissing, ModuleBroken, or ""
	NoAssembly    bool   // the assembly of the cmdlets can't be loaded, either
	Process32     bool   // PowerShell is a 32-bit process
	Noisy         bool   // profiles and products write to stdout and stderr
}

// RefusesScripts reports whether the policy keeps PowerShell from loading a module that is a script, whatever
// -ExecutionPolicy says. Source: about_Execution_Policies, learn.microsoft.com.
func (w Windows) RefusesScripts() bool {
	return w.MachinePolicy == "AllSigned" || w.MachinePolicy == "Restricted"
}

// Environment tells a real PowerShell's stand-ins of Windows.
func (w Windows) Environment() []string {
	list := []string{
		"WINHOST_POLICY=" + w.MachinePolicy, "WINHOST_MODULE_STATE=" + w.Module,
		"WINHOST_NO_ASSEMBLY=" + strconv.FormatBool(w.NoAssembly), "WINHOST_32=" + strconv.FormatBool(w.Process32),
		"WINHOST_NOISY=" + strconv.FormatBool(w.Noisy),
	}
	if w.LanguageMode != "" {
		list = append(list, "PSHOST_LANGUAGE_MODE="+w.LanguageMode)
	}
	return list
}
