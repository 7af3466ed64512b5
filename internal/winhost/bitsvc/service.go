// SPDX-License-Identifier: MPL-2.0

// Package bitsvc is the BITS service of a simulated host: the calls of IBackgroundCopyManager and
// IBackgroundCopyJob with their rules, and a scheduler that really downloads.
package bitsvc

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// Caller is who makes a call.
type Caller struct {
	Account  string // DOMAIN\name
	SID      string
	Elevated bool // a full administrator's token
	LoggedOn bool // has an interactive logon, so that its jobs may have files and may move
	System   bool // LocalSystem: always logged on; its jobs can be changed only by itself
}

// LocalSystem is the account of the operating system itself.
// Source: "Well-known SIDs", learn.microsoft.com.
func LocalSystem() Caller {
	return Caller{Account: `NT AUTHORITY\SYSTEM`, SID: "S-1-5-18", Elevated: true, LoggedOn: true, System: true}
}

// administers reports whether the caller may see everybody's jobs and is free of the limits on them.
func (c Caller) administers() bool { return c.Elevated || c.System }

// Options are the parts a service runs on.
type Options struct {
	Clock   *machine.Clock
	Drive   *machine.Drive
	Account string       // of the host itself in its domain, such as CORP\WEB01$; "": it is in none
	Client  *http.Client // for the transfers; nil: one of its own, without a proxy
	Rate    int64        // bytes per second of the host's link, shared by its jobs; 0: no limit
}

// Service is the BITS service of one host. All errors of its calls are *bits.Error with the HRESULT that BITS
// returns. It is safe for concurrent use.
type Service struct {
	clock   *machine.Clock
	drive   *machine.Drive
	account string // of the host
	log     *machine.EventLog
	client  *http.Client
	link    *link
	chunk   uint64 // bytes that one request asks for

	mu sync.Mutex
	overrides
	conditions
	jobs    map[bits.JobID]*job // those that BITS lists
	finals  map[bits.JobID]*job // those it lists no more
	made    uint64              // jobs so far
	lists   int                 // so far
	order   uint64              // of the last job that was queued
	held    bool                // the scheduler is paused
	logons  map[string]bool     // SIDs of the accounts that were logged on
	keys    registry            // of the registry, as written
	values  map[string][]byte   // binary ones of the registry, as written; nil: it can't be read
	off     bits.HResult        // what calls answer while the service is stopped or disabled; 0 while it runs
	changed chan struct{}       // closed and replaced whenever a job changes
	closed  bool
	running sync.WaitGroup // transfers under way
}

// New starts a service with an empty queue and a running scheduler.
func New(o Options) *Service {
	client := o.Client
	if client == nil {
		client = &http.Client{
			Transport: &http.Transport{
				DisableCompression: true, MaxIdleConnsPerHost: 4, Proxy: jobsProxy,
				TLSClientConfig: &tls.Config{GetClientCertificate: noCertificate, MinVersion: tls.VersionTLS12},
			},
			CheckRedirect: jobsRedirects,
		}
	}
	return &Service{
		clock: o.Clock, drive: o.Drive, account: o.Account, log: machine.NewEventLog(o.Clock), client: client, link: &link{rate: o.Rate}, chunk: chunkSize,
		jobs: map[bits.JobID]*job{}, finals: map[bits.JobID]*job{}, changed: make(chan struct{}),
		logons: map[string]bool{}, keys: registry{}, values: map[string][]byte{},
	}
}

// Close ends every transfer and the scheduler.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.watchHours()
	for _, j := range s.jobs {
		j.halt()
		j.stopRetry()
		j.stopWatch()
	}
	s.mu.Unlock()
	s.running.Wait()
	s.client.CloseIdleConnections()
}

// CreateJob makes a suspended job of normal priority without files.
func (s *Service) CreateJob(c Caller, displayName string, t bits.TransferType) (id bits.JobID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { err = s.localize(err) }()
	if err := s.available(); err != nil {
		return "", err
	}
	if utf16Length(displayName) > bits.MaxDisplayName {
		return "", refuse(eInvalidArg)
	}
	if err := s.room(c); err != nil {
		return "", err
	}
	switch t {
	case bits.Download, bits.Upload, bits.UploadReply:
	default:
		return "", refuse(eNotImpl)
	}
	now := s.clock.Now()
	s.made++
	j := &job{
		number: s.made, id: bits.JobID(uuid.NewString()), name: displayName, direction: t, owner: c,
		priority: bits.DefaultPriority, state: bits.StateSuspended, created: now, modified: now, used: now,
		settings: newSettings(),
	}
	j.set.MaximumDownloadTime = pointer(bits.Seconds(s.limit("MaxDownloadTime", int(defaultMaxDownload/time.Second)))) //nolint:gosec // not negative
	s.jobs[j.id] = j
	s.watch(j)
	s.noteCreated(j)
	s.notify()
	return j.id, nil
}

// Job reads a job. A final or unknown one is BG_E_NOT_FOUND, another's job E_ACCESSDENIED unless elevated.
func (s *Service) Job(c Caller, id bits.JobID) (bits.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.find(c, id)
	if err != nil {
		return bits.Job{}, s.localize(err)
	}
	return j.snapshot(), nil
}

// Jobs lists the caller's jobs, or everybody's for an elevated caller (E_ACCESSDENIED for others), the oldest
// first.
func (s *Service) Jobs(c Caller, allUsers bool) ([]bits.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.available(); err != nil {
		return nil, s.localize(err)
	}
	if allUsers && !c.administers() {
		return nil, s.localize(refuse(eAccessDenied))
	}
	s.lists++
	var list []bits.Job
	for _, j := range slices.SortedFunc(maps.Values(s.jobs), func(a, b *job) int { return cmp.Compare(a.number, b.number) }) {
		if allUsers || j.owner.SID == c.SID {
			list = append(list, j.snapshot())
		}
	}
	return list, nil
}

// Lists returns how often jobs were listed: a list costs as much as the host has jobs.
func (s *Service) Lists() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

// Final returns the last snapshot of a job that BITS no longer lists: what an all-knowing observer would see.
func (s *Service) Final(id bits.JobID) (bits.Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.finals[id]
	if j == nil {
		return bits.Job{}, false
	}
	return j.snapshot(), true
}

// Settings returns the properties of a job with its secrets, which BITS never returns: what an all-knowing
// observer would see.
func (s *Service) Settings(id bits.JobID) bits.Properties {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[id]; j != nil {
		return j.set
	}
	return bits.Properties{}
}

// WaitState waits until a job is in a state, final ones included. It fails at once when there is no such job or the
// job ended otherwise, and with the context's cause. A state that a job leaves again at once can be missed.
func (s *Service) WaitState(ctx context.Context, id bits.JobID, state bits.State) error {
	for {
		s.mu.Lock()
		j, changed := cmp.Or(s.jobs[id], s.finals[id]), s.changed
		var now bits.State
		if j != nil {
			now = j.state
		}
		s.mu.Unlock()
		switch {
		case j == nil:
			return fmt.Errorf("wait for job %s to be %s: %w", id, state, refuse(bgNotFound))
		case now == state:
			return nil
		case now.Final():
			return fmt.Errorf("wait for job %s to be %s: it is %s", id, state, now)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Pause holds the scheduler: nothing moves, and calls still work.
func (s *Service) Pause() { s.set(func() { s.held = true }) }

// Run releases the scheduler.
func (s *Service) Run() { s.set(func() { s.held = false }) }

// Stop makes every call fail with ERROR_SERVICE_NOT_ACTIVE (0x80070426) and halts transfers; Start ends that.
func (s *Service) Stop() { s.set(func() { s.off = serviceNotActive }) }

// Disable stops the service and makes every call fail with ERROR_SERVICE_DISABLED (0x80070422); Start ends that.
func (s *Service) Disable() { s.set(func() { s.off = serviceDisabled }) }

// Start enables and starts the service again; its jobs are still there.
func (s *Service) Start() { s.set(func() { s.off, s.endAtComplete = 0, false }) }

// LogOn starts an interactive logon of an account, as at the console: its jobs may have files and move from now on.
func (s *Service) LogOn(sid string) { s.set(func() { s.logons[sid] = true }) }

// LogOff ends that: the account's jobs stay where they are until it logs on again.
// Source: "Users and Network Connections", learn.microsoft.com.
func (s *Service) LogOff(sid string) { s.set(func() { delete(s.logons, sid) }) }

// LoggedOn reports whether an account that owns a job is logged on.
func (s *Service) LoggedOn(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.jobs {
		if strings.EqualFold(j.owner.Account, account) {
			return s.present(j.owner)
		}
	}
	return false
}

// present reports whether BITS counts an account as logged on. The lock is held.
func (s *Service) present(c Caller) bool { return c.LoggedOn || c.System || s.logons[c.SID] }

// Hang makes every call wait until release, as a service does that is stuck.
func (s *Service) Hang() (release func()) {
	s.mu.Lock()
	return s.mu.Unlock
}

// Restart is what a restart of the host does: transfers are broken off and begin again, no job is lost, and a service
// that is disabled stays so. Source: "About BITS", learn.microsoft.com.
func (s *Service) Restart() {
	var after bits.HResult
	s.set(func() {
		if s.off == serviceDisabled {
			after = serviceDisabled
		}
		s.off = serviceNotActive
	})
	s.set(func() { s.off = after })
}

func (s *Service) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.schedule()
}

// Now is the time of the service's host.
func (s *Service) Now() time.Time { return s.clock.Now() }

// available answers for a service that does not run.
func (s *Service) available() error {
	switch {
	case s.off != 0:
		return refuse(s.off)
	case s.closed:
		return refuse(serviceNotActive)
	}
	return nil
}

// find looks a job up that the caller may read.
func (s *Service) find(c Caller, id bits.JobID) (*job, error) {
	if err := s.available(); err != nil {
		return nil, err
	}
	j := s.jobs[id]
	if j == nil {
		return nil, refuse(bgNotFound)
	}
	if !listed(c, j) || j.owner.Elevated && !c.administers() {
		return nil, refuse(eAccessDenied)
	}
	return j, nil
}

// listed reports whether a job is in the caller's list.
func listed(c Caller, j *job) bool { return j.owner.SID == c.SID || c.administers() }

// notify wakes everybody who waits for a job.
func (s *Service) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// touch records that a job changed.
func (s *Service) touch(j *job) {
	j.modified = s.clock.Now()
	s.notify()
}

// overrides are the deviations from documented behaviour that a test asks for.
type overrides struct {
	messages       func(bits.HResult) string // nil: English
	result         func(bits.State, bits.Properties) bits.HResult
	ignoreComplete bool
	endAtComplete  bool
}

// SetMessages replaces the texts of the host's errors, as a Windows in another language does; nil ends that.
func (s *Service) SetMessages(messages func(bits.HResult) string) {
	s.set(func() { s.messages = messages })
}

// OverrideResult replaces the results of calls that set properties and, without any property, of Resume and Cancel. A call that is
// to fail changes nothing; one that is to succeed with a result such as BG_S_OVERRIDDEN_BY_POLICY sets the property and returns the
// result. nil ends that.
func (s *Service) OverrideResult(result func(state bits.State, p bits.Properties) bits.HResult) {
	s.set(func() { s.result = result })
}

// IgnoreComplete makes Complete do nothing and report success.
// Source: reports that Complete-BitsTransfer does not remove a job in error, potatoqualitee/kbupdate issue 248.
func (s *Service) IgnoreComplete(ignore bool) { s.set(func() { s.ignoreComplete = ignore }) }

// EndAtComplete makes the service stop as soon as it has completed a job, as when its host shuts down.
func (s *Service) EndAtComplete() { s.set(func() { s.endAtComplete = true }) }

// overridden returns what OverrideResult makes of a call. The service's mutex is held, as for the rest here.
func (s *Service) overridden(j *job, p bits.Properties) bits.HResult {
	if s.result == nil {
		return 0
	}
	return s.result(j.state, p)
}

// localize puts an error into the host's language.
func (s *Service) localize(err error) error {
	var refusal *bits.Error
	if s.messages == nil || !errors.As(err, &refusal) {
		return err
	}
	localized := *refusal
	localized.Text = s.messages(localized.HResult)
	return &localized
}

// message is the host's text for a result.
func (s *Service) message(h bits.HResult) string {
	if s.messages != nil {
		return s.messages(h)
	}
	if e, known := bits.Lookup(h); known {
		return e.Meaning
	}
	return "Unspecified error " + h.Hex()
}
