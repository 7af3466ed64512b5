// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// errUnanswered means that an operation was sent and no answer came: its outcome is unknown.
var errUnanswered = errors.New("the session ended before the host responded")

// errNotEnded goes with errUnanswered when the agent that got the operation may still be executing it.
var errNotEnded = errors.New("the agent on the host could not be stopped")

// errOperationTimeout is the cause of a context that ended because one verb took too long.
var errOperationTimeout = errors.New("the time set in operation_timeout is over")

// call is one operation that a caller waits for.
type call struct {
	ctx  context.Context //nolint:containedctx // the call is the message that carries it to the session
	op   agent.Op
	done chan struct{} // closed when outcome is set

	notFromList bool    // a read that no list answers; the session's
	elevated    bool    // a read that only SYSTEM may make; the session's
	tries       int     // of a read, that brought nothing that could be used; the session's
	sent        bool    // guarded by the host's mutex
	outcome     outcome // set before done is closed
}

// outcome is the result of an operation.
type outcome struct {
	pages []agent.Job
	value json.RawMessage
	err   error

	refused *agent.Error // err as it came
}

// answered reports whether an operation has its outcome; o is nil when no part of it came.
func (o *outcome) answered() bool { return o != nil && (o.value != nil || o.err != nil) }

func newCall(ctx context.Context, op agent.Op) *call {
	return &call{ctx: ctx, op: op, done: make(chan struct{})}
}

func (c *call) finish(o outcome) {
	c.outcome = o
	close(c.done)
}

// canceled reports whether the caller does not wait any more.
func (c *call) canceled() bool { return c.ctx.Err() != nil }

// mutating reports whether the operation changes something on the host.
func (c *call) mutating() bool { return agent.Mutating(c.op.Name) }

// pendingCalls returns the calls that a caller still waits for.
func pendingCalls(calls []*call) []*call {
	var pending []*call
	for _, c := range calls {
		if !c.canceled() {
			pending = append(pending, c)
		}
	}
	return pending
}

// failAll finishes calls with an error.
func failAll(calls []*call, err error) {
	for _, c := range calls {
		c.finish(outcome{err: err})
	}
}

// value decodes the value of an operation.
func value[T any](o outcome) (T, error) {
	var v T
	if o.err != nil {
		return v, o.err
	}
	if err := json.Unmarshal(o.value, &v); err != nil {
		return v, unreadable("a value does not follow the protocol: %w", err)
	}
	bound(reflect.ValueOf(&v))
	return v, nil
}

// refusal turns an agent's error into one of package bits.
func refusal(e *agent.Error) error {
	bound(reflect.ValueOf(e))
	refused := &bits.Error{
		Code: bits.ErrorCode(e.Code), Step: e.Step,
		Text: e.Text, Type: e.Type, FQEID: e.FQEID, File: e.File, Done: e.Done, Left: bits.JobID(e.Left),
	}
	if e.HResult != nil {
		h, err := bits.ParseHResult(*e.HResult)
		if err != nil {
			return unreadable("an error has %w", err)
		}
		refused.HResult = h
	}
	return refused
}
