// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	// idleLimit is how long an agent waits for a line.
	idleLimit = 90 * time.Second
	// keepAtMost bounds the results of the last batch that are kept for its repetition.
	keepAtMost = 1 << 20
	// lifeLimit is how old a process may get; what has come by then is answered.
	lifeLimit = 24 * time.Hour
)

// remembered is what an agent keeps of its last batch.
type remembered struct {
	b      int
	stored map[int]json.RawMessage // results of mutating operations, by index
	size   int                     // bytes of them
}

// run is the loader and then the loop of the agent; it returns the exit code.
func (p *process) run(ctx context.Context) int {
	if code, ended := p.upload(ctx); ended {
		return code
	}
	if p.host.Setup.NoUtility {
		text := `The module "Microsoft.PowerShell.Utility" could not be loaded.`
		_, _ = fmt.Fprintf(p, "%s %s\n", p.token, encode(agent.Answer{Fatal: agent.FatalLoader, Error: &agent.Error{Code: "refused", Text: text}}))
		return agent.ExitLoader
	}
	for end := p.host.Clock.Now().Add(lifeLimit); p.host.Clock.Now().Before(end); {
		l, code, ended := p.next(ctx)
		if ended {
			return code
		}
		request, bad := p.take(l)
		if request == nil && !bad {
			continue
		}
		err := p.batch(ctx, request)
		clear(p.secrets)
		switch {
		case err != nil:
			return agent.ExitRead
		case p.relays:
			return p.relay(ctx)
		}
	}
	return agent.ExitAge
}

// ofChanges is in the text that only changes need.
const ofChanges = "function Invoke-Change("

// upload reads the agent's text up to the line "."; code is what to exit with when the process ends before it.
func (p *process) upload(ctx context.Context) (code int, ended bool) {
	for {
		select {
		case l := <-p.lines:
			if l.err != nil {
				return agent.ExitUpload, true
			}
			if string(l.text) == "." {
				return 0, false
			}
			p.changes = p.changes || bytes.HasPrefix(l.text, []byte(ofChanges))
		case <-ctx.Done():
			return exitKilled, true
		}
	}
}

// next waits for a line, as long as the idle limit allows; code is what to exit with when none comes any more.
func (p *process) next(ctx context.Context) (l line, code int, ended bool) {
	stop := p.host.Clock.AfterFunc(idleLimit, func() { p.exit(agent.ExitIdle) })
	defer stop()
	select {
	case l := <-p.lines:
		switch {
		case errors.Is(l.err, io.EOF):
			return l, agent.ExitEnd, true
		case l.err != nil:
			return l, agent.ExitRead, true
		}
		return l, 0, false
	case <-ctx.Done():
		return line{}, exitKilled, true
	}
}

// take reads a line. It returns a request with its secrets, or nil for a secret, for noise, which is a line without the
// session token, and for a bad line.
func (p *process) take(l line) (request *agent.Request, bad bool) {
	_, object, ours := bytes.Cut(l.text, []byte(p.token+" "))
	if !ours {
		return nil, false
	}
	if !l.tooLong && p.secrets.keep(object) {
		return nil, false
	}
	var r agent.Request
	if l.tooLong || json.Unmarshal(object, &r) != nil || r.Ops == nil || r.Secrets != len(p.secrets) ||
		r.B < 1 || r.B != p.last.b && r.B != p.last.b+1 {
		return nil, true
	}
	p.secrets.put(r.Ops)
	return &r, false
}

// batch answers a request; nil is a bad line. An error means that stdout is gone.
func (p *process) batch(ctx context.Context, req *agent.Request) error {
	out := &output{w: p, token: p.token}
	if req == nil {
		return out.fatal(agent.FatalBadLine)
	}
	out.b = req.B
	if req.B != p.last.b {
		p.last = remembered{b: req.B, stored: map[int]json.RawMessage{}}
	}
	w := &watch{process: p}
	defer w.disarm()
	for i, op := range req.Ops {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := p.answer(ctx, &operation{process: p, Op: op, index: i, out: out}, w, i == len(req.Ops)-1); err != nil {
			return err
		}
	}
	return out.end()
}

// answer runs or repeats one operation and hands its result on.
func (p *process) answer(ctx context.Context, o *operation, w *watch, last bool) error {
	if kept, ok := p.last.stored[o.index]; ok {
		return o.out.alone(kept, last)
	}
	w.arm(time.Duration(o.MS) * time.Millisecond)
	value, failure := o.perform(ctx)
	if err := o.out.failed; err != nil {
		return err
	}
	answer := encode(result{I: o.index, Value: value, Error: failure})
	if !agent.Mutating(o.Name) {
		return o.out.add(answer)
	}
	p.keep(o.index, answer)
	return o.out.alone(answer, last)
}

// keep remembers the result of a mutating operation for a repetition of its batch.
func (p *process) keep(i int, answer json.RawMessage) {
	if p.last.size+len(answer) > keepAtMost {
		p.last.size = keepAtMost // nothing after it is kept, either
		answer = encode(result{I: i, Error: &agent.Error{
			Code: string(bits.CodeRefused), Step: "repeat", Text: "the result was too large to be kept",
		}})
	} else {
		p.last.size += len(answer)
	}
	p.last.stored[i] = answer
}

// watch ends the process when an operation, or the writing of its answer, outlives the operation's deadline.
type watch struct {
	process *process
	stop    func() bool
}

// arm starts the time of the next operation; what the last one left is over with it.
func (w *watch) arm(d time.Duration) {
	w.disarm()
	w.stop = w.process.host.Clock.AfterFunc(d, func() { w.process.exit(agent.ExitDeadline) })
}

// disarm ends the time of the last operation.
func (w *watch) disarm() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}
