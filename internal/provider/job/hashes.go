package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

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

// expectations lists the files of a model of which a content is expected that is known.
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
// not there has none, which is no error: a refresh reports it.
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
	taintedMismatch = "The file stays on the host. The resource is tainted, so the next apply transfers the files again: look at the source first. If the file " +
		"is right, correct sha256 and run terraform untaint ADDRESS with the address of this resource; nothing is transferred again then."
	recordMismatch = "The file stays on the host, and the next apply replaces the job, which transfers the files again: look at the source first. If the file " +
		"is right, correct sha256; nothing is transferred again then."
	changeMismatch = "To leave the file as it is take the change of sha256 back, or correct it. To transfer the files again as a new job set on_finished_change = " +
		"\"replace\", change a value in triggers, or run terraform taint ADDRESS with the address of this resource, then terraform apply " +
		"(-replace does not get past this error)."
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
	then := "With on_file_missing = \"recreate\" the plan replaces the job, which transfers all of its files again; otherwise nothing is done about them."
	if m.stage() != bits.StageAcknowledged {
		then = "The plan replaces the job, which transfers all of its files again. If a file is right, correct its sha256."
	}
	return diag.Diagnostics{report.Notice(path.Root("files"), report.SHA256Mismatch,
		"%s is completed, and these of its files have another SHA-256 than is expected: %s. %s",
		m.subject(), strings.Join(wrong, "; "), then)}
}
