// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const whatAnAgentSays = `{"id":"6F8F5F10-0B3F-4C7E-9A52-0D6F1C1E2A3B","display_name":"nightly","description":"d","transfer_type":"download",
"priority":"high","state":"transient_error","owner_sid":"S-1-5-18","owner_name":null,"bytes_total":"18446744073709551614",
"bytes_transferred":"7","files_transferred":1,"created_at":"2026-01-02T04:04:05+01:00","modified_at":"2026-01-02T03:04:06Z",
"transferred_at":"2026-01-02T03:04:07Z","error":{"hresult":"0x80072EE7","context":"general_transport"},
"files":[{"remote_name":"http://files.example/a","local_name":"C:\\a","bytes_total":null,"bytes_transferred":"7"}]}`

func TestAJobIsReadWithEverythingThatAnAgentSaysOfIt(t *testing.T) {
	var w agent.Job
	if err := json.Unmarshal([]byte(whatAnAgentSays), &w); err != nil {
		t.Fatal(err)
	}
	j, err := jobFromWire(w)
	if err != nil {
		t.Fatal(err)
	}
	if j.ID != "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b" || j.Priority != bits.PriorityHigh || j.State != bits.StateTransientError ||
		j.Owner != (bits.Owner{SID: "S-1-5-18"}) || *j.BytesTotal != 18446744073709551614 || j.BytesTransferred != 7 {
		t.Errorf("%+v", j)
	}
	if want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC); j.CreatedAt != want || !j.TransferredAt.Equal(want.Add(2*time.Second)) {
		t.Errorf("created %s, transferred %s", j.CreatedAt, j.TransferredAt)
	}
	if j.Error.HResult != 0x80072EE7 || j.Error.Context != bits.ContextTransport {
		t.Errorf("%+v", j.Error)
	}
	if f := j.Files[0]; f.BytesTotal != nil || f.BytesTransferred != 7 {
		t.Errorf("%+v", f)
	}
}

func TestWhatAJobCanNotBeIsAnError(t *testing.T) {
	tests := map[string][2]string{
		"an id that is none":           {`"6F8F5F10-`, `"`},
		"a priority that BITS has not": {`"high"`, `"urgent"`},
		"a state that BITS has not":    {`"transient_error"`, `"odd"`},
		"a type that BITS has not":     {`"download"`, `"sideload"`},
		"a size below zero":            {`"18446744073709551614"`, `"-1"`},
		"a size of a file below zero":  {`"bytes_transferred":"7"}]`, `"bytes_transferred":"-7"}]`},
		"a time that is none":          {`"2026-01-02T03:04:06Z"`, `"today"`},
		"a code that is none":          {`"0x80072EE7"`, `"oops"`},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(whatAnAgentSays, change[0], change[1], 1)
			var w agent.Job
			if err := json.Unmarshal([]byte(text), &w); err != nil || text == whatAnAgentSays {
				t.Fatal(err)
			}
			j, err := jobFromWire(w)
			var refused *bits.Error
			if !errors.As(err, &refused) || refused.Code != bits.CodeUnreadable || refused.Text == "" {
				t.Errorf("%+v %v", j, err)
			}
		})
	}
}

func TestRequestsArePlainASCII(t *testing.T) {
	const name = "a\"b'c$(x)`\n😀\u2028\u007fé<&>"
	lines, err := agent.Request{B: 1, Ops: []agent.Op{{Name: agent.OpCommit, DisplayName: name}}}.Lines("token")
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.TrimSuffix(bytes.TrimPrefix(lines, []byte("token ")), []byte("\n"))
	for _, b := range line {
		if b < ' ' || b > '~' {
			t.Errorf("byte %#x in %s", b, line)
		}
	}
	var back agent.Request
	if err := json.Unmarshal(line, &back); err != nil || back.Ops[0].DisplayName != name {
		t.Errorf("%q %v", back.Ops[0].DisplayName, err)
	}
}

func TestABatchHoldsNoMoreThanALineMay(t *testing.T) {
	h := newFleet(nil, nil).Host(settings(0))
	add := func(size int) *call {
		c := newCall(t.Context(), agent.Op{Name: agent.OpChange, Set: &agent.Set{Description: new(strings.Repeat("x", size))}})
		h.queue = append(h.queue, c)
		return c
	}
	add(500 << 10)
	tooLarge := add(1 << 20)
	add(500 << 10)
	if calls := h.nextCalls(); len(calls) != 1 || len(h.queue) != 1 {
		t.Errorf("%d calls, %d wait", len(calls), len(h.queue))
	}
	select {
	case <-tooLarge.done:
		if tooLarge.outcome.err == nil {
			t.Error("it was executed")
		}
	default:
		t.Error("the call that is too large has no error")
	}
	for range 2 * maxBatch {
		add(1)
	}
	if calls := h.nextCalls(); len(calls) != maxBatch {
		t.Errorf("%d calls", len(calls))
	}
}
