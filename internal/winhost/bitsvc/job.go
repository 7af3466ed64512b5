// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"os"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// job is one job; the service's mutex guards it.
type job struct {
	number    uint64 // in the order of creation
	id        bits.JobID
	name      string
	text      string // description
	direction bits.TransferType
	owner     Caller
	priority  bits.Priority
	state     bits.State
	failure   *bits.JobError
	files     []*file

	created, modified time.Time
	transferred       *time.Time

	used     time.Time // when bytes came last, or a property or a file was set
	troubled time.Time // the first error since bytes came or it was resumed; zero: none

	settings

	turn      uint64      // place in the queue of its class
	run       *run        // its transfer, while it has one
	previous  *run        // one that was halted and may still be on its way out
	ending    int         // calls that wait for its transfer to let go of the files
	stopTimer func() bool // of the retry after a transient error
	stopWatch func() bool // of the time that it may be left alone
}

// file is one file of a job; its transfer alone changes it while it runs, under the service's mutex.
type file struct {
	remote, local string
	place         string // of the local name in the simulator's file system
	temporary     string // where the bytes are until the job is completed; "" before the first
	total         *uint64
	got           uint64
	whole         bool      // all bytes are there
	kept          bool      // the job is completed and the file has its name
	modified      time.Time // on the server
}

// run is the time during which a job transfers.
type run struct {
	cancel context.CancelFunc
	done   chan struct{}
	stop   func() bool // of its time slice
	expire func() bool // of the maximum download time
}

// end stops what would happen to the run later.
func (r *run) end() {
	r.stop()
	r.expire()
}

// snapshot returns the job as BITS describes it now.
func (j *job) snapshot() bits.Job {
	p := bits.Job{
		ID: j.id, DisplayName: j.name, Description: j.text, TransferType: j.direction, Priority: j.priority,
		State: j.state, Owner: bits.Owner{SID: j.owner.SID, Name: j.owner.Account},
		CreatedAt: j.created, ModifiedAt: j.modified, TransferredAt: j.transferred, Error: j.failure,
	}
	var total uint64
	known := true
	for _, f := range j.files {
		p.Files = append(p.Files, bits.File{
			RemoteName: f.remote, LocalName: f.local, BytesTotal: f.total, BytesTransferred: f.got, Complete: f.kept,
		})
		p.BytesTransferred += f.got
		if f.whole {
			p.FilesTransferred++
		}
		if f.total == nil {
			known = false
			continue
		}
		total += *f.total
	}
	if known {
		p.BytesTotal = &total
	}
	p.Properties = j.properties()
	p.ReadOnly = bits.ReadOnly{ACLFlags: []bits.ACLFlag{}, NotifyFlags: []bits.NotifyFlag{"transferred", "error"}} // the cmdlets' defaults
	return p
}

// active reports whether the scheduler may let the job transfer.
func (j *job) active() bool {
	return j.state == bits.StateQueued || j.state == bits.StateConnecting || j.state == bits.StateTransferring
}

// unfinished is the first file with bytes to come, or nil.
func (j *job) unfinished() *file {
	for _, f := range j.files {
		if !f.whole {
			return f
		}
	}
	return nil
}

// halt ends the job's transfer; what it still writes no longer counts.
func (j *job) halt() {
	if j.run == nil {
		return
	}
	j.run.cancel()
	j.run.end()
	j.previous, j.run = j.run, nil
}

// advance records that bytes came. Source: BG_JOB_TIMES, learn.microsoft.com.
func (j *job) advance(now time.Time) { j.troubled, j.used, j.modified = time.Time{}, now, now }

// stopRetry forgets the retry that a transient error waits for.
func (j *job) stopRetry() {
	if j.stopTimer != nil {
		j.stopTimer()
		j.stopTimer = nil
	}
}

// settled is closed once no transfer of the job touches its files any more.
func (j *job) settled() <-chan struct{} {
	if j.previous == nil {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return j.previous.done
}

// keep renames the files that have arrived and reports whether any was not whole. A file that can't be
// renamed is an error, and the job keeps what is left of it.
func (j *job) keep(drive *machine.Drive) (partial bool, err error) {
	for _, f := range j.files {
		switch {
		case f.kept:
		case !f.whole:
			partial = true
		case j.direction != bits.Download:
			f.kept = true
		default:
			if err := f.keep(drive); err != nil {
				return partial, err
			}
		}
	}
	return partial, nil
}

// drop deletes the temporary files and reports whether it could.
func (j *job) drop() bool {
	all := true
	for _, f := range j.files {
		if f.temporary == "" {
			continue
		}
		if err := os.Remove(f.temporary); err != nil && !os.IsNotExist(err) {
			all = false
			continue
		}
		f.temporary = ""
	}
	return all
}
