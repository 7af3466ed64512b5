// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// patience is how long a contract test waits for an answer: a bound for what hangs, never a time to pass.
const patience = 5 * time.Minute

// client speaks the protocol with one agent process.
type client struct {
	token  string
	n      int       // number of the last batch
	asked  time.Time // when the last line was written
	stdin  *io.PipeWriter
	lines  chan string // of stdout; closed at its end
	exited chan int    // gets the exit code
	cancel context.CancelFunc
	stderr *safeBuffer

	elevation agent.Elevated // what the last elevation answered
}

// safeBuffer is a bytes.Buffer that may be written and read at the same time.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newToken gives 32 hexadecimal digits.
func newToken() string {
	var b [agent.TokenLength / 2]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// launch starts a process of the kind under test without uploading anything.
func launch(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdinR, stdinW := io.Pipe()
	stdoutR, stdoutW := io.Pipe()
	c := &client{
		token: newToken(), stdin: stdinW, lines: make(chan string), exited: make(chan int, 1), cancel: cancel,
		stderr: &safeBuffer{},
	}
	ended := make(chan struct{})
	noLeak(t, "a command line", agentCommand(c.token))
	go func() {
		code := w.start(ctx, agentCommand(c.token), caller, stdinR, stdoutW, c.stderr)
		_ = stdinR.Close()
		_ = stdoutW.Close()
		c.exited <- code
		close(ended)
	}()
	go func() {
		defer close(c.lines)
		r := bufio.NewReaderSize(stdoutR, agent.MaxLine)
		for {
			text, err := r.ReadString('\n')
			if text != "" {
				select {
				case c.lines <- text:
				case <-ctx.Done():
				}
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = stdinW.Close()
		_ = stdoutR.Close()
		<-ended
		noLeak(t, "stderr", c.stderr.String())
	})
	return c
}

// start starts an agent that reads and changes.
func start(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	c := launch(t, w, caller)
	c.write(t, agentUpload())
	return c
}

// startReader starts an agent that reads, and gets what only changes need when it elevates.
func startReader(t *testing.T, w *world, caller bitsvc.Caller) *client {
	t.Helper()
	c := launch(t, w, caller)
	c.write(t, string(agent.Upload(false)))
	return c
}

// write sends text as it is.
func (c *client) write(t *testing.T, text string) {
	t.Helper()
	c.asked = time.Now()
	if _, err := io.WriteString(c.stdin, text); err != nil {
		t.Fatalf("write to the agent's stdin: %v; its stderr: %s", err, c.stderr)
	}
}

// send sends an object behind the token.
func (c *client) send(t *testing.T, object string) {
	t.Helper()
	c.write(t, c.token+" "+object+"\n")
}

// wireLine is one line of an answer and its results as they came.
type wireLine struct {
	answer agent.Answer
	raw    []json.RawMessage
}

// read waits for the next line of ours and checks its form.
func (c *client) read(t *testing.T) wireLine {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case text, open := <-c.lines:
			if !open {
				t.Fatalf("the agent ended without an answer; its stderr: %s", c.stderr)
			}
			noLeak(t, "an answer", text)
			_, object, ours := strings.Cut(text, c.token+" ")
			if !ours {
				t.Logf("noise: %q", text)
				continue
			}
			return parseLine(t, text, object)
		case <-timeout.C:
			t.Fatalf("the agent did not answer within %s; its stderr: %s", patience, c.stderr)
		}
	}
}

// parseLine reads one line of an answer, strictly.
func parseLine(t *testing.T, text, object string) wireLine {
	t.Helper()
	if len(text) > agent.MaxLine {
		t.Errorf("a line has %d bytes", len(text))
	}
	if at := strings.IndexFunc(strings.TrimRight(text, "\r\n"), func(r rune) bool { return r < ' ' || r > '~' }); at >= 0 {
		t.Errorf("a line is not printable ASCII at %d: %.200q", at, text)
	}
	if !strings.HasSuffix(text, "\n") {
		t.Errorf("a line does not end with LF: %.200q", text)
	}
	var l wireLine
	strict := json.NewDecoder(strings.NewReader(object))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&l.answer); err != nil {
		t.Fatalf("a line does not hold an answer: %v: %.400q", err, object)
	}
	var raw struct {
		R []json.RawMessage `json:"r"`
	}
	if err := json.Unmarshal([]byte(object), &raw); err != nil {
		t.Fatalf("a line does not hold results: %v: %.400q", err, object)
	}
	l.raw = raw.R
	return l
}

// answered is the whole answer to a batch.
type answered struct {
	lines   []wireLine
	results map[int]json.RawMessage   // the one "v" or "e" of each operation
	pages   map[int][]json.RawMessage // the jobs of a list, page by page
}

// readAnswer reads the answer to a batch up to its end and checks its form.
func (c *client) readAnswer(t *testing.T, number int, ops []json.RawMessage) answered {
	t.Helper()
	a := answered{results: map[int]json.RawMessage{}, pages: map[int][]json.RawMessage{}}
	for {
		l := c.read(t)
		if l.answer.Fatal != "" || l.answer.B != number {
			c.n = number - 1 // so that one failure is not every later case's
			t.Fatalf("batch %d was answered with batch %d, fatal %q", number, l.answer.B, l.answer.Fatal)
		}
		a.lines = append(a.lines, l)
		for k, r := range l.answer.R {
			a.take(t, r, l.raw[k], ops)
			if mutating(t, ops, r.I) && len(l.answer.R) > 1 {
				t.Errorf("the result of mutating operation %d shares its line", r.I)
			}
		}
		if l.answer.End {
			break
		}
	}
	if len(a.results) != len(ops) {
		t.Errorf("%d operations got %d results", len(ops), len(a.results))
	}
	return a
}

// take sorts one result.
func (a *answered) take(t *testing.T, r agent.Result, raw json.RawMessage, ops []json.RawMessage) {
	t.Helper()
	if r.I < 0 || r.I >= len(ops) {
		t.Fatalf("result of operation %d of %d: %.200s", r.I, len(ops), raw)
	}
	if r.Page != nil {
		if len(r.Page) > agent.MaxPage {
			t.Errorf("a page has %d jobs", len(r.Page))
		}
		if a.results[r.I] != nil {
			t.Errorf("operation %d got a page after its value", r.I)
		}
		var page struct {
			Page []json.RawMessage `json:"page"`
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Fatal(err)
		}
		a.pages[r.I] = append(a.pages[r.I], page.Page...)
		return
	}
	if a.results[r.I] != nil {
		t.Errorf("operation %d got two results: %.200s", r.I, raw)
	}
	if (r.Value == nil) == (r.Error == nil) {
		t.Errorf("operation %d got neither or both of v and e: %.200s", r.I, raw)
	}
	a.results[r.I] = raw
}

// mutating reports whether the i-th operation is a mutating one.
func mutating(t *testing.T, ops []json.RawMessage, i int) bool {
	t.Helper()
	var op struct {
		Op any `json:"op"`
	}
	if json.Unmarshal(ops[i], &op) != nil {
		return false
	}
	name, _ := op.Op.(string)
	return agent.Mutating(name)
}

// call sends operations as the next batch and gives the whole answer.
func (c *client) call(t *testing.T, ops string) answered {
	t.Helper()
	c.n++
	list := withDeadlines(t, ops)
	c.write(t, c.batchLines(c.n, list))
	return c.readAnswer(t, c.n, list)
}

// again repeats the last batch, as after a lost answer.
func (c *client) again(t *testing.T, ops string) answered {
	t.Helper()
	list := withDeadlines(t, ops)
	c.write(t, "\n"+c.batchLines(c.n, list))
	return c.readAnswer(t, c.n, list)
}

// batchObject writes a request.
func batchObject(n int, ops []json.RawMessage) string {
	return fmt.Sprintf(`{"b":%d,"ops":[%s]}`, n, bytes.Join(bytesOf(ops), []byte(",")))
}

// bytesOf turns raw messages into what bytes.Join takes.
func bytesOf(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, raw := range list {
		out[i] = raw
	}
	return out
}

// withDeadlines splits a JSON array of operations and gives each object a deadline unless it has one. The rest
// stays byte for byte, for escapes matter here.
func withDeadlines(t *testing.T, ops string) []json.RawMessage {
	t.Helper()
	var line bytes.Buffer
	if err := json.Compact(&line, []byte(asciiJSON(ops))); err != nil {
		t.Fatalf("the test's own operations: %v: %s", err, ops)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(line.Bytes(), &list); err != nil {
		t.Fatalf("the test's own operations: %v: %s", err, ops)
	}
	for i, raw := range list {
		var known map[string]json.RawMessage
		if json.Unmarshal(raw, &known) != nil || known["ms"] != nil || known["op"] == nil {
			continue
		}
		list[i] = json.RawMessage(strings.TrimSuffix(string(raw), "}") + `,"ms":30000}`)
	}
	return list
}

// asciiJSON escapes what is not ASCII in a JSON text, as a client of this protocol has to.
func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// badLine expects the answer to a line that is no batch.
func (c *client) badLine(t *testing.T) {
	t.Helper()
	l := c.read(t)
	if l.answer.B != 0 || l.answer.Fatal != agent.FatalBadLine {
		t.Errorf("answer %+v, want bad_line", l.answer)
	}
}

// exit waits for the end of the process and gives its exit code.
func (c *client) exit(t *testing.T) int {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case code := <-c.exited:
			c.exited <- code
			return code
		case text, open := <-c.lines:
			if open {
				t.Logf("line after the last: %.200q", text)
				continue
			}
			code := <-c.exited
			c.exited <- code
			return code
		case <-timeout.C:
			t.Fatalf("the agent did not end within %s; its stderr: %s", patience, c.stderr)
		}
	}
}
