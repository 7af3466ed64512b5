// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Destinations knows which downloads of one host write which files: those that the host listed before this run created its first job
// there, and those that this run creates.
type Destinations struct {
	listing sync.Mutex            // held while the host is asked
	listed  map[string][]bits.Job // by the first question: the downloads that write a file, by its key; nil before

	mu     sync.Mutex
	claims map[string]string // by file: the display name of the job of this run that writes it
	read   map[bits.JobID]bool
	taken  map[bits.JobID]bool // by a resource that was created in this run
	gone   map[bits.JobID]bool // or about to be: a resource that is destroyed in this run removes it
}

// destinationsOf returns what is known of a host, by its address.
func (c *Connections) destinationsOf(address string) *Destinations {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(address)
	if c.destinations[key] == nil {
		if c.destinations == nil {
			c.destinations = map[string]*Destinations{}
		}
		c.destinations[key] = &Destinations{claims: map[string]string{}, read: map[bits.JobID]bool{}, taken: map[bits.JobID]bool{}, gone: map[bits.JobID]bool{}}
	}
	return c.destinations[key]
}

// Claim reserves local names for a job of this run. It returns the first one that another job of this run writes, and the display name of
// that job; then nothing is reserved.
func (d *Destinations) Claim(displayName string, localNames []string) (taken, by string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range localNames {
		if by, found := d.claims[bits.FileKey(name)]; found {
			return name, by
		}
	}
	for _, name := range localNames {
		d.claims[bits.FileKey(name)] = displayName
	}
	return "", ""
}

// Release takes back a claim of a job that was not created.
func (d *Destinations) Release(localNames []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range localNames {
		delete(d.claims, bits.FileKey(name))
	}
}

// Writers returns the live downloads of any account that write one of the files, as far as the account that logs on sees them. One that
// this run removes is left out.
func (d *Destinations) Writers(ctx context.Context, client Client, localNames []string) ([]bits.Job, error) {
	listed, err := d.list(ctx, client)
	if err != nil {
		return nil, err
	}
	var writers []bits.Job
	for _, name := range localNames {
		for _, job := range listed[bits.FileKey(name)] {
			if !slices.ContainsFunc(writers, func(other bits.Job) bool { return other.ID == job.ID }) {
				writers = append(writers, job)
			}
		}
	}
	var live []bits.Job
	for _, job := range writers {
		now, err := client.Get(ctx, job.ID, job.Owner.SID)
		switch {
		case errors.Is(err, bits.ErrNotFound): // ended since the list
		case err != nil:
			return nil, err
		case !d.discarded(job.ID):
			live = append(live, now)
		}
	}
	return live, nil
}

// list asks the host once. Every create looks into the result, so that it is by file.
func (d *Destinations) list(ctx context.Context, client Client) (map[string][]bits.Job, error) {
	d.listing.Lock()
	defer d.listing.Unlock()
	if d.listed != nil {
		return d.listed, nil
	}
	listing, err := client.Listing(ctx, false)
	if err != nil {
		return nil, err
	}
	d.listed = map[string][]bits.Job{}
	for _, job := range listing.Jobs {
		if job.TransferType != bits.Download {
			continue
		}
		for _, f := range job.Files {
			key := bits.FileKey(f.LocalName)
			d.listed[key] = append(d.listed[key], job)
		}
	}
	return d.listed, nil
}

// Take records that a resource of this run takes over a job that was there before. It reports whether it may: not where another resource
// removes the job.
func (d *Destinations) Take(id bits.JobID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone[id] {
		return false
	}
	d.taken[id] = true
	return true
}

// Discard records that a resource that is destroyed removes a job. It reports whether it may: not where another resource of this run took
// over the job.
func (d *Destinations) Discard(id bits.JobID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken[id] {
		return false
	}
	d.gone[id] = true
	return true
}

// Restore takes back a Discard of a job that could not be removed.
func (d *Destinations) Restore(id bits.JobID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.gone, id)
}

func (d *Destinations) discarded(id bits.JobID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gone[id]
}

// ReadTwice records that a refresh read a job, and reports whether one did before: two resources have the same job then.
func (d *Destinations) ReadTwice(id bits.JobID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.read[id]
	d.read[id] = true
	return before
}
