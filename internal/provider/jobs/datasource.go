// SPDX-License-Identifier: MPL-2.0

// Package jobs is the data source bits_jobs.
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
	"github.com/winrmbits/terraform-provider-bits/internal/provider/filters"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var _ datasource.DataSourceWithConfigure = &jobsSource{}

// jobsSource is bits_jobs.
type jobsSource struct{ hosts.DataSource }

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return &jobsSource{} }

func (*jobsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_jobs"
}

func (*jobsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = jobsSchema()
}

// Read lists the jobs of a host and keeps those that are asked for. That there are none is an answer like any other.
func (s *jobsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	to, opened := s.Open(m.Host, req, resp)
	if !opened {
		return
	}
	listing, err := m.List(ctx, to)
	if err != nil {
		op := report.Operation{Verb: "list", Object: "the BITS jobs", Host: to.Name, At: path.Empty()}
		failure, goesOn := s.ReadFailed(ctx, op, "The list of jobs is empty", err)
		resp.Diagnostics.Append(failure)
		if goesOn {
			m.Host, m.Jobs = types.StringValue(to.Name), m.listed(ctx, bits.Listing{})
			resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
		}
		return
	}
	m.Host, m.AllUsers = types.StringValue(to.Name), types.BoolValue(listing.AllUsers)
	resp.Diagnostics.Append(filters.NoticeUnread(path.Root("jobs"), to.Name, listing.Unread)...)
	m.Jobs = m.listed(ctx, listing)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// listed is the attribute jobs.
func (m *model) listed(ctx context.Context, listing bits.Listing) types.List {
	columns, columnTypes := columns(listing.At), map[string]attr.Type{}
	if !m.IncludeFiles.ValueBool() {
		columns["files"] = leftOut(ctx, columns["files"])
	}
	if !m.IncludeNotifyCommand.ValueBool() {
		columns["notify_command"] = leftOut(ctx, columns["notify_command"])
	}
	for name, c := range columns {
		columnTypes[name] = c.Attribute.GetType()
	}
	elements := []attr.Value{}
	for _, job := range listing.Jobs {
		values := map[string]attr.Value{}
		for name, c := range columns {
			values[name] = c.Value(job)
		}
		elements = append(elements, types.ObjectValueMust(columnTypes, values))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: columnTypes}, elements)
}

// model is bits_jobs as configuration and state hold it.
type model struct {
	Host                 types.String `tfsdk:"host"`
	IncludeFiles         types.Bool   `tfsdk:"include_files"`
	IncludeNotifyCommand types.Bool   `tfsdk:"include_notify_command"`
	Jobs                 types.List   `tfsdk:"jobs"`

	filters.Filters
}

func jobsSchema() schema.Schema {
	attributes := filters.DataSourceAttributes()
	attributes["host"] = hosts.DataSourceAttribute()
	attributes["include_files"] = schema.BoolAttribute{
		Optional: true, MarkdownDescription: "Whether to return `files`, otherwise null. Default `false`: URLs may contain " +
			"signatures, and many files make the state large.",
	}
	attributes["include_notify_command"] = schema.BoolAttribute{
		Optional: true, MarkdownDescription: "Whether to return `notify_command`, otherwise null. Default `false`: arguments may " +
			"contain secrets.",
	}
	listed := map[string]schema.Attribute{}
	for name, c := range columns(time.Time{}) {
		listed[name] = c.Attribute
	}
	attributes["jobs"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Jobs that match all filters, sorted by `created_at` and `id`.",
		NestedObject:        schema.NestedAttributeObject{Attributes: listed},
	}
	return schema.Schema{
		MarkdownDescription: "The unfinished BITS jobs of a Windows host, whether Terraform or another program created them.\n\n" +
			"A job must match all filters that are set; no match is an empty list. Each read is one call to the host, and registers no " +
			"scheduled task if the account that logs on is an administrator of the host.",
		Attributes: attributes,
	}
}
