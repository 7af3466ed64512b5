package job

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// clockSlack is how much earlier than a job's creation its records may seem to be, when the host's clock was set.
const clockSlack = time.Hour

// findEnding finds out how a job ended that BITS does not list any more. What was found once stays: a plan is made
// again every night, and the host's log forgets. Without a log the files tell. An error says that nothing could be
// found out.
func findEnding(ctx context.Context, jobs hosts.Client, m model, private privateReader) (ending, error) {
	known, _, diags := recall[ending](ctx, private, endingKey)
	if !diags.HasError() && known.decided() {
		return known, nil
	}
	had, _, diags := recall[[]endedFile](ctx, private, filesKey)
	if diags.HasError() || len(had) == 0 {
		had = unsized(m)
	}
	e := askLog(ctx, jobs, m)
	e.Files = had
	if e.decided() || bits.TransferType(m.TransferType.ValueString()) != bits.Download {
		return e, nil // the file of an upload was there before the job
	}
	return askFiles(ctx, jobs, e)
}

// askLog asks the host's event log how a job ended. What it can't tell is unknown: nothing depends on the log being
// there.
func askLog(ctx context.Context, jobs hosts.Client, m model) ending {
	unknown := ending{Ending: bits.EndingUnknown}
	if m.ID.IsNull() {
		return unknown
	}
	var since time.Time
	if at, diags := m.CreatedAt.ValueRFC3339Time(); !diags.HasError() && !at.IsZero() {
		since = at.Add(-clockSlack)
	}
	history, err := jobs.History(ctx, m.jobID(), since)
	if err != nil {
		tflog.Debug(ctx, "the host could not be asked how a BITS job ended", map[string]any{"job": string(m.jobID()), "because": report.Redact(err.Error())})
		return unknown
	}
	if history.Remark != "" {
		tflog.Debug(ctx, "what the event log of the host could not tell", map[string]any{"job": string(m.jobID()), "remark": history.Remark})
	}
	if history.Ending == bits.EndingUnknown {
		return unknown
	}
	e := ending{Ending: history.Ending, By: history.By}
	if history.At != nil {
		at := history.At.UTC()
		e.At = &at
	}
	return e
}

// askFiles looks whether all files of a download are there, with the sizes that are known: BITS gives files their
// names only when the job is completed. A file that can't be looked at shows nothing.
func askFiles(ctx context.Context, jobs hosts.Client, e ending) (ending, error) {
	found, err := jobs.Stat(ctx, queriesOf(e.Files))
	if err != nil {
		return e, err
	}
	files := make([]endedFile, len(found))
	for i, f := range found {
		if !e.Files[i].arrived(f) {
			return e, nil
		}
		files[i] = endedFile{LocalName: e.Files[i].LocalName, Bytes: f.Size}
	}
	e.Ending, e.Shown, e.Files = bits.EndingCompleted, true, files
	return e, nil
}

// explainAbsence makes of an error that says a job is gone one that says how it ended, where the host's log tells. Who
// would not see the job concludes nothing.
func explainAbsence(ctx context.Context, jobs hosts.Client, m model, err error) error {
	if !errors.Is(err, bits.ErrNotFound) {
		return err
	}
	if _, hidden := jobs.Get(ctx, m.jobID(), m.ownerSID()); errors.Is(hidden, bits.ErrNotVisible) {
		return hidden
	}
	if e := askLog(ctx, jobs, m); e.decided() {
		return &jobEnded{ending: e}
	}
	return err
}

// markEnded records that the job was completed, by whomever.
func (m *model) markEnded(e ending) {
	m.State = types.StringValue(string(bits.StageAcknowledged))
	m.Error = types.ObjectNull(attrs.ErrorTypes)
	m.CompletedAt = timetypes.NewRFC3339Null()
	if e.At != nil {
		m.CompletedAt = timetypes.NewRFC3339TimeValue(e.At.UTC())
	}
}

// markMissing records that the job is not there any more.
func (m *model) markMissing() {
	m.State = types.StringValue(string(bits.StageMissing))
	m.Error = types.ObjectNull(attrs.ErrorTypes)
	m.CompletedAt = timetypes.NewRFC3339Null()
}

// describeEnding tells an end, as far as it is known.
func describeEnding(e ending) string {
	words, by, why := string(e.Ending), e.By, ""
	if e.Ending == bits.EndingExpired {
		words, by, why = "cancelled", "BITS itself", ", because nothing had happened to it for as long as the host's policy allows (90 days by default)"
	}
	if e.At != nil {
		words += " at " + stamp(*e.At)
	}
	if by != "" {
		words += " by " + by
	}
	return words + why
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// jobEnded is the refusal that this provider gives by itself: how the job ended is known.
type jobEnded struct {
	ending ending
	at     string // when the evidence tells no time
}

// Explain words the refusal: how the job ended, and what a finished job means for a change.
func (e *jobEnded) Explain(report.Operation) report.Failure {
	f := report.Failure{
		Summary: report.InvalidState, Remedy: finishedRemedy,
		Problem: "it was " + e.describe() + "; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)",
	}
	if e.ending.decided() && !e.ending.completed() {
		f.Remedy = report.GoneRemedy
	}
	return f
}

func (e *jobEnded) Error() string { return "the job was " + e.describe() }

// Is makes it an error of a job that BITS does not list.
func (*jobEnded) Is(target error) bool { return target == bits.ErrNotFound }

// describe tells the end of a job as far as it is known.
func (e *jobEnded) describe() string {
	switch {
	case e.ending.Shown:
		return "completed, as its files show"
	case e.ending.At != nil, e.at == "" && e.ending.Ending != "":
		return describeEnding(e.ending)
	case e.at != "":
		return "completed at " + e.at
	}
	return "completed"
}
