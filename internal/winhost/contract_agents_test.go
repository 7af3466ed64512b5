// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"cmp"
	"context"
	"io"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// agentKind is one of the agents that the contract binds.
type agentKind struct {
	name   string
	real   bool // agent.ps1 in a PowerShell
	agents func(w *world) starter
}

// agentsUnderTest are the stand-in and, where a PowerShell is found, the real agent.
func agentsUnderTest(t *testing.T) []agentKind {
	t.Helper()
	kinds := []agentKind{{name: "stand-in", agents: standIn}}
	path := ""
	t.Run("a PowerShell", func(t *testing.T) { path = judges.PowerShell(t) })
	if path == "" {
		return kinds
	}
	return append(kinds, agentKind{name: "agent.ps1", real: true, agents: realAgent(t, path)})
}

// realAgent runs the real agent in a real PowerShell.
func realAgent(t *testing.T, path string) func(w *world) starter {
	t.Helper()
	windows := t.TempDir()
	if err := pwsh.Install(windows); err != nil {
		t.Fatal(err)
	}
	return realAgentIn(path, windows)
}

// realAgentIn runs the real agent in a real PowerShell, which finds the stand-ins of Windows in a folder.
func realAgentIn(path, windows string) func(w *world) starter {
	return func(w *world) starter {
		w.idle = time.Minute
		return func(
			ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
		) int {
			h := pwsh.Host{Setup: w.setup, Limits: cmp.Or(w.limits, 4), PowerShell: path, Windows: windows, Service: w.service, Drive: w.drive, Tasks: w.tasks, Pipes: w.pipes}
			if w.old {
				h.Module = pwsh.Module2016
			}
			return h.Run(ctx, commandLine, caller, stdin, stdout, stderr)
		}
	}
}

// standIn runs the Go stand-in.
func standIn(w *world) starter {
	return func(
		ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
	) int {
		h := standin.Host{Setup: w.setup, Service: w.service, Drive: w.drive, Clock: w.clock, Tasks: w.tasks, Pipes: w.pipes, Computer: "WEB01"}
		if w.old {
			h.Module = standin.Module2016
		}
		return standin.Run(ctx, h, commandLine, caller, stdin, stdout, stderr)
	}
}

// agentCommand is the command line that a client starts.
func agentCommand(token string) string { return agent.CommandLine(token) }

// agentUpload is what a client sends before its first line, unless it will elevate.
func agentUpload() string { return string(agent.Upload(true)) }
