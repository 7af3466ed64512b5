// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"fmt"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// jobFromWire converts a job of the protocol. A value that BITS does not know is a bits.ErrUnreadable, as is what the agent could not
// read; the job has its id then, if that can be read.
func jobFromWire(w agent.Job) (bits.Job, error) {
	if w.Unread != nil {
		return bits.Job{}, refusal(w.Unread)
	}
	var p parser
	j := bits.Job{
		DisplayName: bits.Cut(w.DisplayName, maxName), Description: bits.Cut(w.Description, maxDescription),
		Owner:            bits.Owner{SID: name(stringOrEmpty(w.OwnerSID)), Name: name(stringOrEmpty(w.OwnerName))},
		BytesTotal:       p.size(w.BytesTotal),
		BytesTransferred: p.number(w.BytesTransferred),
		FilesTransferred: w.FilesTransferred,
		CreatedAt:        p.time(stringOrEmpty(w.CreatedAt)),
		ModifiedAt:       p.time(stringOrEmpty(w.ModifiedAt)),
		Properties:       w.Properties,
		ReadOnly:         w.ReadOnly,
	}
	j.CustomHeaders = agent.HeadersOf(w.Headers)
	j.ID = parse(&p, bits.ParseJobID, w.ID)
	j.TransferType = parse(&p, bits.ParseTransferType, w.TransferType)
	j.Priority = parse(&p, bits.ParsePriority, w.Priority)
	j.State = parse(&p, bits.ParseState, w.State)
	if w.TransferredAt != nil {
		at := p.time(*w.TransferredAt)
		j.TransferredAt = &at
	}
	if w.Error != nil {
		j.Error = &bits.JobError{Context: bits.ErrorContext(w.Error.Context), Text: w.Error.Text}
		if w.Error.HResult != nil {
			j.Error.HResult = parse(&p, bits.ParseHResult, *w.Error.HResult)
		}
	}
	for _, f := range w.Files {
		j.Files = append(j.Files, bits.File{
			RemoteName: f.RemoteName, LocalName: f.LocalName,
			BytesTotal: p.size(f.BytesTotal), BytesTransferred: p.number(f.BytesTransferred),
		})
	}
	if p.err != nil {
		return bits.Job{ID: j.ID}, &bits.Error{Code: bits.CodeUnreadable, Step: "answer", Text: p.err.Error()}
	}
	return j, nil
}

// parser keeps the first error.
type parser struct{ err error }

func parse[T any](p *parser, read func(string) (T, error), s string) T {
	v, err := read(s)
	if err != nil && p.err == nil {
		p.err = err
	}
	return v
}

// number parses a decimal number; an absent one is zero.
func (p *parser) number(s string) uint64 {
	if s == "" {
		return 0
	}
	return parse(p, func(s string) (uint64, error) {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			err = fmt.Errorf("%q is not a size", s)
		}
		return n, err
	}, s)
}

// size parses a number that may be unknown.
func (p *parser) size(s *string) *uint64 {
	if s == nil {
		return nil
	}
	n := p.number(*s)
	return &n
}

// time parses a time; an absent one is the zero time.
func (p *parser) time(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	return parse(p, func(s string) (time.Time, error) {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			err = fmt.Errorf("%q is not a time", s)
		}
		return at, err
	}, s).UTC()
}

func stringOrEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func toWire(files []bits.FileSpec) []agent.FileSpec {
	var w []agent.FileSpec
	for _, f := range files {
		w = append(w, agent.FileSpec{RemoteName: f.RemoteName, LocalName: f.LocalName})
	}
	return w
}

// timeOrNil parses a time that may be unknown.
func (p *parser) timeOrNil(s *string) *time.Time {
	if s == nil {
		return nil
	}
	at := p.time(*s)
	return &at
}

// result parses the code of a success; S_OK is not in the answer.
func (p *parser) result(s *string) bits.HResult {
	if s == nil {
		return 0
	}
	return parse(p, bits.ParseHResult, *s)
}

func completionFromWire(w agent.Completed) (bits.Completion, error) {
	job, err := jobFromWire(w.Job)
	if err != nil {
		return bits.Completion{}, err
	}
	c := bits.Completion{Job: job, Done: w.Done, Remaining: w.Remaining != nil && *w.Remaining}
	var p parser
	if w.Done {
		c.At = p.time(w.At)
		if !c.Remaining {
			c.Job.State = bits.StateAcknowledged
		}
	}
	c.HResult = p.result(w.HResult)
	return c, p.err
}
