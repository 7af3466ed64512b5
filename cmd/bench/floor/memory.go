// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

// memory is the jobs of all hosts.
type memory struct {
	mu   sync.Mutex
	Jobs map[string]map[bits.JobID]bits.Job // by host
}

// load reads the jobs that an earlier process saved.
func load(path string) (*memory, error) {
	m := &memory{Jobs: map[string]map[bits.JobID]bits.Job{}}
	text, err := os.ReadFile(path) //nolint:gosec // the bench names it
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(text, m)
}

func (m *memory) save(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600) //nolint:gosec // the bench names it
}

// client is BITS on one host, whose jobs stay in the queue until FLOOR_TRANSFERRED is set.
type client struct {
	hosts.Client // nil: the bench asks for nothing else

	memory *memory
	host   string
}

var transferred = os.Getenv("FLOOR_TRANSFERRED") != ""

// with changes a job, and returns it as it is then.
func (c client) with(id bits.JobID, change func(*bits.Job)) (bits.Job, error) {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	job, found := c.memory.Jobs[c.host][id]
	if !found {
		return bits.Job{}, fmt.Errorf("job %s: %w", id, bits.ErrNotFound)
	}
	if change(&job); transferred {
		job.State = bits.StateTransferred
	}
	c.memory.Jobs[c.host][id] = job
	return job, nil
}

func (c client) Create(_ context.Context, token string, spec bits.Spec) (bits.Job, error) {
	now := time.Now().UTC().Truncate(time.Second)
	job := bits.Job{
		ID: bits.JobID(uuid.NewString()), DisplayName: bits.PendingPrefix + token, Description: spec.Description,
		TransferType: spec.TransferType, Priority: spec.Priority, State: bits.StateSuspended,
		Owner: bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`}, CreatedAt: now, ModifiedAt: now, Properties: spec.Properties,
	}
	for _, f := range spec.Files {
		job.Files = append(job.Files, bits.File{RemoteName: f.RemoteName, LocalName: f.LocalName})
	}
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	if c.memory.Jobs[c.host] == nil {
		c.memory.Jobs[c.host] = map[bits.JobID]bits.Job{}
	}
	c.memory.Jobs[c.host][job.ID] = job
	return job, nil
}

func (c client) Commit(_ context.Context, id bits.JobID, displayName string, _ bool) (bits.Job, error) {
	return c.with(id, func(job *bits.Job) { job.DisplayName, job.State = displayName, bits.StateQueued })
}

func (c client) Get(_ context.Context, id bits.JobID, _ string) (bits.Job, error) {
	return c.with(id, func(*bits.Job) {})
}

func (c client) Listing(context.Context, bool) (bits.Listing, error) {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	listing := bits.Listing{AllUsers: true, At: time.Now().UTC()}
	for _, job := range c.memory.Jobs[c.host] {
		listing.Jobs = append(listing.Jobs, job)
	}
	return listing, nil
}

func (c client) Change(_ context.Context, id bits.JobID, change bits.Change) (bits.Job, error) {
	return c.with(id, func(job *bits.Job) {
		if change.Priority != nil {
			job.Priority = *change.Priority
		}
	})
}

func (c client) Complete(_ context.Context, id bits.JobID) (bits.Completion, error) {
	job, err := c.with(id, func(*bits.Job) {})
	if err != nil {
		return bits.Completion{}, err
	}
	job.State = bits.StateAcknowledged
	_, err = c.Remove(context.Background(), id)
	return bits.Completion{Job: job, Done: true, At: time.Now().UTC().Truncate(time.Second)}, err
}

func (c client) Remove(_ context.Context, id bits.JobID) (bits.Removal, error) {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	_, found := c.memory.Jobs[c.host][id]
	delete(c.memory.Jobs[c.host], id)
	return bits.Removal{Absent: !found}, nil
}
