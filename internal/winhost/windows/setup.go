// SPDX-License-Identifier: MPL-2.0

// Package windows is what processes on the simulated host see of Windows: how it is set up, named pipes, the Task Scheduler, and
// PowerShell's encoded commands.
package windows

import "strconv"

// How the module BitsTransfer can be.
const (
	ModuleMissing = "missing" // the folder of the module is not there
	ModuleBroken  = "broken"  // its manifest can't be read
)

// Setup is what administrators and accidents have made of a host. The zero value is a Windows as it was installed.
type Setup struct {
	LanguageMode  string // of PowerShell: "ConstrainedLanguage" where AppLocker or WDAC restrict it; "" means FullLanguage
	MachinePolicy string // execution policy by group policy: AllSigned and Restricted refuse a module that is a script
	Module        string // ModuleMissing, ModuleBroken, or ""
	NoUtility     bool   // PowerShell's own module Microsoft.PowerShell.Utility can't be loaded: its cmdlets are missing
	NoAssembly    bool   // the assembly of the cmdlets can't be loaded, either
	Process32     bool   // PowerShell is a 32-bit process
	Noisy         bool   // profiles and products write to stdout and stderr

	Odd *Oddities // what can change while the host runs; nil: nothing is odd
}

// RefusesScripts reports whether the policy keeps PowerShell from loading a module that is a script, whatever
// -ExecutionPolicy is. Source: about_Execution_Policies, learn.microsoft.com.
func (w Setup) RefusesScripts() bool {
	return w.MachinePolicy == "AllSigned" || w.MachinePolicy == "Restricted"
}

// Environment passes the setup to a real PowerShell's stand-ins of Windows.
func (w Setup) Environment() []string {
	return []string{
		"WINHOST_POLICY=" + w.MachinePolicy, "WINHOST_MODULE_STATE=" + w.Module,
		"WINHOST_NO_ASSEMBLY=" + strconv.FormatBool(w.NoAssembly), "WINHOST_32=" + strconv.FormatBool(w.Process32),
		"WINHOST_NO_UTILITY=" + strconv.FormatBool(w.NoUtility),
		"WINHOST_NOISY=" + strconv.FormatBool(w.Noisy),
	}
}
