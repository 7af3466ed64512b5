package hosts

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

type HostValidator struct{}

func (HostValidator) Description(context.Context) string {
	return "a host name or an address, optionally with a port"
}

func (v HostValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (HostValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Host", func(s string) error {
		_, _, err := connection.SplitHost(s)
		return err
	})
}

func DataSourceAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "Host to ask: a name or an address, such as `web01.corp.example`, optionally with a port " +
			"(`web01.corp.example:5986`, `[2001:db8::1]:5986`). Default: the provider's `host`.",
		Validators: []validator.String{HostValidator{}},
	}
}
