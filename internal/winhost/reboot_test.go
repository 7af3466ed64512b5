// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestARebootEndsProcessesAndKeepsJobs(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{})
	h := network.Host(0)
	id, err := h.BITS.CreateJob(h.Account, "kept", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	stdin, feed := io.Pipe()
	t.Cleanup(func() { _ = feed.Close() })
	ended := make(chan int, 1)
	go func() {
		ended <- h.StartAs(t.Context(), h.Account, wsmansvc.Process{
			CommandLine: agent.CommandLine(strings.Repeat("a", agent.TokenLength)), Stdin: stdin, Stdout: io.Discard, Stderr: io.Discard,
		})
	}()
	eventually(t, "the process runs", func() bool { return len(h.Processes()) == 1 })
	post(t, network, "/hosts/0/reboot")
	select {
	case code := <-ended:
		if code != -1 {
			t.Errorf("exit code %d, want that of a killed process", code)
		}
	case <-time.After(patience):
		t.Fatal("the process outlives the reboot")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := h.BITS.WaitState(ctx, id, bits.StateSuspended); err != nil {
		t.Error(err)
	}
	if left := h.Processes(); len(left) != 0 {
		t.Errorf("%v runs still", left)
	}
}
