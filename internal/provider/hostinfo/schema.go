package hostinfo

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

func hostSchema() schema.Schema {
	attributes := serviceAttributes()
	for name, attribute := range powerShellAttributes() {
		attributes[name] = attribute
	}
	attributes["host"] = hosts.DataSourceAttribute()
	attributes["drive"] = attrs.OptionalText("Drive whose free space `free_bytes` tells: a letter and a colon, such as `C:`. Default: "+
		"none.", validDrive)
	attributes["free_bytes"] = attrs.ComputedInt64("Free space of `drive`, in bytes, as far as quotas let the account that asks use it: the " +
		"one that logs on, or LocalSystem once a run with `run_as = \"system\"` has changed something on the host. Null without `drive`, and " +
		"where the host has no such drive or no medium is in it.")
	return schema.Schema{
		MarkdownDescription: "What a Windows host is like, as far as it matters to BITS: versions, what the account may do, the service, its " +
			"policies, and free space.\n\n" +
			"The read changes nothing on the host, registers no scheduled task, and does not need the service to run. What the host does " +
			"not tell, or the account may not look at, is null and no error: only a host that can't be reached is one.",
		Attributes: attributes,
	}
}

// serviceAttributes are about the host and its BITS service.
func serviceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"computer_name": attrs.ComputedString("NetBIOS name of the host, which is the domain of its local accounts."),
		"os_version":    attrs.ComputedString("Version of Windows as .NET tells it, such as `10.0.20348.0` (Windows Server 2022)."),
		"time": attrs.ComputedTime("The host's clock at the read, RFC 3339 in UTC. It differs at every read: a resource whose configuration " +
			"uses it shows a difference at every plan."),
		"service_state": attrs.ComputedString("State of the service BITS: `running`, `stopped`, `paused`, `start_pending`, `stop_pending`, " +
			"`pause_pending` or `continue_pending`. A stopped service is started by the first call, unless it is disabled. Null when there is " +
			"none, or the account may not ask."),
		"service_start_type": attrs.ComputedString("How the service BITS starts: `automatic`, `automatic_delayed`, `manual` or `disabled`. " +
			"BITS switches by itself between `automatic_delayed`, while it has jobs, and `manual`. Null when there is no such service."),
		"policies": schema.MapAttribute{
			Computed:    true,
			ElementType: types.Int64Type,
			MarkdownDescription: "Policies and limits of BITS that are configured on the host, by their names in the registry " +
				"(`HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\BITS`), such as `MaxJobsPerUser`, `MaxJobsPerMachine`, `MaxFilesPerJob`, " +
				"`MaxDownloadTime` and `JobInactivityTimeout`. A name that is missing is not configured, and BITS' default holds: " +
				"60, 300 and 200 for the first three, from which administrators and LocalSystem are exempt. Units are those of the " +
				"policy, often seconds. Null when the account may not read them.",
		},
		"account": attrs.ComputedObject("Account that logs on to the host.", map[string]schema.Attribute{
			"sid":  attrs.ComputedString("Security identifier of the account; null when the host could not tell it."),
			"name": attrs.ComputedString("`DOMAIN\\name` of the account; null when the host could not tell it."),
		}),
		"elevated": attrs.ComputedBool("Whether the account logs on as a member of Administrators with a full token, which `run_as = " +
			"\"system\"` needs."),
		"all_users": attrs.ComputedBool("Whether the account sees the jobs of every user (`Get-BitsTransfer -AllUsers`). `false` also while " +
			"BITS can't be asked, such as a disabled service."),
	}
}

// powerShellAttributes are about the PowerShell that the provider uses.
func powerShellAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"powershell_version": attrs.ComputedString("Version of Windows PowerShell, such as `5.1.20348.1`."),
		"module_version":     attrs.ComputedString("Version of the module BitsTransfer, such as `2.0.0.0`; null when it can't be loaded."),
		"language_mode": attrs.ComputedString("Language mode of PowerShell, which is `FullLanguage`: a host that allows less can't be " +
			"used, which is an error."),
		"execution_policies": schema.MapAttribute{
			Computed:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Execution policies of PowerShell, from scope (`MachinePolicy`, `UserPolicy`, `Process`, `CurrentUser`, " +
				"`LocalMachine`) to policy (`Undefined`, `RemoteSigned` and so on). That of `Process` is the provider's own `Bypass`. Empty when " +
				"PowerShell does not tell them.",
		},
		"is_64_bit": attrs.ComputedBool("Whether the PowerShell that serves this provider is a process of 64 bits."),
		"supported_parameters": schema.MapAttribute{
			Computed:    true,
			ElementType: types.SetType{ElemType: types.StringType},
			MarkdownDescription: "Parameters of the host's cmdlets, from `Start-BitsTransfer` and `Set-BitsTransfer` to the set of their names, " +
				"without the common ones such as `Verbose`: which settings of a job the host's Windows knows. Empty when the module can't be loaded.",
		},
	}
}
