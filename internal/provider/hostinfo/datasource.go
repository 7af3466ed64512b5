// Package hostinfo is the data source bits_host.
package hostinfo

import (
	"context"
	"errors"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
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
	FreeBytes           types.Int64         `tfsdk:"free_bytes"`
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
	to, diags := s.Open(m.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	host, err := to.Describe(ctx, m.Drive.ValueString())
	if err != nil {
		resp.Diagnostics.Append(report.Error(ctx, report.Operation{Verb: "look at", Object: "BITS", Host: to.Name, At: path.Empty()}, err))
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
	if h.Limits != nil {
		m.Policies = map[string]int64{}
	}
	for name, n := range h.Limits {
		m.Policies[name] = int64(n)
	}
}

var validDrive = attrs.Text("a drive, such as C:", report.InvalidDrive, func(s string) error {
	if !driveForm.MatchString(s) {
		return errors.New("a drive is a letter and a colon, such as C:, without a path behind it")
	}
	return nil
})

var driveForm = regexp.MustCompile(`\A[A-Za-z]:\z`)
