package standin

import (
	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// created is the value of a create.
func (o operations) created(j bits.Job, bad *agent.Error) (any, *agent.Error) {
	return o.grown(j, j.Files, bad)
}

// changed is the value of a change.
func (o operations) changed(op agent.Op, j bits.Job, bad *agent.Error) (any, *agent.Error) {
	var added []bits.File
	for _, f := range op.AddFiles {
		added = append(added, bits.File{LocalName: f.LocalName})
	}
	return o.grown(j, added, bad)
}

// grown is the value of an operation that gave a job files.
func (o operations) grown(j bits.Job, files []bits.File, bad *agent.Error) (any, *agent.Error) {
	if bad != nil {
		return nil, bad
	}
	value := agent.JobValue{Job: o.host.wireJob(j)}
	if j.TransferType != bits.Upload {
		value.OpenToUsers = o.openDirectories(files)
	}
	return value, nil
}

// completeJob completes a transferred job, and any other only where what has arrived is wanted.
func (o operations) completeJob(id bits.JobID, partial bool) (any, *agent.Error) {
	h, job, bad := o.open(id)
	if bad != nil {
		return nil, bad
	}
	done := agent.Completed{Job: o.host.wireJob(job), At: stamp(o.host.Clock.Now())}
	if job.State != bits.StateTransferred && !partial {
		return done, nil
	}
	if bad := complete(h); bad != nil {
		if !bad.success() {
			e := bad.answer(stepComplete)
			e.File = o.unnamed(id)
			return nil, e
		}
		done.HResult = hex(bad.hresult)
	}
	done.Done, done.At = true, stamp(o.host.Clock.Now())
	done.Partial = job.FilesTransferred < len(job.Files)
	_, _, gone := o.get(id)
	done.Remaining = gone == nil
	return done, nil
}

// unnamed is the first file of a transferred job that has no name yet.
func (o operations) unnamed(id bits.JobID) string {
	_, job, bad := o.get(id)
	if bad != nil || job.State != bits.StateTransferred {
		return ""
	}
	for _, f := range job.Files {
		if !f.Complete {
			return f.LocalName
		}
	}
	return ""
}

// removeJob cancels a job; an absent one is done.
func (o operations) removeJob(id bits.JobID) (any, *agent.Error) {
	h, job, bad := o.open(id)
	switch {
	case bad == nil:
	case bad.Code == codeNotFound:
		return agent.Removed{Absent: true}, nil
	default:
		return nil, bad
	}
	var removed agent.Removed
	if bad := remove(h); bad != nil {
		if !bad.success() {
			return nil, bad.answer(stepRemove)
		}
		removed.HResult = hex(bad.hresult)
	}
	if job.TransferType != bits.Download {
		_, _, gone := o.get(id)
		removed.Lingers = gone == nil
	}
	return removed, nil
}
