package provider

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var (
	_ datasource.DataSource              = &jobsSource{}
	_ datasource.DataSourceWithConfigure = &jobsSource{}
)

// jobsSource is the data source bits_jobs.
type jobsSource struct{ source }

func (*jobsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_jobs"
}

func (*jobsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = jobsSchema()
}

// errOthersNotVisible says that not everybody's jobs can be listed, where they were asked for.
var errOthersNotVisible = errors.New("the host shows this account its own jobs only, and all_users = true asks for everybody's")

// Read lists the jobs of a host and keeps those that are asked for. That there are none is an answer like any other.
func (s *jobsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m jobsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	to, diags := s.open(m.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	mine := !m.AllUsers.IsNull() && !m.AllUsers.ValueBool()
	listing, err := to.jobs.Listing(ctx, mine)
	if err == nil && m.AllUsers.ValueBool() && !listing.AllUsers {
		err = errOthersNotVisible
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose(ctx, act{doing: "list", what: "the BITS jobs", host: to.host, at: path.Empty()}, err))
		return
	}
	m.Host, m.AllUsers = types.StringValue(to.host), types.BoolValue(listing.AllUsers)
	m.Jobs = []listedJob{}
	for _, job := range inOrder(listing.Jobs) {
		if m.wants(job) {
			m.Jobs = append(m.Jobs, listed(job, listing.At))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// inOrder gives jobs by the time they were made; those of one moment by id.
func inOrder(jobs []bits.Job) []bits.Job {
	return slices.SortedFunc(slices.Values(jobs), func(a, b bits.Job) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}
