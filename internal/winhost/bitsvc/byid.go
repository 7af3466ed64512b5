package bitsvc

import (
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// The calls by id look the job up and call the handle's method of the same name.

// AddFile adds a file; a caller who is not logged on gets 0x800704DD.
func (s *Service) AddFile(c Caller, id bits.JobID, f bits.FileSpec) error {
	return s.with(c, id, func(h *Handle) error { return h.AddFile(f) })
}

// SetPriority answers E_NOTIMPL to a priority BITS does not know.
func (s *Service) SetPriority(c Caller, id bits.JobID, p bits.Priority) error {
	return s.with(c, id, func(h *Handle) error { return h.SetPriority(p) })
}

// SetDisplayName renames a job.
func (s *Service) SetDisplayName(c Caller, id bits.JobID, name string) error {
	return s.with(c, id, func(h *Handle) error { return h.SetDisplayName(name) })
}

// SetDescription describes a job.
func (s *Service) SetDescription(c Caller, id bits.JobID, text string) error {
	return s.with(c, id, func(h *Handle) error { return h.SetDescription(text) })
}

// SetRetry sets the minimum retry delay (raised to 5 s) and the no-progress timeout; nil leaves one alone.
func (s *Service) SetRetry(c Caller, id bits.JobID, delay, noProgress *time.Duration) error {
	return s.with(c, id, func(h *Handle) error { return h.SetRetry(delay, noProgress) })
}

// Suspend suspends a job in any state but the final ones.
func (s *Service) Suspend(c Caller, id bits.JobID) error {
	return s.with(c, id, (*Handle).Suspend)
}

// Resume queues a job; BG_E_EMPTY without files.
func (s *Service) Resume(c Caller, id bits.JobID) error {
	return s.with(c, id, (*Handle).Resume)
}

// Complete ends a job and keeps what has arrived: 0, or BG_S_PARTIAL_COMPLETE.
func (s *Service) Complete(c Caller, id bits.JobID) (result bits.HResult, err error) {
	err = s.with(c, id, func(h *Handle) error {
		result, err = h.Complete()
		return err
	})
	return result, err
}

// Cancel ends a job and drops what has arrived: 0, or BG_S_UNABLE_TO_DELETE_FILES.
func (s *Service) Cancel(c Caller, id bits.JobID) (result bits.HResult, err error) {
	err = s.with(c, id, func(h *Handle) error {
		result, err = h.Cancel()
		return err
	})
	return result, err
}

func (s *Service) with(c Caller, id bits.JobID, call func(*Handle) error) error {
	h, err := s.Open(c, id)
	if err != nil {
		return err
	}
	return call(h)
}

// Fail puts a job into StateError with that result, as if a transfer had failed: for tests and administrators.
func (s *Service) Fail(id bits.JobID, result bits.HResult) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.available(); err != nil {
		return err
	}
	j := s.jobs[id]
	if j == nil {
		return refuse(bgNotFound)
	}
	j.halt()
	failed := problem{result: result, context: contextOf(result)}
	s.fail(j, j.unfinished(), failed)
	return nil
}
