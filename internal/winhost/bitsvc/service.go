// Package bitsvc is the BITS service of a simulated host: the calls of IBackgroundCopyManager and
// IBackgroundCopyJob with their rules, and a scheduler that really downloads.
package bitsvc

import (
	"net/http"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/clock"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/drive"
)

// Caller is who makes a call.
type Caller struct {
	Account  string // DOMAIN\name
	SID      string
	Elevated bool // a full administrator's token
	LoggedOn bool // has an interactive logon, so that its jobs may have files and may move
	System   bool // LocalSystem: always logged on; its jobs can be changed only by itself
}

// Options are the parts a service runs on.
type Options struct {
	Clock  *clock.Clock
	Drive  *drive.Drive
	Client *http.Client // for the downloads; nil: http.DefaultClient's transport of its own
	Rate   int64        // bytes per second of the host's link, shared by its jobs; 0: no limit
}

// Service is the BITS service of one host. All errors of its calls are *bits.Error with the HRESULT that BITS
// gives. It is safe for concurrent use.
type Service struct{}

// New starts a service with an empty queue and a running scheduler.
func New(o Options) *Service { panic("not written yet") }

// Close ends every transfer and the scheduler.
func (s *Service) Close() { panic("not written yet") }

// CreateJob makes a suspended job of normal priority without files.
func (s *Service) CreateJob(c Caller, displayName string, t bits.TransferType) (bits.JobID, error) {
	panic("not written yet")
}

// AddFile adds a file; a caller who is not logged on gets 0x800704DD.
func (s *Service) AddFile(c Caller, id bits.JobID, f bits.FileSpec) error { panic("not written yet") }

// Job reads a job. A final or unknown one is BG_E_NOT_FOUND, another's job E_ACCESSDENIED unless elevated.
func (s *Service) Job(c Caller, id bits.JobID) (bits.Job, error) { panic("not written yet") }

// Jobs lists the caller's jobs, or everybody's for an elevated caller (E_ACCESSDENIED for others).
func (s *Service) Jobs(c Caller, allUsers bool) ([]bits.Job, error) { panic("not written yet") }

// SetPriority answers E_NOTIMPL to a priority BITS does not know.
func (s *Service) SetPriority(c Caller, id bits.JobID, p bits.Priority) error {
	panic("not written yet")
}

// SetDisplayName renames a job.
func (s *Service) SetDisplayName(c Caller, id bits.JobID, name string) error {
	panic("not written yet")
}

// SetDescription describes a job.
func (s *Service) SetDescription(c Caller, id bits.JobID, text string) error {
	panic("not written yet")
}

// SetRetry sets the minimum retry delay (raised to 5 s) and the no-progress timeout; nil leaves one alone.
func (s *Service) SetRetry(c Caller, id bits.JobID, delay, noProgress *time.Duration) error {
	panic("not written yet")
}

// Suspend suspends a job in any state but the final ones.
func (s *Service) Suspend(c Caller, id bits.JobID) error { panic("not written yet") }

// Resume queues a job; BG_E_EMPTY without files.
func (s *Service) Resume(c Caller, id bits.JobID) error { panic("not written yet") }

// Complete ends a job and keeps what has arrived: 0, or BG_S_PARTIAL_COMPLETE.
func (s *Service) Complete(c Caller, id bits.JobID) (bits.HResult, error) { panic("not written yet") }

// Cancel ends a job and drops what has arrived: 0, or BG_S_UNABLE_TO_DELETE_FILES.
func (s *Service) Cancel(c Caller, id bits.JobID) (bits.HResult, error) { panic("not written yet") }

// Fail puts a job into StateError with that result, as if a transfer had failed: for tests and administrators.
func (s *Service) Fail(id bits.JobID, h bits.HResult) error { panic("not written yet") }

// Final gives the last picture of a job that BITS no longer lists: what an all-knowing observer would see.
func (s *Service) Final(id bits.JobID) (bits.Job, bool) { panic("not written yet") }

// Pause and Run hold and release the scheduler; calls still work while it is held.
func (s *Service) Pause() { panic("not written yet") }

// Run releases the scheduler.
func (s *Service) Run() { panic("not written yet") }

// Stop makes every call fail with ERROR_SERVICE_NOT_ACTIVE (0x80070426) and halts transfers; Start ends that.
func (s *Service) Stop() { panic("not written yet") }

// Start starts the service again; its jobs are still there.
func (s *Service) Start() { panic("not written yet") }
