// SPDX-License-Identifier: MPL-2.0

package windows

import (
	"maps"
	"net"
	"strings"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The results of the calls. Source: CreateNamedPipe and CreateFile, learn.microsoft.com.
const (
	accessDenied bits.HResult = 0x80070005
	fileNotFound bits.HResult = 0x80070002
	pipeBusy     bits.HResult = 0x800700E7
)

// Pipes is the named pipes of one host: who made which, and the connection through one between two processes that run in Go. Other
// processes use the pipes of the machine they run on, which are only recorded here.
//
// Its zero value is ready and it is safe for concurrent use.
type Pipes struct {
	mu       sync.Mutex
	pipes    map[string]*Pipe
	squatter string
}

// Pipe is the server's end of a pipe with a single instance.
type Pipe struct {
	Name  string
	Owner string // SID

	pipes   *Pipes
	arrived chan net.Conn // has the client's connection once there is one
	once    sync.Once
	taken   bool
	alive   func() bool // nil: until it is closed
}

// Make makes a pipe. When one of its name exists, the error is E_ACCESSDENIED, as with
// FILE_FLAG_FIRST_PIPE_INSTANCE.
func (p *Pipes) Make(name, owner string) (*Pipe, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune()
	if p.squatter != "" {
		p.add(name, p.squatter)
	}
	if p.pipes[strings.ToLower(name)] != nil {
		return nil, refuse(accessDenied)
	}
	return p.add(name, owner), nil
}

// Squat has an account make every pipe just before another does; "" ends that, and closes the account's pipes.
func (p *Pipes) Squat(owner string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.pipes, func(_ string, pipe *Pipe) bool { return owner == "" && pipe.Owner == p.squatter })
	p.squatter = owner
}

// prune drops pipes that no longer exist. The lock is held.
func (p *Pipes) prune() {
	for key, pipe := range p.pipes {
		if pipe.alive != nil && !pipe.alive() {
			delete(p.pipes, key)
		}
	}
}

func (p *Pipes) add(name, owner string) *Pipe {
	if p.pipes == nil {
		p.pipes = map[string]*Pipe{}
	}
	made := &Pipe{Name: name, Owner: owner, pipes: p, arrived: make(chan net.Conn, 1)}
	p.pipes[strings.ToLower(name)] = made
	return made
}

// Owner returns the SID of the account that made a pipe.
func (p *Pipes) Owner(name string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune()
	found := p.pipes[strings.ToLower(name)]
	if found == nil {
		return "", refuse(fileNotFound)
	}
	return found.Owner, nil
}

// Names returns the names of all pipes.
func (p *Pipes) Names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune()
	names := make([]string, 0, len(p.pipes))
	for _, pipe := range p.pipes {
		names = append(names, pipe.Name)
	}
	return names
}

// Connect opens the client's end of a pipe, which only one client can open.
func (p *Pipes) Connect(name string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.pipes[strings.ToLower(name)]
	switch {
	case found == nil:
		return nil, refuse(fileNotFound)
	case found.taken:
		return nil, refuse(pipeBusy)
	}
	found.taken = true
	client, server := net.Pipe()
	found.arrived <- server
	return client, nil
}

// OutOfProcess marks the pipe as one of this machine's, which exists as long as alive reports true.
func (p *Pipe) OutOfProcess(alive func() bool) {
	p.pipes.mu.Lock()
	defer p.pipes.mu.Unlock()
	p.alive = alive
}

// Client returns the connection of the client, once there is one.
func (p *Pipe) Client() <-chan net.Conn { return p.arrived }

// Close takes the pipe away. A client that was not accepted is disconnected.
func (p *Pipe) Close() {
	p.once.Do(func() {
		p.pipes.mu.Lock()
		if key := strings.ToLower(p.Name); p.pipes.pipes[key] == p {
			delete(p.pipes.pipes, key)
		}
		p.pipes.mu.Unlock()
		select {
		case conn := <-p.arrived:
			_ = conn.Close()
		default:
		}
	})
}

func refuse(h bits.HResult) error { return machine.Refuse(h, "") }
