package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// evidence is what the private state keeps about a job beside its attributes.
type evidence struct {
	Version int    `json:"v"`
	Token   string `json:"token,omitempty"` // in the pending name of a job of which it is not known whether it was made
	ending
	Files        []evidenceFile `json:"files,omitempty"`         // as they were read last; of a completed job, as it left them
	MissingFiles []string       `json:"missing_files,omitempty"` // local names of the files of a completed job that are gone

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
			"What the state keeps about this job beside its attributes can't be read: %s. It was written by another version of this provider, or changed by hand. "+
				"The provider goes on without it.", err))
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
			e.Drift[a.name] = fingerprint(a.want)
		}
	}
}

// refused lists the changes of a plan that a finished job does not take. Those that only want back what was changed outside Terraform
// are none, and a completed job needs no new password.
func (e *evidence) refused(plan, prior model) []changedAttribute {
	return slices.DeleteFunc(inPlace(plan, prior), func(a changedAttribute) bool {
		reverts := e.Drift[a.name] != "" && e.Drift[a.name] == fingerprint(a.want)
		return reverts || a.ignoredWhenCompleted && plan.stage() == bits.StageAcknowledged
	})
}

func fingerprint(v attr.Value) string {
	sum := sha256.Sum256([]byte(v.String()))
	return hex.EncodeToString(sum[:])
}
