// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	maxPartial = 2 * agent.MaxLine // bytes of a line that has not ended
	maxStderr  = 2000              // bytes of stderr that are kept
	reconnects = 3                 // times that a batch is repeated over a new connection
)

// process is one agent process and the shell it runs in. One goroutine uses it.
type process struct {
	shell           shell
	log             wsman.Log
	timing          timing
	token           string
	relay           string    // token of the agent that relays to one as SYSTEM, which token is of then; "" without
	number          int       // of the last batch
	upload          []byte    // goes out with the first batch
	uploadSent      bool      // the upload and the first batch arrived whole
	helloDone       bool      // the agent that the token is of has answered hello
	elevationFailed time.Time // when no agent as SYSTEM could be started; zero: none failed
	seesOwnJobsOnly bool      // the agent can't list the jobs of other users
	partial         []byte    // of stdout: a line that has not ended
	stderr          []byte
	lastOutput      time.Time // when the agent's last result came; noise, and what came before, is none
}

// startProcess opens a shell with an agent in it. The agent's text goes out with the first batch.
func (h *Host) startProcess(ctx context.Context) (*process, error) {
	token := agent.NewToken()
	opened, err := h.open(wsman.WithShellWait(ctx, h.waitForShell), h.settings, agent.CommandLine(token), h.logonLimiter())
	if err != nil {
		return nil, err
	}
	changes := h.settings.RunAs != connection.RunAsSystem // otherwise they come with the elevation
	return &process{shell: opened, log: h.log, timing: h.timing, token: token, upload: agent.Upload(changes)}, nil
}

// errNotExecuted means that the shell did not take a batch, so that nothing of it is executed. The result of a change is
// looked for all the same before the change is repeated.
var errNotExecuted = errors.New("the host did not accept the request")

// errRetriesExhausted means that a batch was repeated over the same shell as often as that is done.
var errRetriesExhausted = errors.New("repeating the request did not help")

// errBadLine means that the agent could not read a line, of which it executed nothing.
var errBadLine = errors.New("the agent could not read the request")

// ask sends a batch and collects the outcomes of its operations, one for each; nil for those that did not come. silence
// is how long the agent may send nothing. Once no waiter is left the answer is not waited for; it is if there never was one.
//
// The shell outlives a connection: the same lines with the same number ask for the answer again, and the LF before them
// ends what may have arrived of a line by half.
func (p *process) ask(ctx context.Context, ops []agent.Op, waiters []*call, silence time.Duration) ([]*outcome, error) {
	p.number++
	b := newBatch(p.number, ops)
	b.waiters = waiters
	lines, err := agent.Request{B: p.number, Ops: ops}.Lines(p.token)
	if err != nil {
		return b.outcomes, err
	}
	input := slices.Concat(p.upload, lines)
	p.upload = nil
	for try := 0; ; try++ {
		err := p.exchange(ctx, b, input, silence)
		switch {
		case err == nil || !p.mayRepeat(b, err):
			return b.outcomes, err
		case try == reconnects:
			return b.outcomes, fmt.Errorf("%w: %w", errRetriesExhausted, err)
		case ctx.Err() != nil:
			return b.outcomes, err
		}
		p.log.Debug(ctx, "asking again", "batch", p.number, "because", err)
		if !wsman.Sleep(ctx, p.timing.pause(try)) {
			return b.outcomes, err
		}
		input = append([]byte("\n"), lines...)
	}
}

// exchange sends a batch once and collects its answer.
func (p *process) exchange(ctx context.Context, b *batch, input []byte, silence time.Duration) error {
	b.sent++
	err := p.shell.Send(ctx, input)
	if err == nil {
		p.uploadSent = true
		return p.collect(ctx, b, silence)
	}
	notExecuted := b.sent == 1 && wsman.NotExecuted(err)
	if errors.Is(err, wsman.ErrShellGone) {
		err = p.exitReason(ctx, b, err)
	}
	if notExecuted {
		err = fmt.Errorf("%w: %w", errNotExecuted, err)
	}
	return err
}

// exitReason returns how an ended process ended, which may be in its last output, and err otherwise. That output is there
// or never comes.
func (p *process) exitReason(ctx context.Context, b *batch, err error) error {
	ctx, cancel := context.WithTimeout(ctx, p.timing.drain)
	defer cancel()
	var ended *exitError
	if errors.As(p.collect(ctx, b, p.timing.drain), &ended) {
		return ended
	}
	return err
}

// mayRepeat reports whether a batch may be sent again after err. It may not when half an upload arrived, because it is not
// known which half; nor when it started an agent as SYSTEM, because that one would read the repetition.
func (p *process) mayRepeat(b *batch, err error) bool {
	switch {
	case errors.Is(err, errBadLine):
		b.unreadable++
		return b.unreadable == 1
	case errors.Is(err, wsman.ErrConnectionLost):
		return p.uploadSent && !b.elevates()
	}
	return false
}
