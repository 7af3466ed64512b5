// SPDX-License-Identifier: MPL-2.0

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

// Open returns a host to read from, or reports why there is nothing to read. Terraform defers a data source whose own values are not known
// yet, but not one whose provider's are not: that is done here, where Terraform allows it.
func (s *DataSource) Open(host types.String, req datasource.ReadRequest, resp *datasource.ReadResponse) (to Host, opened bool) {
	unknown := len(s.connections.UnknownFor(host)) > 0
	if unknown && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &datasource.Deferred{Reason: datasource.DeferredReasonProviderConfigUnknown}
		return to, false
	}
	to, diags := s.connections.Open(host)
	if unknown {
		diags = diag.Diagnostics{report.Problem(path.Empty(), report.UnknownConnectionSettings,
			"%s With depends_on, a data source is read after those resources are applied.", diags[0].Detail())}
	}
	resp.Diagnostics.Append(diags...)
	return to, !diags.HasError()
}

// DataSourceAttribute is the attribute host of a data source.
func DataSourceAttribute() schema.Attribute {
	host := attrs.OptionalText("Host to ask: "+attrs.HostForms, attrs.Host)
	host.Computed = true
	return host
}
