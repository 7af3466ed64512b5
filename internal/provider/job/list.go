// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/filters"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var _ list.ListResourceWithConfigure = &jobList{}

// jobList is the list resource bits_job, for terraform query.
type jobList struct{ jobResource }

// NewListResource returns the list resource.
func NewListResource() list.ListResource { return &jobList{} }

// maxAhead is how many hosts are asked at the same time, and so how many of their answers are in memory.
const maxAhead = 10

// query is a list block.
type query struct {
	Hosts types.List `tfsdk:"hosts"`
	filters.Filters
}

func (*jobList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := filters.ListAttributes()
	attributes["hosts"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		Validators: []validator.List{
			listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(attrs.Host),
		},
		MarkdownDescription: "Hosts to ask, as `host` of `bits_job`; results are in this order. Default: the provider's `host`. A " +
			"host that can't be asked is a warning, or an error if all of them fail.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The unfinished BITS jobs of Windows hosts, for `terraform query`.\n\n" +
			"A job must match all filters that are set. Each host is asked once.",
		Attributes: attributes,
	}
}

// answer is what one host answered, or why it did not.
type answer struct {
	bits.Listing
	host     types.String // as the states of its jobs have it
	failed   bool
	problems diag.Diagnostics
}

// List streams the jobs, host after host. Terraform drops all results when it sees an error.
func (l *jobList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var asked query
	diags := req.Config.Get(ctx, &asked)
	empty, d := emptyModel(ctx, req)
	diags.Append(d...)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	all := l.queried(asked.Hosts)
	answers := ahead(ctx, maxAhead, all, func(ctx context.Context, host types.String) answer {
		return l.ask(ctx, host, asked.Filters, len(all) > 1)
	})
	stream.Results = limited(req.Limit, results(ctx, req, empty, answers))
}

// emptyModel returns a model that has nothing yet.
func emptyModel(ctx context.Context, req list.ListRequest) (empty model, diags diag.Diagnostics) {
	resource := req.NewListResult(ctx).Resource
	diags = resource.SetAttribute(ctx, path.Root("id"), "")
	diags.Append(resource.Get(ctx, &empty)...)
	return empty, diags
}

// queried returns the hosts to ask, each once.
func (l *jobList) queried(configured types.List) []types.String {
	if configured.IsNull() {
		return []types.String{l.connections.Host}
	}
	var all []types.String
	known := map[string]bool{}
	for _, name := range attrs.Elements[string](configured) {
		address := l.connections.Address(name)
		if !known[address] {
			all = append(all, l.spelled(name))
		}
		known[address] = true
	}
	return all
}

// ask lists the jobs of a host. What is wrong with one of several hosts names it in the summary.
func (l *jobList) ask(ctx context.Context, host types.String, wanted filters.Filters, several bool) answer {
	a := answer{host: host, failed: true}
	if host.IsNull() {
		a.problems.Append(report.Problem(path.Root("hosts"), report.MissingHost,
			"Neither this block nor the provider sets a host. Set hosts here, host in the provider block, or the environment variable BITS_HOST."))
		return a
	}
	to, diags := l.connections.Open(host)
	if !diags.HasError() {
		var err error
		if a.Listing, err = wanted.List(ctx, to); err == nil {
			a.failed = false
			diags.Append(filters.NoticeUnread(path.Empty(), to.Name, a.Unread)...)
		} else {
			diags.Append(l.notListed(ctx, to.Name, err, several))
		}
	}
	for _, d := range diags {
		if several {
			d = report.OfHost(d, host.ValueString())
		}
		a.problems.Append(d)
	}
	return a
}

// notListed is the diagnostic of a host that did not answer: a warning where the provider's on_unreachable asks for one.
func (l *jobList) notListed(ctx context.Context, host string, err error, several bool) diag.Diagnostic {
	op := report.Operation{Verb: "list", Object: "the BITS jobs", Host: host, At: path.Empty()}
	d, goesOn := l.connections.ReadFailed(ctx, op, "The list contains no jobs of this host", err)
	if several && !goesOn {
		d = report.Error(ctx, op, err) // the others are listed without on_unreachable
	}
	return d
}

// results turns answers into results. A host that failed is a warning as soon as another one has answered, and stays an error if none does.
func results(ctx context.Context, req list.ListRequest, empty model, answers iter.Seq[answer]) iter.Seq[list.ListResult] {
	return func(yield func(list.ListResult) bool) {
		answered := false
		var problems diag.Diagnostics // not sent yet
		for a := range answers {
			problems.Append(a.problems...)
			if answered = answered || !a.failed; !answered {
				continue
			}
			if len(problems) > 0 && !yield(list.ListResult{Diagnostics: warnings(problems)}) {
				return
			}
			problems = nil
			if slices.ContainsFunc(a.Jobs, func(job bits.Job) bool { return !yield(found(ctx, req, empty, a.host, job)) }) {
				return // Terraform wants no more
			}
		}
		if len(problems) > 0 {
			yield(list.ListResult{Diagnostics: problems})
		}
	}
}

func warnings(problems diag.Diagnostics) diag.Diagnostics {
	var all diag.Diagnostics
	for _, d := range problems {
		all.Append(report.AsWarning(d))
	}
	return all
}

// found is the result for a job: what an import of it has in the state.
func found(ctx context.Context, req list.ListRequest, empty model, host types.String, job bits.Job) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = line(host.ValueString(), job)
	m := empty
	m.Host = host
	m.observe(job)
	result.Diagnostics.Append(result.Identity.Set(ctx, m.identity())...)
	if req.IncludeResource {
		result.Diagnostics.Append(set(ctx, result.Resource, m)...)
	}
	return result
}

// line describes a job on one line.
func line(host string, job bits.Job) string {
	state := string(job.State)
	if percent, known := job.Percent(); known {
		state = fmt.Sprintf("%s, %d %%", state, percent)
	}
	return fmt.Sprintf("%s: %s (%s)", host, bits.QuotableName(job.DisplayName), state)
}

// limited ends a stream after a number of jobs; 0 is no limit.
func limited(limit int64, all iter.Seq[list.ListResult]) iter.Seq[list.ListResult] {
	return func(yield func(list.ListResult) bool) {
		jobs := int64(0)
		for result := range all {
			if !yield(result) {
				return
			}
			if result.Identity != nil {
				jobs++
			}
			if jobs > 0 && jobs == limit {
				return
			}
		}
	}
}

// ahead calls read for all, a few at the same time, and yields what it returns in their order. What is not yielded yet is bounded.
func ahead[T, R any](ctx context.Context, most int, all []T, read func(context.Context, T) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		var started []chan R
		for i := range all {
			for len(started) < min(i+most, len(all)) {
				one, done := all[len(started)], make(chan R, 1)
				started = append(started, done)
				running.Go(func() { done <- read(ctx, one) })
			}
			if !yield(<-started[i]) {
				return
			}
		}
	}
}
