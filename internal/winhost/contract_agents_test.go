package winhost_test

import (
	"context"
	"io"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// agentKind is one of the agents that the contract binds.
type agentKind struct {
	name   string
	agents func(w *world) starter
}

// agentsUnderTest are the stand-in and, where a PowerShell is found, the real agent.
func agentsUnderTest(t *testing.T) []agentKind {
	t.Helper()
	return []agentKind{{"stand-in", standIn}}
}

// standIn runs the Go stand-in.
func standIn(w *world) starter {
	return func(
		ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
	) int {
		h := standin.Host{Service: w.service, Drive: w.drive, Clock: w.clock, Computer: "WEB01"}
		return standin.Run(ctx, h, commandLine, caller, stdin, stdout, stderr)
	}
}

// agentCommand is the command line that a client starts.
func agentCommand(token string) string { return agent.CommandLine(token) }

// agentUpload is what a client sends before its first line.
func agentUpload() string { return string(agent.Upload()) }
