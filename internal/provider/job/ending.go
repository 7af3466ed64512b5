package job

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// ending is how a job left BITS. The zero value is a job of which no end is known.
type ending struct {
	Ending bits.Ending `json:"ending,omitempty"`
	By     string      `json:"by,omitempty"`    // who ended it
	At     *time.Time  `json:"at,omitempty"`    // the host's clock
	Shown  bool        `json:"shown,omitempty"` // by nothing but the files that are there
}

const byTerraform = "Terraform"

// clockSlack is how much earlier than a job's creation its records may seem to be, when the host's clock was set.
const clockSlack = time.Hour

// completed reports whether the job is known to be completed.
func (e ending) completed() bool { return e.Ending == bits.EndingCompleted }

// decided reports whether the end is known. Nothing that a host reports later changes it.
func (e ending) decided() bool { return e.Ending != "" && e.Ending != bits.EndingUnknown }

// describe describes an end, as far as it is known.
func (e ending) describe() string {
	if e.Shown {
		return "completed, as its files show"
	}
	words, by, why := string(e.Ending), e.By, ""
	if e.Ending == bits.EndingExpired {
		words, by, why = "cancelled", "BITS itself", ", because nothing had happened to it for as long as the host's policy allows (90 days by default)"
	}
	if e.At != nil {
		words += " at " + e.At.UTC().Format("2006-01-02T15:04:05Z")
	}
	if by != "" {
		words += " by " + by
	}
	return words + why
}

// absence explains why BITS does not list a job.
func (e ending) absence() string {
	if !e.decided() {
		return "BITS no longer lists it: completed, cancelled or expired; whether its files arrived is not known."
	}
	return "It was " + e.describe() + "; BITS no longer lists it."
}

// findEnding finds out how a job ended that BITS does not list any more. What was found once stays: a plan is made again every night, and
// the host's log forgets. Without a log the files show it. An error means that nothing could be found out.
func (e *evidence) findEnding(ctx context.Context, client hosts.Client, m model) error {
	if e.decided() {
		return nil
	}
	e.Files = e.fileList(m)
	e.ending = readLog(ctx, client, m)
	if e.decided() || bits.TransferType(m.TransferType.ValueString()) != bits.Download {
		return nil // the file of an upload was there before the job
	}
	return e.findFiles(ctx, client)
}

// readLog reads from the host's event log how a job ended. What it does not have is unknown: nothing depends on the log being there.
func readLog(ctx context.Context, client hosts.Client, m model) ending {
	unknown := ending{Ending: bits.EndingUnknown}
	if m.ID.IsNull() {
		return unknown
	}
	var since time.Time
	if at, diags := m.CreatedAt.ValueRFC3339Time(); !diags.HasError() && !at.IsZero() {
		since = at.Add(-clockSlack)
	}
	history, err := client.History(ctx, m.jobID(), since)
	if err != nil {
		tflog.Debug(ctx, "the host could not be asked how a BITS job ended", map[string]any{"job": string(m.jobID()), "because": report.Redact(err.Error())})
		return unknown
	}
	if history.Remark != "" {
		tflog.Debug(ctx, "what the event log of the host does not have", map[string]any{"job": string(m.jobID()), "remark": history.Remark})
	}
	if history.Ending == bits.EndingUnknown {
		return unknown
	}
	found := ending{Ending: history.Ending, By: history.By}
	if history.At != nil {
		at := history.At.UTC()
		found.At = &at
	}
	return found
}

// findFiles looks whether all files of a download are there, with the sizes that are known: files get their
// names only when the job is completed. A file that can't be looked at shows nothing.
func (e *evidence) findFiles(ctx context.Context, client hosts.Client) error {
	found, err := client.Stat(ctx, queriesOf(e.Files))
	if err != nil {
		return err
	}
	files := make([]evidenceFile, len(found))
	for i, f := range found {
		if !e.Files[i].arrived(f) {
			return nil
		}
		files[i] = evidenceFile{LocalName: e.Files[i].LocalName, Bytes: f.Size}
	}
	e.Ending, e.Shown, e.Files = bits.EndingCompleted, true, files
	return nil
}

// explainAbsence turns an error of a job that is gone into one with its end, where the host's log has it. An account
// that would not see the job concludes nothing.
func explainAbsence(ctx context.Context, client hosts.Client, m model, err error) error {
	if !errors.Is(err, bits.ErrNotFound) {
		return err
	}
	if _, hidden := client.Get(ctx, m.jobID(), m.ownerSID()); errors.Is(hidden, bits.ErrNotVisible) {
		return hidden
	}
	if e := readLog(ctx, client, m); e.decided() {
		return &jobEnded{ending: e}
	}
	return err
}
