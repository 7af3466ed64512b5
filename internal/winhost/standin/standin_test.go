// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const testToken = "0123456789abcdef0123456789abcdef"

// running is a process whose pipes the test holds.
type running struct {
	stdin  *io.PipeWriter
	stdout *bufio.Reader
	kill   context.CancelFunc
	code   chan int
}

// begin starts a process that has its upload behind it.
func begin(t *testing.T) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdinR, stdinW := io.Pipe()
	stdoutR, stdoutW := io.Pipe()
	r := &running{
		stdin: stdinW, stdout: bufio.NewReader(stdoutR), kill: cancel, code: make(chan int, 1),
	}
	t.Cleanup(func() { cancel(); _ = stdinW.Close(); _ = stdoutR.Close() })
	go func() {
		command := "powershell.exe -EncodedCommand " + encodedCommand("'"+testToken+"'")
		r.code <- Run(ctx, Host{Clock: machine.NewClock()}, command, bitsvc.Caller{}, stdinR, stdoutW, io.Discard)
		_ = stdinR.Close()
		_ = stdoutW.Close()
	}()
	r.write(t, "# the agent\n.\n")
	return r
}

func (r *running) write(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(r.stdin, text); err != nil {
		t.Fatal(err)
	}
}

// empty sends an empty batch and reads its answer; then the process waits for a line.
func (r *running) empty(t *testing.T, n int) {
	t.Helper()
	r.write(t, fmt.Sprintf("%s {\"b\":%d,\"ops\":[]}\n", testToken, n))
	got, err := r.stdout.ReadString('\n')
	if want := fmt.Sprintf("%s {\"b\":%d,\"r\":[],\"end\":true}\n", testToken, n); err != nil || got != want {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

func TestRunEndsWhenNoLineComesForAMinuteAndAHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(t)
		r.empty(t, 1)
		time.Sleep(idleLimit - time.Second) //nolint:forbidigo // inside synctest: the bubble's time
		r.empty(t, 2)
		since := time.Now()
		if code := <-r.code; code != agent.ExitIdle {
			t.Errorf("exit code %d, want %d", code, agent.ExitIdle)
		}
		if waited := time.Since(since); waited != idleLimit {
			t.Errorf("the process waited %s for a line, want %s", waited, idleLimit)
		}
	})
}

func TestRunIsKilledWithItsContext(t *testing.T) {
	for _, c := range []struct {
		name string
		at   func(t *testing.T, r *running)
	}{
		{"while it waits for a line", func(t *testing.T, r *running) { t.Helper(); r.empty(t, 1) }},
		{"while nobody reads its answer", func(t *testing.T, r *running) {
			t.Helper()
			r.write(t, testToken+` {"b":1,"ops":[]}`+"\n")
		}},
		{"while a line is half sent", func(t *testing.T, r *running) { t.Helper(); r.write(t, testToken) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := begin(t)
			c.at(t, r)
			r.kill()
			if code := <-r.code; code != exitKilled {
				t.Errorf("exit code %d, want %d", code, exitKilled)
			}
		})
	}
}

func TestRunAnswersLikeCmdToWhatItDoesNotKnow(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Host{}, `foo.exe /c "a b"`, bitsvc.Caller{}, strings.NewReader(""), &stdout, &stderr)
	const want = "'foo.exe' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
	if code != exitCommand || stdout.Len() != 0 || stderr.String() != want {
		t.Errorf("exit code %d, stdout %q, stderr %q; want 1, nothing and %q", code, stdout.String(), stderr.String(), want)
	}
}
