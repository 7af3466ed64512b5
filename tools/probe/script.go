// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// scripts are what runs on the host: functions that are shared, those of the questions, and the end that asks.
//
//go:embed scripts/*.ps1
var scripts embed.FS

const maxLine = 1 << 20 // bytes of a line of the host

// upload returns the script as the agent's loader reads it. It starts with the agent itself, whose functions are asked.
func upload() ([]byte, error) {
	names, err := scripts.ReadDir("scripts")
	if err != nil {
		return nil, err
	}
	text := agent.Functions()
	last := ""
	for _, name := range names {
		part, err := scripts.ReadFile("scripts/" + name.Name())
		if err != nil {
			return nil, err
		}
		if name.Name() == "ask.ps1" {
			last = string(part)
			continue
		}
		text += string(part)
	}
	return []byte(strings.ReplaceAll(text+last, "\r\n", "\n") + agent.EndOfUpload + "\n"), nil
}

// data is the input of a script. It is never part of its text.
type data struct {
	Question string `json:"question"`
	ID       string `json:"id"` // of this asking of the question, in the names of what it makes
	AsSystem bool   `json:"as_system"`
	Seconds  int    `json:"seconds"`  // after which the process ends by itself
	Patience int    `json:"patience"` // in seconds
	Count    int    `json:"count"`
	URL      string `json:"url"`
	Watch    []int  `json:"watch"`
	Kill     int    `json:"kill"`
	File     string `json:"file"`
}

// said is a line of a script: evidence, a sign that it is ready for something, or its answer.
type said struct {
	Evidence string   `json:"evidence"`
	Ready    int      `json:"ready"`
	Status   status   `json:"status"`
	Answer   string   `json:"answer"`
	Left     []string `json:"left"`
	Fatal    string   `json:"fatal"`

	// With ready, ids of processes.
	Shell  int `json:"shell"`
	Parent int `json:"parent"`
	System int `json:"system"`
}

// conversation is a script that runs on the host.
type conversation struct {
	shell       *wsman.Shell
	variant     variant
	connections connections

	token    string
	partial  []byte
	lines    [][]byte
	evidence []string
	stderr   []byte
	receives int
}

// random returns n random hexadecimal digits.
func random(n int) string {
	b := make([]byte, n/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// errNoScript is an answer that is not the script's.
var errNoScript = errors.New("powershell.exe of the host runs no scripts")

// converse opens a shell and starts the script in it. close must be called.
func (a *asker) converse(ctx context.Context, v variant) (*conversation, error) {
	c := &conversation{token: random(agent.TokenLength), variant: v}
	script, err := upload()
	if err != nil {
		return nil, err
	}
	if c.shell, err = c.client().Open(ctx, a.settings, agent.CommandLine(c.token), nil); err != nil {
		return nil, err
	}
	if err := c.shell.Send(ctx, script); err != nil {
		c.close(ctx)
		return nil, err
	}
	return c, nil
}

// close ends the shell, also when the time for the question is over.
func (c *conversation) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	_ = c.shell.Close(ctx) // its idle timeout ends it otherwise
}

// data returns the input of a question.
func (a *asker) data(question string) data {
	d := data{Question: question, ID: random(12), Seconds: int(a.limit.Seconds()), Patience: max(1, int(a.patience.Seconds())), Count: a.count}
	if a.files != nil {
		d.URL = a.files.url
	}
	return d
}

// start sends the data line.
func (c *conversation) start(ctx context.Context, d data) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write the data: %w", err)
	}
	return c.shell.Send(ctx, fmt.Appendf(nil, "%s %s\n", c.token, text))
}

// next returns the next line of the script that is not evidence.
func (c *conversation) next(ctx context.Context) (said, error) {
	for {
		for len(c.lines) > 0 {
			line := c.lines[0]
			c.lines = c.lines[1:]
			if s, found, err := c.parse(line); found || err != nil {
				return s, err
			}
		}
		if err := c.receive(ctx); err != nil {
			return said{}, err
		}
	}
}

// parse reads a line, and reports whether it is one of the script's that is not evidence.
func (c *conversation) parse(line []byte) (s said, found bool, err error) {
	_, object, own := bytes.Cut(line, []byte(c.token+" "))
	if !own {
		return s, false, nil
	}
	if err := json.Unmarshal(object, &s); err != nil {
		return s, false, fmt.Errorf("read a line of the script: %w", err)
	}
	switch {
	case s.Evidence != "":
		c.evidence = append(c.evidence, s.Evidence)
		return s, false, nil
	case s.Fatal != "":
		return s, false, fmt.Errorf("%w: its answer is %q", errNoScript, s.Fatal)
	}
	return s, true, nil
}

// receive takes what the script wrote since the last time.
func (c *conversation) receive(ctx context.Context) error {
	out, err := c.shell.Receive(ctx)
	if err != nil {
		return err
	}
	c.receives++
	c.stderr = append(c.stderr, out.Stderr...)
	c.partial = append(c.partial, out.Stdout...)
	for {
		end := bytes.IndexByte(c.partial, '\n')
		if end < 0 {
			break
		}
		c.lines = append(c.lines, bytes.Clone(c.partial[:end]))
		c.partial = c.partial[end+1:]
	}
	switch {
	case len(c.partial) > maxLine:
		return errors.New("the script wrote a line that does not end")
	case out.Done && len(c.lines) == 0:
		return fmt.Errorf("the script ended with exit code %d: %s", out.ExitCode, cmp.Or(strings.Join(strings.Fields(string(c.stderr)), " "), "it said nothing"))
	}
	return nil
}

// outcome waits for the answer.
func (c *conversation) outcome(ctx context.Context) answer {
	for {
		s, err := c.next(ctx)
		if err != nil {
			return c.fail(err)
		}
		if s.Status == "" {
			continue
		}
		if s.Status == "not_here" {
			s.Status = notHere
		}
		return answer{status: s.Status, text: s.Answer, evidence: c.evidence, left: s.Left}
	}
}

// fail is the answer for an error, with the evidence so far.
func (c *conversation) fail(err error) answer {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the time for one question was over: %w", err)
	}
	return fail(err, c.evidence...)
}

// fresh asks a function of the scripts in a process that no question was asked of before.
func fresh(question string) func(context.Context, *asker) answer {
	return func(ctx context.Context, a *asker) answer { return a.runFresh(ctx, a.data(question)) }
}

// script asks a function of the scripts, as the account that logs on.
func script(question string) func(context.Context, *asker) answer {
	return func(ctx context.Context, a *asker) answer { return a.run(ctx, a.data(question)) }
}

// asSystem asks a function of the scripts as SYSTEM, whose jobs move.
func asSystem(question string) func(context.Context, *asker) answer {
	return func(ctx context.Context, a *asker) answer {
		d := a.data(question)
		d.AsSystem = true
		return a.run(ctx, d)
	}
}

// run asks a script and waits for its answer. The process that answered the question before is asked, where there is one:
// a start of PowerShell takes longer than most questions.
func (a *asker) run(ctx context.Context, d data) answer {
	if c := a.kept; c != nil {
		a.kept = nil
		c.evidence = nil
		if reply := a.askKept(ctx, c, d); reply.err == nil || ctx.Err() != nil || len(c.evidence) > 0 {
			return reply
		} // else it may have ended meanwhile
	}
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	return a.askKept(ctx, c, d)
}

// runFresh asks a script in a process of its own.
func (a *asker) runFresh(ctx context.Context, d data) answer {
	a.closeKept(ctx)
	return a.run(ctx, d)
}

// askKept asks one question of a process, and keeps the process unless it failed.
func (a *asker) askKept(ctx context.Context, c *conversation, d data) answer {
	if err := c.start(ctx, d); err != nil {
		c.close(ctx)
		return c.fail(err)
	}
	reply := c.outcome(ctx)
	if reply.status == failed || reply.err != nil {
		c.close(ctx)
	} else {
		a.kept = c
	}
	return reply
}

// closeKept ends the process that is kept for the next question.
func (a *asker) closeKept(ctx context.Context) {
	if a.kept != nil {
		a.kept.close(ctx)
		a.kept = nil
	}
}
