// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// result is agent.Result with a page of jobs that are encoded and a value that is not.
type result struct {
	I     int               `json:"i"`
	Page  []json.RawMessage `json:"page,omitempty"`
	Value any               `json:"v,omitempty"`
	Error *agent.Error      `json:"e,omitempty"`
}

// answer is agent.Answer with results that are encoded.
type answer struct {
	B   int               `json:"b"`
	R   []json.RawMessage `json:"r"`
	End bool              `json:"end,omitempty"`
}

// output writes the lines of one answer.
type output struct {
	w        io.Writer
	token    string
	b        int
	gathered []json.RawMessage
	size     int
	failed   error // the first error of a write
}

// add gathers the result of a read, and sends what is gathered once it is much.
func (o *output) add(result json.RawMessage) error {
	if o.size+len(result) > agent.FlushAt {
		if err := o.flush(); err != nil {
			return err
		}
	}
	o.gathered = append(o.gathered, result)
	o.size += len(result) + 1
	return nil
}

// alone sends the result of a mutating operation at once, on a line of its own; that of the last operation carries
// the end.
func (o *output) alone(result json.RawMessage, last bool) error {
	if err := o.flush(); err != nil || last {
		o.gathered = append(o.gathered, result)
		return err
	}
	return o.write([]json.RawMessage{result}, false)
}

// flush sends what is gathered.
func (o *output) flush() error {
	if len(o.gathered) == 0 {
		return o.failed
	}
	results := o.gathered
	o.gathered, o.size = nil, 0
	return o.write(results, false)
}

// end sends what is gathered and ends the answer.
func (o *output) end() error {
	return o.write(o.gathered, true)
}

// fatal answers a line that is no batch.
func (o *output) fatal(what string) error {
	return o.line(encode(agent.Answer{Fatal: what}))
}

// write sends one line of an answer.
func (o *output) write(results []json.RawMessage, last bool) error {
	return o.line(encode(answer{B: o.b, R: append([]json.RawMessage{}, results...), End: last}))
}

// line sends an object behind the token.
func (o *output) line(object []byte) error {
	if o.failed == nil {
		text := fmt.Appendf(nil, "%s %s\n", o.token, object)
		if _, err := o.w.Write(text); err != nil {
			o.failed = fmt.Errorf("write to stdout: %w", err)
		}
	}
	return o.failed
}
