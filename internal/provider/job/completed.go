package job

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// readCompleted looks whether the files of a completed download are still there, by size and time. Nothing of the state
// depends on it, so a host that can't be reached is a warning.
func (r *jobResource) readCompleted(ctx context.Context, state model, e *evidence) diag.Diagnostics {
	if state.TransferType.ValueString() != string(bits.Download) {
		return nil
	}
	if e.Ending == "" {
		e.Ending = bits.EndingCompleted
	}
	e.Files, e.MissingFiles = e.fileList(state), nil
	to, diags := r.connections.Open(state.Host)
	if diags.HasError() {
		return diag.Diagnostics{noticeNotLookedAt(state, diags.Errors()[0].Detail())}
	}
	found, err := to.Stat(ctx, queriesOf(e.Files))
	if err != nil {
		op := state.operation("look at the files of")
		op.WhenUnreachable = deadHostRemedy
		return diag.Diagnostics{notLookedAt(state, report.Error(ctx, op, err), err)}
	}
	wanted := expectations(state)
	changed, again := e.compareFiles(found, wanted)
	diags.Append(hashAgain(ctx, to.Client, state, e, again)...)
	diags.Append(noticeMismatch(state, mismatches(wanted, *e))...)
	if len(e.MissingFiles) > 0 {
		diags.Append(noticeFilesGone(state, e.MissingFiles))
	}
	if len(changed) > 0 {
		diags.Append(noticeFilesChanged(state, changed))
	}
	return diags
}

// compareFiles records which files are missing, and returns those that were changed, and those whose hashes are to be computed again.
func (e *evidence) compareFiles(found []bits.FileStatus, wanted []expectation) (changed []string, again []expectation) {
	for i := range e.Files {
		f, now := &e.Files[i], found[i]
		other := !f.arrived(now) || f.ModifiedAt != nil && now.ModifiedAt != nil &&
			!f.ModifiedAt.Truncate(time.Second).Equal(now.ModifiedAt.Truncate(time.Second))
		k := slices.IndexFunc(wanted, func(w expectation) bool { return bits.FileKey(w.localName) == bits.FileKey(f.LocalName) })
		switch {
		case now.Err != nil: // a path that can't be looked at shows nothing
		case !now.Exists:
			e.MissingFiles = append(e.MissingFiles, f.LocalName)
		case k >= 0 && (other || f.SHA256 == ""):
			f.SHA256 = ""
			again = append(again, wanted[k])
		case other:
			changed = append(changed, f.LocalName)
		default:
			f.Bytes, f.ModifiedAt = now.Size, now.ModifiedAt
		}
	}
	return changed, again
}

// hashLimit is how long a refresh waits for hashes. They are computed where a file whose content is expected got another size or time.
const hashLimit = 10 * time.Minute

// hashAgain brings the hashes of files up to date. Until it succeeds nothing is known of their contents.
func hashAgain(ctx context.Context, client hosts.Client, state model, e *evidence, files []expectation) diag.Diagnostics {
	ctx, cancel := context.WithTimeout(ctx, hashLimit)
	defer cancel()
	err := e.hash(ctx, client, files)
	if err == nil {
		return nil
	}
	op := state.operation(checking)
	op.WhenUnreachable, op.Limit = deadHostRemedy, "10 minutes for the hashes"
	return diag.Diagnostics{notLookedAt(state, report.Error(ctx, op, err), err)}
}

// arrived reports whether a file is there with the size that is known of it.
func (f evidenceFile) arrived(found bits.FileStatus) bool {
	return found.Err == nil && found.Exists && (f.Bytes == nil || found.Size != nil && *found.Size == *f.Bytes)
}

// hasMissingFiles reports whether files of a completed job are gone, or have another content than is expected.
func (p *planning) hasMissingFiles() bool {
	return p.prior.stage() == bits.StageAcknowledged && len(p.evidence.MissingFiles)+len(mismatches(expectations(p.plan), p.evidence)) > 0
}

func noticeFilesGone(m model, names []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.FilesAreGone,
		"%s is completed, and these of its files are not on the host any more: %s. With on_file_missing = \"recreate\" the plan replaces the job, "+
			"which transfers all of its files again; otherwise nothing is done about them.",
		m.subject(), strings.Join(names, ", "))
}

func noticeFilesChanged(m model, names []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.FilesWereChanged,
		"%s is completed, and these of its files have another size or time than it left: %s. Nothing is done about them. To transfer them "+
			"again run terraform apply -replace=ADDRESS with the address of this resource.",
		m.subject(), strings.Join(names, ", "))
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
		"%s is completed; whether its files are still there is not known: %s", m.subject(), why)
}
