package bitsvc

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// Do opens a job and calls it. The other methods here call the handle's method of the same name.
func (s *Service) Do(c Caller, id bits.JobID, call func(*Handle) error) error {
	h, err := s.Open(c, id)
	if err != nil {
		return err
	}
	return call(h)
}

// AddFile adds a file.
func (s *Service) AddFile(c Caller, id bits.JobID, f bits.FileSpec) error {
	return s.Do(c, id, func(h *Handle) error { return h.AddFile(f) })
}

// SetPriority sets the priority.
func (s *Service) SetPriority(c Caller, id bits.JobID, p bits.Priority) error {
	return s.Do(c, id, func(h *Handle) error { return h.SetPriority(p) })
}

// SetDisplayName renames the job.
func (s *Service) SetDisplayName(c Caller, id bits.JobID, name string) error {
	return s.Do(c, id, func(h *Handle) error { return h.SetDisplayName(name) })
}

// Suspend suspends the job.
func (s *Service) Suspend(c Caller, id bits.JobID) error { return s.Do(c, id, (*Handle).Suspend) }

// Resume queues the job.
func (s *Service) Resume(c Caller, id bits.JobID) error { return s.Do(c, id, (*Handle).Resume) }

// Complete ends the job and keeps what has arrived.
func (s *Service) Complete(c Caller, id bits.JobID) (result bits.HResult, err error) {
	err = s.Do(c, id, func(h *Handle) (err error) { result, err = h.Complete(); return err })
	return result, err
}

// Cancel ends the job and drops what has arrived.
func (s *Service) Cancel(c Caller, id bits.JobID) (result bits.HResult, err error) {
	err = s.Do(c, id, func(h *Handle) (err error) { result, err = h.Cancel(); return err })
	return result, err
}

// Fail fails the job.
func (s *Service) Fail(id bits.JobID, result bits.HResult) error {
	return s.Do(LocalSystem(), id, func(h *Handle) error { return h.Fail(result) })
}
