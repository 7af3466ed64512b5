package winrmbits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// errUnanswered says that an operation went out and no answer came: its outcome is unknown.
var errUnanswered = errors.New("the session ended before the host answered")

// errNotEnded goes with errUnanswered when the agent that got the operation may still be carrying it out.
var errNotEnded = errors.New("the host's agent could not be ended")

// errOperationTimeout is the cause of a context that ended because one verb took too long.
var errOperationTimeout = errors.New("the time set in operation_timeout is over")

// call is one operation that somebody waits for.
type call struct {
	ctx  context.Context //nolint:containedctx // the call is the message that carries it to the session
	op   agent.Op
	done chan struct{} // closed when outcome is there

	direct  bool    // a read that no list answers; of the session
	system  bool    // a read that only SYSTEM may make; of the session
	sent    bool    // of the host's mutex
	outcome outcome // there once done is closed
}

// outcome is what came of an operation.
type outcome struct {
	pages []agent.Job
	value json.RawMessage
	err   error

	refused *agent.Error // err as it came
}

// answered reports whether an operation has its outcome; o is nil when nothing came of it.
func (o *outcome) answered() bool { return o != nil && (o.value != nil || o.err != nil) }

func newCall(ctx context.Context, op agent.Op) *call {
	return &call{ctx: ctx, op: op, done: make(chan struct{})}
}

func (c *call) finish(o outcome) {
	c.outcome = o
	close(c.done)
}

// over reports whether nobody waits any more.
func (c *call) over() bool { return c.ctx.Err() != nil }

// mutating reports whether the operation changes something on the host.
func (c *call) mutating() bool { return agent.Mutating(c.op.Name) }

// encode gives a request as one line of ASCII JSON.
func encode(request agent.Request) ([]byte, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	return ascii(text), nil
}

// ascii escapes every character of a JSON text that is not printable ASCII.
func ascii(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r <= '~':
			out = append(out, byte(r)) //nolint:gosec // ASCII
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// value reads the value of an operation.
func value[T any](o outcome) (T, error) {
	var v T
	if o.err != nil {
		return v, o.err
	}
	if err := json.Unmarshal(o.value, &v); err != nil {
		return v, fmt.Errorf("read the agent's answer: %w", err)
	}
	return v, nil
}

// refusal turns an agent's error into one of package bits.
func refusal(e *agent.Error) error {
	refused := &bits.Error{
		Code: bits.ErrorCode(e.Code), Step: e.Step, Context: bits.ErrorContext(e.Context),
		Text: e.Text, Type: e.Type, FQEID: e.FQEID, File: e.File, Done: e.Done, Left: bits.JobID(e.Left),
	}
	if e.HResult != nil {
		h, err := bits.ParseHResult(*e.HResult)
		if err != nil {
			return fmt.Errorf("read the agent's error: %w", err)
		}
		refused.HResult = h
	}
	return refused
}

// The times of a session. Source for the agent's side: package agent.
const (
	keepAlive     = 10 * time.Second // the agent ends after 30 s without a line
	closeAfter    = 60 * time.Second // without an operation
	learnOutcome  = 10 * time.Second // how long a caller who gives up waits for what it has sent
	silence       = 20 * time.Second // beyond the longest deadline of a batch without a line: the process is dead
	maxBatch      = 200              // operations of one batch
	maxBatchBytes = 900 << 10        // of a request, well below agent.MaxLine
)
