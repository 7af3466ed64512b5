package standin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

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

// How what is made for an elevation is called.
const (
	taskPrefix = "terraform-provider-bits "
	pipePrefix = "terraform-provider-bits-"
	taskTime   = "20060102T150405Z"
)

// elevate starts an agent as SYSTEM: the pipe first, then the task whose process opens it.
func (b *batch) elevate(ctx context.Context, op agent.Op) (any, *agent.Error) {
	if b.caller.System {
		return nil, failed("elevate", "This agent runs as SYSTEM.")
	}
	start := systemStart{pipe: pipePrefix + nonce(), owner: b.caller.SID, expect: nonce(), show: nonce()}
	pipe, err := b.host.Pipes.Make(start.pipe, b.caller.SID)
	if err != nil {
		return nil, recordOf(err, "").answer("pipe-create")
	}
	name, conn, bad := b.runTask(ctx, pipe, start, op.MS)
	if bad != nil {
		pipe.Close()
		return nil, bad
	}
	b.connect(conn, pipe.Close)
	if bad := b.greetPeer(conn, op.Token, start); bad != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.hangUp()
		return nil, bad
	}
	b.relays = true
	return agent.Elevated{Task: name, Account: b.caller.Account, SID: b.caller.SID, Elevated: b.caller.Elevated}, nil
}

// runTask has the task scheduler start the process, and waits until it has opened the pipe.
func (b *batch) runTask(ctx context.Context, pipe *windows.Pipe, start systemStart, ms int) (string, net.Conn, *agent.Error) {
	now := b.host.Clock.Now()
	d := windows.TaskDefinition{
		Name:        taskPrefix + now.Format(taskTime) + " " + nonce()[:8],
		Description: "Lets terraform-provider-bits manage BITS jobs of SYSTEM. It deletes itself.",
		UserID:      "S-1-5-18", LogonType: 5, RunLevel: 1, Priority: 4, ExecutionTimeLimit: "PT24H", DeleteExpiredTaskAfter: "PT0S",
		StartBoundary: now.Add(-24 * time.Hour).Format(time.RFC3339), EndBoundary: now.Add(expiresAfter).Format(time.RFC3339),
		Path: `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, Arguments: start.arguments(),
		Sddl: "D:P(A;;FA;;;SY)(A;;FA;;;BA)",
	}
	b.removeStaleTasks(now)
	if err := b.host.Tasks.Register(b.caller, d); err != nil {
		return "", nil, recordOf(err, "").answer("task-register")
	}
	defer func() { _ = b.host.Tasks.Delete(d.Name) }() // what can't be deleted expires
	if err := b.host.Tasks.Run(d.Name); err != nil {
		return "", nil, recordOf(err, "").answer("task-run")
	}
	conn, bad := b.awaitPeer(ctx, pipe, d.Name, min(connectAtMost, time.Duration(ms)*time.Millisecond*7/10))
	return d.Name, conn, bad
}

// removeStaleTasks removes tasks that another agent left behind, by the time in their names.
func (b *batch) removeStaleTasks(now time.Time) {
	for _, t := range b.host.Tasks.Tasks() {
		rest, ours := strings.CutPrefix(t.Name, taskPrefix)
		stamp, _, _ := strings.Cut(rest, " ")
		made, err := time.Parse(taskTime, stamp)
		if ours && err == nil && made.Before(now.Add(-staleAfter)) {
			_ = b.host.Tasks.Delete(t.Name) // what can't be deleted expires
		}
	}
}

// awaitPeer waits until the pipe is opened, unless the task ends before or never starts.
func (b *batch) awaitPeer(ctx context.Context, pipe *windows.Pipe, name string, limit time.Duration) (net.Conn, *agent.Error) {
	late := make(chan struct{})
	defer b.host.Clock.AfterFunc(limit, func() { close(late) })()
	for {
		changed := b.host.Tasks.Changed()
		task, err := b.host.Tasks.Task(name)
		if err != nil {
			return nil, recordOf(err, "").answer("pipe-connect")
		}
		over := task.State == windows.TaskReady && task.LastResult != windows.TaskResultHasNotRun
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
			return nil, failed("pipe-connect", "The process was ended.")
		}
	}
}

// greetPeer shows our nonce, expects the peer's, and sends it the agent.
func (b *batch) greetPeer(conn net.Conn, token string, start systemStart) *agent.Error {
	stop := b.host.Clock.AfterFunc(handshakeAtMost, func() { _ = conn.Close() })
	defer stop()
	got := make([]byte, len(start.show))
	_, err := io.WriteString(conn, start.expect+"\n")
	if err == nil {
		_, err = io.ReadFull(conn, got)
	}
	switch {
	case err != nil:
		return failed("handshake", "The process that opened the pipe did not show its nonce.")
	case string(got) != start.show:
		return failed("handshake", "The process that opened the pipe showed a wrong nonce.")
	}
	if _, err := fmt.Fprintf(conn, "%s\n%s", token, agent.Upload()); err != nil {
		return failed("handshake", "The process that opened the pipe does not read.")
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
				return agent.ExitBye
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

// failed is a failure of this agent's own making, or of a task.
func failed(step, text string) *agent.Error {
	return &agent.Error{Code: codeRefused, Step: step, Text: text, Type: "System.InvalidOperationException", FQEID: text}
}

func ofTask(text string, t windows.Task) *agent.Error {
	e := failed("pipe-connect", text)
	result := t.LastResult.Hex()
	e.Task = &result
	return e
}

// nonce gives 128 random bits in hexadecimal.
func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x", b)
}
