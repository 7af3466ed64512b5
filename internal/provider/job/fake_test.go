// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

// fakeHost is BITS on one host in memory: jobs with their states and the rules of IBackgroundCopyJob.
type fakeHost struct {
	hosts.Client
	mu        sync.Mutex
	jobs      map[bits.JobID]*bits.Job
	made      int
	calls     []string          // the verbs, in order
	changes   []bits.Change     // what Change was asked for
	specs     []bits.Spec       // what Create was asked for
	open      []string          // directories that Create finds open to users
	fail      map[string]error  // verb -> error to answer with, instead of acting
	after     map[string]error  // verb -> error to answer with after acting
	onGet     func(*bits.Job)   // moves a job at each look
	resumed   func(*bits.Job)   // moves a job as soon as it is resumed
	history   bits.History      // what the event log tells of any job
	remaining bool              // a completion leaves the job listed
	removed   bits.HResult      // what Remove answers when it succeeds
	before    map[string]func() // by verb: what happens while the call is on its way
	described bits.Host         // what it is like
	starts    bits.State        // of a job that is committed; "": queued
	blind     bool              // other users' jobs are not listed

	unread  []bits.UnreadJob    // that a list has
	hidden  string              // a path that can't be looked at
	files   map[string]diskFile // what is on the disk, by path in lower case
	content string              // SHA-256 of the files that arrive
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

// call answers one call: with the error that is set for its verb, or with what acting comes to.
func call[T any](ctx context.Context, h *fakeHost, verb string, act func() (T, error)) (answer T, err error) {
	if happens := h.before[verb]; happens != nil {
		happens()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, verb)
	if err = cmp.Or(h.fail[verb], ctx.Err()); err != nil {
		return answer, err
	}
	if answer, err = act(); err == nil {
		err = h.after[verb]
	}
	return answer, err
}

func (h *fakeHost) find(id bits.JobID, step string) (*bits.Job, error) {
	if job, ok := h.jobs[id]; ok && (!h.blind || job.Owner.SID == fakeSID) {
		return job, nil
	}
	return nil, &bits.Error{Code: bits.CodeNotFound, Step: step}
}

func (h *fakeHost) Create(ctx context.Context, token string, spec bits.Spec) (bits.Job, error) {
	return call(ctx, h, "create", func() (bits.Job, error) {
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
	})
}

func addFiles(job *bits.Job, files []bits.FileSpec) {
	for _, f := range files {
		size := uint64(1 << 20)
		job.Files = append(job.Files, bits.File{RemoteName: f.RemoteName, LocalName: f.LocalName, BytesTotal: &size})
	}
}

func (h *fakeHost) Adopt(ctx context.Context, token string) (bits.Job, error) {
	return call(ctx, h, "adopt", func() (bits.Job, error) {
		for _, job := range h.jobs {
			if job.DisplayName == bits.PendingPrefix+token {
				return *job, nil
			}
		}
		return bits.Job{}, &bits.Error{Code: bits.CodeNotFound, Step: "read"}
	})
}

func (h *fakeHost) Commit(ctx context.Context, id bits.JobID, displayName string, suspended bool) (bits.Job, error) {
	return call(ctx, h, "commit", func() (bits.Job, error) {
		job, err := h.find(id, "set:display_name")
		if err != nil {
			return bits.Job{}, err
		}
		job.DisplayName = displayName
		if !suspended {
			job.State = cmp.Or(h.starts, bits.StateQueued)
			if job.State == bits.StateTransientError {
				job.Error = &bits.JobError{HResult: 0x80072EFD, Context: bits.ContextRemoteFile}
			}
		}
		return *job, nil
	})
}

func (h *fakeHost) Get(ctx context.Context, id bits.JobID, ownerSID string) (bits.Job, error) {
	return call(ctx, h, "get", func() (bits.Job, error) {
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
	})
}

func (h *fakeHost) Listing(ctx context.Context, mine bool) (bits.Listing, error) {
	return call(ctx, h, fmt.Sprintf("list mine=%t", mine), func() (bits.Listing, error) {
		listing := bits.Listing{AllUsers: !mine && !h.blind, At: fakeNow, Unread: h.unread}
		for _, job := range h.jobs {
			if listing.AllUsers || job.Owner.SID == fakeSID {
				listing.Jobs = append(listing.Jobs, *job)
			}
		}
		return listing, nil
	})
}

func (h *fakeHost) Describe(ctx context.Context, _ bits.HostQuery) (bits.Host, error) {
	return call(ctx, h, "describe", func() (bits.Host, error) { return h.described, nil })
}

func (h *fakeHost) Change(ctx context.Context, id bits.JobID, c bits.Change) (bits.Job, error) {
	return call(ctx, h, "change", func() (bits.Job, error) {
		h.changes = append(h.changes, c)
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
		case c.Retry && job.State == bits.StateTransientError:
			job.State, job.Error = bits.StateQueued, nil
		case c.Suspended == nil:
		case *c.Suspended:
			job.State = bits.StateSuspended
		case job.State == bits.StateSuspended || job.State == bits.StateError || len(c.AddFiles) > 0:
			job.State, job.Error = bits.StateQueued, nil
			if h.resumed != nil {
				h.resumed(job)
			}
		}
		return *job, nil
	})
}

func (h *fakeHost) History(ctx context.Context, _ bits.JobID, since time.Time) (bits.History, error) {
	return call(ctx, h, "history", func() (bits.History, error) {
		if h.history.At != nil && h.history.At.Before(since) {
			return bits.History{Ending: bits.EndingUnknown}, nil
		}
		return h.history, nil
	})
}

func (h *fakeHost) Stat(ctx context.Context, queries []bits.FileQuery) ([]bits.FileStatus, error) {
	verb := "stat"
	if slices.ContainsFunc(queries, func(q bits.FileQuery) bool { return q.SHA256 }) {
		verb = "hash"
	}
	return call(ctx, h, verb, func() ([]bits.FileStatus, error) {
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
	})
}

func (h *fakeHost) Complete(ctx context.Context, id bits.JobID) (bits.Completion, error) {
	return call(ctx, h, "complete", func() (bits.Completion, error) {
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
	})
}

func (h *fakeHost) Remove(ctx context.Context, id bits.JobID) (bits.Removal, error) {
	return call(ctx, h, "remove", func() (bits.Removal, error) {
		if _, err := h.find(id, "remove"); err != nil {
			return bits.Removal{Absent: true}, nil //nolint:nilerr // an absent job is removed
		}
		delete(h.jobs, id)
		return bits.Removal{HResult: h.removed}, nil
	})
}

func (h *fakeHost) mutated() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.calls, func(verb string) bool {
		return !slices.Contains([]string{"get", "adopt", "history", "stat", "hash", "describe", "list mine=false"}, verb)
	})
}

// set changes the properties of a job, and keeps to itself what no host tells.
func (h *fakeHost) set(job *bits.Job, given bits.Properties) {
	given.Credential, given.ProxyCredential, given.CustomHeadersWriteOnly = nil, nil, nil
	to, from := reflect.ValueOf(&job.Properties).Elem(), reflect.ValueOf(given)
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
}
