package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Keys of the private state. Each holds one JSON object.
const (
	pendingKey = "pending" // pending: how to find a job of which it is not known whether it was made
	endingKey  = "ending"  // ending: how a job is known to have ended
)

// pending is a job that Create was asked for.
type pending struct {
	Token string `json:"token"` // 32 hexadecimal digits of its pending display name
}

// ending is how a job left BITS, and what it left on the host.
type ending struct {
	State bits.State  `json:"state"` // acknowledged
	By    string      `json:"by"`    // who ended it
	At    time.Time   `json:"at"`    // the host's clock
	Files []endedFile `json:"files"`
}

// endedFile is a file as a completed job left it.
type endedFile struct {
	LocalName string  `json:"local_name"`
	Bytes     *uint64 `json:"bytes,string,omitempty"` // nil when its size was not known
}

const byTerraform = "Terraform"

func endingOf(c bits.Completion) ending {
	e := ending{State: bits.StateAcknowledged, By: byTerraform, At: c.At.UTC()}
	for _, f := range c.Job.Files {
		e.Files = append(e.Files, endedFile{LocalName: f.LocalName, Bytes: f.BytesTotal})
	}
	return e
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
		diags.AddError("Unreadable Private State", fmt.Sprintf(
			"What the state keeps about this job under %q can't be read: %s. It was written by another version of this provider, or changed by hand.", key, err))
		return evidence, false, diags
	}
	return evidence, true, diags
}

// remember writes evidence to private state.
func remember(ctx context.Context, private privateWriter, key string, evidence any) diag.Diagnostics {
	raw, err := json.Marshal(evidence)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unwritable Private State", err.Error())}
	}
	return private.SetKey(ctx, key, raw)
}
