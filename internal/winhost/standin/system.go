// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// systemStart is what the command of a task passes to the agent as SYSTEM.
type systemStart struct {
	pipe, owner  string
	expect, show string // nonces: the server's, and its own
	task         string // its name
}

// arguments are those of a powershell.exe that starts with it.
func (s systemStart) arguments() string {
	return fmt.Sprintf("-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -Command "+
		`"Start-SystemAgent -PipeName '%s' -Owner '%s' -Expect '%s' -Show '%s' -Task '%s'"`, s.pipe, s.owner, s.expect, s.show, s.task)
}

// systemPattern finds it in a command.
var systemPattern = regexp.MustCompile(`Start-SystemAgent -PipeName '([^']*)' -Owner '([^']*)' -Expect '([^']*)' -Show '([^']*)' -Task '([^']*)'"?\s*$`)

// systemCommand returns what the command line of a task says.
func systemCommand(commandLine string) (systemStart, bool) {
	found := systemPattern.FindStringSubmatch(commandLine)
	if found == nil || !strings.Contains(commandLine, " -Command ") {
		return systemStart{}, false
	}
	return systemStart{pipe: found[1], owner: found[2], expect: found[3], show: found[4], task: found[5]}, true
}

// The times of the agent as SYSTEM, before it has the agent's text.
const (
	openAtMost   = 3 * time.Second
	nonceAtMost  = 5 * time.Second
	uploadAtMost = 30 * time.Second // for a line
)

// runSystem opens the pipe and looks who made it before it sends or runs a byte; then it is an agent like any other.
func (p *process) runSystem(ctx context.Context, start systemStart) int {
	conn, err := p.openPipe(ctx, start.pipe)
	if err != nil {
		_ = p.host.Tasks.Delete(start.task) // what can't be deleted expires
		return agent.ExitPipe
	}
	p.connect(conn, func() {})
	if owner, err := p.host.Pipes.Owner(start.pipe); err != nil || owner != start.owner {
		return agent.ExitOwner
	}
	p.lines, p.stdout = readLines(ctx, conn), conn
	said, ok := p.line(ctx, nonceAtMost)
	if !ok || said != start.expect {
		return agent.ExitNonce
	}
	if _, err := io.WriteString(conn, start.show); err != nil {
		return agent.ExitLoader
	}
	if p.token, ok = p.line(ctx, uploadAtMost); !ok {
		return agent.ExitUpload
	}
	return p.run(ctx)
}

// openPipe opens the pipe, and waits a while for it to be there.
func (p *process) openPipe(ctx context.Context, name string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.host.Clock.AfterFunc(p.host.stretched(openAtMost), cancel)()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		conn, err := p.host.Pipes.Connect(name)
		var refusal *bits.Error
		if err == nil || !errors.As(err, &refusal) {
			return conn, err
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}

// line reads one line, no longer than d; false when none comes.
func (p *process) line(ctx context.Context, d time.Duration) (string, bool) {
	late := make(chan struct{})
	defer p.host.Clock.AfterFunc(p.host.stretched(d), func() { close(late) })()
	select {
	case l := <-p.lines:
		return string(l.text), l.err == nil
	case <-late:
	case <-ctx.Done():
	}
	return "", false
}
