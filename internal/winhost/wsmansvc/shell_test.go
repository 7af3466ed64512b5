// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// pass lets time pass.
func pass(d time.Duration) { <-time.After(d) }

func TestShells(t *testing.T) {
	tests := []struct {
		name string
		run  func(t *testing.T, rig *rig)
	}{
		{"a Receive waits for its OperationTimeout, and 60 s at most", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("wait")
			for timeout, want := range map[string]time.Duration{
				"PT0S": 0, "PT20S": 20 * time.Second, "P0DT0H0M30.000S": 30 * time.Second, "PT2H": time.Minute,
			} {
				start := time.Now()
				rig.post(strings.Replace(receiveMessage(shell, command), "PT20S", timeout, 1)).wantFault(t, "2150858793")
				if waited := time.Since(start); waited != want {
					t.Errorf("%s: waited %s, want %s", timeout, waited, want)
				}
			}
		}},
		{"output before a Receive is kept", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			rig.post(receiveMessage(shell, command)).wantFault(t, "2150858793")
			rig.post(sendMessage(shell, command, "one", ""))
			rig.post(sendMessage(shell, command, "two", ` End="true"`))
			synctest.Wait()
			got := rig.post(receiveMessage(shell, command)).parse(t)
			if text := got.stdout(t); text != "onetwo" || got.State.ExitCode == nil {
				t.Errorf("got %q, %+v", text, got.State)
			}
		}},
		{"output comes while a Receive waits", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			later := rig.postLater(receiveMessage(shell, command))
			synctest.Wait()
			rig.post(sendMessage(shell, command, "now", ""))
			if text := (<-later).parse(t).stdout(t); text != "now" {
				t.Errorf("got %q", text)
			}
		}},
		{"large output comes in answers that fit, torn anywhere", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("flood")
			var all strings.Builder
			torn, requests := false, 0
			for done := false; !done; requests++ {
				a := rig.post(strings.Replace(receiveMessage(shell, command), "<m:Op", "<m:MaxEnvelopeSize>153600</m:MaxEnvelopeSize><m:Op", 1))
				if len(a.body) > 153600 {
					t.Errorf("an answer has %d bytes", len(a.body))
				}
				got := a.parse(t)
				text := got.stdout(t)
				torn = torn || !utf8.ValidString(text)
				all.WriteString(text)
				done = got.State.ExitCode != nil
			}
			if want := strings.Repeat("ü€😀x", 30_000); all.String() != want {
				t.Errorf("%d bytes came, want %d", all.Len(), len(want))
			}
			if !torn || requests < 3 {
				t.Errorf("%d answers, torn: %t", requests, torn)
			}
		}},
		{"a command that has reported its end is unknown", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("hi")
			synctest.Wait()
			rig.post(receiveMessage(shell, command)).parse(t)
			rig.post(receiveMessage(shell, command)).wantFault(t, "2150858843")
			rig.post(sendMessage(shell, command, "x", "")).wantFault(t, "2150858843")
			if a := rig.post(signalMessage(shell, command, "ctrl_c")); a.status != http.StatusOK {
				t.Errorf("signal: %d", a.status)
			}
			rig.post(signalMessage(shell, command, "ctrl_c")).wantFault(t, "2150858843")
		}},
		{"a second Send waits for the first", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("wait") // never reads
			first := rig.postLater(sendMessage(shell, command, strings.Repeat("x", 64<<10+1), ""))
			synctest.Wait()
			rig.post(sendMessage(shell, command, "y", "")).wantFault(t, "170")
			(<-first).wantFault(t, "2150858793")
			rig.post(sendMessage(shell, command, "y", "")).wantFault(t, "170")
		}},
		{"a second Receive is refused", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("wait")
			first := rig.postLater(receiveMessage(shell, command))
			synctest.Wait()
			rig.post(receiveMessage(shell, command)).wantFault(t, "170")
			(<-first).wantFault(t, "2150858793")
		}},
		{"a Receive whose client is gone makes room for the next", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			ctx, cancel := context.WithCancel(rig.conn)
			done := make(chan struct{})
			go func() {
				defer close(done)
				rig.do(rig.request(ctx, receiveMessage(shell, command)))
			}()
			synctest.Wait()
			cancel()
			<-done
			rig.post(sendMessage(shell, command, "x", ""))
			if text := rig.post(receiveMessage(shell, command)).parse(t).stdout(t); text != "x" {
				t.Errorf("got %q", text)
			}
		}},
		{"Ctrl-C ends a command with an exit code", func(t *testing.T, rig *rig) {
			if got := rig.interrupted(rig.begin("hi, then wait")); got != "hi" {
				t.Errorf("got %q", got)
			}
		}},
		{"Ctrl-C ends a command that waits for input", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			rig.post(sendMessage(shell, command, "hi", ""))
			if got := rig.interrupted(shell, command); got != "hi" {
				t.Errorf("got %q", got)
			}
		}},
		{"Ctrl-C ends a command whose output is not received", func(_ *testing.T, rig *rig) {
			rig.interrupted(rig.begin("yes"))
		}},
		{"Terminate ends a command and the requests that wait for it", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("cat")
			waiting := rig.postLater(receiveMessage(shell, command))
			synctest.Wait()
			if a := rig.post(signalMessage(shell, command, "Terminate")); a.status != http.StatusOK {
				t.Errorf("terminate: %d %s", a.status, a.body)
			}
			(<-waiting).wantFault(t, "995")
			rig.post(receiveMessage(shell, command)).wantFault(t, "2150858843")
		}},
		{"Delete ends the commands and the requests that wait for them", func(t *testing.T, rig *rig) {
			shell, command := rig.begin("wait")
			waiting := rig.postLater(receiveMessage(shell, command))
			synctest.Wait()
			if a := rig.post(deleteMessage(shell)); a.status != http.StatusOK {
				t.Errorf("delete: %d %s", a.status, a.body)
			}
			(<-waiting).wantFault(t, "995")
			rig.post(receiveMessage(shell, command)).wantFault(t, "2150858843")
			if open := rig.meter.Read().ShellsOpen; open != 0 {
				t.Errorf("%d shells are open", open)
			}
		}},
		{"a shell ends when it is not used for its idle time", func(t *testing.T, rig *rig) {
			shell := rig.open(`<sh:IdleTimeOut>PT180S</sh:IdleTimeOut>`)
			command := rig.start(shell, "cat")
			for range 3 {
				pass(179 * time.Second)
				if a := rig.post(sendMessage(shell, command, "x", "")); a.status != http.StatusOK {
					t.Fatalf("a shell in use: %d %s", a.status, a.body)
				}
			}
			pass(180 * time.Second)
			synctest.Wait()
			if open := rig.meter.Read().ShellsOpen; open != 0 {
				t.Errorf("%d shells are open", open)
			}
			rig.post(receiveMessage(shell, command)).wantFault(t, "2150858843")
		}},
		{"idle times below a minute are a minute", func(t *testing.T, rig *rig) {
			rig.open(`<sh:IdleTimeOut>PT1S</sh:IdleTimeOut>`)
			pass(59 * time.Second)
			synctest.Wait()
			if open := rig.meter.Read().ShellsOpen; open != 1 {
				t.Errorf("%d shells are open", open)
			}
		}},
		{"a shell is its user's", func(t *testing.T, rig *rig) {
			shell := rig.open("")
			rig.user = "anna"
			rig.post(deleteMessage(shell)).wantFault(t, "2150858843")
		}},
		{"a command knows its shell", func(t *testing.T, rig *rig) {
			shell := rig.open(`<sh:WorkingDirectory>C:\t</sh:WorkingDirectory><sh:Environment><sh:Variable Name="a">b</sh:Variable></sh:Environment>`)
			command := rig.start(strings.ToLower(shell), "describe")
			synctest.Wait()
			if text := rig.post(receiveMessage(shell, command)).parse(t).stdout(t); text != `ops in C:\t with [{a b}] and code page ` {
				t.Errorf("got %q", text)
			}
		}},
		{"the service's shells can be dropped", func(t *testing.T, rig *rig) {
			shell := rig.open("")
			rig.start(shell, "wait")
			rig.svc.DropShells()
			rig.post(deleteMessage(shell)).wantFault(t, "2150858843")
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test.run(t, newRig(t)) })
		})
	}
}

// interrupted ends a command by Ctrl-C and returns the output that it had before.
func (r *rig) interrupted(shell, command string) string {
	r.t.Helper()
	synctest.Wait()
	r.post(signalMessage(shell, command, "Ctrl_C"))
	synctest.Wait()
	text := ""
	for range 100 {
		got := r.post(receiveMessage(shell, command)).parse(r.t)
		text += got.stdout(r.t)
		if got.State.ExitCode != nil {
			if *got.State.ExitCode != -1073741510 {
				r.t.Errorf("the exit code is %d", *got.State.ExitCode)
			}
			return text
		}
	}
	r.t.Error("the command did not end")
	return text
}

func TestAnExchangeTakesTheRoundTripTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRigWith(t, wsmansvc.Options{RTT: 21 * time.Millisecond})
		start := time.Now()
		rig.open("")
		if took := time.Since(start); took != 21*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

func TestInterception(t *testing.T) {
	tests := []struct {
		name   string
		action wsmansvc.Action
		status int // 0: the connection breaks
		shells int64
	}{
		{"proceed", wsmansvc.Action{}, http.StatusOK, 1},
		{"cut before the effect", wsmansvc.Action{Outcome: wsmansvc.CutBefore}, 0, 0},
		{"cut after the effect", wsmansvc.Action{Outcome: wsmansvc.CutAfter}, 0, 1},
		{"refused", wsmansvc.Action{Outcome: wsmansvc.Unauthorized}, http.StatusUnauthorized, 0},
		{
			"a fault", wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: wsmansvc.TooManyShells()},
			http.StatusInternalServerError, 0,
		},
		{"garbage", wsmansvc.Action{Outcome: wsmansvc.Garbage}, http.StatusOK, 1},
		{"later", wsmansvc.Action{Delay: time.Minute}, http.StatusOK, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(t)
				var seen []wsmansvc.Exchange
				rig.svc.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
					seen = append(seen, e)
					return test.action
				})
				start := time.Now()
				got := rig.post(createMessage(""))
				if got.status != test.status || got.cut != (test.status == 0) {
					t.Errorf("got %d, cut %t, want %d", got.status, got.cut, test.status)
				}
				if waited := time.Since(start); waited != test.action.Delay {
					t.Errorf("waited %s", waited)
				}
				if open := rig.meter.Read().ShellsOpen; open != test.shells {
					t.Errorf("%d shells are open, want %d", open, test.shells)
				}
				if test.action.Outcome == wsmansvc.Garbage && strings.Contains(got.body, "Envelope") {
					t.Errorf("garbage is %s", got.body)
				}
				rig.svc.Intercept(nil)
				rig.open("")
				if len(seen) != 1 || seen[0].Index != 0 || seen[0].Verb != wsmansvc.Create {
					t.Errorf("seen %+v", seen)
				}
			})
		})
	}
}

func TestTheInterceptorSeesTheInputOfASend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t)
		shell, command := rig.begin("cat")
		var seen wsmansvc.Exchange
		rig.svc.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
			seen = e
			return wsmansvc.Action{}
		})
		rig.post(sendMessage(shell, command, "x\n", ""))
		if seen.Verb != wsmansvc.Send || string(seen.Input) != "x\n" || seen.Index != 2 {
			t.Errorf("seen %+v", seen)
		}
	})
}
