// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// mishap is what becomes of one request.
type mishap struct {
	name   string
	action wsmansvc.Action
}

var mishaps = []mishap{
	{"the connection breaks before it", wsmansvc.Action{Outcome: wsmansvc.CutBefore}},
	{"the connection breaks after it", wsmansvc.Action{Outcome: wsmansvc.CutAfter}},
	{"it takes a while", wsmansvc.Action{Delay: 100 * time.Millisecond}},
	{"the credential is refused", wsmansvc.Action{Outcome: wsmansvc.Unauthorized}},
	{"a quota is used up", wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: wsmansvc.TooManyShells()}},
	{"the service is busy", wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: wsmansvc.Busy()}},
	{"the shell is gone", wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: wsmansvc.ShellNotFound("A")}},
	{"the service is shutting down", wsmansvc.Action{Outcome: wsmansvc.FaultInstead, Fault: &wsmansvc.Fault{Code: 2150859118}}},
	{"something else answers after it", wsmansvc.Action{Outcome: wsmansvc.Garbage}},
}

// waitedOut reports whether the same request is sent again until it is executed.
func (m mishap) waitedOut() bool {
	f := m.action.Fault
	return f != nil && (f.Code == wsmansvc.TooManyShells().Code || f.Code == wsmansvc.Busy().Code)
}

// The tokens of two jobs: one is completed, the other removed.
const (
	completed = "0123456789abcdef0123456789abcdef"
	removed   = "fedcba9876543210fedcba9876543210"
)

// life is the life of two jobs, until something fails.
func life(ctx context.Context, h *Host, on *winhost.Host, files string) (step string, err error) {
	job, step, err := createAndCommit(ctx, h, completed, files, false)
	if err != nil {
		return step, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := on.BITS.WaitState(waiting, job, bits.StateTransferred); err != nil {
		return "transfer", err
	}
	changed, err := low(ctx, h, job)
	if err != nil || changed.Priority != bits.PriorityLow {
		return "change", err
	}
	done, err := h.Complete(ctx, job)
	if err != nil || !done.Done {
		return "complete", err
	}
	if job, step, err = createAndCommit(ctx, h, removed, files, true); err != nil {
		return step, err
	}
	_, err = h.Remove(ctx, job)
	return "remove", err
}

// createAndCommit creates and commits a job, whose name here is its token again.
func createAndCommit(ctx context.Context, h *Host, token, files string, suspended bool) (id bits.JobID, step string, err error) {
	job, err := h.Create(ctx, token, bits.Spec{
		TransferType: bits.Download, Priority: bits.PriorityNormal,
		Files: []bits.FileSpec{{RemoteName: files + "/" + token + "?size=1000", LocalName: `C:\Temp\` + token}},
	})
	if err != nil {
		return "", "create", err
	}
	_, err = h.Commit(ctx, job.ID, token, suspended)
	return job.ID, "commit", err
}

// TestEveryRequestMayGoWrong lets one request of two jobs' lives go wrong, each in every way, over real sockets.
func TestEveryRequestMayGoWrong(t *testing.T) {
	t.Parallel()
	everyRequest(t, basic, mishaps)
}

// TestEverySealedRequestMayGoWrong is the same where a connection begins with the legs of a logon, and messages are sealed for it:
// with the mishaps that meet the connection, and one that meets the message.
func TestEverySealedRequestMayGoWrong(t *testing.T) {
	t.Parallel()
	some := slices.DeleteFunc(slices.Clone(mishaps), func(m mishap) bool {
		return m.action.Delay > 0 || m.action.Outcome == wsmansvc.FaultInstead && m.action.Fault.Code != wsmansvc.Busy().Code
	})
	everyRequest(t, winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}, some)
}

func everyRequest(t *testing.T, security winhost.Security, mishaps []mishap) {
	t.Helper()
	verbs := undisturbed(t, security)
	network := start(t, winhost.Config{Hosts: len(verbs) * len(mishaps), Security: security})
	slots := make(chan struct{}, 64) // most of the time nothing runs: clients wait before they connect again
	var cases sync.WaitGroup
	for i, verb := range verbs {
		for j, m := range mishaps {
			c := &matrixCase{t: t, network: network, host: network.Host(i*len(mishaps) + j), index: i, verb: verb, mishap: m, sealed: security.HTTP}
			c.name = fmt.Sprintf("request %d (%s): %s", i, verb, m.name)
			cases.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				c.run()
			})
		}
	}
	cases.Wait()
	t.Logf("%d requests x %d mishaps = %d cases: %s", len(verbs), len(mishaps), len(verbs)*len(mishaps), verbs)
	if err := network.Close(); err != nil {
		t.Error(err)
	}
}

// undisturbed runs a life without a mishap, and returns the verbs of its requests.
func undisturbed(t *testing.T, security winhost.Security) (verbs []wsmansvc.Verb) {
	t.Helper()
	network := start(t, winhost.Config{Security: security})
	var mu sync.Mutex
	network.Host(0).Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		mu.Lock()
		defer mu.Unlock()
		verbs = append(verbs, e.Verb)
		return wsmansvc.Action{}
	})
	fleet := quickFleet(t)
	if step, err := life(t.Context(), fleet.Host(settingsOf(network.Host(0))), network.Host(0), network.FilesURL); err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	closeFleet(t, fleet)
	if err := network.Close(); err != nil {
		t.Error(err)
	}
	return verbs
}

// matrixCase is one mishap of one request on a host of its own.
type matrixCase struct {
	t       *testing.T
	name    string
	network *winhost.Network
	host    *winhost.Host
	index   int
	verb    wsmansvc.Verb // "" for a leg of a logon
	mishap  mishap
	sealed  bool // a logon of two legs is in front of each connection

	unauthorized bool // according to the client's error
}

func (c *matrixCase) errorf(format string, args ...any) {
	c.t.Errorf("%s: %s", c.name, fmt.Sprintf(format, args...))
}

func (c *matrixCase) run() {
	var met atomic.Bool
	c.host.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if e.Index != c.index {
			return wsmansvc.Action{}
		}
		c.verb = e.Verb // which may be another than without mishaps
		met.Store(true)
		return c.mishap.action
	})
	fleet := quickFleet(c.t)
	step, err := life(c.t.Context(), fleet.Host(settingsOf(c.host)), c.host, c.network.FilesURL)
	var failed *connection.Error
	c.unauthorized = errors.As(err, &failed) && failed.Kind == connection.Unauthorized
	if err := fleet.Close(c.t.Context()); err != nil {
		c.errorf("close: %v", err)
	}
	requests := c.host.Stats().HTTPRequests
	c.host.Intercept(nil)
	if !met.Load() {
		if err != nil || requests < int64(c.index)-1 {
			c.errorf("the request never came: %s: %v", step, err)
		}
		return // an answer of two lines comes with one Receive or with two, so that a life may take fewer requests
	}
	c.outcome(step, err)
	c.nothingLeft()
	if c.refused() && (requests != int64(c.index)+1 || c.host.Stats().FailedLogons != 1) {
		c.errorf("%d requests after a credential was refused at request %d", requests, c.index)
	}
	c.jobs(step, err)
}

// refused reports whether the host refused the credential: with any request that carries it, which is the second leg of a logon
// where there are some.
func (c *matrixCase) refused() bool {
	return c.mishap.action.Outcome == wsmansvc.Unauthorized && (!c.sealed || c.unauthorized)
}

// forgotten reports whether the host forgot a logon, in the middle of it or afterwards: that ends in an error of the
// connection, or does not matter.
func (c *matrixCase) forgotten() bool {
	return c.sealed && c.mishap.action.Outcome == wsmansvc.Unauthorized
}

// gone reports whether the fault meant that the shell had ended.
func (c *matrixCase) gone() bool {
	return c.mishap.action.Outcome == wsmansvc.FaultInstead && !c.mishap.waitedOut()
}

// closing reports whether the mishap met the end of the session, after everything was done.
func (c *matrixCase) closing(step string, err error) bool { return step == "remove" && err == nil }

// outcome checks the error of the client against what it can know.
func (c *matrixCase) outcome(step string, err error) {
	var failed *connection.Error
	switch {
	case c.forgotten() && !c.refused() && (err == nil || errors.As(err, &failed)):
	case c.closing(step, err):
	case c.gone() && c.verb == wsmansvc.Receive && (step == "complete" || step == "create") && errors.Is(err, bits.ErrUnknownOutcome):
		// BITS lists no completed job, and the old agent as SYSTEM may still make one.
	case c.refused():
		if !errors.As(err, &failed) || failed.Kind != connection.Unauthorized || failed.Repeated {
			c.errorf("%s: %v, want a whole error of a refused credential", step, err)
		}
	default:
		c.errorf("%s: %v", step, err)
	}
	if err != nil && strings.Contains(err.Error(), c.host.Password) {
		c.errorf("the error contains the password")
	}
}

// nothingLeft checks that no shell and process is left after the session's end. Without being closed, the agent ends 90 s
// after the last line, and the shell, also with a loader that waits for its agent, 180 s after the last request.
func (c *matrixCase) nothingLeft() {
	unknownShell := c.verb == wsmansvc.Create && (c.mishap.action.Outcome == wsmansvc.CutAfter || c.mishap.action.Outcome == wsmansvc.Garbage)
	if c.refused() || unknownShell || c.gone() && c.verb == wsmansvc.Delete { // the fault was not true
		if c.index > 2 {
			left := 175 * time.Second // the shell lives on, and the agent may begin to wait late
			eventually(c.t, c.name+": the agent ends by itself", func() bool {
				if left > 0 {
					c.host.Clock.Advance(time.Second)
					left -= time.Second
				}
				return len(c.host.Processes()) == 0
			})
		}
		c.host.Clock.Advance(180 * time.Second)
	}
	if n := c.host.Stats().ShellsOpen; n != 0 {
		c.errorf("%d shells are left", n)
	}
	eventually(c.t, c.name+": no process, pipe and task is left", func() bool {
		return len(c.host.Processes()) == 0 && len(c.host.Pipes.Names()) == 0 && len(c.host.Tasks.Tasks()) == 0
	})
}

// jobs checks the jobs on the host.
func (c *matrixCase) jobs(step string, err error) {
	listed, listing := c.host.BITS.Jobs(c.host.Account, true)
	if listing != nil {
		c.errorf("%v", listing)
	}
	byToken := map[string]int{}
	for _, job := range listed {
		byToken[strings.TrimPrefix(job.DisplayName, bits.PendingPrefix)]++
	}
	if len(byToken) > 1 || byToken[completed] > 1 || byToken[removed] > 1 {
		c.errorf("unexpected jobs: %v", byToken)
	}
	switch {
	case err == nil && len(listed) != 0:
		c.errorf("all is done, and there is %v", byToken)
	case step == "create" && errors.Is(err, bits.ErrUnknownOutcome):
		c.adopted(listed)
	}
}

// adopted checks that Adopt finds the result of a create whose outcome is unknown, as the next run of a provider does.
func (c *matrixCase) adopted(listed []bits.Job) {
	fleet := quickFleet(c.t)
	defer closeFleet(c.t, fleet)
	token := completed
	if len(listed) > 0 {
		token = strings.TrimPrefix(listed[0].DisplayName, bits.PendingPrefix)
	}
	job, err := fleet.Host(settingsOf(c.host)).Adopt(c.t.Context(), token)
	switch {
	case len(listed) == 0 && !errors.Is(err, bits.ErrNotFound):
		c.errorf("no job is there, and the error of Adopt is %v", err)
	case len(listed) == 1 && (err != nil || job.ID != listed[0].ID):
		c.errorf("the job is not found: %v", err)
	}
}
