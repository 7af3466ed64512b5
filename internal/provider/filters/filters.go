// SPDX-License-Identifier: MPL-2.0

// Package filters narrows a list of jobs: the attributes that data source and list resource share, and what they mean.
package filters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Filters are the filters of a configuration. A job has to match all that are not null.
type Filters struct {
	ID          types.String `tfsdk:"id"`
	DisplayName types.String `tfsdk:"display_name"`
	State       types.String `tfsdk:"state"`
	BITSState   types.String `tfsdk:"bits_state"`
	Priority    types.String `tfsdk:"priority"`
	Owner       types.String `tfsdk:"owner"`
	AllUsers    types.Bool   `tfsdk:"all_users"`
}

// errOthersNotVisible refuses a list of everybody's jobs where the host shows fewer.
var errOthersNotVisible = &report.Failure{
	Summary: report.JobsNotVisible, Problem: "the account sees only its own jobs, and all_users = true requests the jobs of every user",
	Remedy: "Use an administrator of the host, or remove all_users to list only the jobs that the account sees.",
}

// List returns the jobs of a host that match, sorted by the time they were made; those of one moment by id.
func (f Filters) List(ctx context.Context, from hosts.Host) (bits.Listing, error) {
	mine := !f.AllUsers.IsNull() && !f.AllUsers.ValueBool()
	listing, err := from.Listing(ctx, mine)
	if err == nil && f.AllUsers.ValueBool() && !listing.AllUsers {
		err = errOthersNotVisible
	}
	if err != nil {
		return bits.Listing{}, err
	}
	matches := f.matcher()
	listing.Jobs = slices.DeleteFunc(listing.Jobs, func(job bits.Job) bool { return !matches(job) })
	slices.SortFunc(listing.Jobs, func(a, b bits.Job) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return listing, nil
}

// NoticeUnread warns of the jobs that the host lists and could not show.
func NoticeUnread(at path.Path, host string, unread []bits.UnreadJob) diag.Diagnostics {
	if len(unread) == 0 {
		return nil
	}
	names := make([]string, len(unread))
	for i, job := range unread {
		names[i] = fmt.Sprintf("%s: %s", report.JobName(job.ID, job.DisplayName), bits.Quotable(job.Err.Error()))
	}
	return diag.Diagnostics{report.Notice(at, report.JobNotReadable,
		"The list omits jobs that %s could not read. On the host, check them with Get-BitsTransfer -AllUsers | Format-List *, as SYSTEM if necessary.\n\n%s",
		host, strings.Join(names, "\n"))}
}

// matcher returns a function that reports whether a job matches all filters.
func (f Filters) matcher() func(bits.Job) bool {
	name := glob(f.DisplayName.ValueString())
	asked := func(filter types.String, matches func(string) bool) bool {
		return filter.IsNull() || matches(filter.ValueString())
	}
	is := func(value string) func(string) bool { return func(filter string) bool { return filter == value } }
	return func(job bits.Job) bool {
		return asked(f.ID, func(id string) bool { want, err := bits.ParseJobID(id); return err == nil && want == job.ID }) &&
			asked(f.DisplayName, func(string) bool { return name.MatchString(job.DisplayName) }) &&
			asked(f.State, is(string(job.State.Stage()))) &&
			asked(f.BITSState, is(string(job.State))) &&
			asked(f.Priority, is(string(job.Priority))) &&
			asked(f.Owner, func(owner string) bool {
				return strings.EqualFold(owner, job.Owner.SID) || strings.EqualFold(owner, job.Owner.Name)
			})
	}
}

// glob compiles a pattern in which * stands for any characters, also none, and ? for one. Case does not matter.
func glob(pattern string) *regexp.Regexp {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?is)\A` + text + `\z`)
}

var ownerForm = regexp.MustCompile(`(?i)\A(s-1(-[0-9]+){2,}|[^\\]+\\[^\\]+)\z`)

func checkOwner(s string) error {
	if !ownerForm.MatchString(s) {
		return errors.New(`an owner must be DOMAIN\name, such as CORP\ops or WEB01\svc-bits, or a SID, such as S-1-5-18`)
	}
	return nil
}
