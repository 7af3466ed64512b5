// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Handle is a job that a caller holds. When the job ends under the caller's hands, every call is
// BG_E_INVALID_STATE, while a look-up by id no longer finds it.
type Handle struct {
	service *Service
	caller  Caller
	job     *job
}

// Open looks a job up, as IBackgroundCopyManager::GetJob does.
func (s *Service) Open(c Caller, id bits.JobID) (*Handle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(c, id)
	if err != nil {
		return nil, s.localize(err)
	}
	return &Handle{service: s, caller: c, job: j}, nil
}

// OpenListed returns a job that a list has shown to the caller, and what it is. A list has the jobs that the caller made elevated, too,
// which Open refuses to a caller who is not elevated now.
func (s *Service) OpenListed(c Caller, id bits.JobID) (*Handle, bits.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[id]
	if err := s.available(); err != nil {
		return nil, bits.Job{}, s.localize(err)
	}
	if j == nil || !listed(c, j) {
		return nil, bits.Job{}, s.localize(refuse(bgNotFound))
	}
	return &Handle{service: s, caller: c, job: j}, j.snapshot(), nil
}

// change changes a property; an administrator's change of another account's job is logged.
func (h *Handle) change(set func(j *job) error) error {
	return h.act(func(j *job) error {
		err := set(j)
		if err == nil {
			j.used = h.service.clock.Now()
		}
		if err == nil && h.caller.SID != j.owner.SID {
			h.service.noteAdmin(eventAdminChanged, j, h.caller)
		}
		return err
	})
}

// act runs one call on a live job that the caller may change.
func (h *Handle) act(call func(j *job) error) (err error) {
	s := h.service
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { err = s.localize(err) }()
	if err := h.allowed(); err != nil {
		return err
	}
	if err := call(h.job); err != nil {
		return err
	}
	s.touch(h.job)
	s.schedule()
	return nil
}

// allowed returns why a change is refused. A job that LocalSystem made has higher integrity than any
// administrator, and one that was made elevated can be changed only elevated.
// Source: "User Account Control and BITS", learn.microsoft.com.
func (h *Handle) allowed() error {
	if err := h.service.available(); err != nil {
		return err
	}
	owner, c := h.job.owner, h.caller
	switch {
	case h.job.state.Final():
		return refuse(bgInvalidState)
	case owner.System && !c.System,
		owner.SID != c.SID && !c.administers(),
		owner.Elevated && !c.administers():
		return refuse(eAccessDenied)
	}
	return nil
}

// AddFile adds a file; a caller who is not logged on gets 0x800704DD.
func (h *Handle) AddFile(f bits.FileSpec) error {
	return h.act(func(j *job) error {
		if err := h.mayAdd(j, f); err != nil {
			return err
		}
		if err := h.service.drive.MayUse(f.LocalName, h.service.networkAccount(h.caller)); err != nil {
			return err
		}
		place, err := h.service.drive.Path(f.LocalName)
		if err != nil {
			return err
		}
		info, err := h.service.drive.Stat(f.LocalName)
		if err == nil && info.IsDir() {
			return refuse(eInvalidArg)
		}
		added := &file{remote: f.RemoteName, local: f.LocalName, place: place}
		if j.direction != bits.Download {
			if err != nil {
				return refuse(fileNotFound)
			}
			added.total = pointer(uint64(max(info.Size(), 0)))
		}
		j.files, j.used = append(j.files, added), h.service.clock.Now()
		return nil
	})
}

// mayAdd returns why a job takes no file of these names.
func (h *Handle) mayAdd(j *job, f bits.FileSpec) error {
	switch {
	case !h.service.present(h.caller):
		return refuse(notLoggedOn)
	case j.direction != bits.Download && len(j.files) > 0:
		return refuse(bgTooManyFiles)
	case len(j.files) >= h.service.limit("MaxFilesPerJob", maxFilesPerJob) && !h.caller.administers():
		return refuse(bgTooManyFilesInJob)
	case !h.service.validRemote(f.RemoteName), utf16Length(f.LocalName) >= bits.MaxPath:
		return refuse(eInvalidArg)
	}
	return nil
}

// SetPriority answers E_NOTIMPL to a priority BITS does not know. A transfer that crosses the line between foreground and background
// ends and begins in the other way: what is moved without ranges, unthrottled, is moved in foreground only.
// Sources: IBackgroundCopyJob::SetPriority and BITS_JOB_PROPERTY_DYNAMIC_CONTENT, learn.microsoft.com.
func (h *Handle) SetPriority(p bits.Priority) error {
	return h.change(func(j *job) error {
		switch {
		case !slices.Contains(bits.Priorities(), p):
			return refuse(eNotImpl)
		case j.foregroundOnly() && p != bits.PriorityForeground:
			return refuse(bgCustomMethod)
		}
		if (p == bits.PriorityForeground) != (j.priority == bits.PriorityForeground) {
			h.service.interrupt(j)
		}
		j.priority = p
		return nil
	})
}

// SetDisplayName renames a job.
func (h *Handle) SetDisplayName(name string) error {
	return h.setText(name, bits.MaxDisplayName, func(j *job) { j.name = name })
}

// SetDescription describes a job.
func (h *Handle) SetDescription(text string) error {
	return h.setText(text, bits.MaxDescription, func(j *job) { j.text = text })
}

func (h *Handle) setText(text string, limit int, set func(j *job)) error {
	return h.change(func(j *job) error {
		if utf16Length(text) > limit {
			return refuse(bgStringTooLong)
		}
		set(j)
		return nil
	})
}

// Suspend suspends a job in any state but the final ones.
func (h *Handle) Suspend() error {
	return h.act(func(j *job) error {
		j.halt()
		j.stopRetry()
		j.state, j.failure = bits.StateSuspended, nil
		return nil
	})
}

// Resume queues a job; BG_E_EMPTY without files. A job that moves already, or has nothing left to do, is left alone.
func (h *Handle) Resume() error {
	return h.act(func(j *job) error {
		switch {
		case len(j.files) == 0:
			return refuse(bgEmpty)
		case h.service.overridden(j, bits.Properties{}).Failed():
			return refuse(h.service.overridden(j, bits.Properties{}))
		case j.active(), j.state == bits.StateTransferred && j.unfinished() == nil:
			return nil
		}
		j.troubled, j.resumed, j.spent = time.Time{}, true, 0
		h.service.enqueue(j)
		return nil
	})
}

// Fail gives a job an error, as a failed transfer does: BITS tries again after a transient one.
func (h *Handle) Fail(result bits.HResult, transient bool) error {
	where := bits.ContextQueueManager
	if result&0xFFFF0000 == bgHTTPStatus {
		where = bits.ContextRemoteFile
	}
	return h.act(func(j *job) error {
		j.halt()
		h.service.fail(j, j.unfinished(), problem{result: result, context: where, transient: transient})
		return nil
	})
}

// Complete ends a job and keeps what has arrived: 0, or BG_S_PARTIAL_COMPLETE. An upload must be transferred. When
// a file can't get its name the job stays as it is.
func (h *Handle) Complete() (bits.HResult, error) {
	var result bits.HResult
	err := h.end(func(*job) bool { return h.service.ignoreComplete }, func(j *job) error {
		if j.direction != bits.Download && j.state != bits.StateTransferred {
			return refuse(bgInvalidState)
		}
		partial, err := j.keep(h.service.drive)
		if err != nil {
			return err
		}
		if partial {
			result = bgPartialComplete
			j.drop()
		}
		j.state = bits.StateAcknowledged
		if h.service.endAtComplete {
			h.service.off = serviceNotActive
		}
		return nil
	})
	return result, err
}

// Cancel ends a job and drops what has arrived: 0, or BG_S_UNABLE_TO_DELETE_FILES. An upload that was resumed lingers,
// because its server can't be reached, until it is cancelled once more or a day is over.
// Source: IBackgroundCopyJob::Cancel, learn.microsoft.com.
func (h *Handle) Cancel() (bits.HResult, error) {
	var result bits.HResult
	err := h.end(h.linger, func(j *job) error {
		if answer := h.service.overridden(j, bits.Properties{}); answer.Failed() {
			return refuse(answer)
		}
		if !j.drop() {
			result = bgUnableToDelete
		}
		j.state = bits.StateCancelled
		return nil
	})
	return result, err
}

// maxLinger is how long BITS tries to end an upload on the server.
const maxLinger = 24 * time.Hour

// linger lets an upload wait for its server, and reports whether it does so from now on.
func (h *Handle) linger(j *job) bool {
	s := h.service
	if j.direction == bits.Download || !j.resumed || j.lingers {
		return false
	}
	j.halt()
	j.stopRetry()
	j.lingers, j.state, j.failure = true, bits.StateQueued, nil
	j.stopTimer = s.clock.AfterFunc(min(maxLinger, j.noProgress()), func() { _, _ = h.Cancel() })
	s.touch(j)
	s.schedule()
	return true
}

// end runs a call that ends the job, which needs the job's files for itself, unless something else is done instead.
func (h *Handle) end(instead func(j *job) bool, call func(j *job) error) (err error) {
	s := h.service
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { err = s.localize(err) }()
	if err := h.allowed(); err != nil {
		return err
	}
	if instead(h.job) {
		return nil
	}
	s.release(h.job)
	if err := h.allowed(); err != nil { // another call was faster
		return err
	}
	if err := call(h.job); err != nil {
		s.schedule()
		return err
	}
	h.job.stopRetry()
	h.job.failure = nil
	s.retire(h.job)
	s.noteEnded(h.job, h.caller)
	s.touch(h.job)
	s.schedule()
	return nil
}

// interrupt breaks a job's transfer off. The scheduler begins it again when it is the job's turn.
func (s *Service) interrupt(j *job) {
	j.halt()
	if j.active() {
		s.become(j, bits.StateQueued)
	}
}

// release makes a job's transfer let go of its files. The lock is free while that takes its time, and meanwhile the
// job is not started again.
func (s *Service) release(j *job) {
	s.interrupt(j)
	settled := j.settled()
	j.ending++
	s.mu.Unlock()
	<-settled
	s.mu.Lock()
	j.ending--
}

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

// Fail puts the job into StateError.
func (s *Service) Fail(id bits.JobID, result bits.HResult) error {
	return s.Do(LocalSystem(), id, func(h *Handle) error { return h.Fail(result, false) })
}
