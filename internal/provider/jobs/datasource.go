// Package jobs is the data source bits_jobs.
package jobs

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
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

// errOthersNotVisible refuses a list of everybody's jobs where the host shows fewer.
var errOthersNotVisible = &report.Failure{
	Summary: report.JobsNotVisible, Problem: "the host shows this account its own jobs only, and all_users = true asks for everybody's",
	Remedy: "Use an administrator of the host, or remove all_users: then the jobs that the account sees are listed.",
}

// Read lists the jobs of a host and keeps those that are asked for. That there are none is an answer like any other.
func (s *jobsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
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
	mine := !m.AllUsers.IsNull() && !m.AllUsers.ValueBool()
	listing, err := to.Listing(ctx, mine)
	if err == nil && m.AllUsers.ValueBool() && !listing.AllUsers {
		err = errOthersNotVisible
	}
	if err != nil {
		resp.Diagnostics.Append(report.Error(ctx, report.Operation{Verb: "list", Object: "the BITS jobs", Host: to.Name, At: path.Empty()}, err))
		return
	}
	m.Host, m.AllUsers = types.StringValue(to.Name), types.BoolValue(listing.AllUsers)
	m.Jobs = listed(slices.DeleteFunc(inOrder(listing.Jobs), func(job bits.Job) bool { return !m.matches(job) }), listing.At)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// inOrder sorts jobs by the time they were made; those of one moment by id.
func inOrder(jobs []bits.Job) []bits.Job {
	return slices.SortedFunc(slices.Values(jobs), func(a, b bits.Job) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// listed is the attribute jobs.
func listed(jobs []bits.Job, at time.Time) types.List {
	columns, columnTypes := columns(), map[string]attr.Type{}
	for name, c := range columns {
		columnTypes[name] = c.attribute.GetType()
	}
	elements := []attr.Value{}
	for _, job := range jobs {
		values := map[string]attr.Value{}
		for name, c := range columns {
			values[name] = c.value(job, at)
		}
		elements = append(elements, types.ObjectValueMust(columnTypes, values))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: columnTypes}, elements)
}
