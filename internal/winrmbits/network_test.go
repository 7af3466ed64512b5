// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// patience bounds what would hang; no test waits for it to pass.
const patience = 60 * time.Second

// basic is a logon that takes no request of its own, for tests that count them.
var basic = winhost.Security{Auth: []logon.Scheme{logon.Basic}}

// TestMain fails when a goroutine is left after the last test has closed its fleets and hosts.
func TestMain(m *testing.M) {
	code := m.Run()
	leaked := goroutines()
	for end := time.Now().Add(patience); len(leaked) > 0 && time.Now().Before(end); leaked = goroutines() {
		time.Sleep(5 * time.Millisecond) //nolint:forbidigo // the last ones may be about to end
	}
	if code == 0 && len(leaked) > 0 {
		fmt.Printf("FAIL: %d goroutines are left:\n\n%s\n", len(leaked), strings.Join(leaked, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// goroutines returns the stacks of all goroutines but the caller's and those of the os/signal package.
func goroutines() []string {
	stacks := make([]byte, 4<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	var others []string
	for _, stack := range all[1:] {
		if !strings.Contains(stack, "created by os/signal.") {
			others = append(others, stack)
		}
	}
	return others
}

// settingsOf returns the settings of a host, with timeouts that no test comes near.
func settingsOf(on *winhost.Host) connection.Settings {
	s := on.Settings()
	s.ConnectTimeout, s.OperationTimeout = 5*patience, 5*patience
	return s
}

// start starts simulated hosts behind real sockets.
func start(t *testing.T, config winhost.Config) *winhost.Network {
	t.Helper()
	config.Limits = cmp.Or(config.Limits, 10) // a busy machine fails no test
	network, err := winhost.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = network.Close() }) // again, for a test that failed before it did so
	return network
}

// quickFleet returns a fleet that tries again after 10 ms, so that a test does not wait as long as a provider does, and that
// waits longer for answers, so that a busy machine fails no test. At the end of the test all its sessions are closed.
func quickFleet(t *testing.T, edits ...func(*wsman.Client)) *Fleet {
	t.Helper()
	const pause = 10 * time.Millisecond
	client := wsman.NewClient(nil)
	client.BusyPause, client.RetryPause, client.CloseTimeout = pause, pause, patience
	for _, edit := range edits {
		edit(client)
	}
	f := fleetOver(client, nil)
	f.timing = timing{firstPause: pause, longestPause: pause, close: patience, drain: 20 * pause}
	t.Cleanup(func() { closeFleet(t, f) })
	return f
}

// closeFleet closes a fleet, also one that was closed before.
func closeFleet(t *testing.T, f *Fleet) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own may have ended
	defer cancel()
	if err := f.Close(ctx); err != nil {
		t.Error(err)
	}
}

// connect returns the host of a fleet of its own. At the end of the test no shell is left on it.
func connect(t *testing.T, on *winhost.Host) *Host {
	t.Helper()
	t.Cleanup(func() {
		if got := on.Stats(); got.ShellsOpen != 0 {
			t.Errorf("%d shells are left", got.ShellsOpen)
		}
	})
	return quickFleet(t).Host(settingsOf(on))
}

// hostJob creates a suspended job on a host, without the client.
func hostJob(t *testing.T, on *winhost.Host, files, name string) bits.JobID {
	t.Helper()
	owner := bitsvc.LocalSystem()
	id, err := on.BITS.CreateJob(owner, name, bits.Download)
	if err == nil {
		err = on.BITS.AddFile(owner, id, bits.FileSpec{RemoteName: files + "/" + name, LocalName: `C:\Temp\` + name})
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// eventually waits for the result of goroutines that can't be waited for.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(end) {
			t.Errorf("%s: not within %s\n%s", what, patience, strings.Join(goroutines(), "\n\n"))
			return
		}
		time.Sleep(5 * time.Millisecond) //nolint:forbidigo // nothing signals it
	}
}
