// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// evidence is what the private state keeps about a job beside its attributes.
type evidence struct {
	Version int    `json:"v"`
	Token   string `json:"token,omitempty"` // in the pending name of a job of which it is not known whether it was made
	ending
	Files        []evidenceFile `json:"files,omitempty"`         // as they were read last; of a completed job, as it left them
	MissingFiles []string       `json:"missing_files,omitempty"` // local names of the files of a completed job that are gone

	// Made is what the job was made with and keeps, as it was read last: the state has nothing of what the configuration leaves out.
	Made bits.Properties `json:"made,omitzero"`

	// Unread is whether the last refresh did without the host, because it was down: what the state has of a live job is old then.
	Unread bool `json:"unread,omitempty"`

	// Drift is what was changed outside Terraform on a live job: by attribute, a fingerprint of the value that Terraform had set.
	//
	// The state has what was read, and a refresh may be all that is applied of it. When the job is completed then, nothing can
	// set the value back; but a configuration that still declares it asks for no change of a finished job.
	Drift map[string]string `json:"drift,omitempty"`
}

// evidenceFile is a file of a job.
type evidenceFile struct {
	LocalName string  `json:"local_name"`
	Bytes     *uint64 `json:"bytes,string,omitempty"` // nil while its size is not known

	ModifiedAt *time.Time `json:"modified_at,omitempty"` // nil until the file was looked at
	SHA256     string     `json:"sha256,omitempty"`      // of the file with this size and time; "" until it was computed
}

const (
	evidenceKey     = "evidence"
	evidenceVersion = 1
)

// The private state of any request, and of any response.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

// loadEvidence reads the evidence from private state. What can't be read is a warning, and no evidence.
func loadEvidence(ctx context.Context, private privateReader) (evidence, diag.Diagnostics) {
	raw, diags := private.GetKey(ctx, evidenceKey)
	if diags.HasError() || len(raw) == 0 {
		return evidence{}, diags
	}
	var e evidence
	err := json.Unmarshal(raw, &e)
	if err == nil && e.Version != evidenceVersion {
		err = fmt.Errorf("its version is %d, and this provider reads version %d", e.Version, evidenceVersion)
	}
	if err != nil {
		diags.Append(report.Notice(path.Empty(), report.UnreadablePrivateState,
			"The private state of this job can't be read: %s. It was written by another version of the provider, or changed by hand. "+
				"The provider continues without it.", err))
		return evidence{}, diags
	}
	return e, diags
}

// save writes the evidence to private state.
func (e evidence) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	e.Version = evidenceVersion
	raw, err := json.Marshal(e)
	if err != nil {
		return diag.Diagnostics{report.Problem(path.Empty(), report.UnwritablePrivateState, "%s", err)}
	}
	return private.SetKey(ctx, evidenceKey, raw)
}

// observe takes over a live job: it was made, and has not ended.
func (e *evidence) observe(job bits.Job) {
	e.Token, e.ending, e.MissingFiles, e.Files = "", ending{}, nil, filesOfJob(job)
	e.Made = bits.Properties{HTTPMethod: job.HTTPMethod, Dynamic: job.Dynamic}
}

// complete records a completion by Terraform.
func (e *evidence) complete(c bits.Completion) {
	at := c.At.UTC()
	e.ending, e.Files = ending{Ending: bits.EndingCompleted, By: byTerraform, At: &at}, filesOfJob(c.Job)
}

// filesOfJob is what is known of the files of a job. It shows later, without a log, whether they arrived.
func filesOfJob(job bits.Job) []evidenceFile {
	var files []evidenceFile
	for _, f := range job.Files {
		files = append(files, evidenceFile{LocalName: f.LocalName, Bytes: f.BytesTotal})
	}
	return files
}

// fileList returns the files of a job, or those of its state, whose sizes are not known.
func (e *evidence) fileList(m model) []evidenceFile {
	if len(e.Files) > 0 {
		return e.Files
	}
	var files []evidenceFile
	for _, f := range specs(filesOf(m.Files)) {
		files = append(files, evidenceFile{LocalName: f.LocalName})
	}
	return files
}

// file returns the evidence of a file, and adds it where there is none.
func (e *evidence) file(localName string) *evidenceFile {
	for i := range e.Files {
		if bits.FileKey(e.Files[i].LocalName) == bits.FileKey(localName) {
			return &e.Files[i]
		}
	}
	e.Files = append(e.Files, evidenceFile{LocalName: localName})
	return &e.Files[len(e.Files)-1]
}

func queriesOf(files []evidenceFile) []bits.FileQuery {
	queries := make([]bits.FileQuery, len(files))
	for i, f := range files {
		queries[i].LocalName = f.LocalName
	}
	return queries
}

// noteDrift adds what a refresh has found changed.
func (e *evidence) noteDrift(before, now model) {
	for _, a := range inPlace(before, now) {
		if e.Drift == nil {
			e.Drift = map[string]string{}
		}
		if e.Drift[a.name] == "" {
			e.Drift[a.name] = fingerprint(now.ID, a.want)
		}
	}
}

// refused lists the changes of a plan that a finished job does not take. Those that only want back what was changed outside Terraform
// are none, a completed job needs no new password, and has nothing that could be taken out.
func (e *evidence) refused(plan, prior model) []changedAttribute {
	return slices.DeleteFunc(inPlace(plan, prior), func(a changedAttribute) bool {
		reverts := e.Drift[a.name] != "" && e.Drift[a.name] == fingerprint(prior.ID, a.want)
		return reverts || a.removed || a.ignoredWhenCompleted && plan.stage() == bits.StageAcknowledged
	})
}

// fingerprint identifies the value of a job's attribute. With the job in it, equal secrets of two jobs do not look alike.
func fingerprint(id types.String, v attr.Value) string {
	sum := sha256.Sum256([]byte(id.ValueString() + " " + v.String()))
	return hex.EncodeToString(sum[:])
}

// ending is how a job left BITS. The zero value is a job of which no end is known.
type ending struct {
	Ending bits.Ending `json:"ending,omitempty"`
	By     string      `json:"by,omitempty"`    // who ended it
	At     *time.Time  `json:"at,omitempty"`    // the host's clock
	Shown  bool        `json:"shown,omitempty"` // by nothing but the files that are there
}

const byTerraform = "Terraform"

// clockSlack is how much earlier than a job's creation its records may seem to be: the host's clock may have been set, and a time that
// does not say whether it is UTC may be read up to 14 hours wrong.
const clockSlack = 24 * time.Hour

// completed reports whether the job is known to be completed.
func (e ending) completed() bool { return e.Ending == bits.EndingCompleted }

// decided reports whether the end is known. Nothing that a host reports later changes it.
func (e ending) decided() bool { return e.Ending != "" && e.Ending != bits.EndingUnknown }

// describe describes an end, as far as it is known.
func (e ending) describe() string {
	if e.Shown {
		return "completed, as its files show"
	}
	words, by, why := string(e.Ending), e.By, ""
	if e.Ending == bits.EndingExpired {
		words, by, why = "cancelled", "BITS itself", " after the inactivity timeout of the host (90 days by default)"
	}
	if e.At != nil {
		words += " at " + e.At.UTC().Format("2006-01-02T15:04:05Z")
	}
	if by != "" {
		words += " by " + by
	}
	return words + why
}

// absence explains why BITS does not list a job.
func (e ending) absence() string {
	if !e.decided() {
		return "BITS no longer lists it: it was completed, was cancelled or has expired, and it is unknown whether its files arrived."
	}
	return "It was " + e.describe() + "; BITS no longer lists it."
}

// findEnding finds out how a job ended that BITS does not list any more. What was found once stays: a plan is made again every night, and
// the host's log forgets. Without a log the files show it. An error means that nothing could be found out.
func (e *evidence) findEnding(ctx context.Context, client hosts.Client, m model) error {
	if e.decided() {
		return nil
	}
	e.Files = e.fileList(m)
	e.ending = readLog(ctx, client, m.known())
	if ctx.Err() != nil { // what the log has is not known
		return context.Cause(ctx)
	}
	if e.decided() || bits.TransferType(m.TransferType.ValueString()) != bits.Download {
		return nil // the file of an upload was there before the job
	}
	return e.findFiles(ctx, client)
}

// readLog reads from the host's event log how a job ended. What it does not have is unknown: nothing depends on the log being there.
func readLog(ctx context.Context, client hosts.Client, job bits.Job) ending {
	unknown := ending{Ending: bits.EndingUnknown}
	if job.ID == "" {
		return unknown
	}
	since := job.CreatedAt
	if !since.IsZero() {
		since = since.Add(-clockSlack)
	}
	history, err := client.History(ctx, job.ID, since)
	if err != nil {
		tflog.Debug(ctx, "the host could not be asked how a BITS job ended", map[string]any{"job": string(job.ID), "because": report.Redact(err.Error())})
		return unknown
	}
	if history.Remark != "" {
		tflog.Debug(ctx, "what the event log of the host does not have", map[string]any{"job": string(job.ID), "remark": history.Remark})
	}
	if history.Ending == bits.EndingUnknown {
		return unknown
	}
	found := ending{Ending: history.Ending, By: history.By}
	if history.At != nil {
		at := history.At.UTC()
		found.At = &at
	}
	return found
}

// filesHidden is the error of files that can't be looked at, by their local names.
type filesHidden struct{ why []string }

func (f *filesHidden) Error() string { return strings.Join(f.why, "; ") }

// hidden returns the error of the files that can't be looked at; nil where there are none.
func hidden(files []evidenceFile, found []bits.FileStatus) *filesHidden {
	var why []string
	for i, f := range found {
		if f.Err != nil {
			why = append(why, files[i].LocalName+": "+f.Err.Error())
		}
	}
	if why == nil {
		return nil
	}
	return &filesHidden{why}
}

// findFiles looks whether all files of a download are there, with the sizes that are known: files get their
// names only when the job is completed. Where some can't be looked at and none is known to be missing the error is filesHidden.
func (e *evidence) findFiles(ctx context.Context, client hosts.Client) error {
	found, err := client.Stat(ctx, queriesOf(e.Files))
	if err != nil {
		return err
	}
	files := make([]evidenceFile, len(found))
	for i, f := range found {
		if f.Err == nil && !e.Files[i].arrived(f) {
			return nil
		}
		files[i] = evidenceFile{LocalName: e.Files[i].LocalName, Bytes: f.Size}
	}
	if unseen := hidden(e.Files, found); unseen != nil {
		return unseen
	}
	e.Ending, e.Shown, e.Files = bits.EndingCompleted, true, files
	return nil
}

// ExplainAbsence turns an error of a job that is gone into one with its end, where the host's log has it; [HowEnded] reads it. An account
// that would not see the job concludes nothing.
func ExplainAbsence(ctx context.Context, client hosts.Client, job bits.Job, err error) error {
	if !errors.Is(err, bits.ErrNotFound) {
		return err
	}
	if _, hidden := client.Get(ctx, job.ID, job.Owner.SID); errors.Is(hidden, bits.ErrNotVisible) {
		return hidden
	}
	if e := readLog(ctx, client, job); e.decided() {
		return &jobEnded{ending: e}
	}
	return err
}

// HowEnded returns how the job of an error ended, and words for that, such as "completed at 2026-11-20T10:11:12Z by CORP\ops"; "" where
// the error does not have it.
func HowEnded(err error) (e bits.Ending, words string) {
	var by *jobEnded
	if !errors.As(err, &by) {
		return "", ""
	}
	return by.ending.Ending, by.ending.describe()
}
