package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// clockSlack is how much earlier than a job's creation its records may seem to be, when the host's clock was set.
const clockSlack = time.Hour

// historyOf asks the host how a job that BITS no longer lists ended. What it can't tell is unknown: nothing depends on
// the event log being there.
func historyOf(ctx context.Context, jobs Jobs, m jobModel) bits.History {
	unknown := bits.History{Ending: bits.EndingUnknown}
	if m.ID.IsNull() {
		return unknown
	}
	var since time.Time
	if at, diags := m.CreatedAt.ValueRFC3339Time(); !diags.HasError() && !at.IsZero() {
		since = at.Add(-clockSlack)
	}
	history, err := jobs.History(ctx, m.jobID(), since)
	if err != nil {
		tflog.Debug(ctx, "the host could not be asked how a BITS job ended", map[string]any{"job": string(m.jobID()), "because": redact(err.Error())})
		return unknown
	}
	if history.Remark != "" {
		tflog.Debug(ctx, "what the event log of the host could not tell", map[string]any{"job": string(m.jobID()), "remark": history.Remark})
	}
	return history
}

// lookedUp makes of an error that says a job is gone one that says how it ended, where the host's log tells.
func lookedUp(ctx context.Context, jobs Jobs, m jobModel, err error) error {
	if !errors.Is(err, bits.ErrNotFound) {
		return err
	}
	if history := historyOf(ctx, jobs, m); history.Ending != bits.EndingUnknown {
		return &jobEnded{history: history}
	}
	return err
}

// ofHistory is the evidence of a completion that the host's log tells.
func ofHistory(h bits.History, m jobModel) ending {
	e := ending{State: bits.StateAcknowledged, By: h.By}
	if h.At != nil {
		e.At = h.At.UTC()
	}
	for _, f := range specs(filesOf(m.Files)) {
		e.Files = append(e.Files, endedFile{LocalName: f.LocalName})
	}
	return e
}

// completedBy records that the job was completed by somebody else.
func (m *jobModel) completedBy(h bits.History) {
	m.State = types.StringValue(string(bits.StageAcknowledged))
	m.Error = types.ObjectNull(errorTypes)
	if h.At != nil {
		m.CompletedAt = timetypes.NewRFC3339TimeValue(h.At.UTC())
	}
}

// endingWords tells an end, as far as it is known.
func endingWords(h bits.History) string {
	words, by, why := string(h.Ending), h.By, ""
	if h.Ending == bits.EndingExpired {
		words, by, why = "cancelled", "BITS itself", ", because nothing had happened to it for as long as the host's policy allows (90 days by default)"
	}
	if h.At != nil {
		words += " at " + stamp(*h.At)
	}
	if by != "" {
		words += " by " + by
	}
	return words + why
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }
