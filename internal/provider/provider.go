// Package provider is what Terraform and OpenTofu see: the provider's configuration, the resource bits_job with
// its plans, the data sources, and the words in which failures are told. It speaks of BITS in the terms of package bits and reaches
// hosts through Jobs only.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ provider.Provider                   = &bitsProvider{}
	_ provider.ProviderWithValidateConfig = &bitsProvider{}
)

type bitsProvider struct {
	version string
	hosts   Hosts
	env     func(string) string
	pace    pace
}

// New gives the provider its version and the door to its hosts.
func New(version string, hosts Hosts) func() provider.Provider {
	return func() provider.Provider {
		return &bitsProvider{version: version, hosts: hosts, env: os.Getenv, pace: steadyPace()}
	}
}

func (p *bitsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "bits"
	resp.Version = p.version
}

func (p *bitsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *bitsProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(ctx)...)
}

// Configure dials nothing and accepts unknown values: hosts are often made by the same apply. What is missing
// is told by the first resource that needs it.
func (p *bitsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resolved, diags := config.resolve(ctx, &resolver{env: p.env, files: true})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &connections{hosts: p.hosts, configuration: resolved}
	resp.ResourceData, resp.DataSourceData = c, c
}

func (p *bitsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &jobResource{pace: p.pace} },
	}
}

func (p *bitsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return &hostSource{} },
		func() datasource.DataSource { return &jobsSource{} },
	}
}
