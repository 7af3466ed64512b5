// SPDX-License-Identifier: MPL-2.0

// Package standin is a Go stand-in for powershell.exe on a simulated Windows host: it does what a real
// PowerShell does that runs this project's loader and agent, and speaks the protocol of package agent. A contract
// suite holds it to the real agent.
package standin

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Host is the part of a simulated host that a PowerShell process sees.
type Host struct {
	Service *bitsvc.Service
	Drive   *machine.Drive
	Clock   *machine.Clock
	Tasks   *windows.Scheduler // nil: no agent can be elevated
	Pipes   *windows.Pipes

	Setup      windows.Setup
	Limits     float64 // stretches what both ends of an elevation wait for each other where the machine is slow; 0 means 1
	Computer   string  // NetBIOS name
	OS         string  // version, such as 10.0.20348.0; "" means that of Windows Server 2022
	PowerShell string  // version, such as 5.1.20348.1; "" means that of Windows Server 2022
	Module     string  // of BitsTransfer: Module2016, or "" for that of Windows Server 2022
}

// stretched returns a limit of an elevation as this host keeps it.
func (h Host) stretched(d time.Duration) time.Duration {
	return time.Duration(cmp.Or(h.Limits, 1) * float64(d))
}

// The exit codes that are not the agent's own.
const (
	exitCommand = 1  // cmd.exe does not know the command
	exitKilled  = -1 // the process was ended from outside, as by TerminateProcess(-1)
)

// The versions of Windows Server 2022.
const (
	defaultOS         = "10.0.20348.0"
	defaultPowerShell = "5.1.20348.1"
)

// Run behaves as powershell.exe does when it runs the loader that commandLine carries, until it exits, and returns
// its exit code. Any other command line gets cmd.exe's message on stderr and exit code 1.
//
// When ctx ends the process is killed at once and the exit code is -1. A read of stdin or a write to stdout that is under way then, or
// when a deadline passes, stays behind until the other end of that pipe is closed, which is the caller's part, as
// with the pipes of a real process; nothing that was read or written by it has any effect.
func Run(
	ctx context.Context, h Host, commandLine string, caller bitsvc.Caller,
	stdin io.Reader, stdout, stderr io.Writer,
) (exitCode int) {
	token, ok := loaderToken(commandLine)
	start, system := systemCommand(commandLine)
	if !ok && !system {
		// The shell is going away when this can't be written, and the exit code says enough.
		_, _ = fmt.Fprintf(stderr, "'%s' is not recognized as an internal or external command,\r\n"+
			"operable program or batch file.\r\n", programName(commandLine))
		return exitCommand
	}
	if h.OS == "" {
		h.OS = defaultOS
	}
	if h.PowerShell == "" {
		h.PowerShell = defaultPowerShell
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &process{host: h, caller: caller, token: token, stdout: stdout, code: make(chan int, 1), secrets: secrets{}}
	defer p.disconnect()
	go func() {
		if system {
			p.exit(p.runSystem(ctx, start))
			return
		}
		h.noise(p, stderr)
		if p.refuseLanguage() {
			p.exit(agent.ExitLanguageMode)
			return
		}
		p.lines = readLines(ctx, stdin)
		p.exit(p.run(ctx))
	}()
	select {
	case code := <-p.code:
		return code
	case <-ctx.Done():
		p.exit(exitKilled)
		return <-p.code
	}
}

// process is one powershell.exe that runs the agent.
type process struct {
	host   Host
	caller bitsvc.Caller
	token  string
	lines  <-chan line
	stdout io.Writer

	once   sync.Once
	exited atomic.Bool
	code   chan int // gets the exit code, once

	mu      sync.Mutex
	peer    net.Conn // the pipe to the other agent, once there is one
	release func()   // of the pipe
	ended   bool

	changes bool // the upload has what only changes need
	relays  bool // an elevation has worked: from now on only bytes are carried

	last     remembered
	secrets  secrets
	allUsers bool // Get-BitsTransfer -AllUsers worked
	hashes   hashes
}

// exit ends the process: the first call counts, and nothing is written after it.
func (p *process) exit(code int) {
	p.once.Do(func() {
		p.exited.Store(true)
		p.code <- code
	})
}

// Write writes to stdout while the process lives.
func (p *process) Write(b []byte) (int, error) {
	if p.exited.Load() {
		return 0, io.ErrClosedPipe
	}
	return p.stdout.Write(b)
}
