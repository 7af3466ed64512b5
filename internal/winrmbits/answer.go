// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// The limits of one answer: a host that sends without end must not use up the memory of this machine.
const (
	maxAnswerBytes = 64 << 20
	maxListed      = 100_000 // jobs
)

// errUnreadable is an answer that the agent can't have given: something changes it on the way, or another program gave it.
var errUnreadable = errors.New("the agent's response is invalid")

// unreadable returns an errUnreadable.
func unreadable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{errUnreadable}, args...)...)
}

// batch is a batch whose answer is being collected.
type batch struct {
	number     int
	ops        []agent.Op
	outcomes   []*outcome
	sent       int // how often
	ends       int // of answers
	unreadable int // how often the agent could not read it
	bytes      int // of its answer
	listed     int // jobs in it
	results    int // that came for the first time

	waiters   []*call   // the callers; none: the answer is needed without one
	abandoned time.Time // since when no caller waits; zero: one does
}

func newBatch(number int, ops []agent.Op) *batch {
	return &batch{number: number, ops: ops, outcomes: make([]*outcome, len(ops))}
}

// elevates reports whether the batch starts an agent as SYSTEM.
func (b *batch) elevates() bool {
	return slices.ContainsFunc(b.ops, func(op agent.Op) bool { return op.Name == agent.OpElevate })
}

// ended reports whether nothing more is to come. After a repetition the end of the first answer, of which something
// may be lost, is not yet that of the second.
func (b *batch) ended() bool {
	if b.ends == 0 || b.ends >= b.sent {
		return b.ends > 0
	}
	return !slices.ContainsFunc(b.outcomes, func(o *outcome) bool { return !o.answered() })
}

// add adds one result. A result that comes again, after a repetition, is ignored.
func (b *batch) add(r agent.Result) error {
	if r.I < 0 || r.I >= len(b.outcomes) {
		return unreadable("it is for operation %d of %d", r.I, len(b.outcomes))
	}
	if o := b.outcomes[r.I]; !o.answered() && (len(r.Page) > 0 || r.Error != nil || r.Value != nil) {
		b.results++
	}
	o := b.outcomes[r.I]
	if o == nil {
		o = &outcome{}
		b.outcomes[r.I] = o
	}
	switch {
	case o.answered():
	case r.Page != nil:
		if b.listed += len(r.Page); b.ops[r.I].Name != agent.OpList || b.listed > maxListed {
			return unreadable("%s has %d jobs", b.ops[r.I].Name, b.listed)
		}
		bound(reflect.ValueOf(r.Page))
		o.pages = append(o.pages, r.Page...)
	case r.Error != nil:
		o.err, o.refused = refusal(r.Error), r.Error
	case b.ops[r.I].Name == agent.OpList && !isWhole(o.pages, r.Value):
		b.outcomes[r.I] = nil // a page was lost: it comes again with the repeated answer
	default:
		o.value = r.Value
	}
	return nil
}

// tooLarge counts a line of the agent, and reports whether the answer is larger than one may get.
func (b *batch) tooLarge(size int) bool {
	b.bytes += size
	return b.bytes > maxAnswerBytes
}

// isWhole reports whether the pages of a list hold as many jobs as the list has.
func isWhole(pages []agent.Job, value json.RawMessage) bool {
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

// exitError is the end of an agent process.
type exitError struct {
	code         int
	fatal        string // the agent's last word, if there was one
	languageMode string // with agent.FatalLanguageMode
	stderr       string
}

func (e *exitError) Error() string {
	text := fmt.Sprintf("the agent ended with exit code %d", e.code)
	if e.fatal != "" {
		text += " (" + e.fatal + ")"
	}
	if e.stderr != "" {
		text += ": " + e.stderr
	}
	return text
}

// deserted reports whether no caller has waited for so long that none learns an outcome any more.
func (b *batch) deserted() bool {
	switch {
	case len(b.waiters) == 0 || len(pendingCalls(b.waiters)) > 0:
		b.abandoned = time.Time{}
	case b.abandoned.IsZero():
		b.abandoned = time.Now()
	}
	return !b.abandoned.IsZero() && time.Since(b.abandoned) > learnOutcome
}

// collect receives until the answer is whole. silence is how long the agent may send nothing.
func (p *process) collect(ctx context.Context, b *batch, silence time.Duration) error {
	p.lastOutput = time.Now()
	for !b.ended() {
		out, err := p.shell.Receive(ctx)
		if err != nil {
			return err
		}
		if err := p.read(b, out); err != nil {
			return err
		}
		switch {
		case b.ended():
		case out.Done:
			return &exitError{code: out.ExitCode, stderr: string(p.stderr)}
		case time.Since(p.lastOutput) > silence:
			return fmt.Errorf("the agent sent nothing for %s: %w", silence, wsman.ErrShellGone)
		case b.deserted():
			return errNoWaiters
		}
	}
	return nil
}

// read reads the output of the process. Of stderr it keeps the beginning: it explains why a PowerShell did not get to the
// agent.
func (p *process) read(b *batch, out wsman.Output) error {
	p.stderr = append(p.stderr, out.Stderr[:min(maxStderr-len(p.stderr), len(out.Stderr))]...)
	p.partial = append(p.partial, out.Stdout...)
	for {
		line, rest, ok := bytes.Cut(p.partial, []byte("\n"))
		if !ok {
			break
		}
		p.partial = rest
		if err := p.readLine(b, line); err != nil {
			return err
		}
	}
	if len(p.partial) > maxPartial {
		return unreadable("a line has more than %d bytes", maxPartial)
	}
	p.partial = slices.Clone(p.partial) // releases the lines before it
	return nil
}

// readLine reads one line: it is the agent's if the token is anywhere in it, and noise otherwise.
func (p *process) readLine(b *batch, line []byte) error {
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
		return unreadable("a line does not follow the protocol: %w", err)
	}
	switch {
	case relayed && answer.Fatal != agent.FatalPeerExit:
		return nil
	case answer.B == 0:
		return p.fatal(answer)
	case b.tooLarge(len(line)):
		return unreadable("it has more than %d MB", maxAnswerBytes>>20)
	case answer.B != b.number: // an answer that was asked for twice
		return nil
	}
	before := b.results
	for _, r := range answer.R {
		if err := b.add(r); err != nil {
			return err
		}
	}
	if answer.End {
		b.ends++
	}
	if b.results > before || answer.End {
		p.lastOutput = time.Now()
	}
	return nil
}

// fatal returns the error of a line that is not an answer to a batch.
func (p *process) fatal(answer agent.Answer) error {
	if answer.Fatal == agent.FatalBadLine {
		return errBadLine
	}
	codes := map[string]int{
		agent.FatalLanguageMode: agent.ExitLanguageMode, agent.FatalLoader: agent.ExitLoader, agent.FatalPeerExit: agent.ExitPeer,
	}
	e := &exitError{code: codes[answer.Fatal], fatal: answer.Fatal, languageMode: answer.Mode, stderr: string(p.stderr)}
	if answer.Error != nil {
		e.stderr = strings.TrimSpace(answer.Error.Text + " " + e.stderr)
	}
	return e
}
