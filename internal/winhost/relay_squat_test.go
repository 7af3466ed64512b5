// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

const (
	otherAccount = "S-1-5-21-1004336348-1177238915-682003330-1009"
	otherNonce   = "0123456789abcdef0123456789abcdef"
)

// argument returns the value of an option in a task's command.
func argument(commandLine, option string) string {
	found := regexp.MustCompile(`-`+option+` '([^']*)'"? ?`).FindAllStringSubmatch(commandLine, -1)
	return found[len(found)-1][1]
}

// squatter is another process that has made the pipe that a process of SYSTEM is to open.
type squatter struct {
	name  string
	owner func(commandLine string) string
	nonce func(commandLine string) string // "": it sends nothing
	code  int                             // exit code of SYSTEM's process
}

func squatters() []squatter {
	return []squatter{
		{
			"by another account, which even knows the nonce", func(string) string { return otherAccount },
			func(line string) string { return argument(line, "Expect") }, agent.ExitOwner,
		},
		{
			"by the same account, which does not know the nonce", func(line string) string { return argument(line, "Owner") },
			func(string) string { return otherNonce }, agent.ExitNonce,
		},
		{
			"by the same account, which sends nothing", func(line string) string { return argument(line, "Owner") },
			func(string) string { return "" }, agent.ExitNonce,
		},
	}
}

// run starts the process of a task's command line, which must send no byte through the pipe and run none of it.
func (s squatter) run(t *testing.T, w *world, commandLine string) {
	t.Helper()
	received := make(chan string, 2)
	squat(t, w, argument(commandLine, "PipeName"), s.owner(commandLine), func(conn net.Conn) {
		go func() {
			if nonce := s.nonce(commandLine); nonce != "" { // the write fails when the process has ended already
				_, _ = io.WriteString(conn, nonce+"\n"+otherNonce+"\n[Environment]::Exit(77)\n.\n")
			}
		}()
		text, _ := io.ReadAll(conn) // until the process has ended
		_ = conn.Close()
		received <- string(text)
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if s.nonce(commandLine) == "" {
		defer w.passTime(t)()
	}
	if code := w.start(ctx, commandLine, system(), strings.NewReader(""), io.Discard, io.Discard); code != s.code {
		t.Errorf("exit code %d, want %d", code, s.code)
	}
	if text := <-received; text != "" {
		t.Errorf("the other process received %q", text)
	}
}

// squat makes a pipe as an account, and serves whoever opens it.
func squat(t *testing.T, w *world, name, sid string, serve func(net.Conn)) {
	t.Helper()
	made, err := w.pipes.Make(name, sid)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := pwsh.ListenPipe(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close(); _ = listener.Close() })
	go func() {
		if conn := <-made.Client(); conn != nil {
			serve(conn)
		}
	}()
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			serve(conn)
		}
	}()
}
