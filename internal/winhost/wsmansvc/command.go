// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"context"
	"io"
	"sync"
)

// The output streams of a command.
const (
	stdout = "stdout"
	stderr = "stderr"
)

// Sizes of a command's pipes.
const (
	inputCapacity  = 64 << 10 // what a process need not have read for a Send to be answered
	outputCapacity = 1 << 20  // what may wait for a Receive until the process has to wait, too
	maxPiece       = 4093     // of a read from a process; odd, so that characters are torn
)

// exitInterrupted is the exit code of a process that Ctrl-C ended: STATUS_CONTROL_C_EXIT.
const exitInterrupted = -0x3FFFFEC6

// Process is what is to be started as the only user of its streams. They end when the command does.
type Process struct {
	User        string
	CommandLine string
	Directory   string // "" means the user's own
	Environment []Variable
	CodePage    string // of the console; "" means the host's own
	Stdin       io.Reader
	Stdout      io.Writer
	Stderr      io.Writer
}

// piece is what one read from the process gave.
type piece struct {
	stream string
	data   []byte
}

// output is what a Receive is answered with.
type output struct {
	pieces   []piece
	done     bool
	exitCode int
}

// command is a process in a shell, between the requests for it.
type command struct {
	id     string
	cancel context.CancelFunc
	exited chan struct{} // closed when the process is gone

	mu          sync.Mutex
	changed     chan struct{} // closed, and replaced, when anything below changes
	in          []byte
	inEnded     bool
	sending     bool
	out         []piece
	outSize     int
	receiving   bool
	ended       bool // the process has exited
	interrupted bool // by Ctrl-C
	killed      bool // with everything that waits for it
	endReported bool // a Receive was answered with the end
	exitCode    int
}

// startCommand starts a process. The context is not that of a request: the process outlives it.
func startCommand(ctx context.Context, id string, start func(context.Context, Process) int, p Process) *command {
	ctx, cancel := context.WithCancel(ctx)
	c := &command{id: id, cancel: cancel, exited: make(chan struct{}), changed: make(chan struct{})}
	p.Stdin, p.Stdout, p.Stderr = c, writer{c, stdout}, writer{c, stderr}
	go func() {
		defer close(c.exited)
		defer cancel()
		code := start(ctx, p)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended, c.exitCode, c.in = true, code, nil
		if c.interrupted {
			c.exitCode = exitInterrupted
		}
		c.broadcast()
	}()
	return c
}

// broadcast wakes everything that waits. The lock is held.
func (c *command) broadcast() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// wait waits for the next change. The lock is held before and after, not meanwhile.
func (c *command) wait(ctx context.Context, expired <-chan struct{}) (changed bool) {
	wake := c.changed
	c.mu.Unlock()
	defer c.mu.Lock()
	select {
	case <-wake:
		return true
	case <-expired:
	case <-ctx.Done():
	}
	return false
}

// interrupt ends the process as Ctrl-C does, with its output still to be received. It reports whether the process had
// ended before.
func (c *command) interrupt() (ended bool) {
	c.mu.Lock()
	c.interrupted = true
	ended = c.ended
	c.broadcast()
	c.mu.Unlock()
	c.cancel()
	return ended
}

// kill ends the process and whatever waits for it.
func (c *command) kill() {
	c.mu.Lock()
	c.killed = true
	c.broadcast()
	c.mu.Unlock()
	c.cancel()
}

// over reports whether the process is to end: it can neither read nor write any more. The lock is held.
func (c *command) over() bool { return c.killed || c.interrupted || c.ended }

// Read is the process's stdin.
func (c *command) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.over():
			return 0, io.ErrClosedPipe
		case len(c.in) > 0:
			n := copy(p, c.in)
			c.in = c.in[n:]
			c.broadcast()
			return n, nil
		case c.inEnded:
			return 0, io.EOF
		}
		c.wait(context.Background(), nil)
	}
}

// writer is an output stream of the process.
type writer struct {
	command *command
	stream  string
}

// Write takes the process's output in pieces, as reads from its pipe would.
func (w writer) Write(p []byte) (written int, err error) {
	c := w.command
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(p) > 0 {
		if c.over() {
			return written, io.ErrClosedPipe
		}
		if c.outSize >= outputCapacity {
			c.wait(context.Background(), nil)
			continue
		}
		n := min(len(p), maxPiece)
		c.out = append(c.out, piece{w.stream, append([]byte(nil), p[:n]...)})
		c.outSize += n
		written += n
		p = p[n:]
		c.broadcast()
	}
	return written, nil
}

// send hands input to the process and waits until it has read all but what the pipe holds.
func (c *command) send(ctx context.Context, expired <-chan struct{}, data []byte, end bool) *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.killed || c.ended:
		return CommandNotFound()
	case c.sending || len(c.in) > inputCapacity:
		return Busy()
	case c.inEnded:
		return invalidParameter
	}
	c.sending = true
	defer func() { c.sending = false }()
	c.in = append(c.in, data...)
	c.inEnded = end
	c.broadcast()
	for len(c.in) > inputCapacity {
		if c.killed {
			return Aborted()
		}
		if !c.wait(ctx, expired) {
			return OperationTimedOut()
		}
	}
	return nil
}

// receive waits for output or the end of the process, and returns as much as fits.
func (c *command) receive(ctx context.Context, expired <-chan struct{}, limit int) (output, *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.endReported:
		return output{}, CommandNotFound()
	case c.receiving:
		return output{}, Busy()
	}
	c.receiving = true
	defer func() { c.receiving = false }()
	for {
		switch {
		case c.killed:
			return output{}, Aborted()
		case c.ended || len(c.out) > 0:
			return c.take(limit), nil
		}
		if !c.wait(ctx, expired) {
			return output{}, OperationTimedOut()
		}
	}
}

// take removes what fits into an answer of limit bytes, at least one piece. The lock is held.
func (c *command) take(limit int) output {
	n, size := 0, 0
	for n < len(c.out) && (n == 0 || size+pieceSize(c.out[n]) <= limit) {
		size += pieceSize(c.out[n])
		c.outSize -= len(c.out[n].data)
		n++
	}
	out := output{pieces: c.out[:n:n]}
	c.out = c.out[n:]
	if c.ended && len(c.out) == 0 {
		out.done, out.exitCode, c.endReported = true, c.exitCode, true
	}
	c.broadcast()
	return out
}

// pieceSize is about what a piece takes in an answer.
func pieceSize(p piece) int { return len(p.data)*4/3 + 100 }
