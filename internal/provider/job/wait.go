// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

// waitClient is all that waiting needs of a host.
type waitClient interface {
	Get(ctx context.Context, id bits.JobID, ownerSID string) (bits.Job, error)
	Change(ctx context.Context, id bits.JobID, change bits.Change) (bits.Job, error)
}

// Pace is how often a wait reads the job.
type Pace struct {
	first, max time.Duration
	after      func(time.Duration) <-chan time.Time
}

// SteadyPace looks soon, because small files are there soon, and then at intervals that grow to a limit.
func SteadyPace(limit time.Duration) Pace {
	return Pace{first: time.Second, max: limit, after: time.After}
}

// pause waits until the next read and returns the interval after it.
func (p Pace) pause(ctx context.Context, interval time.Duration) (time.Duration, error) {
	select {
	case <-ctx.Done():
		return interval, context.Cause(ctx)
	case <-p.after(interval):
		return min(interval*3/2, p.max), nil
	}
}

// Between two resumes of a job that meets one transient error after the other.
const (
	firstRetry = 15 * time.Second
	lastRetry  = 5 * time.Minute
)

// retries decides when a wait resumes a job in transient error: at once, and then at intervals that grow from firstRetry to
// lastRetry while no byte arrives. BITS itself waits for minimum_retry_delay. Source: "Best Practices When Using BITS", learn.microsoft.com.
type retries struct {
	left, interval time.Duration // until the next resume, and from that to the one after it
	bytes          uint64        // that had arrived at the last resume

	failure *bits.JobError // that the job met last; nil: none since a byte arrived
}

// passed counts the time since the last resume.
func (r *retries) passed(d time.Duration) { r.left -= d }

// due reports whether a job is to be resumed now.
func (r *retries) due(job bits.Job) bool {
	if job.BytesTransferred > r.bytes {
		*r = retries{bytes: job.BytesTransferred}
	}
	if job.State != bits.StateTransientError {
		return false
	}
	if r.failure = job.Error; r.left > 0 {
		return false
	}
	r.interval = min(max(2*r.interval, firstRetry), lastRetry)
	r.left = r.interval
	return true
}

// withFailure returns a job that is being retried with the error that it met last, which BITS forgets when it tries again.
func (r *retries) withFailure(job bits.Job) bits.Job {
	job.Error = cmp.Or(job.Error, r.failure)
	return job
}

// await reads a job until BITS has done with it what it can: until it leaves the stage pending. It returns the job as
// read last, also with an error; when the time is over, with the transient error that it met last.
func await(ctx context.Context, client waitClient, job bits.Job, p Pace, progress func(bits.Job)) (bits.Job, error) {
	interval := p.first
	retry := retries{bytes: job.BytesTransferred}
	for job.State.Stage() == bits.StagePending {
		progress(job)
		if retry.due(job) {
			// A failure says nothing of the job: BITS tries again by itself, and the next read shows what became of it.
			if resumed, err := client.Change(ctx, job.ID, bits.Change{Retry: true}); err == nil {
				job, interval = resumed, p.first
			}
		}
		retry.passed(interval)
		var err error
		if interval, err = p.pause(ctx, interval); err != nil {
			return retry.withFailure(job), err
		}
		next, err := client.Get(ctx, job.ID, job.Owner.SID)
		if ctx.Err() != nil && err != nil {
			return retry.withFailure(job), context.Cause(ctx)
		}
		if err != nil {
			return job, err
		}
		job = next
	}
	return job, nil
}

// WaitForTransfer waits until a job is transferred. It returns the job as read last, also with an error: why it will not be, without
// help from outside, or why the wait ended.
func WaitForTransfer(ctx context.Context, client waitClient, job bits.Job, p Pace, progress func(bits.Job)) (bits.Job, error) {
	job, err := await(ctx, client, job, p, progress)
	if job.State.Stage() == bits.StageError { // even if the time is over: this is why
		return job, &jobFailed{job: job}
	}
	if err != nil {
		return job, err
	}
	switch job.State.Stage() {
	case bits.StageSuspended:
		return job, errSuspendedMeanwhile
	case bits.StageTransferred:
		return job, nil
	default: // final states, in which BITS lists no job
		return job, bits.ErrNotFound
	}
}

// waitAndComplete waits until a job is transferred and completes it if that is wanted. The completion is nil unless the job
// was completed; without it the job is as read last. An error is why the goal was not reached.
func waitAndComplete(ctx context.Context, client hosts.Client, job bits.Job, complete bool, p Pace,
	progress func(bits.Job),
) (bits.Job, *bits.Completion, error) {
	for {
		var err error
		job, err = WaitForTransfer(ctx, client, job, p, progress)
		if err != nil || !complete {
			return job, nil, err
		}
		completion, err := Complete(ctx, client, job.ID)
		if err != nil || completion.Done {
			return job, completion, err
		}
		// A file was appended since the job was read: BITS has work again.
		job = completion.Job
		if _, err := p.pause(ctx, p.first); err != nil && job.State.Stage() != bits.StageError {
			return job, nil, err
		}
	}
}

// failureWatch is how long an apply looks whether a job that it has resumed fails again.
const failureWatch = 30 * time.Second

// FailsAgain looks whether a job that had failed, and was resumed, fails again before more of it arrives. It returns the job as read last.
func FailsAgain(ctx context.Context, client waitClient, job bits.Job, p Pace) (bits.Job, error) {
	had, watched := job.BytesTransferred, time.Duration(0)
	for interval := p.first; job.State.Stage() == bits.StagePending && job.BytesTransferred <= had && watched < failureWatch; {
		watched += interval
		var err error
		if interval, err = p.pause(ctx, interval); err != nil {
			return job, err
		}
		next, err := client.Get(ctx, job.ID, job.Owner.SID)
		if err != nil {
			return job, err
		}
		job = next
	}
	if job.State.Stage() == bits.StageError {
		return job, &jobFailed{job: job}
	}
	return job, nil
}

// checking is what is done to a job that was completed.
const checking = "check the files of"

// waitPhase returns what was being done to a job, as it was read last, when waitAndComplete ended with an error.
func waitPhase(job bits.Job) string {
	if job.State.Stage() == bits.StageTransferred {
		return "complete"
	}
	return "wait for the transfer of"
}

// Complete completes a transferred job, and leaves one in any other state alone. The completion is nil with an error.
func Complete(ctx context.Context, client hosts.Client, id bits.JobID) (*bits.Completion, error) {
	completion, err := client.Complete(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case completion.Done && completion.Remaining:
		return nil, errStillListed
	}
	return &completion, nil
}
