// SPDX-License-Identifier: MPL-2.0

// Package provider is the provider for Terraform and OpenTofu. Each resource and data source is in a package of its own below it.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/actions"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/functions"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hostinfo"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/jobs"
)

var (
	_ provider.Provider                   = &bitsProvider{}
	_ provider.ProviderWithActions        = &bitsProvider{}
	_ provider.ProviderWithListResources  = &bitsProvider{}
	_ provider.ProviderWithValidateConfig = &bitsProvider{}
	_ provider.ProviderWithFunctions      = &bitsProvider{}
)

type bitsProvider struct {
	version string
	hosts   hosts.Open
	env     func(string) string
}

// New returns the provider. It reaches hosts through open.
func New(version string, open hosts.Open) func() provider.Provider {
	return func() provider.Provider {
		return &bitsProvider{version: version, hosts: open, env: os.Getenv}
	}
}

func (p *bitsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "bits"
	resp.Version = p.version
}

func (p *bitsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = hosts.Schema()
}

// ValidateConfig checks the configuration itself, without the environment.
func (p *bitsProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	resp.Diagnostics.Append(hosts.Validate(ctx, req.Config)...)
}

// Configure dials nothing and accepts unknown values: hosts are often made by the same apply. The first resource that needs
// what is missing reports it, unless Terraform can defer everything.
func (p *bitsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	c, diags := hosts.Configure(ctx, req.Config, p.env, p.hosts)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = c, c, c, c
		if req.ClientCapabilities.DeferralAllowed && c.ReachesNothing() {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
	}
}

func (*bitsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{job.NewResource}
}

// Actions returns the actions, which Terraform 1.14 and later knows.
func (*bitsProvider) Actions(context.Context) []func() action.Action { return actions.New() }

func (*bitsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{hostinfo.NewDataSource, jobs.NewDataSource, jobs.NewJobDataSource}
}

// Functions need no configuration and reach no host.
func (*bitsProvider) Functions(context.Context) []func() function.Function { return functions.All() }

func (*bitsProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{job.NewListResource}
}
