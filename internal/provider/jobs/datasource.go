// Package jobs is the data source bits_jobs.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
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
		op := report.Operation{Verb: "list", Object: "the BITS jobs", Host: to.Name, At: path.Empty()}
		failure, goesOn := s.ReadFailed(ctx, op, "The list of jobs is empty", err)
		resp.Diagnostics.Append(failure)
		if goesOn {
			m.Host, m.Jobs = types.StringValue(to.Name), listed(nil, time.Time{})
			resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
		}
		return
	}
	m.Host, m.AllUsers = types.StringValue(to.Name), types.BoolValue(listing.AllUsers)
	resp.Diagnostics.Append(noticeUnread(to.Name, listing.Unread)...)
	m.Jobs = listed(slices.DeleteFunc(inOrder(listing.Jobs), func(job bits.Job) bool { return !m.matches(job) }), listing.At)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// noticeUnread warns of the jobs that the host lists and could not show.
func noticeUnread(host string, unread []bits.UnreadJob) diag.Diagnostics {
	if len(unread) == 0 {
		return nil
	}
	names := make([]string, len(unread))
	for i, job := range unread {
		names[i] = fmt.Sprintf("%s: %s", report.JobName(job.ID, job.DisplayName), bits.Quotable(job.Err.Error()))
	}
	return diag.Diagnostics{report.Notice(path.Root("jobs"), report.JobNotReadable,
		"The list has no element for each job that %s could not show. Look at it there with Get-BitsTransfer -AllUsers, as SYSTEM if need be.\n\n%s",
		host, strings.Join(names, "\n"))}
}

// inOrder sorts jobs by the time they were made; those of one moment by id.
func inOrder(jobs []bits.Job) []bits.Job {
	return slices.SortedFunc(slices.Values(jobs), func(a, b bits.Job) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
}

// listed is the attribute jobs.
func listed(jobs []bits.Job, at time.Time) types.List {
	columns, columnTypes := columns(at), map[string]attr.Type{}
	for name, c := range columns {
		columnTypes[name] = c.Attribute.GetType()
	}
	elements := []attr.Value{}
	for _, job := range jobs {
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
	Host        types.String `tfsdk:"host"`
	ID          types.String `tfsdk:"id"`
	DisplayName types.String `tfsdk:"display_name"`
	State       types.String `tfsdk:"state"`
	BITSState   types.String `tfsdk:"bits_state"`
	Priority    types.String `tfsdk:"priority"`
	Owner       types.String `tfsdk:"owner"`
	AllUsers    types.Bool   `tfsdk:"all_users"`
	Jobs        types.List   `tfsdk:"jobs"`
}

func jobsSchema() schema.Schema {
	attributes := filterAttributes()
	attributes["host"] = hosts.DataSourceAttribute()
	listed := map[string]schema.Attribute{}
	for name, c := range columns(time.Time{}) {
		listed[name] = c.Attribute
	}
	attributes["jobs"] = schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "The jobs that all filters match, sorted by `created_at` and then `id`; an empty list where there are none, " +
			"never null. Completed and cancelled jobs are not among them: BITS does not list those. With the provider's `on_unreachable = \"warn\"` " +
			"the list is empty, too, while the host can't be reached: then there is a warning, and `all_users` is null unless it is set.",
		NestedObject: schema.NestedAttributeObject{Attributes: listed},
	}
	return schema.Schema{
		MarkdownDescription: "The BITS jobs of a Windows host, whoever made them, as the host lists them at the moment of the read.\n\n" +
			"Each filter narrows the result, and a job has to match all that are set. The whole list is read with one call, whatever " +
			"the filters: no scheduled task and no second PowerShell, as long as the account that logs on is an administrator of the host.",
		Attributes: attributes,
	}
}

func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": attrs.OptionalText("GUID of the one job to look for, in any case, with or without braces.", validJobID),
		"display_name": attrs.OptionalText("Pattern of the display name: `*` stands for any characters, also none, and `?` for exactly one; "+
			"every other character, such as `[` or `\\`, for itself. The whole name has to match, and case does not matter, as in Windows. "+
			"Nothing escapes `*` and `?`: `?` also matches either of them.", stringvalidator.LengthAtLeast(1)),
		"state": attrs.OptionalText("State as `bits_job` tells it: `pending` (queued, connecting, transferring or about to retry), "+
			"`suspended`, `error` or `transferred`.", attrs.OneOf(listedStages()...)),
		"bits_state": attrs.OptionalText("Exact state of BITS: `queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` "+
			"or `transferred`.", attrs.OneOf(listedStates()...)),
		"priority": attrs.OptionalText("Priority: `foreground`, `high`, `normal` or `low`.", attrs.OneOf(bits.Priorities()...)),
		"owner": attrs.OptionalText("Account that owns the jobs, as `DOMAIN\\n"+
			"ame` (`CORP\\ops`; the computer's name for a local account) or as a SID; case does not matter. Hosts spell the names of built-in "+
			"accounts in their own language, so LocalSystem is best written as `S-1-5-18`. A job whose owner the host can't tell in that form "+
			"does not match.", validOwner),
		"all_users": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Whether the jobs of every user are looked at. Unset: yes where the account may, which administrators of " +
				"the host do, else only its own; what it came to is the value. `true`: an error where the account may not. `false`: only " +
				"the jobs of the account that owns what this provider makes, which is LocalSystem with the provider's `run_as = \"system\"` and " +
				"the account that logs on with `\"user\"`. With `\"system\"` a list that the account may not make itself is made " +
				"by LocalSystem, which costs a scheduled task.",
		},
	}
}

// matches reports whether a job is what all filters ask for.
func (m *model) matches(job bits.Job) bool {
	asked := func(filter types.String, matches func(string) bool) bool {
		return filter.IsNull() || matches(filter.ValueString())
	}
	is := func(value string) func(string) bool { return func(filter string) bool { return filter == value } }
	return asked(m.ID, func(id string) bool { want, err := bits.ParseJobID(id); return err == nil && want == job.ID }) &&
		asked(m.DisplayName, func(pattern string) bool { return glob(pattern).MatchString(job.DisplayName) }) &&
		asked(m.State, is(string(job.State.Stage()))) &&
		asked(m.BITSState, is(string(job.State))) &&
		asked(m.Priority, is(string(job.Priority))) &&
		asked(m.Owner, func(owner string) bool {
			return strings.EqualFold(owner, job.Owner.SID) || strings.EqualFold(owner, job.Owner.Name)
		})
}

// glob compiles a pattern in which * stands for any characters, also none, and ? for one. Case does not matter.
func glob(pattern string) *regexp.Regexp {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?is)\A` + text + `\z`)
}

// listedStages are the stages of jobs that BITS lists, and listedStates their exact states.
func listedStages() []bits.Stage {
	return []bits.Stage{bits.StagePending, bits.StageSuspended, bits.StageError, bits.StageTransferred}
}

func listedStates() []bits.State {
	var states []bits.State
	for _, s := range bits.States() {
		if !s.Final() {
			states = append(states, s)
		}
	}
	return states
}

var validJobID = attrs.Text("the GUID of a job", report.InvalidJobID, func(s string) error {
	_, err := bits.ParseJobID(s)
	return err
})

var validOwner = attrs.Text(`DOMAIN\name or a SID`, report.InvalidOwner, func(s string) error {
	if !ownerForm.MatchString(s) {
		return errors.New(`an owner is written as DOMAIN\name, such as CORP\ops or WEB01\svc-bits, or as a SID, such as S-1-5-18`)
	}
	return nil
})

var ownerForm = regexp.MustCompile(`(?i)\A(s-1(-[0-9]+){2,}|[^\\]+\\[^\\]+)\z`)
