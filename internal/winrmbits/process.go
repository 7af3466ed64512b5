package winrmbits

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	maxPartial  = 2 * agent.MaxLine // bytes of a line that has not ended
	maxComplain = 2000              // bytes of what PowerShell complains about that are kept
	reconnects  = 2                 // times that a batch is asked again over a new connection
)

// process is one agent process and the shell it runs in. One goroutine uses it.
type process struct {
	shell   shell
	backoff backoff
	token   string
	relay   string // token of the agent that carries the bytes to one as SYSTEM, which token is of then; "" without
	number  int    // of the last batch
	upload  []byte // goes out with the first batch
	fed     bool   // the upload and the first batch arrived whole
	spoke   bool   // a line of the agent came
	greeted bool   // the agent that the token is of has said what is there
	blind   bool   // the agent does not see everybody's jobs

	partial   []byte    // of stdout: a line that has not ended
	complaint []byte    // of stderr
	heard     time.Time // when the agent was last heard of; noise is not the agent
}

// startProcess opens a shell with an agent in it. The agent's text goes out with the first batch.
func (h *Host) startProcess(ctx context.Context) (*process, error) {
	token := newToken()
	opened, err := h.open(ctx, h.settings, agent.CommandLine(token), h.gate())
	if err != nil {
		return nil, err
	}
	return &process{shell: opened, backoff: h.backoff, token: token, upload: agent.Upload()}, nil
}

// newToken is what the lines of one agent process carry.
func newToken() string {
	var random [agent.TokenLength / 2]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(random[:])
}

// exit is the end of an agent process.
type exit struct {
	code      int
	fatal     string // what the agent said last, if it did
	mode      string // the language mode, with agent.FatalLanguageMode
	complaint string // what stood on stderr
}

func (e *exit) Error() string {
	words := fmt.Sprintf("the agent ended with exit code %d", e.code)
	if e.fatal != "" {
		words += " (" + e.fatal + ")"
	}
	if e.complaint != "" {
		words += ": " + e.complaint
	}
	return words
}

// ask sends a batch and collects the outcomes of its operations, one for each; nil for those that did not come.
func (p *process) ask(ctx context.Context, ops []agent.Op, patience time.Duration) (outcomes []*outcome, err error) {
	p.number++
	b := &batch{number: p.number, ops: ops, outcomes: make([]*outcome, len(ops)), asked: 1}
	request, err := encode(agent.Request{B: p.number, Ops: ops})
	if err != nil {
		return b.outcomes, err
	}
	line := append([]byte(p.token+" "), request...)
	line = append(line, '\n')
	first := slices.Concat(p.upload, line)
	p.upload = nil
	once := slices.ContainsFunc(ops, func(op agent.Op) bool { return op.Name == agent.OpElevate }) // whoever reads a second one may be another agent already
	err = p.shell.Send(ctx, first)
	if wsman.Untouched(err) {
		defer func() { err = fmt.Errorf("%w: %w", errNotTaken, err) }()
	}
	for try, unread := 0, 0; ; try++ {
		switch {
		case err == nil:
			p.fed = true
			err = p.collect(ctx, b, patience)
		case errors.Is(err, wsman.ErrShellGone): // how it ended may stand in its output
			var ended *exit
			if last := p.lastWords(ctx, b); errors.As(last, &ended) {
				err = ended
			}
		}
		if errors.Is(err, errBadLine) {
			unread++
		}
		// Half an upload can't be completed: nobody knows which half.
		repeat := errors.Is(err, wsman.ErrConnectionLost) && p.fed && !once || errors.Is(err, errBadLine) && unread == 1
		if repeat && try == reconnects {
			err = fmt.Errorf("%w: %w", errAskedInVain, err)
		}
		if err == nil || !repeat || try == reconnects || ctx.Err() != nil {
			return b.outcomes, err
		}
		// The shell outlives a connection: the same line with the same number asks for the answer again, and the LF
		// before it ends what may have arrived of the line by half.
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "asking again", map[string]any{"batch": p.number, "because": err.Error()})
		if !sleep(ctx, p.backoff.pause(try)) {
			return b.outcomes, err
		}
		b.asked++
		err = p.shell.Send(ctx, append([]byte("\n"), line...))
	}
}

// lastWords receives what an ended process has left. It is there or never comes.
func (p *process) lastWords(ctx context.Context, b *batch) error {
	ctx, cancel := context.WithTimeout(ctx, lastWordsTimeout)
	defer cancel()
	return p.collect(ctx, b, lastWordsTimeout)
}

// errNotTaken says that the shell did not take a batch, so that nothing of it is executed. It is looked for all the same
// before it is asked for again.
var errNotTaken = errors.New("the host did not take the request")

// errAskedInVain says that a batch was asked again over the same shell, as often as that is done.
var errAskedInVain = errors.New("the answer was asked for again in vain")

// errBadLine says that the agent could not read a line, of which it executed nothing.
var errBadLine = errors.New("the agent could not read the request")

// batch is a batch whose answer is being collected.
type batch struct {
	number   int
	ops      []agent.Op
	outcomes []*outcome
	asked    int // how often
	ends     int // of answers
}

// ended reports whether nothing more is to come. After a repetition the end of the first answer, of which something
// may be lost, is not yet that of the second.
func (b *batch) ended() bool {
	if b.ends == 0 || b.ends >= b.asked {
		return b.ends > 0
	}
	for _, o := range b.outcomes {
		if !o.answered() {
			return false
		}
	}
	return true
}

// collect receives until the answer is whole. patience is how long the agent may say nothing.
func (p *process) collect(ctx context.Context, b *batch, patience time.Duration) error {
	p.heard = time.Now()
	for !b.ended() {
		out, err := p.shell.Receive(ctx)
		if err != nil {
			return err
		}
		p.complain(out.Stderr)
		lines, err := p.lines(out.Stdout)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := p.take(b, line); err != nil {
				return err
			}
		}
		switch {
		case b.ended():
		case out.Done:
			return &exit{code: out.ExitCode, complaint: string(p.complaint)}
		case time.Since(p.heard) > patience:
			return fmt.Errorf("the agent said nothing for %s: %w", patience, wsman.ErrShellGone)
		}
	}
	return nil
}

// lines gives the lines that have ended, and keeps the rest.
func (p *process) lines(stdout []byte) ([][]byte, error) {
	p.partial = append(p.partial, stdout...)
	var lines [][]byte
	for {
		end := bytes.IndexByte(p.partial, '\n')
		if end < 0 {
			break
		}
		lines = append(lines, p.partial[:end])
		p.partial = p.partial[end+1:]
	}
	if len(p.partial) > maxPartial {
		return nil, fmt.Errorf("the agent sent a line of more than %d bytes", maxPartial)
	}
	p.partial = append([]byte(nil), p.partial...)
	return lines, nil
}

// complain keeps the beginning of what stands on stderr: it tells why a PowerShell did not get to the agent.
func (p *process) complain(stderr []byte) {
	if room := maxComplain - len(p.complaint); room > 0 {
		p.complaint = append(p.complaint, stderr[:min(room, len(stderr))]...)
	}
}

// take reads one line: it is the agent's if the token stands anywhere in it, and noise otherwise.
func (p *process) take(b *batch, line []byte) error {
	_, object, ours := bytes.Cut(line, []byte(p.token+" "))
	relayed := false
	if !ours && p.relay != "" {
		_, object, relayed = bytes.Cut(line, []byte(p.relay+" "))
	}
	if !ours && !relayed {
		return nil
	}
	var answer agent.Answer
	if err := json.Unmarshal(object, &answer); err != nil {
		return fmt.Errorf("read a line of the agent: %w", err)
	}
	p.heard = time.Now()
	switch {
	case relayed && answer.Fatal != agent.FatalPeerExit:
		return nil
	case answer.B == 0:
		return p.fatal(answer)
	case answer.B != b.number: // an answer that was asked for twice
		return nil
	}
	p.spoke = true
	for _, r := range answer.R {
		if err := b.add(r); err != nil {
			return err
		}
	}
	if answer.End {
		b.ends++
	}
	return nil
}

// fatal is what an agent says that is no answer to a batch.
func (p *process) fatal(answer agent.Answer) error {
	if answer.Fatal == agent.FatalBadLine {
		return errBadLine
	}
	e := &exit{fatal: answer.Fatal, mode: answer.Mode, complaint: string(p.complaint)}
	if answer.Error != nil {
		e.complaint = strings.TrimSpace(answer.Error.Text + " " + e.complaint)
	}
	switch answer.Fatal {
	case agent.FatalLanguageMode:
		e.code = agent.ExitLanguageMode
	case agent.FatalLoader:
		e.code = agent.ExitLoader
	case agent.FatalPeerExit:
		e.code = agent.ExitPeer
	}
	return e
}

// add takes one result. A result that comes again, after a repetition, is taken once.
func (b *batch) add(r agent.Result) error {
	if r.I < 0 || r.I >= len(b.outcomes) {
		return fmt.Errorf("the agent answered operation %d of %d", r.I, len(b.outcomes))
	}
	o := b.outcomes[r.I]
	if o == nil {
		o = &outcome{}
		b.outcomes[r.I] = o
	}
	switch {
	case o.answered():
	case r.Page != nil:
		o.pages = append(o.pages, r.Page...)
	case r.Error != nil:
		o.err, o.refused = refusal(r.Error), r.Error
	case b.ops[r.I].Name == agent.OpList && !whole(o.pages, r.Value):
		b.outcomes[r.I] = nil // a page was lost: it comes again with the answer that was asked for again
	default:
		o.value = r.Value
	}
	return nil
}

// whole reports whether the pages of a list hold as many jobs as it says.
func whole(pages []agent.Job, value json.RawMessage) bool {
	var listed agent.Listed
	if json.Unmarshal(value, &listed) != nil {
		return false
	}
	ids := map[string]bool{}
	for _, job := range pages {
		ids[job.ID] = true
	}
	return len(ids) == listed.Count
}

// bye lets the agent end itself. Deleting its shell ends it, too, but not the one as SYSTEM, which is no process of the
// shell: that one's end is waited for.
func (p *process) bye(ctx context.Context) {
	if !p.spoke {
		return
	}
	p.number++
	bye, err := encode(agent.Request{B: p.number, Ops: []agent.Op{{Name: agent.OpBye, MS: 1000}}})
	if err != nil || p.shell.Send(ctx, fmt.Appendf(nil, "%s %s\n", p.token, bye)) != nil || !p.asSystem() {
		return
	}
	for {
		if out, err := p.shell.Receive(ctx); err != nil || out.Done {
			return
		}
	}
}

// backoff is the pause before something is tried again, which doubles from one try to the next.
type backoff struct{ first, longest time.Duration }

// defaultBackoff leaves a host that restarts a service time to do so.
var defaultBackoff = backoff{first: time.Second, longest: 15 * time.Second}

func (b backoff) pause(try int) time.Duration { return min(b.first<<try, b.longest) }

// sleep waits; false means that the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
