// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"fmt"
	"net/http"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// otherSID is the security identifier of an account that a request names.
const otherSID = "S-1-5-21-2005336421-1814238812-412003187-1105"

// Job is a job as the API spells it.
type Job struct {
	ID          bits.JobID    `json:"id"`
	DisplayName string        `json:"display_name"`
	Description string        `json:"description"`
	Priority    bits.Priority `json:"priority"`
	State       bits.State    `json:"state"`
	Owner       string        `json:"owner"` // DOMAIN\name
	Files       []File        `json:"files"`
}

// File is a file of a job.
type File struct {
	RemoteName       string  `json:"remote_name"`
	LocalName        string  `json:"local_name"`
	BytesTransferred uint64  `json:"bytes_transferred"`
	BytesTotal       *uint64 `json:"bytes_total"` // null while it is unknown
}

// jobs lists what Get-BitsTransfer -AllUsers does.
func jobs(h *Host, _ *http.Request) (any, error) {
	found, err := h.BITS.Jobs(h.Account, true)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	list := make([]Job, 0, len(found))
	for _, j := range found {
		item := Job{
			ID: j.ID, DisplayName: j.DisplayName, Description: j.Description, Priority: j.Priority, State: j.State,
			Owner: j.Owner.Name, Files: make([]File, 0, len(j.Files)),
		}
		for _, f := range j.Files {
			item.Files = append(item.Files, File{f.RemoteName, f.LocalName, f.BytesTransferred, f.BytesTotal})
		}
		list = append(list, item)
	}
	return list, nil
}

// changeBody is what a change may carry.
type changeBody struct {
	By       string `json:"by"`       // DOMAIN\name of an administrator; "" means the host's own
	Priority string `json:"priority"` // of priority

	HResult   string `json:"hresult"`   // of fail
	Transient bool   `json:"transient"` // of fail: BITS tries again
}

// changes are the verbs on a job.
var changes = map[string]func(h *bitsvc.Handle, body changeBody) error{
	"priority": func(h *bitsvc.Handle, body changeBody) error {
		p, err := bits.ParsePriority(body.Priority)
		if err != nil {
			return badRequest(err.Error())
		}
		return h.SetPriority(p)
	},
	"suspend":  func(h *bitsvc.Handle, _ changeBody) error { return h.Suspend() },
	"resume":   func(h *bitsvc.Handle, _ changeBody) error { return h.Resume() },
	"complete": func(h *bitsvc.Handle, _ changeBody) error { _, err := h.Complete(); return err },
	"cancel":   func(h *bitsvc.Handle, _ changeBody) error { _, err := h.Cancel(); return err },
	"fail": func(h *bitsvc.Handle, body changeBody) error {
		result, err := bits.ParseHResult(body.HResult)
		if err != nil {
			return badRequest(err.Error())
		}
		if !result.Failed() {
			return badRequest(result.String() + " is not a failure")
		}
		return h.Fail(result, body.Transient)
	},
}

// change changes a job as an administrator.
func change(h *Host, r *http.Request) (any, error) {
	verb := r.PathValue("verb")
	act := changes[verb]
	if act == nil {
		return nil, unknown("there is nothing to do that is called " + verb)
	}
	var body changeBody
	if err := read(r, &body); err != nil {
		return nil, err
	}
	id, err := bits.ParseJobID(r.PathValue("id"))
	if err != nil {
		return nil, unknown(err.Error())
	}
	caller := h.Account
	if body.By != "" && body.By != caller.Account {
		caller = bitsvc.Caller{Account: body.By, SID: otherSID, Elevated: true, LoggedOn: true}
	}
	caller.System = true // administrators have tools that run a program as SYSTEM, whose jobs they could not change otherwise
	if err := h.BITS.Do(caller, id, func(job *bitsvc.Handle) error { return act(job, body) }); err != nil {
		return nil, fmt.Errorf("%s job %s: %w", verb, id, err)
	}
	return done{}, nil
}
