// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// readOnlyWhenActive is BG_E_READ_ONLY_WHEN_JOB_ACTIVE.
const readOnlyWhenActive bits.HResult = 0x80200075

// changing is a change of a job under way.
type changing struct {
	*operation
	handle    *bitsvc.Handle
	active    bool
	suspended bool // for what BITS does not take from an active job
}

// change sets properties, adds files and suspends or resumes, in that order, up to the first refusal.
func (o *operation) change(context.Context) (any, error) {
	h, job, err := o.open()
	if err != nil {
		return nil, err
	}
	c := &changing{operation: o, handle: h, active: job.State.Stage() == bits.StagePending}
	if o.Set != nil {
		err = c.set(*o.Set)
	}
	if err == nil {
		err = c.addFiles()
	}
	if err != nil {
		if c.suspended && h.Resume() == nil {
			o.done = append(o.done, "resume")
		}
		return nil, err
	}
	switch suspend := o.Suspended; {
	case suspend != nil && *suspend && !c.suspended:
		err = o.do("suspend", h.Suspend)
	case (suspend == nil || !*suspend) && (c.suspended || suspend != nil):
		err = o.do("resume", h.Resume)
	case o.Retry && job.State == bits.StateTransientError:
		err = o.do("resume", h.Resume)
	}
	if err != nil {
		return nil, err
	}
	return o.reread(o.AddFiles)
}

// set sets properties, call by call. What the module does not have is refused before anything is changed.
func (c *changing) set(set agent.Set) error {
	if err := c.unsupported("Set-BitsTransfer", set.Properties); err != nil {
		return err
	}
	for _, row := range []struct {
		name  string
		value *string
		set   func(string) error
	}{
		{"priority", set.Priority, func(v string) error { return c.handle.SetPriority(bits.Priority(v)) }},
		{"description", set.Description, c.handle.SetDescription},
		{"display_name", set.DisplayName, c.handle.SetDisplayName},
	} {
		if row.value == nil {
			continue
		}
		set := func() error { return row.set(*row.value) }
		if row.name != "priority" {
			set = func() error { return c.keepPriority(c.handle, func() error { return row.set(*row.value) }) }
		}
		if err := c.do("set:"+row.name, set); err != nil {
			return err
		}
	}
	for _, p := range bitsvc.Given(set.Properties) {
		if err := c.setProperty(p, bitsvc.Only(set.Properties, p)); err != nil {
			return err
		}
	}
	return nil
}

// setProperty sets one property, while the job is suspended where that is needed.
func (c *changing) setProperty(p bitsvc.Property, value bits.Properties) error {
	if p.WhileSuspended && c.active && !c.suspended {
		if err := c.suspend(); err != nil {
			return err
		}
	}
	c.step = "set:" + p.Fields[0].Name
	err := c.keepPriority(c.handle, func() error { return c.handle.SetProperties(value) })
	if resultOf(err) == readOnlyWhenActive && !c.suspended {
		if err := c.suspend(); err != nil {
			return err
		}
		c.step = "set:" + p.Fields[0].Name
		err = c.keepPriority(c.handle, func() error { return c.handle.SetProperties(value) })
	}
	if err != nil && resultOf(err).Failed() {
		return err
	}
	for _, f := range p.Fields {
		c.done = append(c.done, "set:"+f.Name)
	}
	return nil
}

func (c *changing) suspend() error {
	err := c.do("suspend", c.handle.Suspend)
	c.suspended = err == nil
	return err
}

func (c *changing) addFiles() error {
	for _, f := range c.AddFiles {
		c.file = f.LocalName
		err := c.do("add-file", func() error {
			if err := c.missingDirectory(f); err != nil {
				return err
			}
			return c.handle.AddFile(bits.FileSpec(f))
		})
		if err != nil {
			return err
		}
		c.file = ""
	}
	return nil
}

// keepPriority is a call of Set-BitsTransfer without -Priority: where that resets the priority, it is set again.
func (o *operation) keepPriority(h *bitsvc.Handle, set func() error) error {
	if !o.host.Setup.Odd.Now().ForgetsPriority {
		return set()
	}
	_, job, err := o.open()
	if err == nil {
		err = set()
	}
	if err == nil {
		err = h.SetPriority(bits.PriorityForeground)
	}
	if err == nil {
		err = h.SetPriority(job.Priority)
	}
	return err
}
