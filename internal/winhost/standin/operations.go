package standin

import (
	"context"
	"encoding/json"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// The steps that the errors name.
const (
	stepAdd      = "add-file"
	stepComplete = "complete"
	stepCreate   = "create"
	stepRead     = "read"
	stepRemove   = "remove"
	stepResume   = "resume"
	stepSuspend  = "suspend"
)

// pageBytes bounds a page beside agent.MaxPage, so that a page always fits into a line.
const pageBytes = 256 << 10

// operations are the agent's operations, made of cmdlets.
type operations struct {
	module
}

// perform runs one operation that was read without fault, and gives its value or its error.
func (b *batch) perform(ctx context.Context, i int, op agent.Op) (any, *agent.Error) {
	o := operations{module{host: b.host, caller: b.caller}}
	id, _ := bits.ParseJobID(op.ID) // checked where the operation needs it
	if bad := b.host.importModule(); bad != nil && needsModule(op.Name) {
		return nil, bad.answer(stepImport)
	}
	switch op.Name {
	case agent.OpHello:
		return b.hello(o), nil
	case agent.OpHost:
		return o.state(op), nil
	case agent.OpList:
		return b.list(o, i, op)
	case agent.OpGet:
		return o.jobValue(o.read(id))
	case agent.OpCreate:
		return o.created(o.create(op))
	case agent.OpAdopt:
		return o.jobValue(o.adopt(op.Token))
	case agent.OpCommit:
		return o.jobValue(o.commit(id, op))
	case agent.OpChange:
		job, bad := o.change(id, op)
		return o.changed(op, job, bad)
	case agent.OpComplete:
		return o.completeJob(id, op.Partial)
	case agent.OpRemove:
		return o.removeJob(id)
	case agent.OpSweep:
		return o.sweepPending()
	case agent.OpStat:
		return b.stat(op), nil
	case agent.OpHistory:
		return o.history(id, op), nil
	case agent.OpElevate:
		return b.elevate(ctx, op)
	default: // bye
		return struct{}{}, nil
	}
}

// jobValue is the value of an operation that gives a job.
func (o operations) jobValue(j bits.Job, bad *agent.Error) (any, *agent.Error) {
	if bad != nil {
		return nil, bad
	}
	return agent.JobValue{Job: o.host.wireJob(j)}, nil
}

// answer turns an error record into the error of an operation.
func (r *record) answer(step string) *agent.Error {
	code := codeRefused
	if r.binding() {
		code = codeBinding
	}
	return &agent.Error{
		Code: code, Step: step, HResult: hex(r.hresult), Text: r.text, Type: r.exception, FQEID: r.id,
	}
}

// notFound is the agent's own answer where BITS lists no such job, whatever the cmdlet said.
func notFound(text string) *agent.Error {
	return &agent.Error{
		Code: codeNotFound, Step: stepRead, Text: text, Type: "System.InvalidOperationException", FQEID: text,
	}
}

// read gives a job that BITS lists.
func (o operations) read(id bits.JobID) (bits.Job, *agent.Error) {
	_, job, bad := o.open(id)
	return job, bad
}

// open gives a job that BITS lists, and the object that the cmdlets take for it.
func (o operations) open(id bits.JobID) (*bitsvc.Handle, bits.Job, *agent.Error) {
	handle, job, bad := o.get(id)
	if bad == nil {
		return handle, job, nil
	}
	if bad.hresult == jobNotFound {
		return nil, bits.Job{}, notFound("BITS does not list the job.")
	}
	return nil, bits.Job{}, bad.answer(stepRead)
}

// jobNotFound is BG_E_NOT_FOUND.
const jobNotFound bits.HResult = 0x80200001

// seesAll reports whether Get-BitsTransfer -AllUsers works; once it did it is not asked again.
func (p *process) seesAll(m module) bool {
	if !p.allUsers {
		_, refused := m.list(true)
		p.allUsers = refused == nil
	}
	return p.allUsers
}

// list sends the jobs in pages and gives their number.
func (b *batch) list(o operations, i int, op agent.Op) (any, *agent.Error) {
	allUsers := !op.Mine && b.seesAll(o.module)
	jobs, bad := o.module.list(allUsers)
	if bad != nil {
		return nil, bad.answer(stepRead)
	}
	var page []json.RawMessage
	size := 0
	for k, job := range jobs {
		text := selected(o.host.wireJob(job), op.Fields)
		page = append(page, text)
		size += len(text)
		if k == len(jobs)-1 || len(page) == agent.MaxPage || size >= pageBytes {
			if b.out.add(encode(result{I: i, Page: page})) != nil {
				break // the end of the operation sees that stdout is gone
			}
			page, size = nil, 0
		}
	}
	return agent.Listed{Count: len(jobs), AllUsers: allUsers, Now: stamp(o.host.Clock.Now())}, nil
}

// create makes a suspended job under its pending name, or leaves nothing behind.
func (o operations) create(op agent.Op) (bits.Job, *agent.Error) {
	name := bits.PendingPrefix + op.Token
	properties := op.Job.With(op.Job.Properties)
	if bad := o.host.unsupported(given(properties), "Start-BitsTransfer"); bad != nil {
		return bits.Job{}, bad
	}
	var directories []string
	if op.Job.Directories {
		made, bad := o.makeParents(fileSpecs(op.Job.Files))
		if bad != nil {
			return bits.Job{}, bad
		}
		directories = made
	}
	job, bad := o.start(newJob{
		displayName: name, description: op.Job.Description, transferType: op.Job.TransferType,
		priority: op.Job.Priority, files: fileSpecs(op.Job.Files), properties: properties,
	})
	if bad == nil {
		return job, nil
	}
	e := bad.answer(stepCreate)
	e.Left = string(o.sweep(name))
	removeMade(directories)
	return bits.Job{}, e
}

// sweep removes a job that a failed create left behind, and gives its id when it could not.
func (o operations) sweep(name string) bits.JobID {
	jobs, bad := o.module.list(false)
	if bad != nil {
		return ""
	}
	for _, job := range jobs {
		if job.DisplayName == name && o.removePending(job.ID) != nil {
			return job.ID
		}
	}
	return ""
}

// adopt finds the pending job of a token among the caller's own. Were there several, the oldest is it and the others
// are removed.
func (o operations) adopt(token string) (bits.Job, *agent.Error) {
	jobs, bad := o.module.list(false)
	if bad != nil {
		return bits.Job{}, bad.answer(stepRead)
	}
	var adopted *bits.Job
	for _, job := range jobs { // the oldest first
		switch {
		case job.DisplayName != bits.PendingPrefix+token:
		case adopted == nil:
			adopted = &job
		default:
			if bad := o.removePending(job.ID); bad != nil {
				return bits.Job{}, bad.answer(stepRemove)
			}
		}
	}
	if adopted == nil {
		return bits.Job{}, notFound("BITS lists no pending job of that token.")
	}
	return *adopted, nil
}

// removePending removes a job that nobody will commit.
func (o operations) removePending(id bits.JobID) *record {
	handle, _, bad := o.get(id)
	if bad != nil {
		return bad
	}
	if bad := remove(handle); bad != nil && !bad.success() {
		return bad
	}
	return nil
}

// commit gives a job its name and resumes it unless it shall stay suspended.
func (o operations) commit(id bits.JobID, op agent.Op) (bits.Job, *agent.Error) {
	h, _, bad := o.open(id)
	if bad != nil {
		return bits.Job{}, bad
	}
	s := steps{}
	s.do("set:display_name", func() *record { return setDisplayName(h, op.DisplayName) })
	if op.Suspended == nil || !*op.Suspended {
		s.do(stepResume, func() *record { return resume(h) })
	}
	return s.end(o, id)
}

// steps runs the steps of a change up to the first refusal.
type steps struct {
	done    []string
	refusal *agent.Error
}

// do runs a step unless an earlier one was refused.
func (s *steps) do(step string, act func() *record) {
	if s.refusal != nil {
		return
	}
	if bad := act(); bad != nil {
		s.refusal = bad.answer(step)
		s.refusal.Done = s.done
		return
	}
	s.done = append(s.done, step)
}

// addFile runs the step of a file, which a refusal names.
func (s *steps) addFile(f bits.FileSpec, act func() *record) {
	if s.refusal != nil {
		return
	}
	if s.do(stepAdd, act); s.refusal != nil {
		s.refusal.File = f.LocalName
	}
}

// set runs the step of a property that shall be set.
func (s *steps) set(property string, value *string, act func(string) *record) {
	if value != nil {
		s.do("set:"+property, func() *record { return act(*value) })
	}
}

// end gives the job after all steps, or the refusal of one.
func (s *steps) end(o operations, id bits.JobID) (bits.Job, *agent.Error) {
	if s.refusal != nil {
		return bits.Job{}, s.refusal
	}
	job, bad := o.read(id)
	if bad != nil {
		bad.Done = s.done
	}
	return job, bad
}

// fileSpecs gives the files of a request.
func fileSpecs(files []agent.FileSpec) []bits.FileSpec {
	out := make([]bits.FileSpec, len(files))
	for i, f := range files {
		out[i] = bits.FileSpec{RemoteName: f.RemoteName, LocalName: f.LocalName}
	}
	return out
}
