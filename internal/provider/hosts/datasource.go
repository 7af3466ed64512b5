package hosts

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// DataSource is embedded by every data source.
type DataSource struct {
	connections *Connections // nil until the provider is configured
}

// Configure keeps the connections of the provider.
func (s *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.connections, _ = req.ProviderData.(*Connections)
}

// Open returns a host. Terraform defers a data source whose own values are not known yet, but not one whose provider's are not.
func (s *DataSource) Open(host types.String) (Host, diag.Diagnostics) {
	to, diags := s.connections.Open(host)
	if len(s.connections.UnknownFor(host)) > 0 {
		diags = diag.Diagnostics{report.Problem(path.Empty(), report.UnknownConnectionSettings,
			"%s A data source with depends_on is read after what is named there was applied.", diags[0].Detail())}
	}
	return to, diags
}

// DataSourceAttribute is the attribute host of a data source.
func DataSourceAttribute() schema.Attribute {
	host := attrs.OptionalText("Host to ask: a name or an address, such as `web01.corp.example`, optionally with a port "+
		"(`web01.corp.example:5986`, `[2001:db8::1]:5986`). Default: the provider's `host`.", attrs.Host)
	host.Computed = true
	return host
}
