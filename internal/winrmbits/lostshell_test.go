// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// lostShell are the faults of a shell that has ended.
var lostShell = []uint32{109, 232, 995, 2147943418, 2150858813, 2150858843, 2150859082, 2150859087, 2150859118}

// TestEveryFaultOfALostShellOpensAnother repeats reads, and looks for the result of changes.
func TestEveryFaultOfALostShellOpensAnother(t *testing.T) {
	for _, code := range lostShell {
		for verb, want := range map[string][2]string{
			"send":    {"close 1; open 2; 2/1 hello get", "close 2; open 3; 3/1 hello get; 3/2 commit"},
			"receive": {"1/2 get; close 1; open 2; 2/1 hello get", "2/2 commit; close 2; open 3; 3/1 hello get"},
		} {
			t.Run(fmt.Sprint(code, " at ", verb), func(t *testing.T) {
				bubble(t, func(t *testing.T, r *rig) {
					id := r.world.job("a")
					r.warm()
					r.faults(func(e event) *fault {
						if e.shell > 2 || e.verb != verb && e.verb != "receive" || e.n == 1 {
							return nil // how the process ended is received after a Send, too
						}
						return &fault{delay: time.Second, before: &wsman.Fault{Code: code}} // what arrived is executed by then
					})
					get(t, r.host, id)
					r.expect(want[0])
					if err := commit(r.host, id); err != nil {
						t.Errorf("%v", err)
					}
					r.expect(want[1])
				})
			})
		}
	}
}

// TestTheLastWordsOfAPowerShellThatEndedAreRead has it end before it gets the agent, which the Send that comes too late shows.
func TestTheLastWordsOfAPowerShellThatEndedAreRead(t *testing.T) {
	for _, code := range lostShell {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.program = func(int) program {
					return func(_ context.Context, command string, _ io.Reader, out, _ io.Writer) int {
						_, _ = fmt.Fprintf(out, `%s {"b":0,"fatal":"language_mode","mode":"ConstrainedLanguage"}`+"\n", tokenOf(command))
						return agent.ExitLanguageMode
					}
				}
				r.faults(func(e event) *fault {
					if e.verb != "send" {
						return nil
					}
					return &fault{before: &wsman.Fault{Code: code}}
				})
				_, err := r.host.Hello(t.Context())
				wantFailure(t, err, connection.NoAgent, "(ConstrainedLanguage)")
			})
		})
	}
}

// TestSessionsThatBreakOneAfterTheOtherAreNotOpenedForEver has a host that worked break every session that is opened,
// and work again later.
func TestSessionsThatBreakOneAfterTheOtherAreNotOpenedForEver(t *testing.T) {
	for _, code := range append([]uint32{305419896, 2150859174}, lostShell...) {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.job("a")
				r.warm()
				r.faults(func(e event) *fault {
					if e.verb != "receive" {
						return nil
					}
					return &fault{before: &wsman.Fault{Code: code}}
				})
				_, err := r.host.Get(t.Context(), id, "")
				if code == 2150859174 {
					wantFailure(t, err, connection.Quota, "every new one", "MaxConcurrentOperationsPerUser")
				} else {
					wantFailure(t, err, connection.Lost, "every new one")
				}
				synctest.Wait() // the error comes before the last shell is closed
				r.expect("1/2 get; close 1; open 2; 2/1 hello get; close 2; open 3; 3/1 hello get; close 3; open 4; 4/1 hello get; close 4; open 5; 5/1 hello get; close 5")
				r.faults(nil)
				get(t, r.host, id) // the host has not failed
			})
		})
	}
}

// TestOperationTimeoutNamesTheQuotaThatHeldItUp has a host that worked refuse every new shell.
func TestOperationTimeoutNamesTheQuotaThatHeldItUp(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.warm()
		r.kill()
		quota := &connection.Error{Kind: connection.Quota, Host: "web00:5986", Problem: "too many shells.", Err: &wsman.Fault{Code: 2150859173}}
		r.refuse(quota)
		_, err := r.host.Hello(t.Context())
		wantFailure(t, err, connection.Quota, "winrm get winrm/config/winrs")
		r.opens(nil)
	})
}
