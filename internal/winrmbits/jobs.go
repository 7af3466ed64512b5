// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Create creates a suspended job that is named after the pending token, with all its properties. When the session breaks
// before the host answers, Create looks for the job by its token, and creates it again only when there is none; when that
// can't be found out, the error is bits.ErrUnknownOutcome.
func (h *Host) Create(ctx context.Context, token string, spec bits.Spec) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpCreate, Token: token, Job: &agent.Spec{
		Description: spec.Description, TransferType: string(spec.TransferType), Priority: string(spec.Priority),
		Files: toWire(spec.Files), Directories: spec.Directories, Properties: spec.Properties,
	}}
	job, err := h.job(ctx, op)
	if unanswered := err; outcomeUnknown(ctx, unanswered) {
		switch job, err = h.adopt(ctx, token); {
		case errors.Is(err, bits.ErrNotFound) && !errors.Is(unanswered, errNotEnded):
			job, err = h.job(ctx, op)
		case err != nil:
			err = unanswered
		}
	}
	if errors.Is(err, bits.ErrUnreadable) || errors.Is(err, errUnreadable) {
		job, err = bits.Job{}, h.takeBack(ctx, job.ID, err)
	}
	return job, h.wrap("create a job", "", err)
}

// takeBack removes the new job of an answer that can't be used, if the answer tells its id. Otherwise the outcome is unknown.
func (h *Host) takeBack(ctx context.Context, id bits.JobID, err error) error {
	var refused *bits.Error
	if id == "" || !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", bits.ErrUnknownOutcome, err)
	}
	failed := *refused
	if _, removing := execute[agent.Removed](ctx, h, agent.Op{Name: agent.OpRemove, ID: string(id)}); removing != nil {
		failed.Left = id
	} else {
		failed.TakenBack = true
	}
	return &failed
}

// Adopt returns the job that Create created for a token.
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
	if outcomeUnknown(ctx, err) {
		job, err = h.job(ctx, op)
	}
	return job, err
}

// Commit renames a pending job and resumes it unless it is to stay suspended. When the session breaks before the host
// answers, Commit reads the job, and repeats the operation once when the job does not show its result.
func (h *Host) Commit(ctx context.Context, id bits.JobID, displayName string, suspended bool) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpCommit, ID: string(id), DisplayName: displayName, Suspended: &suspended}
	job, err := h.job(ctx, op)
	if outcomeUnknown(ctx, err) {
		job, err = h.reread(ctx, id, err)
		if err == nil && (job.DisplayName != displayName || !suspended && job.State == bits.StateSuspended) {
			job, err = h.job(ctx, op)
		}
	}
	return job, h.wrap("commit", id, err)
}

// Get returns a job. The error of one that is not listed is bits.ErrNotFound only where the account would see it, and
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

// Change changes a live job in place. When the session breaks before the host answers, Change reads the job, and repeats
// once what is not done yet.
func (h *Host) Change(ctx context.Context, id bits.JobID, change bits.Change) (bits.Job, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	job, err := h.job(ctx, changeOp(id, change))
	if unanswered := err; outcomeUnknown(ctx, unanswered) {
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
	op := agent.Op{Name: agent.OpChange, ID: string(id), AddFiles: toWire(c.AddFiles), Suspended: c.Suspended, Retry: c.Retry}
	if c.Priority != nil || c.Description != nil || c.DisplayName != nil || !c.Empty() {
		op.Set = &agent.Set{Description: c.Description, DisplayName: c.DisplayName, Properties: c.Properties}
	}
	if c.Priority != nil {
		priority := string(*c.Priority)
		op.Set.Priority = &priority
	}
	return op
}

// Complete completes a transferred job: its files get their local names. When the session breaks before the host answers
// and the job is gone afterwards, it may have been cancelled as well, and the error is bits.ErrUnknownOutcome.
func (h *Host) Complete(ctx context.Context, id bits.JobID) (bits.Completion, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpComplete, ID: string(id)}
	done, err := execute[agent.Completed](ctx, h, op)
	if unanswered := err; outcomeUnknown(ctx, unanswered) {
		switch _, err = h.reread(ctx, id, unanswered); {
		case errors.Is(err, bits.ErrNotFound):
			err = unanswered
		case err == nil:
			done, err = execute[agent.Completed](ctx, h, op)
		}
	}
	if err == nil {
		err = isOf(op, done.Job)
	}
	if err == nil && done.Done && done.Remaining == nil {
		done.Remaining, err = h.isListed(ctx, id)
	}
	if err != nil {
		return bits.Completion{}, h.wrap("complete", id, err)
	}
	completion, err := completionFromWire(done)
	return completion, h.wrap("complete", id, err)
}

// isListed reports whether BITS lists a job.
func (h *Host) isListed(ctx context.Context, id bits.JobID) (*bool, error) {
	_, err := h.job(ctx, agent.Op{Name: agent.OpGet, ID: string(id)})
	if errors.Is(err, bits.ErrNotFound) {
		return new(false), nil
	}
	return new(true), err
}

// Remove cancels a job; an absent one is not an error. When the session breaks before the host answers, Remove reads the
// job, and cancels it once more if it is still listed.
func (h *Host) Remove(ctx context.Context, id bits.JobID) (bits.Removal, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	op := agent.Op{Name: agent.OpRemove, ID: string(id)}
	removed, err := execute[agent.Removed](ctx, h, op)
	if outcomeUnknown(ctx, err) {
		switch _, err = h.reread(ctx, id, err); {
		case errors.Is(err, bits.ErrNotFound):
			return bits.Removal{}, nil
		case err == nil:
			removed, err = execute[agent.Removed](ctx, h, op)
		}
	}
	if err != nil {
		return bits.Removal{}, h.wrap("remove", id, err)
	}
	var p parser
	removal := bits.Removal{Absent: removed.Absent, HResult: p.result(removed.HResult)}
	return removal, h.wrap("remove", id, p.err)
}

// outcomeUnknown reports whether the outcome of an operation is unknown and there is time to find it out. A change is
// never just repeated: the next agent process does not know of it.
func outcomeUnknown(ctx context.Context, err error) bool {
	return errors.Is(err, errUnanswered) && ctx.Err() == nil
}

// reread reads the job of an operation that got no answer. When that fails, too, the error is unanswered.
func (h *Host) reread(ctx context.Context, id bits.JobID, unanswered error) (bits.Job, error) {
	job, err := h.job(ctx, agent.Op{Name: agent.OpGet, ID: string(id)})
	if err != nil && !errors.Is(err, bits.ErrNotFound) {
		err = unanswered
	}
	return job, err
}

// job executes an operation whose value is a job.
func (h *Host) job(ctx context.Context, op agent.Op) (bits.Job, error) {
	v, err := execute[agent.JobValue](ctx, h, op)
	if err == nil {
		err = isOf(op, v.Job)
	}
	if err != nil {
		return bits.Job{}, err
	}
	job, err := jobFromWire(v.Job)
	job.OpenToUsers = v.OpenToUsers
	return job, err
}

// isOf returns an error when an answer is about another job than an operation. A pending job has the token in its name.
func isOf(op agent.Op, job agent.Job) error {
	id, err := bits.ParseJobID(job.ID)
	switch {
	case op.Token != "" && job.DisplayName != bits.PendingPrefix+op.Token:
		return unreadable("it is not about the pending job of token %s", op.Token)
	case op.ID != "" && (err != nil || string(id) != op.ID):
		return unreadable("it is not about job %s", op.ID)
	}
	return nil
}

func execute[T any](ctx context.Context, h *Host, op agent.Op) (T, error) {
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
