package standin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

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
	return ascii(bytes.TrimRight(b.Bytes(), "\n"))
}

// ascii escapes every character of a JSON text that is not printable ASCII.
func ascii(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
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
		OwnerSID:         known(j.Owner.SID),
		OwnerName:        known(j.Owner.Name),
		BytesTotal:       size(j.BytesTotal),
		BytesTransferred: strconv.FormatUint(j.BytesTransferred, 10),
		FilesTransferred: j.FilesTransferred,
		CreatedAt:        stamp(j.CreatedAt),
		ModifiedAt:       stamp(j.ModifiedAt),
		Files:            make([]agent.File, 0, len(j.Files)),
		Properties:       h.told(j.Properties),
	}
	out.Headers = agent.SecretsOf(out.Properties).Headers
	if j.TransferredAt != nil {
		at := stamp(*j.TransferredAt)
		out.TransferredAt = &at
	}
	if j.Error != nil {
		// The module's jobs do not tell which file an error belongs to.
		out.Error = &agent.JobError{
			HResult: hex(j.Error.HResult), Context: string(j.Error.Context), Text: j.Error.Text,
		}
	}
	for _, f := range j.Files {
		out.Files = append(out.Files, agent.File{
			RemoteName: f.RemoteName, LocalName: f.LocalName, BytesTotal: size(f.BytesTotal),
			BytesTransferred: strconv.FormatUint(f.BytesTransferred, 10), Complete: f.Complete,
		})
	}
	return out
}

// selected writes a job with the named fields only, or whole when none are named.
func selected(j agent.Job, fields []string) json.RawMessage {
	whole := encode(j)
	if len(fields) == 0 {
		return whole
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(whole, &all); err != nil {
		panic(fmt.Sprintf("standin: read a job just written: %v", err))
	}
	some := make(map[string]json.RawMessage, len(fields))
	for _, name := range fields {
		some[name] = all[name]
	}
	return encode(some)
}

// known is nil for what the host could not tell.
func known(s string) *string {
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
