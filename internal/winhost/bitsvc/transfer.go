package bitsvc

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// transfer moves the files of a job, one after the other, until they are there or the run ends.
func (s *Service) transfer(ctx context.Context, j *job, r *run) {
	for {
		s.mu.Lock()
		if j.run != r {
			s.mu.Unlock()
			return
		}
		f := j.unfinished()
		if f == nil {
			now := s.clock.Now()
			j.transferred, j.run = &now, nil
			r.end()
			j.previous = r
			s.become(j, bits.StateTransferred)
			s.schedule()
			s.mu.Unlock()
			return
		}
		s.become(j, bits.StateConnecting)
		s.noteTransfer(eventStarted, j, f, 0)
		foreground := j.priority == bits.PriorityForeground
		upload := j.direction != bits.Download
		how := j.settings
		s.mu.Unlock()

		t := &task{service: s, job: j, run: r, file: f, foreground: foreground, how: how}
		move := t.download
		if upload {
			move = t.upload
		}
		p := move(ctx)
		s.mu.Lock()
		if p.halted || !p.stops() {
			s.noteTransfer(eventStopped, j, f, 0)
		}
		if !p.stops() {
			s.mu.Unlock()
			continue
		}
		if j.run == r && !p.halted {
			j.halt()
			s.fail(j, f, p)
		}
		s.mu.Unlock()
		return
	}
}

// task is the transfer of one file during one run.
type task struct {
	service    *Service
	job        *job
	run        *run
	file       *file
	foreground bool
	how        settings // when the file's turn came
}

// update changes the job unless the run is over, and reports whether it is not.
func (t *task) update(change func()) bool {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.job.run != t.run {
		return false
	}
	change()
	s.notify()
	return true
}
