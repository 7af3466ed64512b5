package job

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Keys of the private state. Each holds one JSON object.
const (
	pendingKey      = "pending" // pending: how to find a job of which it is not known whether it was made
	endingKey       = "ending"  // ending: how a job ended that BITS does not list any more
	missingFilesKey = "lost"    // []string: the files of a completed job that are gone, by local name
	filesKey        = "files"   // []endedFile: the files of a live job, as they were read last
	driftKey        = "drift"   // drift: what somebody else changed on a live job
)

// pending is a job that Create was asked for.
type pending struct {
	Token string `json:"token"` // 32 hexadecimal digits of its pending display name
}

// ending is how a job left BITS, and what it left on the host. The zero value is a job of which no end is known.
type ending struct {
	Ending bits.Ending `json:"ending"`
	By     string      `json:"by,omitempty"`    // who ended it
	At     *time.Time  `json:"at,omitempty"`    // the host's clock
	Shown  bool        `json:"shown,omitempty"` // by nothing but the files that are there
	Files  []endedFile `json:"files,omitempty"`
}

// completed reports whether the job is known to be completed.
func (e ending) completed() bool { return e.Ending == bits.EndingCompleted }

// decided reports whether the end is known. Nothing that a host says later changes it.
func (e ending) decided() bool { return e.Ending != "" && e.Ending != bits.EndingUnknown }

// endedFile is a file as a completed job left it, or as a job had it when it was read last.
type endedFile struct {
	LocalName string  `json:"local_name"`
	Bytes     *uint64 `json:"bytes,string,omitempty"` // nil when its size was not known

	ModifiedAt *time.Time `json:"modified_at,omitempty"` // nil until it was looked at
	SHA256     string     `json:"sha256,omitempty"`      // of the file with this size and time; "" until it was computed
}

// arrived reports whether a file is there with the size that is known of it.
func (f endedFile) arrived(found bits.FileStatus) bool {
	return found.Err == nil && found.Exists && (f.Bytes == nil || found.Size != nil && *found.Size == *f.Bytes)
}

const byTerraform = "Terraform"

func endingOf(c bits.Completion) ending {
	at := c.At.UTC()
	return ending{Ending: bits.EndingCompleted, By: byTerraform, At: &at, Files: sizesOf(c.Job)}
}

// sizesOf tells what is known of the files of a job: what shows later, without a log, whether they arrived.
func sizesOf(job bits.Job) []endedFile {
	var files []endedFile
	for _, f := range job.Files {
		files = append(files, endedFile{LocalName: f.LocalName, Bytes: f.BytesTotal})
	}
	return files
}

// privateReader and privateWriter are the private state of any request and response.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// recall reads evidence from private state; false when there is none.
func recall[T any](ctx context.Context, private privateReader, key string) (T, bool, diag.Diagnostics) {
	var evidence T
	raw, diags := private.GetKey(ctx, key)
	if diags.HasError() || len(raw) == 0 {
		return evidence, false, diags
	}
	if err := json.Unmarshal(raw, &evidence); err != nil {
		diags.Append(report.Problem(path.Empty(), report.UnreadablePrivateState,
			"What the state keeps about this job under %q can't be read: %s. It was written by another version of this provider, or changed by hand.", key, err))
		return evidence, false, diags
	}
	return evidence, true, diags
}

// forget takes evidence out of private state.
func forget(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, nil)
}

// remember writes evidence to private state.
func remember(ctx context.Context, private privateWriter, key string, evidence any) diag.Diagnostics {
	raw, err := json.Marshal(evidence)
	if err != nil {
		return diag.Diagnostics{report.Problem(path.Empty(), report.UnwritablePrivateState, "%s", err.Error())}
	}
	return private.SetKey(ctx, key, raw)
}
