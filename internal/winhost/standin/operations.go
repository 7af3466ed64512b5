// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	// pageBytes bounds a page beside agent.MaxPage, so that a page always fits into a line.
	pageBytes = 256 << 10
	// pendingAge is the age from which a pending job is swept: no create can be about to commit it.
	pendingAge = time.Hour
)

// kind is one kind of operation.
type kind struct {
	run     func(o *operation, ctx context.Context) (any, error)
	cmdlets bool // it calls the cmdlets of BITS
}

var kinds = map[string]kind{
	agent.OpHello:    {run: (*operation).hello},
	agent.OpHost:     {run: (*operation).state},
	agent.OpList:     {run: (*operation).list, cmdlets: true},
	agent.OpGet:      {run: (*operation).get, cmdlets: true},
	agent.OpCreate:   {run: (*operation).create, cmdlets: true},
	agent.OpCommit:   {run: (*operation).commit, cmdlets: true},
	agent.OpAdopt:    {run: (*operation).adopt, cmdlets: true},
	agent.OpChange:   {run: (*operation).change, cmdlets: true},
	agent.OpComplete: {run: (*operation).complete, cmdlets: true},
	agent.OpRemove:   {run: (*operation).remove, cmdlets: true},
	agent.OpHistory:  {run: (*operation).history},
	agent.OpStat:     {run: (*operation).stat},
	agent.OpSweep:    {run: (*operation).sweep, cmdlets: true},
	agent.OpElevate:  {run: (*operation).elevate},
}

// operation is one operation under way.
type operation struct {
	*process
	agent.Op
	index int
	out   *output

	step, file string // what its error names
	done       []string
	left       bits.JobID
}

// perform runs the operation.
func (o *operation) perform(ctx context.Context) (any, *agent.Error) {
	k, ok := kinds[o.Name]
	if !ok {
		return nil, &agent.Error{Code: string(bits.CodeBadOp), Text: "The agent has no such operation."}
	}
	if k.cmdlets {
		if e := o.host.importModule(); e != nil {
			return nil, e
		}
	}
	o.step = "read"
	if agent.Mutating(o.Name) && !o.changes {
		return nil, o.failure(errors.New("the agent's text lacks what changes need"))
	}
	value, err := k.run(o, ctx)
	if err != nil {
		return nil, o.failure(err)
	}
	return value, nil
}

// do runs one step of a change and notes that it was done.
func (o *operation) do(step string, act func() error) error {
	o.step = step
	if err := act(); err != nil {
		return err
	}
	o.done = append(o.done, step)
	return nil
}

// open returns the operation's job.
func (o *operation) open() (*bitsvc.Handle, bits.Job, error) {
	o.step = "read"
	id, err := bits.ParseJobID(o.ID)
	if err != nil {
		return nil, bits.Job{}, err
	}
	return o.openJob(id)
}

func (o *operation) openJob(id bits.JobID) (*bitsvc.Handle, bits.Job, error) {
	handle, err := o.host.Service.Open(o.caller, id)
	var job bits.Job
	if err == nil {
		job, err = o.host.Service.Job(o.caller, id)
	}
	if resultOf(err) == jobNotFound {
		err = notFound("BITS does not list the job.")
	}
	return handle, job, err
}

// answer is the value of an operation that returns a job, with the open directories of files that are new to it.
func (o *operation) answer(job bits.Job, added []agent.FileSpec) (agent.JobValue, error) {
	shown, err := o.shown(job)
	value := agent.JobValue{Job: shown}
	if job.TransferType != bits.Upload {
		value.OpenToUsers = o.openDirectories(added)
	}
	return value, err
}

// reread is the value of an operation that has changed its job.
func (o *operation) reread(added []agent.FileSpec) (any, error) {
	_, job, err := o.open()
	if err != nil {
		return nil, err
	}
	return o.answer(job, added)
}

func (o *operation) get(context.Context) (any, error) { return o.reread(nil) }

// seesAll reports whether Get-BitsTransfer -AllUsers works. It is not tried again once it did.
func (o *operation) seesAll() bool {
	if !o.allUsers {
		_, err := o.host.Service.Jobs(o.caller, true)
		o.allUsers = err == nil
	}
	return o.allUsers
}

// list sends the jobs in pages and returns their number.
func (o *operation) list(context.Context) (any, error) {
	allUsers := !o.Mine && o.seesAll()
	jobs, err := o.host.Service.Jobs(o.caller, allUsers)
	if err != nil {
		return nil, err
	}
	if o.Max > 0 {
		jobs = jobs[:min(o.Max, len(jobs))]
	}
	var page []json.RawMessage
	size := 0
	for k, job := range jobs {
		text := o.row(k, job)
		page = append(page, text)
		size += len(text)
		if k == len(jobs)-1 || len(page) == agent.MaxPage || size >= pageBytes {
			if o.out.add(encode(result{I: o.index, Page: page})) != nil {
				break // the end of the operation sees that stdout is gone
			}
			page, size = nil, 0
		}
	}
	return agent.Listed{Count: len(jobs), AllUsers: allUsers, Now: stamp(o.host.Clock.Now())}, nil //nolint:nilerr // the end of the operation sees it
}

var pendingToken = regexp.MustCompile(`^[0-9a-f]{32}$`)

// pendingName is the display name of the operation's pending job.
func (o *operation) pendingName() (string, error) {
	if !pendingToken.MatchString(o.Token) {
		return "", errors.New("the token is not 32 hexadecimal digits")
	}
	return bits.PendingPrefix + o.Token, nil
}

// create makes a suspended job under its pending name, or leaves nothing behind.
func (o *operation) create(context.Context) (any, error) {
	o.step = "create"
	name, err := o.pendingName()
	if err != nil {
		return nil, err
	}
	if err := o.unsupported("Start-BitsTransfer", o.Job.Properties); err != nil {
		return nil, err
	}
	var made []string
	if o.Job.Directories {
		made, err = o.makeParents(o.Job.Files)
	}
	var value agent.JobValue
	if err == nil {
		o.step = "create"
		var job bits.Job
		if job, err = o.start(name); err == nil {
			value, err = o.answer(job, o.Job.Files)
		}
	}
	if err != nil {
		o.removeLeftover(name)
		removeMade(made)
		return nil, err
	}
	return value, nil
}

// start is Start-BitsTransfer -Suspended: one call for its caller and several for BITS, which leaves a suspended job
// behind when a later one of them fails.
func (o *operation) start(name string) (bits.Job, error) {
	for _, f := range o.Job.Files {
		if err := o.missingDirectory(f); err != nil {
			return bits.Job{}, err
		}
	}
	service := o.host.Service
	id, err := service.CreateJob(o.caller, name, bits.TransferType(o.Job.TransferType))
	if err != nil {
		return bits.Job{}, err
	}
	h, err := service.Open(o.caller, id)
	if err == nil && o.Job.Description != "" {
		err = h.SetDescription(o.Job.Description)
	}
	if err == nil {
		err = h.SetPriority(bits.Priority(o.Job.Priority))
	}
	if err == nil {
		err = h.SetProperties(o.Job.Properties)
	}
	for _, f := range o.Job.Files {
		if err == nil {
			err = h.AddFile(bits.FileSpec(f))
		}
	}
	if err != nil {
		return bits.Job{}, err
	}
	return service.Job(o.caller, id)
}

// removeLeftover removes the job that a failed create left behind, and notes its id when it can't.
func (o *operation) removeLeftover(name string) {
	jobs, err := o.host.Service.Jobs(o.caller, false)
	if err != nil {
		return
	}
	for _, job := range jobs {
		if job.DisplayName == name && o.cancel(job.ID) != nil {
			o.left = job.ID
		}
	}
}

// adopt returns the pending job of a token among the caller's own. Of several it keeps the oldest.
func (o *operation) adopt(context.Context) (any, error) {
	name, err := o.pendingName()
	if err != nil {
		return nil, err
	}
	jobs, err := o.host.Service.Jobs(o.caller, false)
	if err != nil {
		return nil, err
	}
	var adopted *bits.Job
	for _, job := range jobs { // the oldest first
		switch {
		case job.DisplayName != name:
		case adopted == nil:
			adopted = &job
		default:
			o.step = "remove"
			if err := o.cancel(job.ID); err != nil {
				return nil, err
			}
		}
	}
	if adopted == nil {
		return nil, notFound("BITS lists no pending job of that token.")
	}
	return o.answer(*adopted, nil)
}

// commit renames a pending job and resumes it unless it shall stay suspended.
func (o *operation) commit(context.Context) (any, error) {
	h, _, err := o.open()
	if err == nil {
		err = o.do("set:display_name", func() error { return o.keepPriority(h, func() error { return h.SetDisplayName(o.DisplayName) }) })
	}
	if err == nil && (o.Suspended == nil || !*o.Suspended) {
		err = o.do("resume", h.Resume)
	}
	if err != nil {
		return nil, err
	}
	return o.reread(nil)
}

// complete completes a transferred job. Any other is left alone.
func (o *operation) complete(context.Context) (any, error) {
	h, job, err := o.open()
	if err != nil {
		return nil, err
	}
	shown, err := o.shown(job)
	if err != nil {
		return nil, err
	}
	done := agent.Completed{Job: shown, Remaining: new(false), At: stamp(o.host.Clock.Now())}
	if job.State != bits.StateTransferred {
		return done, nil
	}
	o.step = "complete"
	answer, err := h.Complete()
	_, job, unlisted := o.openJob(job.ID)
	if err != nil {
		if unlisted == nil {
			o.file = unnamed(job)
		}
		return nil, err
	}
	done.Done, done.At, done.HResult, done.Remaining = true, stamp(o.host.Clock.Now()), hex(answer), remaining(unlisted)
	return done, nil
}

// remaining reports whether BITS lists a job, by the error of its lookup; nil: that can't be known.
func remaining(err error) *bool {
	var own *failed
	if err == nil || errors.As(err, &own) && own.answer.Code == string(bits.CodeNotFound) {
		return new(err == nil)
	}
	return nil
}

// unnamed is the first file of a transferred job that does not have its name yet.
func unnamed(job bits.Job) string {
	for _, f := range job.Files {
		if job.State == bits.StateTransferred && !f.Complete {
			return f.LocalName
		}
	}
	return ""
}

// remove cancels a job; an absent one is done.
func (o *operation) remove(context.Context) (any, error) {
	h, _, err := o.open()
	var e *failed
	switch {
	case errors.As(err, &e) && e.answer.Code == string(bits.CodeNotFound):
		return agent.Removed{Absent: true}, nil
	case err != nil:
		return nil, err
	}
	o.step = "remove"
	answer, err := h.Cancel()
	return agent.Removed{HResult: hex(answer)}, err
}

// cancel removes a job that is not going to be committed.
func (o *operation) cancel(id bits.JobID) error {
	_, err := o.host.Service.Cancel(o.caller, id)
	return err
}

// sweep removes the caller's suspended jobs that have a pending name and are old enough, and notes those that can't be removed.
func (o *operation) sweep(context.Context) (any, error) {
	jobs, err := o.host.Service.Jobs(o.caller, false)
	if err != nil {
		return nil, err
	}
	swept := agent.Swept{Removed: []string{}, Notes: []string{}}
	before := o.host.Clock.Now().Add(-pendingAge)
	for _, job := range jobs {
		token, pending := strings.CutPrefix(job.DisplayName, bits.PendingPrefix)
		if job.State != bits.StateSuspended || !pending || !pendingToken.MatchString(token) || !job.CreatedAt.Before(before) {
			continue
		}
		if shown, err := o.shown(job); err == nil && shown.CreatedAt == nil {
			swept.Notes = append(swept.Notes, fmt.Sprintf("job %s: its age can't be read", job.ID))
			continue
		}
		if err := o.cancel(job.ID); err != nil {
			swept.Notes = append(swept.Notes, fmt.Sprintf("job %s: %s", job.ID, o.failure(err).Text))
			continue
		}
		swept.Removed = append(swept.Removed, string(job.ID))
	}
	return swept, nil
}

// missingDirectory is the refusal of a destination whose directory is missing, which the cmdlets look for themselves.
func (o *operation) missingDirectory(f agent.FileSpec) error {
	full := len(f.LocalName) > 2 && f.LocalName[1] == ':' && f.LocalName[2] == '\\'
	if !full || o.host.Drive.DirExists(f.LocalName) {
		return nil
	}
	return &failed{answer: agent.Error{
		Code: string(bits.CodeRefused), FQEID: "PathNotFound,Microsoft.BackgroundIntelligentTransfer.Management.NewBitsTransferCommand",
		Type: "System.Management.Automation.ParentContainsErrorRecordException",
		Text: fmt.Sprintf("Cannot find path '%s' because it does not exist.", f.LocalName),
	}}
}
