package standin

import (
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// moduleVersion is the version of BitsTransfer since Windows Server 2016.
const moduleVersion = "2.0.0.0"

// hello says who and what is there.
func (o operations) hello(allUsers bool) agent.Hello {
	return agent.Hello{
		Protocol:     agent.Protocol,
		Computer:     o.host.Computer,
		OS:           o.host.OS,
		PowerShell:   o.host.PowerShell,
		Module:       moduleVersion,
		LanguageMode: "FullLanguage",
		Policies: map[string]string{
			"MachinePolicy": "Undefined", "UserPolicy": "Undefined", "Process": "Bypass",
			"CurrentUser": "Undefined", "LocalMachine": "RemoteSigned",
		},
		Process64: true,
		Account:   o.caller.Account,
		SID:       o.caller.SID,
		Elevated:  o.caller.Elevated,
		AllUsers:  allUsers,
		Parameters: map[string][]string{
			"Start-BitsTransfer": o.host.parameters(startParameters),
			"Set-BitsTransfer":   o.host.parameters(setParameters),
		},
		Now: stamp(o.host.Clock.Now()),
	}
}

// The parameters of Windows Server 2022, without the common ones.
// Source: BitsTransfer module, learn.microsoft.com/powershell.
var (
	startParameters = []string{
		"ACLFlags", "Asynchronous", "Authentication", "CertHash", "CertStoreLocation", "CertStoreName", "Credential",
		"CustomHeaders", "CustomHeadersWriteOnly", "Description", "Destination", "DisplayName", "Dynamic", "HttpMethod",
		"MaxDownloadTime", "NotifyCmdLine", "NotifyFlags", "Priority", "ProxyAuthentication", "ProxyBypass",
		"ProxyCredential", "ProxyList", "ProxyUsage", "RetryInterval", "RetryTimeout", "SecurityFlags", "Source",
		"Suspended", "TransferPolicy", "TransferType", "UseStoredCredential",
	}
	setParameters = []string{
		"ACLFlags", "Authentication", "BitsJob", "CertHash", "CertStoreLocation", "CertStoreName", "Credential",
		"CustomHeaders", "CustomHeadersWriteOnly", "Description", "DisplayName", "Dynamic", "HttpMethod",
		"MaxDownloadTime", "NotifyCmdLine", "NotifyFlags", "Priority", "ProxyAuthentication", "ProxyBypass",
		"ProxyCredential", "ProxyList", "ProxyUsage", "RetryInterval", "RetryTimeout", "SecurityFlags",
		"SetOwnerToCurrentUser", "TransferPolicy", "UseStoredCredential",
	}
)
