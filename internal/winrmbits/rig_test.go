// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	password = "correct horse battery"
	folder   = `C:\Temp\`
	pending  = "0123456789abcdef0123456789abcdef"
)

// settings returns the settings of the i-th host of a test.
func settings(i int) connection.Settings {
	return connection.Settings{
		Host: fmt.Sprintf("web%02d", i), Port: 5986, HTTPS: true, Auth: connection.AuthBasic,
		Username: "ops", Password: bits.NewSecret(password), RunAs: connection.RunAsUser,
		ConnectTimeout: 30 * time.Second, OperationTimeout: 60 * time.Second,
	}
}

// rig is a fleet with hosts in memory. Tests run in a bubble of package synctest: waiting takes no time, and the bubble
// ends only when no goroutine is left.
type rig struct {
	t     *testing.T
	fleet *Fleet
	host  *Host // web00, the only host of most tests
	world *world

	program func(shell int) program // nil: the stand-in
	logged  bytes.Buffer            // read it only while the fleet is at rest

	mu      sync.Mutex
	opening func(ctx context.Context, s connection.Settings) error // nil: every shell opens
	fault   func(e event) *fault                                   // nil: nothing goes wrong
	shells  []*memoryShell
	log     []string // what happened: open N, batch N: ops, close N
	logons  int
}

// event is an act of a client on a shell.
type event struct {
	shell int    // counts from 1
	verb  string // send, receive, close
	n     int    // of this verb on this shell, from 1
}

// fault is the fault of an act.
type fault struct {
	before error // the act had no effect
	part   int   // bytes of a Send that arrived all the same
	after  error // the act had its effect, and the answer is lost
	delay  time.Duration
}

// program runs in a shell until its streams end.
type program func(ctx context.Context, commandLine string, stdin io.Reader, stdout, stderr io.Writer) int

// bubble runs a test with a rig, and closes the fleet at the end.
func bubble(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, world: newWorld(t)}
		r.fleet = newFleet(slog.New(slog.NewJSONHandler(&r.logged, &slog.HandlerOptions{Level: slog.LevelDebug})), r.open)
		r.host = r.fleet.Host(settings(0))
		r.host.sweptPending = true // so that a test sees its own operations only
		defer func() {
			if err := r.fleet.Close(context.Background()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			for _, s := range r.all() {
				if s.running() {
					t.Errorf("shell %d is left", s.number)
				}
			}
			if n := r.world.running.Load(); n != 0 || len(r.world.machine.Pipes.Names()) != 0 || len(r.world.machine.Tasks.Tasks()) != 0 {
				t.Errorf("%d agents as SYSTEM are left, pipes %q, tasks %v", n, r.world.machine.Pipes.Names(), r.world.machine.Tasks.Tasks())
			}
			r.world.machine.Tasks.Close()
			r.world.service.Close()
		}()
		test(t, r)
	})
}

// open is the fleet's opener.
func (r *rig) open(ctx context.Context, s connection.Settings, command string, limiter wsman.LogonLimiter) (shell, error) {
	release, err := limiter(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.logons++
	opening := r.opening
	r.mu.Unlock()
	if opening != nil {
		err = opening(ctx, s)
	}
	release(err)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	number := len(r.shells) + 1
	r.log = append(r.log, fmt.Sprintf("open %d", number))
	r.mu.Unlock()
	run := r.world.standIn
	if r.program != nil {
		if p := r.program(number); p != nil {
			run = p
		}
	}
	m := newMemoryShell(r, number, command, run)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shells = append(r.shells, m)
	return m, nil
}

// opens has f return the error of every shell that opens from now on; nil has them open.
func (r *rig) opens(f func(ctx context.Context, s connection.Settings) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opening = f
}

// refuse has every shell fail to open from now on.
func (r *rig) refuse(err error) {
	r.opens(func(context.Context, connection.Settings) error { return err })
}

// kill ends all shells.
func (r *rig) kill() {
	for _, s := range r.all() {
		s.kill()
	}
}

// faults has f return the fault of every act from now on; nil ends that.
func (r *rig) faults(f func(e event) *fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
}

// wrong returns the fault of an act.
func (r *rig) wrong(e event) *fault {
	r.mu.Lock()
	f := r.fault
	r.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(e)
}

func (r *rig) all() []*memoryShell {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*memoryShell(nil), r.shells...)
}

// story returns the log, and begins a new one.
func (r *rig) story() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	story := strings.Join(r.log, "; ")
	r.log = nil
	return story
}

// expect compares the log since the last time.
func (r *rig) expect(want string) {
	r.t.Helper()
	if got := r.story(); got != want {
		r.t.Errorf("what happened:\n  %s\nwant:\n  %s", got, want)
	}
}

func (r *rig) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf(format, args...))
}
