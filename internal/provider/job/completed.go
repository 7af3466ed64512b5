// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// readCompleted looks whether the files of a completed download are still there, by size and time. Nothing of the state
// depends on it, so a host that can't be reached is a warning.
func (r *jobResource) readCompleted(ctx context.Context, state model, e *evidence) diag.Diagnostics {
	if state.TransferType.ValueString() != string(bits.Download) || state.OnFileMissing.ValueString() == policyIgnore {
		e.MissingFiles = nil
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
		op := state.operation(checking)
		op.WhenUnreachable, op.Limit = deadHostRemedy, readTimeout
		return diag.Diagnostics{notLookedAt(report.Error(ctx, op, err), err)}
	}
	if unseen := hidden(e.Files, found); unseen != nil {
		diags.Append(noticeNotLookedAt(state, report.WithPeriod(unseen.Error())))
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

// hashAgain brings the hashes of files up to date. Until it succeeds nothing is known of their contents.
func hashAgain(ctx context.Context, client hosts.Client, state model, e *evidence, files []expectation) diag.Diagnostics {
	err := e.hash(ctx, client, files)
	if err == nil {
		return nil
	}
	op := state.operation(checking)
	op.WhenUnreachable, op.Limit = deadHostRemedy, readTimeout
	return diag.Diagnostics{notLookedAt(report.Error(ctx, op, err), err)}
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
		"%s is completed, but these files are no longer on the host: %s. With on_file_missing = \"replace\" the plan "+
			"replaces the job, which transfers all its files again. Otherwise nothing happens.",
		m.subject(), strings.Join(names, ", "))
}

func noticeFilesChanged(m model, names []string) diag.Diagnostic {
	return report.Notice(path.Root("files"), report.FilesWereChanged,
		"%s is completed, but the size or time of these files has changed since: %s. The plan does not react to this. To "+
			"transfer the files again, run terraform apply -replace=ADDRESS with the address of this resource.",
		m.subject(), strings.Join(names, ", "))
}

// notLookedAt makes a warning of a failure. Terraform shows one of the warnings that have the same summary, so those
// that only refer to an earlier failure have another one than it.
func notLookedAt(failure diag.Diagnostic, err error) diag.Diagnostic {
	var way *connection.Error
	if errors.As(err, &way) && way.Repeated {
		return report.Notice(path.Empty(), report.FilesNotLookedAt, "%s", failure.Detail())
	}
	return report.AsWarning(failure)
}

func noticeNotLookedAt(m model, why string) diag.Diagnostic {
	return report.Notice(path.Empty(), report.FilesNotLookedAt,
		"%s is completed, but the provider could not check its files: %s", m.subject(), why)
}

// sameHash reports whether two values of sha256 expect the same of a file.
func sameHash(a, b types.String) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() {
		return a.IsNull() && b.IsNull()
	}
	return strings.EqualFold(a.ValueString(), b.ValueString())
}

// expectation is the content that is expected of a file.
type expectation struct {
	index             int // in files
	localName, sha256 string
}

// expectations lists the files of a model whose expected content is known.
func expectations(m model) []expectation {
	var list []expectation
	for i, f := range filesOf(m.Files) {
		if !f.sha256.IsNull() && !f.sha256.IsUnknown() {
			list = append(list, expectation{index: i, localName: f.localName.ValueString(), sha256: strings.ToLower(f.sha256.ValueString())})
		}
	}
	return list
}

// toCheck returns what a plan expects of the files of a completed job and what was not compared yet: all of it while the
// completion is not recorded, and what is expected otherwise than before.
func toCheck(plan, prior model) []expectation {
	wanted := expectations(plan)
	if prior.stage() != bits.StageAcknowledged {
		return wanted
	}
	before := expectations(prior)
	return slices.DeleteFunc(wanted, func(e expectation) bool {
		return slices.ContainsFunc(before, func(had expectation) bool {
			return bits.FileKey(had.localName) == bits.FileKey(e.localName) && had.sha256 == e.sha256
		})
	})
}

// hash has the host compute the hashes that are missing, once for each file, and keeps them as evidence. A file that is
// not there has none, which is not an error: a refresh reports it.
func (e *evidence) hash(ctx context.Context, client hosts.Client, wanted []expectation) error {
	var queries []bits.FileQuery
	for _, w := range wanted {
		if e.file(w.localName).SHA256 == "" {
			queries = append(queries, bits.FileQuery{LocalName: w.localName, SHA256: true})
		}
	}
	if len(queries) == 0 {
		return nil
	}
	found, err := client.Stat(ctx, queries)
	if err != nil {
		return err
	}
	var failed []error
	for i, q := range queries {
		switch f := e.file(q.LocalName); {
		case found[i].Err != nil:
			failed = append(failed, found[i].Err)
		case found[i].Exists:
			f.Bytes, f.ModifiedAt, f.SHA256 = found[i].Size, found[i].ModifiedAt, found[i].SHA256
		}
	}
	return errors.Join(failed...)
}

// mismatch is a file whose content is not the one that is expected.
type mismatch struct {
	expectation
	actual string
}

// mismatches compares what is expected with the hashes on record.
func mismatches(wanted []expectation, e evidence) []mismatch {
	var list []mismatch
	for _, w := range wanted {
		if actual := e.file(w.localName).SHA256; actual != "" && actual != w.sha256 {
			list = append(list, mismatch{w, actual})
		}
	}
	return list
}

const (
	taintedMismatch = "The file stays on the host. The resource is tainted, so the next apply transfers the files again: " +
		"check the source first. If the file is correct, correct sha256 and run terraform untaint ADDRESS with the address of " +
		"this resource to avoid the transfer."
	recordMismatch = "The file stays on the host, and the next apply replaces the job, which transfers the files again: check " +
		"the source first. If the file is correct, correct sha256 to avoid the transfer."
	changeMismatch = "To keep the file as it is, revert or correct sha256. To transfer the files again as a new job, set " +
		"on_finished_change = \"replace\", change a value in triggers, or run terraform apply -replace=ADDRESS with the address of this resource."
)

// refuseMismatches makes an error of each file whose content is not the one that is expected.
func refuseMismatches(m model, list []mismatch, remedy string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, file := range list {
		at := path.Root("files").AtListIndex(file.index).AtName("sha256")
		diags.Append(report.Problem(at, report.SHA256Mismatch, "%s: file %s of %s on %s has the SHA-256 %s, and %s is expected.\n\n%s",
			at, file.localName, report.JobName(m.jobID(), m.DisplayName.ValueString()), m.Host.ValueString(), file.actual, file.sha256, remedy))
	}
	return diags
}

// refuseHashes refuses a content to be expected of the files of a completed job that they are known not to have.
func refuseHashes(plan, prior model, e evidence) diag.Diagnostics {
	return refuseMismatches(prior, mismatches(toCheck(plan, prior), e), changeMismatch)
}

// completedWithWrongHash reports whether a completion that is not recorded yet left another content than is expected.
func (p *planning) completedWithWrongHash() bool {
	return p.prior.stage() != bits.StageAcknowledged && p.evidence.completed() && len(mismatches(expectations(p.plan), p.evidence)) > 0
}

// noticeMismatch warns of files with other contents than are expected.
func noticeMismatch(m model, list []mismatch) diag.Diagnostics {
	if len(list) == 0 {
		return nil
	}
	var wrong []string
	for _, file := range list {
		wrong = append(wrong, fmt.Sprintf("%s has %s, and %s is expected", file.localName, file.actual, file.sha256))
	}
	then := "With on_file_missing = \"replace\" the plan replaces the job, which transfers all its files again. Otherwise " +
		"nothing happens."
	if m.stage() != bits.StageAcknowledged {
		then = "The plan replaces the job, which transfers all its files again. If a file is correct, correct its sha256."
	}
	return diag.Diagnostics{report.Notice(path.Root("files"), report.SHA256Mismatch,
		"%s is completed, but the SHA-256 of these files is not the expected one: %s. %s",
		m.subject(), strings.Join(wrong, "; "), then)}
}
