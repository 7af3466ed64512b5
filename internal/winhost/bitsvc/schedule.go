// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// timeSlice is how long a background job transfers while another of its class waits.
const timeSlice = 5 * time.Minute

// schedule lets those jobs transfer that BITS would: every foreground job, and one background job, which is of
// the highest class that has work; jobs of one class take turns. It starts what shall run and halts what shall not.
// Source: "Life Cycle of a BITS Job" and BG_JOB_PRIORITY, learn.microsoft.com.
func (s *Service) schedule() {
	s.hold()
	chosen := s.choose()
	for _, j := range s.jobs {
		if j.run != nil && !chosen[j] {
			s.interrupt(j)
		}
	}
	for j := range chosen {
		if j.run == nil {
			s.start(j)
		}
	}
}

// choose returns the jobs that may transfer now.
func (s *Service) choose() map[*job]bool {
	chosen := map[*job]bool{}
	if s.held || s.off != 0 || s.closed {
		return chosen
	}
	for _, j := range s.eligible() {
		chosen[j] = true
		if j.priority != bits.PriorityForeground {
			break
		}
	}
	return chosen
}

// eligible is the jobs with work whose owner counts as logged on, the highest class first, in the order of their turns.
func (s *Service) eligible() []*job {
	var list []*job
	for _, j := range s.jobs {
		if j.active() && j.ending == 0 && !j.lingers && s.present(j.owner) {
			list = append(list, j)
		}
	}
	classes := bits.Priorities()
	slices.SortFunc(list, func(a, b *job) int {
		return cmp.Or(slices.Index(classes, a.priority)-slices.Index(classes, b.priority), cmp.Compare(a.turn, b.turn))
	})
	return list
}

// become puts a job into a state, which its time of modification shows.
func (s *Service) become(j *job, state bits.State) {
	if j.state == state {
		return
	}
	j.state = state
	s.touch(j)
}

// enqueue puts a job at the end of the queue.
func (s *Service) enqueue(j *job) {
	j.stopRetry()
	s.order++
	j.turn = s.order
	j.state, j.failure, j.transferred = bits.StateQueued, nil, nil
}

// start lets a job transfer.
func (s *Service) start(j *job) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{cancel: cancel, done: make(chan struct{})}
	r.stop = s.clock.AfterFunc(timeSlice, func() { s.sliceOver(j, r) })
	began := s.clock.Now()
	stop := s.clock.AfterFunc(duration(j.set.MaximumDownloadTime)-j.spent, func() { s.outOfTime(j, r) })
	r.expire = func() bool {
		j.spent += s.clock.Now().Sub(began)
		return stop()
	}
	j.run = r
	settled := j.settled()
	s.running.Go(func() {
		defer close(r.done)
		defer cancel()
		select {
		case <-settled:
			s.transfer(ctx, j, r)
		case <-ctx.Done():
			<-settled
		}
	})
}

// sliceOver sends a background job to the end of the queue.
func (s *Service) sliceOver(j *job, r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.run != r {
		return
	}
	s.order++
	j.turn = s.order
	s.schedule()
	if j.run == r { // nobody else waits: the next slice is its own, too
		r.stop = s.clock.AfterFunc(timeSlice, func() { s.sliceOver(j, r) })
	}
}

// outOfTime ends a job that took too long. Source: IBackgroundCopyJob4::SetMaximumDownloadTime, learn.microsoft.com.
func (s *Service) outOfTime(j *job, r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.run != r {
		return
	}
	j.halt()
	s.fail(j, j.unfinished(), fatal(bgMaxDownloadTime, bits.ContextQueueManager))
}

// problem is why a transfer did not get on.
type problem struct {
	result    bits.HResult // 0: no problem
	context   bits.ErrorContext
	transient bool
	halted    bool // the transfer was ended by the scheduler or by a call
}

// stops reports whether the transfer can't go on.
func (p problem) stops() bool { return p.halted || p.result != 0 }

// fail records a problem of a job's file: BITS tries again after a transient one until there was no progress for
// too long since the first of them, and never with a method of the job's own. Sources: IBackgroundCopyJob::SetNoProgressTimeout and
// ::SetMinimumRetryDelay, and IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (s *Service) fail(j *job, f *file, p problem) {
	j.stopRetry()
	j.failure = &bits.JobError{HResult: p.result, Context: p.context, Text: s.message(p.result)}
	if f != nil {
		j.failure.File = f.local
		s.noteTransfer(eventStoppedByError, j, f, p.result)
	}
	if j.troubled.IsZero() {
		j.troubled = s.clock.Now()
	}
	left := j.patience(s.clock.Now())
	switch {
	case !p.transient, left <= 0, j.retryDelay() > j.noProgress(), j.foregroundOnly():
		j.state = bits.StateError
	default:
		j.state = bits.StateTransientError
		j.stopTimer = s.clock.AfterFunc(min(j.retryDelay(), left), func() { s.retry(j) })
	}
	s.touch(j)
	s.schedule()
}

// patience is how long BITS still tries a job that makes no progress.
func (j *job) patience(now time.Time) time.Duration { return j.noProgress() - now.Sub(j.troubled) }

// retry queues a job again after a transient error, or gives it up.
func (s *Service) retry(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.state != bits.StateTransientError || s.closed {
		return
	}
	if j.patience(s.clock.Now()) <= 0 {
		j.state = bits.StateError
		s.touch(j)
		return
	}
	s.enqueue(j)
	s.touch(j)
	s.schedule()
}
