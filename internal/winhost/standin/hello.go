package standin

import (
	"cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// moduleVersion is the version of BitsTransfer since Windows Server 2016.
const moduleVersion = "2.0.0.0"

// hello says who and what is there.
func (b *batch) hello(o operations) agent.Hello {
	hello := agent.Hello{
		Protocol:     agent.Protocol,
		Computer:     o.host.Computer,
		OS:           o.host.OS,
		PowerShell:   o.host.PowerShell,
		LanguageMode: fullLanguage,
		Policies: map[string]string{
			"MachinePolicy": cmp.Or(o.host.Setup.MachinePolicy, "Undefined"), "UserPolicy": "Undefined", "Process": "Bypass",
			"CurrentUser": "Undefined", "LocalMachine": "RemoteSigned",
		},
		Process64:  !o.host.Setup.Process32,
		OS64:       true,
		Account:    o.caller.Account,
		SID:        o.caller.SID,
		Elevated:   o.caller.Elevated,
		Parameters: map[string][]string{},
		Now:        stamp(o.host.Clock.Now()),
	}
	if bad := o.host.importModule(); bad != nil {
		hello.Problem = bad.answer(stepImport)
		return hello
	}
	hello.Module = moduleVersion
	hello.Parameters["Start-BitsTransfer"] = o.host.parameters(startParameters)
	hello.Parameters["Set-BitsTransfer"] = o.host.parameters(setParameters)
	if hello.AllUsers = b.seesAll(o.module); !hello.AllUsers {
		if _, bad := o.module.list(false); bad != nil {
			hello.Problem = bad.answer(stepRead)
		}
	}
	return hello
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
