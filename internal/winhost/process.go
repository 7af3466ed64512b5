// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// maxCmdLine is what cmd.exe takes, in characters. Source: learn.microsoft.com, "Command prompt line string limitation".
const maxCmdLine = 8191

// The exit codes that are not a program's own.
const (
	exitFailed = 1
	exitKilled = -1
)

// Process is a process that runs on a host.
type Process struct {
	PID         int
	Account     string // DOMAIN\name
	CommandLine string
}

// running is a process with the way to end it.
type running struct {
	Process

	kill context.CancelFunc
}

// powerShell runs one powershell.exe until it ends or ctx does, and returns its exit code.
type powerShell func(ctx context.Context, caller bitsvc.Caller, p wsmansvc.Process) (exitCode int)

// Processes returns what runs on the host, the oldest first.
func (h *Host) Processes() []Process {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []Process
	for _, pid := range slices.Sorted(maps.Keys(h.processes)) {
		list = append(list, h.processes[pid].Process)
	}
	return list
}

// Kill ends a process, as TerminateProcess does, and reports whether there was one.
func (h *Host) Kill(pid int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, found := h.processes[pid]
	if found {
		p.kill()
	}
	return found
}

// startTask starts the program of a scheduled task.
func (h *Host) startTask(
	ctx context.Context, caller bitsvc.Caller, commandLine string, stdin io.Reader, stdout, stderr io.Writer,
) int {
	return h.StartAs(ctx, caller, wsmansvc.Process{CommandLine: commandLine, Stdin: stdin, Stdout: stdout, Stderr: stderr})
}

// StartAs runs a command line as an account, as CreateProcessAsUser does for shells and tasks, until the process
// ends or ctx does, which kills it. Programs other than powershell.exe are cmd.exe's.
func (h *Host) StartAs(ctx context.Context, caller bitsvc.Caller, p wsmansvc.Process) (exitCode int) {
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	h.mu.Lock()
	h.lastPID += 4 // as Windows counts
	pid := h.lastPID
	h.processes[pid] = running{Process{PID: pid, Account: caller.Account, CommandLine: p.CommandLine}, kill}
	h.mu.Unlock()
	h.meter.Processes.Add(1)
	defer h.meter.Processes.Add(-1)
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.processes, pid)
	}()
	if len([]rune(p.CommandLine)) > maxCmdLine {
		_, _ = io.WriteString(p.Stderr, "The command line is too long.\r\n")
		return exitFailed
	}
	if isPowerShell(p.CommandLine) {
		return h.startPowerShell(ctx, caller, p)
	}
	c := console{host: h, account: caller.Account, process: p}
	return c.run(ctx, p.CommandLine)
}

// Script does what a PowerShell script would do on a host, and writes what it would print. It reports false for a script that it
// does not know.
type Script func(h *Host, caller bitsvc.Caller, text string, stdout io.Writer) (known bool)

// runScript has the script of a command line done.
func (h *Host) runScript(caller bitsvc.Caller, p wsmansvc.Process) bool {
	words := strings.Fields(p.CommandLine)
	if h.script == nil || len(words) == 0 {
		return false
	}
	text, err := windows.DecodeCommand(words[len(words)-1])
	return err == nil && h.script(h, caller, text, p.Stdout)
}

// startPowerShell counts and delays the start of a powershell.exe.
func (h *Host) startPowerShell(ctx context.Context, caller bitsvc.Caller, p wsmansvc.Process) int {
	h.meter.PowerShellStarts.Add(1)
	if !machine.Pause(ctx, h.startDelay) {
		return exitKilled
	}
	if h.runScript(caller, p) {
		return 0
	}
	return h.powerShell(ctx, caller, p)
}

// isPowerShell reports whether a command line starts powershell.exe.
func isPowerShell(commandLine string) bool {
	program, _ := firstWord(commandLine)
	program = strings.ToLower(path.Base(strings.ReplaceAll(program, `\`, "/")))
	return program == "powershell" || program == "powershell.exe"
}

// firstWord splits a command line after its program, which may be quoted.
func firstWord(commandLine string) (word, rest string) {
	text := strings.TrimLeft(commandLine, " \t")
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		word, rest, _ = strings.Cut(quoted, `"`)
		return word, strings.TrimLeft(rest, " \t")
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimLeft(text[end:], " \t")
}

// notRecognized is cmd.exe's message for a program that it does not find.
func notRecognized(program string) string {
	return fmt.Sprintf("'%s' is not recognized as an internal or external command,\r\n"+
		"operable program or batch file.\r\n", program)
}
