// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// History returns how a job that BITS no longer lists ended, according to the host's event logs. An ending that is not in
// them is bits.EndingUnknown, and not an error. since is a time before the end, such as that of the creation; the zero
// time is none.
func (h *Host) History(ctx context.Context, id bits.JobID, since time.Time) (bits.History, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpHistory, ID: string(id)}
	if !since.IsZero() {
		op.Since = since.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	w, err := execute[agent.History](ctx, h, op)
	if err != nil {
		return bits.History{}, h.wrap("ask for the history of", id, err)
	}
	history, err := historyFromWire(w)
	return history, h.wrap("ask for the history of", id, err)
}

func historyFromWire(w agent.History) (bits.History, error) {
	var p parser
	history := bits.History{
		Ending: parse(&p, bits.ParseEnding, w.Ending), By: name(stringOrEmpty(w.By)), At: p.timeOrNil(w.At), Remark: w.Text,
	}
	return history, p.err
}
