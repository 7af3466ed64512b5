// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// held is a shell that holds a process as SYSTEM.
type held struct {
	*conversation
	shellPID, parent, system int
}

// hold starts one.
func (a *asker) hold(ctx context.Context) (*held, error) {
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return nil, err
	}
	err = c.start(ctx, a.data("Hold"))
	var s said
	for err == nil && s.Ready == 0 {
		if s, err = c.next(ctx); s.Status != "" {
			err = fmt.Errorf("%s: %s", s.Status, s.Answer)
		}
	}
	if err != nil {
		c.close(ctx)
		return nil, err
	}
	return &held{conversation: c, shellPID: s.Shell, parent: s.Parent, system: s.System}, nil
}

// askLifetime ends shells by Delete and by killing their cmd.exe, and watches from another one what becomes of their processes.
func askLifetime(ctx context.Context, a *asker) answer {
	var all answer
	parent := 0 // of the shell's PowerShell
	for _, how := range []string{"Delete of the shell", "its cmd.exe killed"} {
		one := answer{status: notHere, text: "the shell has no cmd.exe here"}
		if kill := how == "its cmd.exe killed"; !kill || parent != 0 {
			one, parent = a.end(ctx, kill)
		}
		all.evidence = append(all.evidence, one.evidence...)
		all.left = append(all.left, one.left...)
		if all.status == "" || one.status == answered {
			all.status = one.status
		}
		all.text += fmt.Sprintf("%s: %s. ", how, one.text)
	}
	return all
}

// end ends a shell, and returns what becomes of its processes and the id of its cmd.exe, 0 without one.
func (a *asker) end(ctx context.Context, kill bool) (answer, int) {
	h, err := a.hold(ctx)
	if err != nil {
		return fail(err), 0
	}
	return a.endHeld(ctx, h, kill), h.parent
}

func (a *asker) endHeld(ctx context.Context, h *held, kill bool) answer {
	defer h.close(ctx)
	d := a.data("Watch")
	d.Watch = []int{h.shellPID, h.system}
	if kill {
		d.Kill = h.parent
	}
	watcher, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	defer watcher.close(ctx)
	if err := watcher.start(ctx, d); err != nil {
		return watcher.fail(err)
	}
	if err := watcher.ready(ctx, 1); err != nil {
		return watcher.fail(err)
	}
	if err := watcher.shell.Send(ctx, []byte("now\n")); err != nil {
		return watcher.fail(err)
	}
	if !kill {
		if err := h.shell.Close(ctx); err != nil {
			return watcher.fail(err)
		}
	}
	one := watcher.outcome(ctx)
	one.evidence = append(one.evidence, fmt.Sprintf("the shell's PowerShell is %d, its parent %d, the process of SYSTEM %d", h.shellPID, h.parent, h.system))
	return one
}

// askStopWinRM has a process as SYSTEM stop the service and watch, and reads what it saw when the service is back.
func askStopWinRM(ctx context.Context, a *asker) answer {
	h, err := a.hold(ctx)
	if err != nil {
		return fail(err)
	}
	defer h.close(ctx)
	d := a.data("StopWinRM")
	d.AsSystem, d.Watch = true, []int{h.shellPID, h.system}
	d.File = `C:\ProgramData\terraform-provider-bits-probe-` + d.ID + `-stop.txt`
	if stopped := a.run(ctx, d); stopped.status == notHere {
		return stopped
	} // anything else: its shell ends with the service
	d.Question, d.AsSystem = "Stopped", false
	var seen answer
	for range 20 {
		if err := wait(ctx, 5*time.Second); err != nil {
			return fail(err)
		}
		if seen = a.run(ctx, d); seen.status == answered {
			seen.evidence = append(seen.evidence, strings.TrimSpace(fmt.Sprintf("the shell's PowerShell is %d, the process of SYSTEM %d", h.shellPID, h.system)))
			return seen
		}
	}
	return seen
}
