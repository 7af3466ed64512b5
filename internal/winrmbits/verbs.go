package winrmbits

import (
	"context"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Hello gives what the host says of itself.
func (h *Host) Hello(ctx context.Context) (agent.Hello, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	hello, err := carryOut[agent.Hello](ctx, h, agent.Op{Name: agent.OpHello})
	return hello, h.wrap("look at", "", err)
}

// List gives every job that the account may see, or only its own.
func (h *Host) List(ctx context.Context, mine bool) ([]bits.Job, error) {
	listing, err := h.Listing(ctx, mine)
	return listing.Jobs, err
}

// Listing gives every job that the account may see, or only its own, and says which it was.
func (h *Host) Listing(ctx context.Context, mine bool) (bits.Listing, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	asSystem := h.settings.RunAs == connection.RunAsSystem
	o, err := h.do(ctx, agent.Op{Name: agent.OpList, Mine: mine && !asSystem}) // who else sees everything can list for SYSTEM
	if err != nil {
		return bits.Listing{}, h.wrap("list jobs", "", err)
	}
	listed, err := value[agent.Listed](o)
	if err != nil {
		return bits.Listing{}, h.wrap("list jobs", "", err)
	}
	var p parser
	listing := bits.Listing{AllUsers: listed.AllUsers && !mine, At: p.time(listed.Now)}
	if p.err != nil {
		return bits.Listing{}, h.wrap("list jobs", "", p.err)
	}
	seen := map[bits.JobID]bool{} // a page that was asked for twice comes twice
	for _, w := range o.pages {
		job, err := fromWire(w)
		if err != nil {
			return bits.Listing{}, h.wrap("list jobs", "", err)
		}
		if mine && asSystem && job.Owner.SID != systemSID {
			continue
		}
		if !seen[job.ID] {
			seen[job.ID] = true
			listing.Jobs = append(listing.Jobs, job)
		}
	}
	return listing, nil
}

// Create makes a suspended job that is named after the pending token, with everything set. When the session breaks
// before the host answers it looks for the job by its token, and makes it again only when there is none; when that
// can't be found out the error is bits.ErrUnknownOutcome.
func (h *Host) Create(ctx context.Context, token string, spec bits.Spec) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpCreate, Token: token, Job: &agent.Spec{
		Description: spec.Description, TransferType: string(spec.TransferType), Priority: string(spec.Priority),
		Files: toWire(spec.Files), Directories: spec.Directories, Properties: spec.Properties, Secrets: agent.SecretsOf(spec.Properties),
	}}
	job, err := h.job(ctx, op)
	if unanswered := err; unknown(ctx, unanswered) {
		switch job, err = h.adopt(ctx, token); {
		case errors.Is(err, bits.ErrNotFound) && !errors.Is(unanswered, errNotEnded):
			job, err = h.job(ctx, op)
		case err != nil:
			err = unanswered
		}
	}
	return job, h.wrap("create a job", "", err)
}

// Adopt finds the job that Create made for a token.
func (h *Host) Adopt(ctx context.Context, token string) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	job, err := h.adopt(ctx, token)
	return job, h.wrap("find a pending job", "", err)
}

// adopt looks for a pending job, and once more when the session breaks: looking twice changes nothing.
func (h *Host) adopt(ctx context.Context, token string) (bits.Job, error) {
	op := agent.Op{Name: agent.OpAdopt, Token: token}
	job, err := h.job(ctx, op)
	if unknown(ctx, err) {
		job, err = h.job(ctx, op)
	}
	return job, err
}

// Commit gives a pending job its name and resumes it unless it shall stay suspended. When the session breaks before
// the host answers, the job is read, and what does not show yet is asked for once more.
func (h *Host) Commit(ctx context.Context, id bits.JobID, displayName string, suspended bool) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpCommit, ID: string(id), DisplayName: displayName, Suspended: &suspended}
	job, err := h.job(ctx, op)
	if unknown(ctx, err) {
		job, err = h.reread(ctx, id, err)
		if err == nil && (job.DisplayName != displayName || !suspended && job.State == bits.StateSuspended) {
			job, err = h.job(ctx, op)
		}
	}
	return job, h.wrap("commit", id, err)
}

// Get reads a job. A job that is not listed is bits.ErrNotFound only where the account would see it, and
// bits.ErrNotVisible otherwise.
func (h *Host) Get(ctx context.Context, id bits.JobID, ownerSID string) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	job, err := h.job(ctx, agent.Op{Name: agent.OpGet, ID: string(id)})
	if errors.Is(err, bits.ErrNotFound) && !h.seesJobsOf(ownerSID) {
		err = bits.ErrNotVisible
	}
	return job, h.wrap("read", id, err)
}

// Change changes a live job in place. When the session breaks before the host answers, the job is read, and what is
// not done yet is asked for once more.
func (h *Host) Change(ctx context.Context, id bits.JobID, change bits.Change) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	job, err := h.job(ctx, changeOp(id, change))
	if unanswered := err; unknown(ctx, unanswered) {
		if job, err = h.reread(ctx, id, unanswered); err == nil {
			change.AddFiles = job.MissingFiles(change.AddFiles) // BITS would take a file twice
			change.Properties = change.Without(job.Properties)
			if len(change.AddFiles) > 0 && errors.Is(unanswered, errNotEnded) {
				return bits.Job{}, h.wrap("change", id, unanswered)
			}
			job, err = h.job(ctx, changeOp(id, change))
		}
	}
	return job, h.wrap("change", id, err)
}

func changeOp(id bits.JobID, c bits.Change) agent.Op {
	op := agent.Op{Name: agent.OpChange, ID: string(id), AddFiles: toWire(c.AddFiles), Suspended: c.Suspended}
	if c.Priority != nil || c.Description != nil || c.DisplayName != nil || !c.Empty() {
		op.Set = &agent.Set{
			Description: c.Description, DisplayName: c.DisplayName,
			Properties: c.Properties, Secrets: agent.SecretsOf(c.Properties),
		}
	}
	if c.Priority != nil {
		priority := string(*c.Priority)
		op.Set.Priority = &priority
	}
	return op
}

// Complete ends a transferred job, so that its files get their names. When the session breaks before the host
// answers and the job is gone afterwards, nobody knows whether it was completed: bits.ErrUnknownOutcome.
func (h *Host) Complete(ctx context.Context, id bits.JobID) (bits.Completion, error) {
	return h.complete(ctx, id, false)
}

// CompletePartial ends a job in whatever state it is, as Complete does, and keeps the files that have arrived. BITS
// refuses that of an upload that is not transferred.
func (h *Host) CompletePartial(ctx context.Context, id bits.JobID) (bits.Completion, error) {
	return h.complete(ctx, id, true)
}

func (h *Host) complete(ctx context.Context, id bits.JobID, partial bool) (bits.Completion, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpComplete, ID: string(id), Partial: partial}
	done, err := carryOut[agent.Completed](ctx, h, op)
	if unanswered := err; unknown(ctx, unanswered) {
		switch _, err = h.reread(ctx, id, unanswered); {
		case errors.Is(err, bits.ErrNotFound):
			err = unanswered
		case err == nil:
			done, err = carryOut[agent.Completed](ctx, h, op)
		}
	}
	if err != nil {
		return bits.Completion{}, h.wrap("complete", id, err)
	}
	completion, err := completionOf(done)
	return completion, h.wrap("complete", id, err)
}

func completionOf(w agent.Completed) (bits.Completion, error) {
	job, err := fromWire(w.Job)
	if err != nil {
		return bits.Completion{}, err
	}
	c := bits.Completion{Job: job, Done: w.Done, Partial: w.Partial, Remaining: w.Remaining}
	var p parser
	if w.Done {
		c.At = p.time(w.At)
		if !w.Remaining {
			c.Job.State = bits.StateAcknowledged
		}
	}
	c.HResult = p.result(w.HResult)
	return c, p.err
}

func (p *parser) result(s *string) bits.HResult {
	if s == nil {
		return 0
	}
	return parse(p, bits.ParseHResult, *s)
}

// Remove cancels a job; an absent one is done. When the session breaks before the host answers, the job is read, and
// cancelled if it is still there.
func (h *Host) Remove(ctx context.Context, id bits.JobID) (bits.Removal, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpRemove, ID: string(id)}
	removed, err := carryOut[agent.Removed](ctx, h, op)
	if unknown(ctx, err) {
		switch _, err = h.reread(ctx, id, err); {
		case errors.Is(err, bits.ErrNotFound):
			return bits.Removal{}, nil
		case err == nil:
			removed, err = carryOut[agent.Removed](ctx, h, op)
		}
	}
	if err != nil {
		return bits.Removal{}, h.wrap("remove", id, err)
	}
	var p parser
	removal := bits.Removal{Absent: removed.Absent, Lingers: removed.Lingers, HResult: p.result(removed.HResult)}
	return removal, h.wrap("remove", id, p.err)
}

// unknown reports whether it is not known what came of an operation, and there is time to find out. An operation that
// changes something is not repeated: the next agent process knows nothing of it.
func unknown(ctx context.Context, err error) bool {
	return errors.Is(err, errUnanswered) && ctx.Err() == nil
}

// reread reads the job of an operation that went unanswered. When that fails, too, it is as open as before.
func (h *Host) reread(ctx context.Context, id bits.JobID, unanswered error) (bits.Job, error) {
	job, err := h.job(ctx, agent.Op{Name: agent.OpGet, ID: string(id)})
	if err != nil && !errors.Is(err, bits.ErrNotFound) {
		err = unanswered
	}
	return job, err
}

// job carries out an operation that answers with a job.
func (h *Host) job(ctx context.Context, op agent.Op) (bits.Job, error) {
	v, err := carryOut[agent.JobValue](ctx, h, op)
	if err != nil {
		return bits.Job{}, err
	}
	job, err := fromWire(v.Job)
	job.OpenToUsers = v.OpenToUsers
	return job, err
}

func carryOut[T any](ctx context.Context, h *Host, op agent.Op) (T, error) {
	o, err := h.do(ctx, op)
	if err != nil {
		var none T
		return none, err
	}
	v, err := value[T](o)
	if err != nil {
		return v, fmt.Errorf("%s: %w", op.Name, err)
	}
	return v, nil
}
