// SPDX-License-Identifier: MPL-2.0

// Package hostinfo is the data source bits_host.
package hostinfo

import (
	"context"
	"errors"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

var _ datasource.DataSourceWithConfigure = &hostSource{}

// hostSource is bits_host.
type hostSource struct{ hosts.DataSource }

// model is bits_host as configuration and state hold it.
type model struct {
	Host                types.String        `tfsdk:"host"`
	Drive               types.String        `tfsdk:"drive"`
	ComputerName        types.String        `tfsdk:"computer_name"`
	OSVersion           types.String        `tfsdk:"os_version"`
	PowerShellVersion   types.String        `tfsdk:"powershell_version"`
	ModuleVersion       types.String        `tfsdk:"module_version"`
	LanguageMode        types.String        `tfsdk:"language_mode"`
	ExecutionPolicies   map[string]string   `tfsdk:"execution_policies"`
	Is64Bit             types.Bool          `tfsdk:"is_64_bit"`
	Account             types.Object        `tfsdk:"account"`
	Elevated            types.Bool          `tfsdk:"elevated"`
	AllUsers            types.Bool          `tfsdk:"all_users"`
	SupportedParameters map[string][]string `tfsdk:"supported_parameters"`
	Time                timetypes.RFC3339   `tfsdk:"time"`
	ServiceState        types.String        `tfsdk:"service_state"`
	ServiceStartType    types.String        `tfsdk:"service_start_type"`
	Policies            map[string]int64    `tfsdk:"policies"`
	CostPolicies        map[string]int64    `tfsdk:"cost_policies"`
	HoldingPolicies     map[string]string   `tfsdk:"holding_policies"`
	FreeBytes           types.Int64         `tfsdk:"free_bytes"`

	ClockOffset  timetypes.GoDuration `tfsdk:"clock_offset"`
	SystemProxy  *proxyModel          `tfsdk:"system_proxy"`
	WinHTTPProxy *proxyModel          `tfsdk:"winhttp_proxy"`
}

// proxyModel is proxy settings.
type proxyModel struct {
	Proxies    types.String `tfsdk:"proxies"`
	Bypass     types.String `tfsdk:"bypass"`
	ScriptURL  types.String `tfsdk:"script_url"`
	AutoDetect types.Bool   `tfsdk:"auto_detect"`
}

// proxyOf returns proxy settings, or nil where the host does not tell them.
func proxyOf(p *bits.ProxySettings) *proxyModel {
	if p == nil {
		return nil
	}
	return &proxyModel{attrs.StringOrNull(p.Proxies), attrs.StringOrNull(p.Bypass), attrs.StringOrNull(p.ScriptURL), types.BoolValue(p.AutoDetect)}
}

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return &hostSource{} }

func (*hostSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_host"
}

func (*hostSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = hostSchema()
}

// Read asks a host what it is like. It changes nothing there.
func (s *hostSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	to, opened := s.Open(m.Host, req, resp)
	if !opened {
		return
	}
	host, err := to.Describe(ctx, bits.HostQuery{Drive: m.Drive.ValueString()})
	if err != nil {
		op := report.Operation{Verb: "read the settings of", Object: "BITS", Host: to.Name, At: path.Empty()}
		failure, goesOn := s.ReadFailed(ctx, op, "All computed attributes are null", err)
		resp.Diagnostics.Append(failure)
		if goesOn {
			m.Host = types.StringValue(to.Name)
			resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
		}
		return
	}
	m.Host = types.StringValue(to.Name)
	m.set(host)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// set takes over what a host is like.
func (m *model) set(h bits.Host) {
	m.ComputerName, m.OSVersion = attrs.StringOrNull(h.Computer), attrs.StringOrNull(h.OS)
	m.PowerShellVersion, m.ModuleVersion = attrs.StringOrNull(h.PowerShell), attrs.StringOrNull(h.Module)
	m.LanguageMode, m.ExecutionPolicies, m.Is64Bit = attrs.StringOrNull(h.LanguageMode), h.Policies, types.BoolValue(h.Is64Bit)
	m.Account = attrs.Owner(h.Account, types.ObjectNull(attrs.OwnerTypes))
	m.Elevated, m.AllUsers, m.SupportedParameters = types.BoolValue(h.Elevated), types.BoolValue(h.AllUsers), h.Parameters
	m.Time = timetypes.NewRFC3339TimeValue(h.Now.UTC())
	m.ServiceState, m.ServiceStartType, m.FreeBytes = attrs.StringOrNull(h.ServiceState), attrs.StringOrNull(h.ServiceStart), attrs.SizeOrNull(h.FreeBytes)
	m.Policies, m.CostPolicies = numbers(h.Limits), numbers(h.Costs)
	if h.Limits != nil || h.Costs != nil {
		m.HoldingPolicies = trouble.HoldingPolicies(h)
	}
	m.ClockOffset = timetypes.NewGoDurationValue(h.ClockOffset)
	m.SystemProxy, m.WinHTTPProxy = proxyOf(h.SystemProxy), proxyOf(h.WinHTTPProxy)
}

// numbers returns policies as an attribute holds them.
func numbers(policies map[string]uint32) map[string]int64 {
	if policies == nil {
		return nil
	}
	all := map[string]int64{}
	for name, n := range policies {
		all[name] = int64(n)
	}
	return all
}

var validDrive = attrs.Text("a drive, such as C:", report.InvalidDrive, func(s string) error {
	if !driveForm.MatchString(s) {
		return errors.New("a drive is a letter and a colon, such as C:, without a path")
	}
	return nil
})

var driveForm = regexp.MustCompile(`\A[A-Za-z]:\z`)

func hostSchema() schema.Schema {
	attributes := serviceAttributes()
	maps.Copy(attributes, powerShellAttributes())
	maps.Copy(attributes, transferAttributes())
	attributes["host"] = hosts.DataSourceAttribute()
	attributes["drive"] = attrs.OptionalText("Drive for `free_bytes`, such as `C:`. Default: none.", validDrive)
	attributes["free_bytes"] = attrs.ComputedInt64("Free bytes of `drive`, within the quota of the account that reads it: the one " +
		"that logs on, or LocalSystem after a change in the same run. Null if the drive does not exist or has no medium.")
	return schema.Schema{
		MarkdownDescription: "Facts about a Windows host that matter to BITS: versions, the account's rights, the service, policies, proxies, " +
			"the clock and free space.\n\nReading changes nothing on the host and registers no scheduled task. A fact that the host does not " +
			"report, or that the account may not read, is null.",
		Attributes: attributes,
	}
}

// transferAttributes are about what moves, slows or holds jobs.
func transferAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"policies": schema.MapAttribute{
			Computed:    true,
			ElementType: types.Int64Type,
			MarkdownDescription: "BITS policies that are set, by registry name (`HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\BITS`). Defaults: " +
				"`MaxJobsPerUser` 60, `MaxJobsPerMachine` 300 and `MaxFilesPerJob` 200; administrators and LocalSystem are exempt. " +
				"`MaxDownloadTime` is in seconds, `JobInactivityTimeout` in days.",
		},
		"cost_policies": schema.MapAttribute{
			Computed:    true,
			ElementType: types.Int64Type,
			MarkdownDescription: "BITS policies for metered networks, by registry name (`...\\BITS\\TransferPolicy`), for jobs " +
				"without `transfer_policy`.",
		},
		"holding_policies": schema.MapAttribute{
			Computed:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Those of `policies` and `cost_policies` that can hold or slow jobs, with their effect. `priority = " +
				"\"foreground\"` is exempt from bandwidth policies.",
		},
		"system_proxy": proxyAttribute("Proxy settings of LocalSystem, for its jobs without `proxy`. `bitsadmin /util /setieproxy " +
			"localsystem MANUAL_PROXY proxy.corp.example:3128 NULL` sets them."),
		"winhttp_proxy": proxyAttribute("Proxy settings of WinHTTP (`netsh winhttp set proxy`). Microsoft's documentation is " +
			"inconsistent about whether jobs of LocalSystem use them."),
	}
}

func proxyAttribute(description string) schema.Attribute {
	return attrs.ComputedObject(description, map[string]schema.Attribute{
		"proxies":     attrs.ComputedString("Proxies, such as `proxy.corp.example:3128` or `http=a:80;https=b:80`, or null."),
		"bypass":      attrs.ComputedString("Hosts that bypass the proxy, such as `<local>;*.corp.example`, or null."),
		"script_url":  attrs.ComputedString("URL of a configuration script (PAC), or null."),
		"auto_detect": attrs.ComputedBool("Whether Windows searches the network for a script (WPAD)."),
	})
}

// serviceAttributes are about the host and its BITS service.
func serviceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"computer_name": attrs.ComputedString("NetBIOS name of the host, the domain of its local accounts."),
		"os_version":    attrs.ComputedString("Version of Windows, such as `10.0.20348.0` (Windows Server 2022)."),
		"time":          attrs.ComputedTime("The host's clock (RFC 3339, UTC). It differs at every read, and so does a resource that uses it."),
		"clock_offset": attrs.ComputedDuration("How far the host's clock is ahead of this machine's, in whole seconds, such as " +
			"`-1m30s`. With a wrong clock, signed URLs and certificates fail."),
		"service_state": attrs.ComputedString("State of the BITS service: `running`, `stopped`, `paused`, `start_pending`, `stop_pending`, " +
			"`pause_pending` or `continue_pending`. The first call starts a stopped service, unless it is disabled."),
		"service_start_type": attrs.ComputedString("`automatic`, `automatic_delayed`, `manual` or `disabled`. BITS itself switches between " +
			"`automatic_delayed`, while it has jobs, and `manual`."),
		"account":  attrs.ComputedTexts("Account that logs on to the host.", attrs.OwnerParts),
		"elevated": attrs.ComputedBool("Whether the account has an administrator's full token, which `run_as = \"system\"` requires."),
		"all_users": attrs.ComputedBool("Whether the account sees the jobs of all users (`Get-BitsTransfer -AllUsers`); also `false` " +
			"if BITS does not respond, such as when its service is disabled."),
	}
}

// powerShellAttributes are about the PowerShell that the provider uses.
func powerShellAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"powershell_version": attrs.ComputedString("Version of Windows PowerShell, such as `5.1.20348.1`."),
		"module_version":     attrs.ComputedString("Version of the BitsTransfer module, such as `2.0.0.0`; null if it can't be loaded."),
		"language_mode":      attrs.ComputedString("Language mode of PowerShell, always `FullLanguage`: any other is an error."),
		"execution_policies": schema.MapAttribute{
			Computed:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Execution policies by scope; `Process` is the provider's own `Bypass`.",
		},
		"is_64_bit": attrs.ComputedBool("Whether the provider's PowerShell is a 64-bit process."),
		"supported_parameters": schema.MapAttribute{
			Computed:    true,
			ElementType: types.SetType{ElemType: types.StringType},
			MarkdownDescription: "Parameters of `Start-BitsTransfer` and `Set-BitsTransfer`, by cmdlet: the job settings that the " +
				"host supports. Empty if the module can't be loaded.",
		},
	}
}
