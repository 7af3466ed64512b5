// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"context"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The idle times of a shell. Source: IdleTimeout, learn.microsoft.com (Windows Remote Management, quotas).
const (
	defaultIdle = 7200 * time.Second
	minIdle     = 60 * time.Second
)

// signalPrefix begins the codes of Signal; the rest is compared without regard to case.
const signalPrefix = nsShell + "/signal/"

// shell is a text shell. The service's lock guards what changes in it.
type shell struct {
	id          string
	user        string
	client      string // address
	pid         int    // of the process that hosts the shell
	environment []Variable
	directory   string
	codePage    string
	inputs      string
	outputs     string
	idle        time.Duration

	opened   time.Time
	started  int // commands, ended ones too
	lastUsed time.Time
	stopIdle func() bool
	commands map[string]*command // by id, in upper case
}

// create opens a shell for a user.
func (s *Service) create(_ context.Context, r *request, user string) (answer, *Fault) {
	body := r.Body.Shell
	if body == nil {
		return answer{}, schemaViolated
	}
	idle := defaultIdle
	if body.IdleTimeOut != nil {
		d, err := machine.ParseDuration(strings.TrimSpace(*body.IdleTimeOut))
		if err != nil || d < 0 {
			return answer{}, invalidParameter
		}
		idle = max(d, minIdle)
	}
	sh := &shell{
		id: newID(), user: user, client: r.client, environment: body.Environment, directory: strings.TrimSpace(body.WorkingDirectory),
		codePage: r.option("WINRS_CODEPAGE"), inputs: strings.TrimSpace(body.InputStreams),
		outputs: strings.TrimSpace(body.OutputStreams), idle: idle, commands: map[string]*command{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return answer{}, Aborted()
	}
	if fault := s.mayOpen(user); fault != nil {
		return answer{}, fault
	}
	s.lastPID += 4
	sh.pid, sh.opened = s.lastPID, s.Clock.Now()
	s.shells[sh.id] = sh
	s.Meter.ShellsOpened.Add(1)
	s.Meter.ShellsOpen.Add(1)
	s.touch(sh)
	return sh.created(r.Header.To), nil
}

// shellKey is what shells are kept by.
func shellKey(id string) string { return strings.ToUpper(strings.TrimPrefix(id, "uuid:")) }

// use finds a user's shell and starts its idle timer again. The lock is held.
func (s *Service) use(id, user string) (*shell, *Fault) {
	sh := s.shells[shellKey(id)]
	if sh == nil || sh.user != user {
		return nil, ShellNotFound(id)
	}
	s.touch(sh)
	return sh, nil
}

// touch starts a shell's idle timer again. The lock is held.
func (s *Service) touch(sh *shell) {
	if sh.stopIdle != nil {
		sh.stopIdle()
	}
	sh.lastUsed = s.Clock.Now()
	sh.stopIdle = s.Clock.AfterFunc(sh.idle, func() { s.expire(sh) })
}

// expire ends a shell that was not used for its idle time.
func (s *Service) expire(sh *shell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shells[sh.id] == sh && s.Clock.Now().Sub(sh.lastUsed) >= sh.idle {
		s.remove(sh)
	}
}

// remove ends a shell with its commands and returns these. The lock is held.
func (s *Service) remove(sh *shell) []*command {
	delete(s.shells, sh.id)
	s.Meter.ShellsOpen.Add(-1)
	sh.stopIdle()
	gone := make([]*command, 0, len(sh.commands))
	for _, c := range sh.commands {
		c.kill()
		gone = append(gone, c)
	}
	return gone
}

// command starts a process in a shell.
func (s *Service) command(_ context.Context, r *request, user string) (answer, *Fault) {
	body := r.Body.CommandLine
	if body == nil {
		return answer{}, schemaViolated
	}
	line := body.commandLine()
	if len(utf16.Encode([]rune(line))) > maxCommandLine {
		return answer{}, commandLineTooLong
	}
	id := body.CommandID
	if id == "" {
		id = newID()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sh, fault := s.use(r.shellID, user)
	if fault != nil {
		return answer{}, fault
	}
	key := strings.ToUpper(id)
	if sh.commands[key] != nil {
		return answer{}, invalidParameter
	}
	c := startCommand(s.background, id, s.Start, Process{
		User: user, CommandLine: line, Directory: sh.directory, Environment: sh.environment, CodePage: sh.codePage,
	})
	sh.commands[key] = c
	sh.started++
	s.Meter.CommandsStarted.Add(1)
	s.processes.Go(func() { <-c.exited })
	return shellAnswer(Command, "<rsp:CommandResponse><rsp:CommandId>"+escape(id)+
		"</rsp:CommandId></rsp:CommandResponse>"), nil
}

// find returns a command of a user's shell.
func (s *Service) find(r *request, user, commandID string) (*shell, *command, *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh, fault := s.use(r.shellID, user)
	if fault != nil {
		return nil, nil, fault
	}
	if commandID == "" {
		return nil, nil, invalidParameter
	}
	c := sh.commands[strings.ToUpper(commandID)]
	if c == nil {
		return nil, nil, CommandNotFound()
	}
	return sh, c, nil
}

// forget drops a command that needs no more requests.
func (s *Service) forget(sh *shell, c *command) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(sh.commands, strings.ToUpper(c.id))
}

// send writes to a command's stdin.
func (s *Service) send(ctx context.Context, r *request, user string) (answer, *Fault) {
	if r.Body.Send == nil {
		return answer{}, schemaViolated
	}
	id, data, end, err := r.Body.Send.input()
	if err != nil {
		return answer{}, invalidParameter
	}
	_, c, fault := s.find(r, user, id)
	if fault != nil {
		return answer{}, fault
	}
	expired, stop := s.expiry(r.timeout)
	defer stop()
	if fault := c.send(ctx, expired, data, end); fault != nil {
		return answer{}, fault
	}
	return shellAnswer(Send, "<rsp:SendResponse/>"), nil
}

// receive reads a command's output.
func (s *Service) receive(ctx context.Context, r *request, user string) (answer, *Fault) {
	if r.Body.Receive == nil {
		return answer{}, schemaViolated
	}
	_, c, fault := s.find(r, user, r.Body.Receive.DesiredStream.CommandID)
	if fault != nil {
		return answer{}, fault
	}
	expired, stop := s.expiry(r.timeout)
	defer stop()
	out, fault := c.receive(ctx, expired, r.envelope-envelopeRoom)
	if fault != nil {
		return answer{}, fault
	}
	return received(c.id, out), nil
}

// envelopeRoom is what an answer to Receive takes besides the output.
const envelopeRoom = 3 << 10

// signal ends a command: with its output still to be received after Ctrl-C, at once with Terminate.
func (s *Service) signal(ctx context.Context, r *request, user string) (answer, *Fault) {
	body := r.Body.Signal
	if body == nil {
		return answer{}, schemaViolated
	}
	sh, c, fault := s.find(r, user, body.CommandID)
	if fault != nil {
		return answer{}, fault
	}
	code, ok := strings.CutPrefix(strings.TrimSpace(body.Code), signalPrefix)
	switch strings.ToLower(code) {
	case "ctrl_c", "ctrl_break":
		if c.interrupt() {
			s.forget(sh, c)
		}
	case "terminate":
		s.forget(sh, c)
		c.kill()
		awaitExit(ctx, c)
	default:
		ok = false
	}
	if !ok {
		return answer{}, invalidParameter
	}
	return shellAnswer(Signal, "<rsp:SignalResponse/>"), nil
}

// delete ends a shell with its processes.
func (s *Service) delete(ctx context.Context, r *request, user string) (answer, *Fault) {
	s.mu.Lock()
	sh, fault := s.use(r.shellID, user)
	var gone []*command
	if fault == nil {
		gone = s.remove(sh)
	}
	s.mu.Unlock()
	if fault != nil {
		return answer{}, fault
	}
	awaitExit(ctx, gone...)
	return deleted(), nil
}

// awaitExit waits until processes are gone, or the client is gone.
func awaitExit(ctx context.Context, commands ...*command) {
	for _, c := range commands {
		select {
		case <-c.exited:
		case <-ctx.Done():
			return
		}
	}
}

// expiry returns a channel that is closed when the time of a request is over.
func (s *Service) expiry(d time.Duration) (expired <-chan struct{}, stop func() bool) {
	c := make(chan struct{})
	return c, s.Clock.AfterFunc(d, func() { close(c) })
}
