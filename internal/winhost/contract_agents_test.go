package winhost_test

import (
	"context"
	"encoding/base64"
	"io"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
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
func agentCommand(token string) string {
	raw := make([]byte, 0, 2*len(token))
	for _, b := range []byte("'" + token + "'") {
		raw = append(raw, b, 0)
	}
	return "powershell.exe -EncodedCommand " + base64.StdEncoding.EncodeToString(raw)
}

// agentUpload is what a client sends before its first line.
func agentUpload() string { return "agent\n.\n" }
