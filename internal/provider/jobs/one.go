// SPDX-License-Identifier: MPL-2.0

package jobs

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var (
	_ datasource.DataSourceWithConfigure      = &jobSource{}
	_ datasource.DataSourceWithValidateConfig = &jobSource{}
)

// jobSource is bits_job.
type jobSource struct{ hosts.DataSource }

// NewJobDataSource returns the data source of one job.
func NewJobDataSource() datasource.DataSource { return &jobSource{} }

func (*jobSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

func (*jobSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = jobSchema()
}

// columnsOfOne are the attributes of one job. A rate needs the host's clock, which only a list has.
func columnsOfOne() map[string]job.Listed {
	all := columns(time.Time{})
	delete(all, "rate")
	return all
}

func jobSchema() schema.Schema {
	attributes := map[string]schema.Attribute{}
	for name, c := range columnsOfOne() {
		attributes[name] = c.Attribute
	}
	attributes["host"] = hosts.DataSourceAttribute()
	attributes["id"] = optionalComputed(attrs.NamesIDText, attrs.JobID)
	attributes["display_name"] = optionalComputed(attrs.NamesNameText+" the read fails and lists their ids.", attrs.JobName)
	return schema.Schema{
		MarkdownDescription: "One unfinished BITS job of a Windows host, whether Terraform or another program created it.\n\nThe read " +
			"fails if BITS lists no such job, or several with the name: use `bits_jobs` for a job that may have ended.",
		Attributes: attributes,
	}
}

func optionalComputed(description string, valid attrs.TextValidator) schema.StringAttribute {
	attribute := attrs.OptionalText(description, valid)
	attribute.Computed = true
	return attribute
}

// ValidateConfig checks what concerns more than one attribute.
func (*jobSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	_, diags := hosts.ReadNamed(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// Read reads the job. That there is none is an error: everything of the result would be null.
func (s *jobSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	named, diags := hosts.ReadNamed(ctx, req.Config) // checks what was unknown when the configuration was validated
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	to, opened := s.Open(named.Host, req, resp)
	if !opened {
		return
	}
	op := report.Operation{Verb: "read", Job: named.JobID(), Host: to.Name, At: path.Root("id")}
	if named.ID.IsNull() {
		op.Verb, op.DisplayName, op.At = "find", named.DisplayName.ValueString(), path.Root("display_name")
	}
	found, err := to.Find(ctx, named)
	if err == nil {
		resp.Diagnostics.Append(resp.State.Set(ctx, oneJob(ctx, to.Name, named, &found))...)
		return
	}
	failure, goesOn := s.ReadFailed(ctx, op, "All computed attributes of the job are null", err)
	resp.Diagnostics.Append(failure)
	if goesOn {
		resp.Diagnostics.Append(resp.State.Set(ctx, oneJob(ctx, to.Name, named, nil))...)
	}
}

// oneJob is the data source's state: that of a job, or of none where the host was not reached. What is configured stays as it is spelled.
func oneJob(ctx context.Context, host string, named hosts.Named, found *bits.Job) types.Object {
	columns := columnsOfOne()
	values, valueTypes := map[string]attr.Value{"host": types.StringValue(host)}, map[string]attr.Type{"host": types.StringType}
	for name, c := range columns {
		valueTypes[name] = c.Attribute.GetType()
		if values[name] = null(ctx, c.Attribute); found != nil {
			values[name] = c.Value(*found)
		}
	}
	for name, configured := range map[string]types.String{"id": named.ID, "display_name": named.DisplayName} {
		if !configured.IsNull() {
			values[name] = configured
		}
	}
	return types.ObjectValueMust(valueTypes, values)
}
