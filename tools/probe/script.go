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

// upload gives the script as the agent's loader reads it. It starts with the agent itself, whose functions are asked.
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

// data is what a script is told. It is never part of its text.
type data struct {
	Question string `json:"question"`
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

// errNoScript says that something else than a script answered.
var errNoScript = errors.New("what is behind powershell.exe runs no scripts")

// converse opens a shell and starts the script in it. close must be called.
func (a *asker) converse(ctx context.Context, v variant) (*conversation, error) {
	var random [agent.TokenLength / 2]byte
	_, _ = rand.Read(random[:]) // never fails
	c := &conversation{token: hex.EncodeToString(random[:]), variant: v}
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

// data gives what every question is told.
func (a *asker) data(question string) data {
	d := data{Question: question, Seconds: int(a.limit.Seconds()), Patience: max(1, int(a.patience.Seconds())), Count: a.count}
	if a.files != nil {
		d.URL = a.files.url
	}
	return d
}

// tell sends the data line.
func (c *conversation) tell(ctx context.Context, d data) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write the data: %w", err)
	}
	return c.shell.Send(ctx, fmt.Appendf(nil, "%s %s\n", c.token, text))
}

// next gives the next word of the script that is no evidence.
func (c *conversation) next(ctx context.Context) (said, error) {
	for {
		for len(c.lines) > 0 {
			line := c.lines[0]
			c.lines = c.lines[1:]
			at := bytes.Index(line, []byte(c.token+" "))
			if at < 0 {
				continue
			}
			var s said
			if err := json.Unmarshal(line[at+len(c.token)+1:], &s); err != nil {
				return s, fmt.Errorf("read a line of the script: %w", err)
			}
			if s.Evidence != "" {
				c.evidence = append(c.evidence, s.Evidence)
				continue
			}
			if s.Fatal != "" {
				return s, fmt.Errorf("%w: it says %q", errNoScript, s.Fatal)
			}
			return s, nil
		}
		if err := c.receive(ctx); err != nil {
			return said{}, err
		}
	}
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

// fail is the answer that an error gives, with the evidence so far.
func (c *conversation) fail(err error) answer {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the time for one question was over: %w", err)
	}
	return fail(err, c.evidence...)
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

// run asks a script and waits for its answer.
func (a *asker) run(ctx context.Context, d data) answer {
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	if err := c.tell(ctx, d); err != nil {
		return c.fail(err)
	}
	return c.outcome(ctx)
}
