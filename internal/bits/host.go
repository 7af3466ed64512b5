// SPDX-License-Identifier: MPL-2.0

package bits

import "time"

// HostQuery is what is asked of a host beside what it always reports.
type HostQuery struct {
	Drive   string // whose free space is wanted, such as C:; "": none
	Account string // DOMAIN\name of an account that may be logged on; "": none
}

// Host is what a Windows host reports of itself at one moment, to the account that logs on.
type Host struct {
	Computer     string              // NetBIOS name
	OS           string              // version, such as 10.0.20348.0
	PowerShell   string              // version, such as 5.1.20348.1
	Module       string              // version of BitsTransfer; "" when it can't be loaded
	LanguageMode string              // of PowerShell
	Policies     map[string]string   // execution policies of PowerShell, by scope
	Is64Bit      bool                // PowerShell runs as a process of 64 bits
	Account      Owner               // who logs on
	Elevated     bool                // with a full administrator's token
	AllUsers     bool                // every user's jobs are visible to the account
	Parameters   map[string][]string // of the cmdlets that make and change jobs

	Now          time.Time         // the host's clock
	ClockOffset  time.Duration     // how far the host's clock is ahead of this machine's, in whole seconds
	ServiceState string            // of BITS: running, stopped, start_pending and so on; "" when it is not known
	ServiceStart string            // automatic, automatic_delayed, manual or disabled; "" when it is not known
	Limits       map[string]uint32 // policies of BITS that are configured; nil when they can't be read
	Costs        map[string]uint32 // its policies for networks that cost something, as Limits
	FreeBytes    *uint64           // of the drive that was asked for; nil: none was, or it is not there

	LoggedOn *bool // whether the account that was asked for has an interactive session; nil: none was, or that can't be read

	SystemProxy  *ProxySettings // of LocalSystem; nil when they can't be read
	WinHTTPProxy *ProxySettings // of WinHTTP; nil when they can't be read
}

// ProxySettings are proxy settings of an account, or of WinHTTP, as Windows spells them.
type ProxySettings struct {
	Proxies    string // such as proxy.corp.example:3128, or http=a:80;https=b:80; "": none is set
	Bypass     string // hosts that are reached without it, such as <local>;*.corp.example
	ScriptURL  string // of an automatic configuration script; "": none is set
	AutoDetect bool   // the network is asked for a script (WPAD)
}
