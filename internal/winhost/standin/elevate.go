// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// The times of an elevation.
const (
	connectAtMost   = 30 * time.Second // until the task's process has opened the pipe
	handshakeAtMost = 5 * time.Second
	expiresAfter    = 10 * time.Minute // what is left of a task
	staleAfter      = 15 * time.Minute
)

// unfinished is the results of a task that has not ended.
var unfinished = []bits.HResult{windows.TaskResultRunning, windows.TaskResultHasNotRun, windows.TaskResultQueued}

// How what is made for an elevation is called.
const (
	taskPrefix = "terraform-provider-bits "
	pipePrefix = "terraform-provider-bits-"
	taskTime   = "20060102T150405Z"
)

// elevate starts an agent as SYSTEM: the pipe first, then the task whose process opens it.
func (o *operation) elevate(ctx context.Context) (any, error) {
	o.step = "elevate"
	if o.caller.System {
		return nil, errors.New("this agent runs as SYSTEM")
	}
	if _, err := o.pendingName(); err != nil {
		return nil, err
	}
	if !strings.Contains(o.Text, ofChanges) {
		return nil, errors.New("the operation lacks the text that changes need")
	}
	o.step = "pipe-create"
	start := systemStart{pipe: pipePrefix + agent.NewToken(), owner: o.caller.SID, expect: agent.NewToken(), show: agent.NewToken()}
	pipe, err := o.host.Pipes.Make(start.pipe, o.caller.SID)
	if err != nil {
		return nil, err
	}
	o.step = "task-register"
	notes := o.removeStaleTasks(o.host.Clock.Now())
	conn, err := o.runTask(ctx, pipe, start)
	if err != nil {
		pipe.Close()
		return nil, err
	}
	o.connect(conn, pipe.Close)
	o.step = "handshake"
	if err := o.greetPeer(conn, start); err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.hangUp()
		return nil, err
	}
	o.relays = true
	return agent.Elevated{Account: o.caller.Account, SID: o.caller.SID, Elevated: o.caller.Elevated, Notes: notes}, nil
}

// runTask has the task scheduler start the process, and waits until it has opened the pipe.
func (o *operation) runTask(ctx context.Context, pipe *windows.Pipe, start systemStart) (net.Conn, error) {
	o.step = "task-register"
	now := o.host.Clock.Now()
	start.task = taskPrefix + now.Format(taskTime) + " " + agent.NewToken()[:8]
	d := windows.TaskDefinition{
		Name:        start.task,
		Description: "Lets terraform-provider-bits manage BITS jobs of SYSTEM. It deletes itself.",
		UserID:      "S-1-5-18", LogonType: 5, RunLevel: 1, Priority: 4, ExecutionTimeLimit: "PT24H", DeleteExpiredTaskAfter: "PT0S",
		StartBoundary: now.Add(-24 * time.Hour).Format(time.RFC3339), EndBoundary: now.Add(expiresAfter).Format(time.RFC3339),
		Path: `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, Arguments: start.arguments(),
		Sddl: "D:P(A;;FA;;;SY)(A;;FA;;;BA)",
	}
	if err := o.host.Tasks.Register(o.caller, d); err != nil {
		return nil, err
	}
	defer func() {
		if !o.exited.Load() && ctx.Err() == nil { // a process that is killed deletes nothing
			_ = o.host.Tasks.Delete(d.Name) // what can't be deleted expires
		}
	}()
	o.step = "task-run"
	if err := o.host.Tasks.Run(d.Name); err != nil {
		return nil, err
	}
	o.step = "pipe-connect"
	return o.awaitPeer(ctx, pipe, d.Name, min(connectAtMost, time.Duration(o.MS)*time.Millisecond*7/10))
}

// removeStaleTasks removes tasks that another agent left behind, by the time in their names, and returns what can't be read of them.
func (o *operation) removeStaleTasks(now time.Time) []string {
	notes := []string{}
	tasks, err := o.host.Tasks.List()
	if err != nil {
		notes = append(notes, "the tasks: "+err.Error())
	}
	for i, t := range slices.Backward(tasks) {
		if t.Name == "" {
			why := cmp.Or(t.Err, errors.New("It shows no name.")) //nolint:staticcheck,revive // the agent's text
			notes = append(notes, fmt.Sprintf("task %d of %d: %v", i+1, len(tasks), why))
			continue
		}
		rest, ours := strings.CutPrefix(t.Name, taskPrefix)
		stamp, _, _ := strings.Cut(rest, " ")
		made, err := time.Parse(taskTime, stamp)
		if ours && err == nil && made.Before(now.Add(-staleAfter)) {
			_ = o.host.Tasks.Delete(t.Name) // what can't be deleted expires
		}
	}
	return notes
}

// awaitPeer waits until the pipe is opened, unless the task ends before or never starts.
func (o *operation) awaitPeer(ctx context.Context, pipe *windows.Pipe, name string, limit time.Duration) (net.Conn, error) {
	late := make(chan struct{})
	defer o.host.Clock.AfterFunc(limit, func() { close(late) })()
	for {
		changed := o.host.Tasks.Changed()
		task, err := o.host.Tasks.Task(name)
		if err != nil { // the process deletes its task when it finds no pipe
			task.State, task.LastResult = windows.TaskReady, agent.ExitPipe
		}
		over := task.State == windows.TaskReady && !slices.Contains(unfinished, task.LastResult)
		select {
		case conn := <-pipe.Client():
			return conn, nil
		default:
		}
		if over {
			return nil, ofTask("The task ended before it connected.", task)
		}
		select {
		case conn := <-pipe.Client():
			return conn, nil
		case <-changed:
		case <-late:
			return nil, ofTask("The task did not connect in time.", task)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// greetPeer shows our nonce, expects the peer's, and sends it the agent.
func (o *operation) greetPeer(conn net.Conn, start systemStart) error {
	stop := o.host.Clock.AfterFunc(o.host.stretched(handshakeAtMost), func() { _ = conn.Close() })
	defer stop()
	got := make([]byte, len(start.show))
	_, err := io.WriteString(conn, start.expect+"\n")
	if err == nil {
		_, err = io.ReadFull(conn, got)
	}
	switch {
	case err != nil:
		return errors.New("The process that opened the pipe did not show its nonce.") //nolint:staticcheck,revive // the agent's text
	case string(got) != start.show:
		return errors.New("The process that opened the pipe showed a wrong nonce.") //nolint:staticcheck,revive // the agent's text
	}
	if _, err := fmt.Fprintf(conn, "%s\n%s", o.Token, agent.Upload(true)); err != nil {
		return errors.New("The process that opened the pipe does not read.") //nolint:staticcheck,revive // the agent's text
	}
	return nil
}

// relay carries what comes in to the agent as SYSTEM and what that says back, until either side is gone.
func (p *process) relay(ctx context.Context) int {
	p.mu.Lock()
	peer := p.peer
	p.mu.Unlock()
	if peer == nil {
		return exitKilled
	}
	defer p.host.Clock.AfterFunc(lifeLimit, func() { p.exit(agent.ExitAge) })()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(p, peer)
	}()
	for {
		select {
		case l := <-p.lines:
			switch {
			case errors.Is(l.err, io.EOF):
				return agent.ExitEnd
			case l.err != nil:
				return agent.ExitRead
			}
			_, _ = peer.Write(append(l.text, '\n')) // fails when the peer is gone, which the other direction notices
		case <-gone:
			_, _ = fmt.Fprintf(p, "\n%s %s\n", p.token, encode(agent.Answer{Fatal: agent.FatalPeerExit}))
			return agent.ExitPeer
		case <-ctx.Done():
			return exitKilled
		}
	}
}

// connect keeps the pipe to the other agent, until the process ends.
func (p *process) connect(conn net.Conn, release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.peer, p.release = conn, release
	if p.ended {
		p.hangUp()
	}
}

// disconnect ends the pipe to the other agent with the process.
func (p *process) disconnect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.hangUp()
}

// hangUp closes the pipe. The lock is held.
func (p *process) hangUp() {
	if p.peer != nil {
		_ = p.peer.Close()
		p.release()
		p.peer = nil
	}
}

// ofTask is a failure with the last result of the task.
func ofTask(text string, t windows.Task) error {
	last := t.LastResult.Hex()
	return &failed{answer: agent.Error{Code: string(bits.CodeRefused), Text: text, Task: &last}}
}
