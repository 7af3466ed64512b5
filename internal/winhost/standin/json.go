// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// encode writes a value as ASCII JSON. The values are the protocol's own types, which always can be written.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("standin: write %T as JSON: %v", v, err))
	}
	return agent.ASCII(bytes.TrimRight(b.Bytes(), "\n"))
}

// wireJob spells a job as the protocol does.
func (h Host) wireJob(j bits.Job) agent.Job {
	out := agent.Job{
		ID:               string(j.ID),
		DisplayName:      j.DisplayName,
		Description:      j.Description,
		TransferType:     string(j.TransferType),
		Priority:         string(j.Priority),
		State:            string(j.State),
		OwnerSID:         optional(j.Owner.SID),
		OwnerName:        optional(j.Owner.Name),
		BytesTotal:       size(j.BytesTotal),
		BytesTransferred: strconv.FormatUint(j.BytesTransferred, 10),
		FilesTransferred: j.FilesTransferred,
		CreatedAt:        new(stamp(j.CreatedAt)),
		ModifiedAt:       new(stamp(j.ModifiedAt)),
		Files:            make([]agent.File, 0, len(j.Files)),
	}
	out.Properties, out.ReadOnly = h.shown(j)
	out.Headers = agent.CleartextOf(out.CustomHeaders)
	if j.TransferredAt != nil {
		at := stamp(*j.TransferredAt)
		out.TransferredAt = &at
	}
	if j.Error != nil {
		out.Error = &agent.JobError{
			HResult: hex(j.Error.HResult), Context: string(j.Error.Context), Text: j.Error.Text,
		}
	}
	for _, f := range j.Files {
		out.Files = append(out.Files, agent.File{
			RemoteName: f.RemoteName, LocalName: f.LocalName, BytesTotal: size(f.BytesTotal),
			BytesTransferred: strconv.FormatUint(f.BytesTransferred, 10),
		})
	}
	return out
}

// shown is a job as the protocol spells it, less what its object does not show. Without its essentials it is an error.
func (o *operation) shown(j bits.Job) (agent.Job, error) {
	out := o.host.wireJob(j)
	switch member, why := o.host.Setup.Odd.Unreadable(j.ID); member {
	case "":
	case "OwnerAccount":
		out.OwnerSID, out.OwnerName = nil, nil
	case "CreationTime":
		out.CreatedAt = nil
	case "InternalErrorCode":
		if out.Error != nil {
			out.Error.HResult = nil
		}
	default:
		o.step = "read:" + member
		e := o.failure(why)
		e.Code = string(bits.CodeUnreadable)
		return out, &failed{answer: *e}
	}
	return out, nil
}

// row is what a list shows of its k-th job.
func (o *operation) row(k int, j bits.Job) json.RawMessage {
	job, err := o.shown(j)
	if err == nil {
		return encode(job)
	}
	unread := struct {
		ID          string       `json:"id"`
		DisplayName string       `json:"display_name"`
		Unread      *agent.Error `json:"unread"`
	}{job.ID, job.DisplayName, o.failure(err)}
	switch o.step {
	case "read:JobId":
		unread.ID = fmt.Sprintf("#%d", k)
	case "read:DisplayName":
		unread.DisplayName = ""
	}
	return encode(unread)
}

// optional is nil for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// size spells a number of bytes; nil is unknown.
func size(n *uint64) *string {
	if n == nil {
		return nil
	}
	s := strconv.FormatUint(*n, 10)
	return &s
}

// stamp spells a time.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// hex spells a result; nil is none.
func hex(h bits.HResult) *string {
	if h == 0 {
		return nil
	}
	s := h.Hex()
	return &s
}
