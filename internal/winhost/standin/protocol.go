package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	// idleLimit is how long an agent waits for a line.
	idleLimit = 30 * time.Second
	// keepAtMost bounds the results of the last batch that are kept for its repetition.
	keepAtMost = 1 << 20
	// lifeLimit is how old a process may get; what has come by then is answered.
	lifeLimit = 24 * time.Hour
)

// remembered is what an agent keeps of its last batch.
type remembered struct {
	b      int
	stored map[int]stored // results of mutating operations, by index
	size   int            // bytes of them
}

// stored is the result of a mutating operation.
type stored struct {
	result json.RawMessage // nil: it was too large to be kept
	failed bool
}

// run is the loader and then the loop of the agent; it gives the exit code.
func (p *process) run(ctx context.Context) int {
	if code, ended := p.upload(ctx); ended {
		return code
	}
	for end := p.host.Clock.Now().Add(lifeLimit); p.host.Clock.Now().Before(end); {
		l, code, ended := p.next(ctx)
		if ended {
			return code
		}
		object, ours := p.object(l.text)
		if !ours {
			continue
		}
		bye, err := p.batch(ctx, object, l.tooLong)
		switch {
		case err != nil:
			return agent.ExitRead
		case bye:
			return agent.ExitBye
		case p.relays:
			return p.relay(ctx)
		}
	}
	return agent.ExitAge
}

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
			return l, agent.ExitBye, true
		case l.err != nil:
			return l, agent.ExitRead, true
		}
		return l, 0, false
	case <-ctx.Done():
		return line{}, exitKilled, true
	}
}

// object finds the session token anywhere in a line and gives what follows it; other lines are noise.
func (p *process) object(text []byte) ([]byte, bool) {
	mark := []byte(p.token + " ")
	_, object, found := bytes.Cut(text, mark)
	return object, found
}

// request is a batch whose operations are looked at one by one, so that a wrong one spoils no other.
type request struct {
	B   *int               `json:"b"`
	Ops *[]json.RawMessage `json:"ops"`
}

// batch answers one line. It reports whether the process ends now; an error means that stdout is gone.
func (p *process) batch(ctx context.Context, object []byte, tooLong bool) (bye bool, err error) {
	out := &output{w: p, token: p.token}
	var req request
	if tooLong || json.Unmarshal(object, &req) != nil || req.B == nil || req.Ops == nil ||
		(*req.B != p.last.b && *req.B != p.last.b+1) || *req.B < 1 {
		return false, out.fatal(agent.FatalBadLine)
	}
	out.b = *req.B
	if *req.B != p.last.b {
		p.last = remembered{b: *req.B, stored: map[int]stored{}}
	}
	b := &batch{process: p, out: out, failed: make([]bool, len(*req.Ops)), watch: &watch{process: p}}
	defer b.watch.disarm()
	for i, raw := range *req.Ops {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		ended, err := b.op(ctx, i, raw)
		if err != nil {
			return false, err
		}
		bye = bye || ended
	}
	return bye, out.end()
}

// batch is one batch under way.
type batch struct {
	*process
	out    *output
	failed []bool // by index: the operation gave an error
	watch  *watch
}

// op runs or repeats one operation and hands its results on. It reports whether the operation was a bye.
func (b *batch) op(ctx context.Context, i int, raw json.RawMessage) (bye bool, err error) {
	if kept, ok := b.last.stored[i]; ok {
		b.failed[i] = kept.failed
		return false, b.repeat(i, kept)
	}
	op, refusal := readOp(raw, i, len(b.failed))
	if refusal == nil && op.After != nil && b.failed[*op.After] {
		refusal = &agent.Error{Code: codeSkipped}
	}
	var value any
	if refusal == nil {
		b.watch.arm(time.Duration(op.MS) * time.Millisecond)
		if value, refusal = b.perform(ctx, i, op); refusal != nil {
			refusal.Text = hide(refusal.Text, secretsOf(op))
		}
	}
	if err := b.out.failed; err != nil {
		return false, err
	}
	b.failed[i] = refusal != nil
	result := encode(result{I: i, Value: value, Error: refusal})
	if !agent.Mutating(op.Name) {
		return op.Name == agent.OpBye && refusal == nil, b.out.add(result)
	}
	b.keep(i, result)
	return false, b.out.alone(result, i == len(b.failed)-1)
}

// keep remembers the result of a mutating operation for a repetition of its batch.
func (b *batch) keep(i int, result json.RawMessage) {
	kept := stored{failed: b.failed[i]}
	if b.last.size+len(result) <= keepAtMost {
		kept.result = result
		b.last.size += len(result)
	} else {
		b.last.size = keepAtMost // nothing after it is kept, either
	}
	b.last.stored[i] = kept
}

// repeat sends a stored result again.
func (b *batch) repeat(i int, kept stored) error {
	if kept.result == nil {
		kept.result = encode(result{I: i, Error: &agent.Error{
			Code: codeRefused, Step: "repeat", Text: "the result was too large to be kept",
		}})
	}
	return b.out.alone(kept.result, i == len(b.failed)-1)
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
