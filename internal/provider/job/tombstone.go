package job

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// readFiles looks whether the files of a completed download are still there, by size and time. Nothing of the state
// depends on it, so a host that can't be reached is a warning.
func (r *Resource) readFiles(ctx context.Context, state model, req resource.ReadRequest, resp *resource.ReadResponse) {
	if state.TransferType.ValueString() != string(bits.Download) {
		return
	}
	ended, found, diags := recall[ending](ctx, req.Private, endingKey)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(forget(ctx, resp.Private, missingFilesKey)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !found {
		ended = ending{Ending: bits.EndingCompleted}
	}
	if len(ended.Files) == 0 {
		ended.Files = unsized(state)
	}
	to, diags := r.connections.Open(state.Host)
	if diags.HasError() {
		resp.Diagnostics.Append(noticeNotLookedAt(state, diags.Errors()[0].Detail()))
		return
	}
	there, err := to.Stat(ctx, queriesOf(ended.Files))
	if err != nil {
		a := state.operation("look at the files of")
		a.WhenUnreachable = deadHostRemedy
		resp.Diagnostics.Append(notLookedAt(state, report.Error(ctx, a, err), err))
		return
	}
	var gone, changed []string
	var again []expectation
	wanted := expectations(state)
	for i := range ended.Files {
		f := &ended.Files[i]
		now := f.compare(there[i])
		k := slices.IndexFunc(wanted, func(e expectation) bool { return bits.FileKey(e.localName) == bits.FileKey(f.LocalName) })
		switch {
		case now == fileUnknown: // a path that can't be looked at tells nothing
		case now == fileGone:
			gone = append(gone, f.LocalName)
		case k >= 0 && (now == fileChanged || f.SHA256 == ""):
			f.SHA256 = ""
			again = append(again, wanted[k])
		case now == fileChanged:
			changed = append(changed, f.LocalName)
		default:
			f.Bytes, f.ModifiedAt = there[i].Size, there[i].ModifiedAt
		}
	}
	resp.Diagnostics.Append(hashAgain(ctx, to.Client, state, &ended, again)...)
	resp.Diagnostics.Append(noticeMismatch(state, mismatches(wanted, ended))...)
	resp.Diagnostics.Append(remember(ctx, resp.Private, endingKey, ended)...)
	if len(gone) > 0 {
		resp.Diagnostics.Append(remember(ctx, resp.Private, missingFilesKey, gone)...)
		resp.Diagnostics.Append(noticeFilesGone(state, gone))
	}
	if len(changed) > 0 {
		resp.Diagnostics.Append(noticeFilesChanged(state, changed))
	}
}

// hashLimit bounds how long a refresh waits for hashes. They are computed where a file of which a content is expected got
// another size or time.
const hashLimit = 10 * time.Minute

// hashAgain brings the evidence of files up to date. As long as it can't be had, nothing is known of their contents.
func hashAgain(ctx context.Context, jobs hosts.Client, state model, ended *ending, files []expectation) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, hashLimit)
	defer cancel()
	err := ended.hash(ctx, jobs, files)
	if err == nil {
		return nil
	}
	a := state.operation(checking)
	a.WhenUnreachable, a.Limit = deadHostRemedy, "10 minutes for the hashes"
	return diag.Diagnostics{notLookedAt(state, report.Error(ctx, a, err), err)}
}

// unsized lists the files of a state, whose sizes are not known.
func unsized(m model) []endedFile {
	var files []endedFile
	for _, f := range specs(filesOf(m.Files)) {
		files = append(files, endedFile{LocalName: f.LocalName})
	}
	return files
}

func queriesOf(files []endedFile) []bits.FileQuery {
	queries := make([]bits.FileQuery, len(files))
	for i, f := range files {
		queries[i].LocalName = f.LocalName
	}
	return queries
}

// comparison is what has become of a file.
type comparison int

const (
	fileSame comparison = iota
	fileGone
	fileChanged
	fileUnknown
)

// compare compares a file with what is there now. What was not known of it is not held against it.
func (f *endedFile) compare(found bits.FileStatus) comparison {
	switch {
	case found.Err != nil:
		return fileUnknown
	case !found.Exists:
		return fileGone
	case !f.arrived(found), f.ModifiedAt != nil && found.ModifiedAt != nil && !sameSecond(*f.ModifiedAt, *found.ModifiedAt):
		return fileChanged
	}
	return fileSame
}

func sameSecond(a, b time.Time) bool { return a.Truncate(time.Second).Equal(b.Truncate(time.Second)) }

// hasMissingFiles reports whether files of a completed job are gone, or have another content than is expected.
func (p *planning) hasMissingFiles() bool {
	return p.prior.stage() == bits.StageAcknowledged && len(p.missingFiles)+len(mismatches(expectations(p.plan), p.ending)) > 0
}

func noticeFilesGone(m model, names []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.FilesAreGone,
		"%s on %s is completed, and these of its files are not on the host any more: %s. With on_file_missing = \"recreate\" the plan replaces the job, "+
			"which transfers all of its files again; otherwise nothing is done about them.",
		report.UpperFirst(m.name()), m.Host.ValueString(), strings.Join(names, ", "))
}

func noticeFilesChanged(m model, names []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.FilesWereChanged,
		"%s on %s is completed, and these of its files have another size or time than it left: %s. Nothing is done about them. To transfer them "+
			"again run terraform apply -replace=ADDRESS with the address of this resource.",
		report.UpperFirst(m.name()), m.Host.ValueString(), strings.Join(names, ", "))
}

// notLookedAt makes a warning of a failure. Terraform shows one of the warnings that have the same summary, so those
// that only refer to an earlier failure have another one than it.
func notLookedAt(m model, failure diag.Diagnostic, err error) diag.Diagnostic {
	var way *connection.Error
	if errors.As(err, &way) && way.Repeated {
		return noticeNotLookedAt(m, failure.Detail())
	}
	return report.AsWarning(failure)
}

func noticeNotLookedAt(m model, why string) diag.Diagnostic {
	return report.Notice(path.Empty(), report.FilesNotLookedAt,
		"%s on %s is completed; whether its files are still there is not known: %s", report.UpperFirst(m.name()), m.Host.ValueString(), why)
}
