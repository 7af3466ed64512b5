// SPDX-License-Identifier: MPL-2.0

// Package pwsh is powershell.exe on a simulated Windows host, played by a real PowerShell: it runs the client's
// unchanged command line. What Windows has and the machine of the simulation lacks is put in place in its runspace
// first: stand-ins for a few functions of the agent, and a module BitsTransfer whose cmdlets have the real
// signatures, defaults and error records and drive the host's BITS service.
package pwsh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// Host is a simulated host with a real PowerShell.
type Host struct {
	PowerShell string // path of the program
	Windows    string // folder that Install filled
	Service    *bitsvc.Service
	Drive      *machine.Drive
	Module     string  // Module2016, or "" for the module BitsTransfer of Windows Server 2022
	Limits     float64 // stretches the agent's limits of time where the machine is slow; 0 means 1
	Setup      windows.Setup
	Tasks      *windows.Scheduler
	Pipes      *windows.Pipes
}

// The exit codes that are not a script's own.
const (
	exitFailed = 1  // powershell.exe could not be started, or was asked for something else than a script
	exitKilled = -1 // the process was ended from outside, as by TerminateProcess(-1)
)

// drain is how long what a process wrote may take to be read once it has ended.
const drain = 2 * time.Second

// Run runs a powershell.exe with a script in its command line until it exits, and returns its exit code. When ctx ends the
// process is killed and the exit code is -1. A read of stdin or a write to stdout that is under way then stays
// behind until the other end of that pipe is closed, which is the caller's part.
func (h Host) Run(
	ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
) (exitCode int) {
	code, err := h.run(ctx, commandLine, caller, stdin, stdout, stderr)
	switch {
	case ctx.Err() != nil:
		return exitKilled
	case err != nil:
		_, _ = fmt.Fprintf(stderr, "%v\r\n", err) // the exit code says enough where nobody reads
		return exitFailed
	}
	return code
}

func (h Host) run(
	ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
) (exitCode int, err error) {
	arguments, err := h.arguments(commandLine)
	if err != nil {
		return 0, err
	}
	d, err := openBridge(ctx, h, caller)
	if err != nil {
		return 0, err
	}
	defer d.close()
	cmd := exec.CommandContext(ctx, h.PowerShell, arguments...) //nolint:gosec // the tester's own PowerShell
	cmd.Env = append(os.Environ(), d.environment(h)...)
	input, err := cmd.StdinPipe()
	if err != nil {
		return 0, fmt.Errorf("start PowerShell: %w", err)
	}
	var out, complaints stream
	if err := errors.Join(out.open(&cmd.Stdout), complaints.open(&cmd.Stderr)); err != nil {
		return 0, fmt.Errorf("start PowerShell: %w", err)
	}
	err = cmd.Start()
	out.copyTo(stdout)
	complaints.copyTo(stderr)
	if err != nil {
		return 0, fmt.Errorf("start PowerShell: %w", err)
	}
	go func() {
		_, _ = io.Copy(input, stdin) // fails when the process has ended
		_ = input.Close()
	}()
	var exited *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exited) {
		return 0, fmt.Errorf("run PowerShell: %w", err)
	}
	timer := time.NewTimer(drain)
	defer timer.Stop()
	for _, copied := range []<-chan struct{}{out.copied, complaints.copied} {
		select {
		case <-copied:
		case <-timer.C: // nobody reads
			return cmd.ProcessState.ExitCode(), nil
		}
	}
	return cmd.ProcessState.ExitCode(), nil
}

// stream carries what a process writes to somebody who may not read it.
type stream struct {
	r, w   *os.File
	copied chan struct{} // closed at the end
}

// open makes the stream the output of a process that is to be started.
func (s *stream) open(output *io.Writer) (err error) {
	s.copied = make(chan struct{})
	s.r, s.w, err = os.Pipe()
	*output = s.w
	return err
}

// copyTo returns this process's hold on the writing end up and copies until the others have.
func (s *stream) copyTo(reader io.Writer) {
	_ = s.w.Close()
	go func() {
		defer close(s.copied)
		_, _ = io.Copy(reader, s.r) // fails when nobody reads any more
		_ = s.r.Close()
	}()
}
