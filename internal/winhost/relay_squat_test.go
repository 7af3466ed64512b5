package winhost_test

import (
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// somebody is an account that has nothing to do with it.
const somebody = "S-1-5-21-1004336348-1177238915-682003330-1009"

// argument gives what a task's command says of an option.
func argument(commandLine, option string) string {
	found := regexp.MustCompile(`-`+option+` '([^']*)'"? ?`).FindAllStringSubmatch(commandLine, -1)
	return found[len(found)-1][1]
}

// prepared gives the command line of a task that waits for a pipe which is gone: its process was never started.
func prepared(t *testing.T, w *world) string {
	t.Helper()
	c := start(t, w, admin.caller())
	w.tasks.Behave(windows.TaskBehaviour{Never: windows.TaskResultQueued})
	if c.tryElevate(t, 5000) == nil {
		t.Fatal("the task that never starts has started")
	}
	w.nothingLeft(t)
	return w.tasks.Registered()[0].CommandLine()
}

// squat makes a pipe as an account, and does as it likes with whoever opens it.
func squat(t *testing.T, w *world, name, sid string, do func(net.Conn)) {
	t.Helper()
	made, err := w.pipes.Make(name, sid)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", pwsh.Socket(name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close(); _ = listener.Close() })
	go func() {
		if conn := <-made.Client(); conn != nil {
			do(conn)
		}
	}()
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			do(conn)
		}
	}()
}

// runSystem runs what a task starts, and gives its exit code.
func runSystem(t *testing.T, w *world, commandLine string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return w.start(ctx, commandLine, system(), strings.NewReader(""), io.Discard, io.Discard)
}

func TestAPipeOfAnotherAccountGetsNoByteAndRunsNone(t *testing.T) {
	const other = "0123456789abcdef0123456789abcdef"
	for _, s := range []struct {
		name  string
		owner func(commandLine string) string
		first func(commandLine string) string
		code  int
	}{
		{
			"it is another account's, who even knows the nonce", func(string) string { return somebody },
			func(line string) string { return argument(line, "Expect") }, agent.ExitOwner,
		},
		{
			"it is the same account's, who does not know the nonce", func(line string) string { return argument(line, "Owner") },
			func(string) string { return other }, agent.ExitNonce,
		},
		{
			"it is the same account's, who says nothing", func(line string) string { return argument(line, "Owner") },
			func(string) string { return "" }, agent.ExitNonce,
		},
	} {
		t.Run(s.name, func(t *testing.T) {
			eachAgent(t, func(t *testing.T, w *world) {
				line := prepared(t, w)
				got := make(chan string, 2)
				squat(t, w, argument(line, "PipeName"), s.owner(line), func(conn net.Conn) {
					go func() {
						if first := s.first(line); first != "" { // fails when the process is gone already
							_, _ = io.WriteString(conn, first+"\n"+other+"\n[Environment]::Exit(77)\n.\n")
						}
					}()
					said, _ := io.ReadAll(conn) // until the process has ended
					got <- string(said)
				})
				if code := runSystem(t, w, line); code != s.code {
					t.Errorf("exit code %d, want %d", code, s.code)
				}
				if said := <-got; said != "" {
					t.Errorf("it was told %q", said)
				}
			})
		})
	}
}

func TestAPipeThatIsThereBeforeOursIsNotUsed(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := start(t, w, admin.caller())
		w.pipes.Squat(somebody)
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "pipe-create" || textOf(e.HResult) != "0x80070005" {
			t.Errorf("got %+v", e)
		}
		if all := w.tasks.Registered(); len(all) != 0 {
			t.Errorf("a task was registered nevertheless: %+v", all)
		}
		w.pipes.Squat("")
		if e := c.tryElevate(t, 60000); e != nil {
			t.Errorf("with the next name: %+v", e)
		}
	})
}

func TestWhoeverOpensThePipeAndSaysNothingIsNotTold(t *testing.T) {
	eachAgent(t, func(t *testing.T, w *world) {
		c := start(t, w, admin.caller())
		got := make(chan string, 2)
		w.tasks.Behave(windows.TaskBehaviour{Alter: func(arguments string) string {
			name := argument(arguments, "PipeName")
			conn, err := w.pipes.Connect(name)
			if unix, dialled := net.DialTimeout("unix", pwsh.Socket(name), time.Second); dialled == nil { //nolint:noctx // a socket of this machine
				conn, err = unix, nil
			}
			if err != nil {
				t.Error(err)
				return arguments
			}
			go func() {
				said, _ := io.ReadAll(conn)
				got <- string(said)
			}()
			return replaced("PipeName", "none")(arguments)
		}})
		if e := c.tryElevate(t, 60000); e == nil || e.Step != "handshake" {
			t.Errorf("got %+v", e)
		}
		if said := <-got; strings.Count(said, "\n") != 1 || len(said) != agent.TokenLength+1 {
			t.Errorf("it was told more than the nonce: %q", said)
		}
		c.call(t, `[{"op":"list"}]`)
		w.nothingLeft(t)
	})
}

func TestAnAgentOfSystemNeedsTheWholeLanguage(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		if kind.name == "stand-in" {
			continue // it has no language
		}
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			c := start(t, w, admin.caller())
			w.tasks.Behave(windows.TaskBehaviour{Alter: func(arguments string) string {
				const constrain = `-Command "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; `
				return strings.Replace(arguments, `-Command "`, constrain, 1)
			}})
			if e := c.tryElevate(t, 60000); e == nil || e.Step != "pipe-connect" || textOf(e.Task) != "0x00000003" {
				t.Errorf("got %+v, result %s", e, textOf(e.Task))
			}
			w.nothingLeft(t)
		})
	}
}
