// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"errors"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// task is what the stand-ins show of a scheduled task.
type task struct {
	Name   text  `json:"name"`
	State  int   `json:"state"`
	Result int32 `json:"result"` // as .NET spells it
	Broken int32 `json:"broken"` // in a list: why it can't be read
}

// start carries a call on the task scheduler or a pipe out.
func (d *bridge) start(c call) (answer, error) {
	if d.tasks == nil || d.pipes == nil {
		return answer{}, errors.New("this simulated host has no task scheduler")
	}
	switch c.Name {
	case "pipe-make":
		made, err := d.pipes.Make(c.Text, d.caller.SID)
		if err != nil {
			return answer{}, err
		}
		made.OutOfProcess(func() bool { return pipeExists(c.Text) })
		d.made = append(d.made, made)
		return answer{}, nil
	case "pipe-owner":
		owner, err := d.pipes.Owner(c.Text)
		return answer{Text: text(owner)}, err
	case "task-register":
		return answer{}, d.tasks.Register(d.caller, d.shifted(c.Task))
	case "task-run":
		return answer{}, d.tasks.Run(c.Text)
	case "task-delete":
		return answer{}, d.tasks.Delete(c.Text)
	default:
		return d.listTasks(c.Text)
	}
}

// listTasks returns one task, or all.
func (d *bridge) listTasks(name string) (answer, error) {
	var list []windows.Listed
	var err error
	if name != "" {
		var one windows.Task
		one, err = d.tasks.Task(name)
		list = []windows.Listed{{Task: one}}
	} else {
		list, err = d.tasks.List()
	}
	if err != nil {
		return answer{}, err
	}
	var a answer
	for _, t := range list {
		item := task{Name: text(t.Name), State: int(t.State), Result: int32(t.LastResult)} //nolint:gosec // the same 32 bits, signed
		var broken *bits.Error
		if errors.As(t.Err, &broken) {
			item.Broken = int32(broken.HResult) //nolint:gosec // the same 32 bits, signed
		}
		a.Tasks = append(a.Tasks, item)
	}
	return a, nil
}

// shifted turns the times of a definition into the host's: a process has this machine's clock.
func (d *bridge) shifted(definition windows.TaskDefinition) windows.TaskDefinition {
	ahead := time.Until(d.tasks.Now())
	for _, boundary := range []*string{&definition.StartBoundary, &definition.EndBoundary} {
		if at, err := time.Parse(time.RFC3339, *boundary); err == nil {
			*boundary = at.Add(ahead).Format(time.RFC3339)
		}
	}
	return definition
}

// closePipes takes the pipes away that the process made, as Windows does.
func (d *bridge) closePipes() {
	for _, made := range d.made {
		made.Close()
		removePipe(made.Name)
	}
	d.made = nil
}
