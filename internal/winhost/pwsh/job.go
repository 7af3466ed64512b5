// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// text is a string behind a mark, for PowerShell 7 turns strings that look like dates into dates.
type text string

// MarshalJSON writes the mark before the string.
func (t text) MarshalJSON() ([]byte, error) {
	return json.Marshal("=" + string(t))
}

// job is what the cmdlets' objects are made of. Enums are spelled as the module's: TransientError.
type job struct {
	ID               text   `json:"id"`
	DisplayName      text   `json:"display_name"`
	Description      text   `json:"description"`
	TransferType     text   `json:"transfer_type"`
	Priority         text   `json:"priority"`
	State            text   `json:"state"`
	Owner            text   `json:"owner"`
	BytesTotal       text   `json:"bytes_total"`
	BytesTransferred text   `json:"bytes_transferred"`
	FilesTransferred int    `json:"files_transferred"`
	Created          text   `json:"created"`
	Modified         text   `json:"modified"`
	Transferred      text   `json:"transferred"` // "" while there are bytes to come
	HResult          int32  `json:"hresult"`     // of the job's error; 0: none
	Context          text   `json:"context"`
	Error            text   `json:"error"`
	Files            []file `json:"files"`

	Unreadable string         `json:"unreadable"` // the member that can't be read; "": all can be
	Properties map[string]any `json:"properties"` // as the protocol spells them, with marked strings
}

// file is one file of a job.
type file struct {
	RemoteName       text `json:"remote_name"`
	LocalName        text `json:"local_name"`
	BytesTotal       text `json:"bytes_total"`
	BytesTransferred text `json:"bytes_transferred"`
	Complete         bool `json:"complete"`
}

// snapshotOf returns what the cmdlets show of a job.
func snapshotOf(j bits.Job) job {
	out := job{
		ID: text(j.ID), DisplayName: text(j.DisplayName), Description: text(j.Description),
		TransferType: name(string(j.TransferType)), Priority: name(string(j.Priority)), State: name(string(j.State)),
		Owner: text(j.Owner.Name), BytesTotal: size(j.BytesTotal), BytesTransferred: size(&j.BytesTransferred),
		FilesTransferred: j.FilesTransferred, Created: stamp(j.CreatedAt), Modified: stamp(j.ModifiedAt),
		Context: name(string(bits.ContextNone)), Files: []file{},
	}
	if out.Owner == "" {
		out.Owner = text(j.Owner.SID)
	}
	if j.TransferredAt != nil {
		out.Transferred = stamp(*j.TransferredAt)
	}
	if j.Error != nil {
		out.HResult = int32(j.Error.HResult) //nolint:gosec // the same 32 bits, signed
		out.Context, out.Error = name(string(j.Error.Context)), text(j.Error.Text)
	}
	out.Properties = shown(j.Properties)
	for _, f := range j.Files {
		out.Files = append(out.Files, file{
			RemoteName: text(f.RemoteName), LocalName: text(f.LocalName), BytesTotal: size(f.BytesTotal),
			BytesTransferred: size(&f.BytesTransferred), Complete: f.Complete,
		})
	}
	return out
}

// name spells a word of internal/bits as the module does: transient_error is TransientError.
func name(word string) text {
	var b strings.Builder
	for part := range strings.SplitSeq(word, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return text(b.String())
}

// size spells a number of bytes; an unknown one is the greatest there is. Source: BG_JOB_PROGRESS, learn.microsoft.com.
func size(n *uint64) text {
	known := uint64(math.MaxUint64)
	if n != nil {
		known = *n
	}
	return text(strconv.FormatUint(known, 10))
}

func stamp(t time.Time) text { return text(t.UTC().Format(time.RFC3339Nano)) }

// shown are the properties that the cmdlets' objects show.
func shown(p bits.Properties) map[string]any {
	values := map[string]any{}
	encoded, err := json.Marshal(settings{Properties: p, Headers: agent.CleartextOf(p.CustomHeaders)})
	if err == nil {
		err = json.Unmarshal(encoded, &values)
	}
	if err != nil {
		panic(fmt.Sprintf("pwsh: write properties as JSON: %v", err)) // the protocol's own types always can be written
	}
	for name, value := range values {
		values[name] = mark(value)
	}
	return values
}

// mark puts a mark before each string of a value.
func mark(value any) any {
	switch value := value.(type) {
	case string:
		return text(value)
	case []any:
		for i := range value {
			value[i] = mark(value[i])
		}
	}
	return value
}
