package winrmbits

import (
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// History tells how a job that BITS no longer lists ended, as far as the host's event logs do: an ending that they do
// not tell is bits.EndingUnknown and no error. since is a time before the end, such as that of the creation; the zero
// time is none.
func (h *Host) History(ctx context.Context, id bits.JobID, since time.Time) (bits.History, error) {
	op := agent.Op{Name: agent.OpHistory, ID: string(id)}
	if !since.IsZero() {
		op.Since = since.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	w, err := carryOut[agent.History](ctx, h, op)
	if err != nil {
		return bits.History{}, h.wrap("ask for the history of", id, err)
	}
	history, err := historyOf(w)
	return history, h.wrap("ask for the history of", id, err)
}

func historyOf(w agent.History) (bits.History, error) {
	var p parser
	history := bits.History{
		Ending: parse(&p, bits.ParseEnding, w.Ending), By: text(w.By), At: p.moment(w.At), Files: w.Files,
		LogSince: p.moment(w.LogSince), Remark: w.Text,
	}
	if w.Event != nil {
		history.Event = *w.Event
	}
	return history, p.err
}

// moment reads a time that may be unknown.
func (p *parser) moment(s *string) *time.Time {
	if s == nil {
		return nil
	}
	at := p.time(*s)
	return &at
}
