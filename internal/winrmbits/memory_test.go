// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// idleTimeout ends a shell that could not be closed.
const idleTimeout = 3 * time.Minute

// memoryShell is a shell with a command in it, in memory.
type memoryShell struct {
	rig    *rig
	number int
	cancel context.CancelFunc
	stdin  *pipe
	exited chan struct{}

	mu      sync.Mutex
	changed chan struct{}
	out     wsman.Output
	closed  bool
	counts  map[string]int
	partial []byte
}

func newMemoryShell(r *rig, number int, command string, run program) *memoryShell {
	ctx, cancel := context.WithCancel(context.Background())
	m := &memoryShell{
		rig: r, number: number, cancel: cancel, stdin: newPipe(), exited: make(chan struct{}),
		changed: make(chan struct{}), counts: map[string]int{},
	}
	go func() {
		defer close(m.exited)
		code := run(ctx, command, m.stdin, stream{m, &m.out.Stdout}, stream{m, &m.out.Stderr})
		m.stdin.close()
		m.mu.Lock()
		defer m.mu.Unlock()
		m.out.Done, m.out.ExitCode = true, code
		m.wake()
	}()
	return m
}

func (m *memoryShell) running() bool {
	select {
	case <-m.exited:
		return false
	default:
		return true
	}
}

// wake wakes a Receive after a change. The lock is held.
func (m *memoryShell) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// meet returns the fault of an act, after its delay.
func (m *memoryShell) meet(ctx context.Context, verb string) (*fault, error) {
	m.mu.Lock()
	m.counts[verb]++
	e := event{shell: m.number, verb: verb, n: m.counts[verb]}
	m.mu.Unlock()
	f := m.rig.wrong(e)
	if f == nil {
		return nil, nil
	}
	select {
	case <-time.After(f.delay):
		return f, f.before
	case <-ctx.Done():
		return nil, lost(ctx.Err())
	}
}

// lost is an exchange whose connection broke.
func lost(err error) error { return fmt.Errorf("%w: %w", wsman.ErrConnectionLost, err) }

func (m *memoryShell) Send(ctx context.Context, input []byte) error {
	f, err := m.meet(ctx, "send")
	if err != nil {
		if f != nil && f.part > 0 {
			m.stdin.write(input[:min(f.part, len(input))])
		}
		return err
	}
	m.mu.Lock()
	gone := m.closed || m.out.Done
	m.mu.Unlock()
	if gone {
		return &wsman.Fault{Code: 2150858843}
	}
	m.record(input)
	m.stdin.write(input)
	if f != nil {
		return f.after
	}
	return nil
}

// record logs the batches that are sent.
func (m *memoryShell) record(input []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.partial = append(m.partial, input...)
	for {
		line, rest, ok := bytes.Cut(m.partial, []byte("\n"))
		if !ok {
			return
		}
		m.partial = rest
		token, object, _ := strings.Cut(string(line), " ")
		var request agent.Request
		if len(token) != agent.TokenLength || json.Unmarshal([]byte(object), &request) != nil {
			continue
		}
		names := make([]string, 0, len(request.Ops))
		for _, op := range request.Ops {
			names = append(names, op.Name)
		}
		m.rig.note("%d/%d %s", m.number, request.B, strings.Join(names, " "))
	}
}

func (m *memoryShell) Receive(ctx context.Context) (wsman.Output, error) {
	f, err := m.meet(ctx, "receive")
	if err != nil {
		return wsman.Output{}, err
	}
	nothing := time.NewTimer(20 * time.Second)
	defer nothing.Stop()
	for {
		m.mu.Lock()
		wake := m.changed
		out := m.out
		if m.closed {
			m.mu.Unlock()
			return wsman.Output{}, &wsman.Fault{Code: 995}
		}
		if out.Done || len(out.Stdout)+len(out.Stderr) > 0 {
			m.out.Stdout, m.out.Stderr = nil, nil
			m.mu.Unlock()
			if f != nil && f.after != nil {
				return wsman.Output{}, f.after
			}
			return out, nil
		}
		m.mu.Unlock()
		select {
		case <-wake:
		case <-nothing.C:
			return wsman.Output{}, nil
		case <-ctx.Done():
			return wsman.Output{}, lost(ctx.Err())
		}
	}
}

func (m *memoryShell) Close(ctx context.Context) error {
	if _, err := m.meet(ctx, "close"); err != nil {
		time.AfterFunc(idleTimeout, m.kill)
		return err
	}
	m.rig.note("close %d", m.number)
	m.kill()
	<-m.exited
	return nil
}

func (m *memoryShell) kill() {
	m.mu.Lock()
	m.closed = true
	m.wake()
	m.mu.Unlock()
	m.cancel()
	m.stdin.close()
}

// stream is an output stream of the command.
type stream struct {
	shell *memoryShell
	into  *[]byte
}

func (s stream) Write(p []byte) (int, error) {
	s.shell.mu.Lock()
	defer s.shell.mu.Unlock()
	if s.shell.closed {
		return 0, io.ErrClosedPipe
	}
	*s.into = append(*s.into, p...)
	s.shell.wake()
	return len(p), nil
}

// pipe is a command's stdin. It holds any number of bytes.
type pipe struct {
	mu     sync.Mutex
	filled *sync.Cond
	data   []byte
	closed bool
}

func newPipe() *pipe {
	p := &pipe{}
	p.filled = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) write(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.data = append(p.data, b...)
	p.filled.Broadcast()
}

func (p *pipe) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.filled.Broadcast()
}

// Read is for the command.
func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.data) == 0 {
		if p.closed {
			return 0, io.EOF
		}
		p.filled.Wait()
	}
	n := copy(b, p.data)
	p.data = p.data[n:]
	return n, nil
}
