package standin

import (
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// readOnlyWhenActive is BG_E_READ_ONLY_WHEN_JOB_ACTIVE.
const readOnlyWhenActive bits.HResult = 0x80200075

// change sets properties, adds files and suspends or resumes, in that order, up to the first refusal.
func (o operations) change(id bits.JobID, op agent.Op) (bits.Job, *agent.Error) {
	h, job, bad := o.open(id)
	if bad != nil {
		return bits.Job{}, bad
	}
	c := changing{operations: o, handle: h, moving: moving(job.State)}
	if op.Set != nil {
		if bad := c.properties(*op.Set); bad != nil {
			return bits.Job{}, bad
		}
	}
	for _, f := range fileSpecs(op.AddFiles) {
		c.addFile(f, func() *record { return o.add(h, f) })
	}
	if c.refusal != nil && c.held {
		if resume(h) == nil {
			c.refusal.Done = append(slices.Clone(c.refusal.Done), stepResume)
		}
		return bits.Job{}, c.refusal
	}
	switch {
	case op.Suspended == nil && !c.held, op.Suspended != nil && *op.Suspended && c.held:
	case op.Suspended != nil && *op.Suspended:
		c.do(stepSuspend, func() *record { return suspend(h) })
	default:
		c.do(stepResume, func() *record { return resume(h) })
	}
	return c.end(o, id)
}

// moving reports whether a job is on its way.
func moving(s bits.State) bool { return s.Stage() == bits.StagePending }

// changing is a change under way.
type changing struct {
	operations
	steps
	handle *bitsvc.Handle
	moving bool
	held   bool // was suspended for what BITS does not take from a job that moves
}

// properties sets what is given, group by group; what the module does not know is refused before anything is changed.
func (c *changing) properties(set agent.Set) *agent.Error {
	p := set.With(set.Properties)
	rows := given(p)
	if bad := c.host.unsupported(rows, "Set-BitsTransfer"); bad != nil {
		return bad
	}
	c.set("priority", set.Priority, func(v string) *record { return setPriority(c.handle, v) })
	c.set("description", set.Description, func(v string) *record { return setDescription(c.handle, v) })
	c.set("display_name", set.DisplayName, func(v string) *record { return setDisplayName(c.handle, v) })
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[0].group != "" && rows[n].group == rows[0].group {
			n++
		}
		c.group(p, rows[:n])
		rows = rows[n:]
	}
	return nil
}

// group sets one group, while the job is suspended where that must be.
func (c *changing) group(p bits.Properties, rows []property) {
	if c.refusal != nil {
		return
	}
	if rows[0].quiet && c.moving {
		c.hold()
	}
	bad := setGroup(c.handle, p, rows)
	if bad != nil && bad.hresult == readOnlyWhenActive && !c.held {
		if c.hold(); c.refusal == nil {
			bad = setGroup(c.handle, p, rows)
		}
	}
	c.do("set:"+rows[0].name, func() *record { return bad })
	for _, row := range rows[1:] {
		c.do("set:"+row.name, func() *record { return nil })
	}
}

func (c *changing) hold() {
	if !c.held {
		c.do(stepSuspend, func() *record { return suspend(c.handle) })
		c.held = c.refusal == nil
	}
}
