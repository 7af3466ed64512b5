package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// jobReader is all that waiting needs of a host.
type jobReader interface {
	Get(ctx context.Context, id bits.JobID, ownerSID string) (bits.Job, error)
}

// pace says how often a waiter looks: after first, then at intervals that grow to max.
type pace struct {
	first, max time.Duration
	after      func(time.Duration) <-chan time.Time
}

// steadyPace looks soon, because small files are there soon, and seldom later.
func steadyPace() pace { return pace{first: time.Second, max: 10 * time.Second, after: time.After} }

// pause waits until the next look and gives the interval after it.
func (p pace) pause(ctx context.Context, interval time.Duration) (time.Duration, error) {
	select {
	case <-ctx.Done():
		return interval, context.Cause(ctx)
	case <-p.after(interval):
		return min(interval*3/2, p.max), nil
	}
}

// Why a wait ended before the goal.
var (
	errSuspendedMeanwhile = errors.New("somebody suspended the job")
	errMovedOn            = errors.New("the job is no longer transferred")
	errMismatch           = errors.New("a file has another content than is expected")
	errStillListed        = errors.New("BITS still lists the job after it was completed")
)

// jobFailed is a job that stands in ERROR: BITS does not try again by itself.
type jobFailed struct{ job bits.Job }

func (e *jobFailed) Error() string {
	return fmt.Sprintf("job %s is in state %s", e.job.ID, e.job.State)
}

// await reads a job until BITS has done with it what it can: until it leaves the stage pending. It gives the job as
// read last, also with an error.
func await(ctx context.Context, reader jobReader, job bits.Job, p pace, progress func(bits.Job)) (bits.Job, error) {
	interval := p.first
	for job.State.Stage() == bits.StagePending {
		progress(job)
		var err error
		if interval, err = p.pause(ctx, interval); err != nil {
			return job, err
		}
		next, err := reader.Get(ctx, job.ID, job.Owner.SID)
		if ctx.Err() != nil && err != nil {
			return job, context.Cause(ctx)
		}
		if err != nil {
			return job, err
		}
		job = next
	}
	return job, nil
}

// finish waits until a job is transferred and completes it if it shall be. The completion is nil unless the job
// was completed; without it the job is as read last. An error says why the goal was not reached.
func finish(ctx context.Context, jobs Jobs, job bits.Job, complete bool, p pace, progress func(bits.Job)) (bits.Job, *bits.Completion, error) {
	for {
		job, err := await(ctx, jobs, job, p, progress)
		if err != nil {
			return job, nil, err
		}
		switch job.State.Stage() {
		case bits.StageError:
			return job, nil, &jobFailed{job: job}
		case bits.StageSuspended:
			return job, nil, errSuspendedMeanwhile
		case bits.StageTransferred:
		default: // final states, which a reader never sees
			return job, nil, bits.ErrNotFound
		}
		if !complete {
			return job, nil, nil
		}
		completion, err := completeJob(ctx, jobs, job.ID)
		if err != nil || completion.Done {
			return job, completion, err
		}
		// Somebody appended a file between look and act: BITS has work again.
		job = completion.Job
		if _, err := p.pause(ctx, p.first); err != nil {
			return job, nil, err
		}
	}
}

// checking says what was being done to a job that was completed.
const checking = "check the files of"

// reaching says what was being done to a job, read last as given, when finish ended with an error.
func reaching(job bits.Job) string {
	if job.State.Stage() == bits.StageTransferred {
		return "complete"
	}
	return "wait for the transfer of"
}

// completeJob completes a transferred job. The completion is nil with an error.
func completeJob(ctx context.Context, jobs Jobs, id bits.JobID) (*bits.Completion, error) {
	completion, err := jobs.Complete(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case completion.Done && completion.Remaining:
		return nil, errStillListed
	}
	return &completion, nil
}
