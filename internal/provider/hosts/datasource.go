package hosts

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// DataSource is what every data source has.
type DataSource struct {
	connections *Connections // nil until the provider is configured
}

func (s *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	var diags diag.Diagnostics
	s.connections, diags = FromProviderData(req.ProviderData)
	resp.Diagnostics.Append(diags...)
}

// Open gives the jobs of a host. Terraform puts a data source off whose own values are not known yet, but not one
// whose provider's are not.
func (s *DataSource) Open(host types.String) (Host, diag.Diagnostics) {
	to, diags := s.connections.Open(host)
	if len(s.connections.UnknownFor(host)) > 0 {
		diags = diag.Diagnostics{diag.NewErrorDiagnostic(diags[0].Summary(), diags[0].Detail()+
			" A data source with depends_on is read after what is named there was applied.")}
	}
	return to, diags
}
