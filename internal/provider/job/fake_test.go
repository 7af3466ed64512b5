package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// fakeHost is BITS on one host in memory: jobs with their states and the rules of IBackgroundCopyJob.
type fakeHost struct {
	mu        sync.Mutex
	jobs      map[bits.JobID]*bits.Job
	made      int
	calls     []string         // the verbs, in order
	changes   []bits.Change    // what Change was asked for
	specs     []bits.Spec      // what Create was asked for
	open      []string         // directories that Create finds open to users
	fail      map[string]error // verb -> error to answer with, instead of acting
	after     map[string]error // verb -> error to answer with after acting
	onGet     func(*bits.Job)  // moves a job at each look
	history   bits.History     // what the event log tells of any job
	remaining bool             // a completion leaves the job listed
	removed   bits.HResult     // what Remove answers when it succeeds
	blind     bool             // other users' jobs are not listed
	described bits.Host        // what Describe tells

	hidden string              // a path that can't be looked at
	files  map[string]diskFile // what is on the disk, by path in lower case

	content string // SHA-256 of the files that arrive
}

const (
	fakeSID   = "S-1-5-21-1-2-3-1001"
	fakeOwner = `WEB01\svc-bits`
)

var fakeNow = time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC)

func newFakeHost() *fakeHost {
	return &fakeHost{jobs: map[bits.JobID]*bits.Job{}, fail: map[string]error{}, after: map[string]error{}, files: map[string]diskFile{}, history: bits.History{Ending: bits.EndingUnknown}}
}

// clone returns a host that is what this one is now.
func (h *fakeHost) clone() *fakeHost {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := newFakeHost()
	c.made, c.history, c.blind, c.content, c.onGet = h.made, h.history, h.blind, h.content, h.onGet
	c.files = maps.Clone(h.files)
	for id, job := range h.jobs {
		copied := *job
		c.jobs[id] = &copied
	}
	return c
}

// put lists a job as if it had been made before.
func (h *fakeHost) put(job bits.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.jobs[job.ID] = &job
}

// diskFile is a file on the disk.
type diskFile struct {
	size   uint64
	at     time.Time
	sha256 string
}

// arrive puts a job's files on the disk, as a completion does.
func (h *fakeHost) arrive(job *bits.Job) {
	for _, f := range job.Files {
		h.files[bits.FileKey(f.LocalName)] = diskFile{size: 1 << 20, at: fakeNow, sha256: h.content}
	}
}

// gone takes a job off the list, as a completion or a cancellation does.
func (h *fakeHost) gone(id bits.JobID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.jobs, id)
}

// called gives the verbs since the last time and forgets them.
func (h *fakeHost) called() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls, h.changes = nil, nil
	return calls
}

func (h *fakeHost) begin(ctx context.Context, verb string) (finish func(*error), err error) {
	h.mu.Lock()
	h.calls = append(h.calls, verb)
	if err = h.fail[verb]; err == nil {
		err = ctx.Err()
	}
	return func(e *error) {
		if after := h.after[verb]; after != nil && *e == nil {
			*e = after
		}
		h.mu.Unlock()
	}, err
}

func (h *fakeHost) find(id bits.JobID, step string) (*bits.Job, error) {
	if job, ok := h.jobs[id]; ok && (!h.blind || job.Owner.SID == fakeSID) {
		return job, nil
	}
	return nil, &bits.Error{Code: bits.CodeNotFound, Step: step}
}

func (h *fakeHost) Create(ctx context.Context, token string, spec bits.Spec) (_ bits.Job, err error) {
	finish, err := h.begin(ctx, "create")
	defer finish(&err)
	if err != nil {
		return bits.Job{}, err
	}
	h.made++
	job := bits.Job{
		ID:          bits.JobID(fmt.Sprintf("00000000-0000-4000-8000-%012d", h.made)),
		DisplayName: bits.PendingPrefix + token, Description: spec.Description,
		TransferType: spec.TransferType, Priority: spec.Priority, State: bits.StateSuspended,
		Owner: bits.Owner{SID: fakeSID, Name: fakeOwner}, CreatedAt: fakeNow, ModifiedAt: fakeNow,
	}
	addFiles(&job, spec.Files)
	h.set(&job, spec.Properties)
	h.specs = append(h.specs, spec)
	job.OpenToUsers = h.open
	h.jobs[job.ID] = &job
	return job, nil
}

func addFiles(job *bits.Job, files []bits.FileSpec) {
	for _, f := range files {
		size := uint64(1 << 20)
		job.Files = append(job.Files, bits.File{RemoteName: f.RemoteName, LocalName: f.LocalName, BytesTotal: &size})
	}
}

func (h *fakeHost) Adopt(ctx context.Context, token string) (_ bits.Job, err error) {
	finish, err := h.begin(ctx, "adopt")
	defer finish(&err)
	if err != nil {
		return bits.Job{}, err
	}
	for _, job := range h.jobs {
		if job.DisplayName == bits.PendingPrefix+token {
			return *job, nil
		}
	}
	return bits.Job{}, &bits.Error{Code: bits.CodeNotFound, Step: "read"}
}

func (h *fakeHost) Commit(ctx context.Context, id bits.JobID, displayName string, suspended bool) (_ bits.Job, err error) {
	finish, err := h.begin(ctx, "commit")
	defer finish(&err)
	if err != nil {
		return bits.Job{}, err
	}
	job, err := h.find(id, "set:display_name")
	if err != nil {
		return bits.Job{}, err
	}
	job.DisplayName = displayName
	if !suspended {
		job.State = bits.StateQueued
	}
	return *job, nil
}

func (h *fakeHost) Get(ctx context.Context, id bits.JobID, ownerSID string) (_ bits.Job, err error) {
	finish, err := h.begin(ctx, "get")
	defer finish(&err)
	if err != nil {
		return bits.Job{}, err
	}
	job, err := h.find(id, "read")
	if err != nil && h.blind && ownerSID != fakeSID {
		err = bits.ErrNotVisible
	}
	if err != nil {
		return bits.Job{}, err
	}
	if h.onGet != nil {
		h.onGet(job)
	}
	return *job, nil
}

func (h *fakeHost) Listing(ctx context.Context, mine bool) (_ bits.Listing, err error) {
	finish, err := h.begin(ctx, fmt.Sprintf("list mine=%t", mine))
	defer finish(&err)
	if err != nil {
		return bits.Listing{}, err
	}
	listing := bits.Listing{AllUsers: !mine && !h.blind, At: fakeNow}
	for _, job := range h.jobs {
		if listing.AllUsers || job.Owner.SID == fakeSID {
			listing.Jobs = append(listing.Jobs, *job)
		}
	}
	return listing, nil
}

func (h *fakeHost) Describe(ctx context.Context, drive string) (_ bits.Host, err error) {
	finish, err := h.begin(ctx, strings.TrimSpace("describe "+drive))
	defer finish(&err)
	return h.described, err
}

func (h *fakeHost) Change(ctx context.Context, id bits.JobID, c bits.Change) (_ bits.Job, err error) {
	finish, err := h.begin(ctx, "change")
	defer finish(&err)
	h.changes = append(h.changes, c)
	if err != nil {
		return bits.Job{}, err
	}
	job, err := h.find(id, "set:priority")
	if err != nil {
		return bits.Job{}, err
	}
	if c.Priority != nil {
		job.Priority = *c.Priority
	}
	if c.Description != nil {
		job.Description = *c.Description
	}
	if c.DisplayName != nil {
		job.DisplayName = *c.DisplayName
	}
	addFiles(job, c.AddFiles)
	job.OpenToUsers = nil
	if len(c.AddFiles) > 0 {
		job.OpenToUsers = h.open
	}
	h.set(job, c.Properties)
	switch {
	case c.Suspended == nil:
	case *c.Suspended:
		job.State = bits.StateSuspended
	case job.State == bits.StateSuspended || job.State == bits.StateError || len(c.AddFiles) > 0:
		job.State, job.Error = bits.StateQueued, nil
	}
	return *job, nil
}

func (h *fakeHost) History(ctx context.Context, _ bits.JobID, since time.Time) (_ bits.History, err error) {
	finish, err := h.begin(ctx, "history")
	defer finish(&err)
	if h.history.At != nil && h.history.At.Before(since) {
		return bits.History{Ending: bits.EndingUnknown}, err
	}
	return h.history, err
}

func (h *fakeHost) Stat(ctx context.Context, queries []bits.FileQuery) (_ []bits.FileStatus, err error) {
	verb := "stat"
	if slices.ContainsFunc(queries, func(q bits.FileQuery) bool { return q.SHA256 }) {
		verb = "hash"
	}
	finish, err := h.begin(ctx, verb)
	defer finish(&err)
	if err != nil {
		return nil, err
	}
	found := make([]bits.FileStatus, len(queries))
	for i, q := range queries {
		if f, ok := h.files[bits.FileKey(q.LocalName)]; ok {
			found[i] = bits.FileStatus{Exists: true, Size: &f.size, ModifiedAt: &f.at}
			if q.SHA256 {
				found[i].SHA256 = f.sha256
			}
		}
		if q.LocalName == h.hidden {
			found[i] = bits.FileStatus{Err: refused(0x80070005)}
		}
	}
	return found, nil
}

func (h *fakeHost) Complete(ctx context.Context, id bits.JobID) (_ bits.Completion, err error) {
	finish, err := h.begin(ctx, "complete")
	defer finish(&err)
	if err != nil {
		return bits.Completion{}, err
	}
	job, err := h.find(id, "complete")
	if err != nil {
		return bits.Completion{}, err
	}
	if job.State != bits.StateTransferred {
		return bits.Completion{Job: *job}, nil
	}
	if h.remaining {
		return bits.Completion{Job: *job, Done: true, Remaining: true, At: fakeNow}, nil
	}
	job.State = bits.StateAcknowledged
	h.arrive(job)
	delete(h.jobs, id)
	return bits.Completion{Job: *job, Done: true, At: fakeNow.Add(time.Hour)}, nil
}

func (h *fakeHost) Remove(ctx context.Context, id bits.JobID) (_ bits.Removal, err error) {
	finish, err := h.begin(ctx, "remove")
	defer finish(&err)
	if err != nil {
		return bits.Removal{}, err
	}
	if _, err := h.find(id, "remove"); err != nil {
		return bits.Removal{Absent: true}, nil
	}
	delete(h.jobs, id)
	return bits.Removal{HResult: h.removed}, nil
}

// pendingJobs counts the jobs that were made and not committed.
func (h *fakeHost) pendingJobs() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, job := range h.jobs {
		if strings.HasPrefix(job.DisplayName, bits.PendingPrefix) {
			n++
		}
	}
	return n
}

func (h *fakeHost) mutated() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.calls, func(verb string) bool {
		return !slices.Contains([]string{"get", "adopt", "history", "stat", "hash"}, verb)
	})
}
