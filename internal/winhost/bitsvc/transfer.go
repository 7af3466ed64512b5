package bitsvc

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// transfer moves the files of a job, one after the other, until they are there or the run ends.
func (s *Service) transfer(ctx context.Context, j *job, r *run) {
	for {
		t := s.nextFile(j, r)
		if t == nil {
			return
		}
		move := t.download
		if t.upload {
			move = t.uploadFile
		}
		if s.ended(t, move(ctx)) {
			return
		}
	}
}

// nextFile begins the transfer of the job's next file; nil when the run is over, or the job transferred.
func (s *Service) nextFile(j *job, r *run) *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.run != r {
		return nil
	}
	f := j.unfinished()
	if f == nil {
		j.transferred, j.run, j.previous = pointer(s.clock.Now()), nil, r
		r.end()
		s.become(j, bits.StateTransferred)
		s.schedule()
		return nil
	}
	s.become(j, bits.StateConnecting)
	s.noteTransfer(eventStarted, j, f, 0)
	return &task{
		service: s, job: j, run: r, file: f, foreground: j.priority == bits.PriorityForeground, upload: j.direction != bits.Download,
		how: j.settings,
	}
}

// ended records how the transfer of a file ended, and reports whether the job's transfer ends with it.
func (s *Service) ended(t *task, p problem) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.halted || !p.stops() {
		s.noteTransfer(eventStopped, t.job, t.file, 0)
	}
	if p.stops() && !p.halted && t.job.run == t.run {
		t.job.halt()
		s.fail(t.job, t.file, p)
	}
	return p.stops()
}

// task is the transfer of one file during one run.
type task struct {
	service    *Service
	job        *job
	run        *run
	file       *file
	foreground bool
	upload     bool
	how        settings // when the file's turn came
}

// update changes the job unless the run is over, which is a problem.
func (t *task) update(change func()) problem {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.job.run != t.run {
		return problem{halted: true}
	}
	change()
	s.notify()
	return problem{}
}
