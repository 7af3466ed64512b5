// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// distant is a host as far away and as slow as the budgets are made for.
var distant = winhost.Config{RTT: 20 * time.Millisecond, StartDelay: 600 * time.Millisecond}

func TestASessionCostsOneShellOnePowerShellAndOneConnection(t *testing.T) {
	t.Parallel()
	network := start(t, distant)
	fleet := quickFleet(t)
	h := fleet.Host(settingsOf(network.Host(0)))
	for range 5 {
		list(t, h, false)
	}
	closeFleet(t, fleet)
	got := network.Stats()
	want := winhost.Stats{
		ShellsOpened: 1, CommandsStarted: 1, PowerShellStarts: 1, Connections: 1, Logons: 1,
		HTTPRequests: 2 + 2*5 + 1 + 1, // Create, Command; Send and Receive for each; Delete; a leg of NTLM more
		BytesIn:      got.BytesIn, BytesOut: got.BytesOut,
	}
	if got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	t.Logf("%d bytes to the host", got.BytesIn)
	if got.BytesIn > 85_000 { // the agent's text, in base64, and envelopes
		t.Errorf("%d bytes to the host", got.BytesIn)
	}
	if left := network.Host(0).Processes(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAnOperationCostsTwoRequestsAndACreateFour(t *testing.T) {
	t.Parallel()
	network := start(t, distant)
	on := network.Host(0)
	h := connect(t, on)
	hello(t, h)
	var job bits.Job
	step := func(name string, budget, bytes int64, act func() error) {
		t.Helper()
		on.ResetStats()
		if err := act(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := on.Stats()
		if got.HTTPRequests > budget || got.BytesIn > bytes || got.Connections+got.ShellsOpened+got.PowerShellStarts > 1 {
			t.Errorf("%s costs %+v, the budget is %d requests and %d bytes", name, got, budget, bytes)
		}
		t.Logf("%s: %d requests, %d bytes to the host and %d back", name, got.HTTPRequests, got.BytesIn, got.BytesOut)
	}
	step("the first change, with the elevation before it", 6, 45_000, func() error {
		_, err := h.Remove(t.Context(), noJob)
		return err
	})
	step("create and commit", 4, 8_000, func() (err error) {
		job, err = h.Create(t.Context(), removed, bits.Spec{
			TransferType: bits.Download, Priority: bits.PriorityNormal,
			Files: []bits.FileSpec{{RemoteName: network.FilesURL + "/a", LocalName: `C:\Temp\a`}},
		})
		if err == nil {
			_, err = h.Commit(t.Context(), job.ID, "a", true)
		}
		return err
	})
	step("get", 2, 4_000, func() error { _, err := h.Get(t.Context(), job.ID, ""); return err })
	step("change", 2, 4_000, func() error { _, err := low(t.Context(), h, job.ID); return err })
	step("remove", 2, 4_000, func() error { _, err := h.Remove(t.Context(), job.ID); return err })
}

func TestARefreshCostsLessThanAThirdOfARequestPerJob(t *testing.T) {
	t.Parallel()
	const jobs, parallelism = 100, 10
	network := start(t, distant)
	on := network.Host(0)
	ids := make(chan bits.JobID, jobs)
	for i := range jobs {
		ids <- hostJob(t, on, network.FilesURL, fmt.Sprint("job", i))
	}
	close(ids)
	fleet := quickFleet(t)
	h := fleet.Host(settingsOf(on))
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for id := range ids {
				get(t, h, id)
			}
		})
	}
	workers.Wait()
	closeFleet(t, fleet)
	got := on.Stats()
	t.Logf("%d jobs: %d requests, the session's own included, %d bytes back", jobs, got.HTTPRequests, got.BytesOut)
	if got.HTTPRequests > 3*jobs/10 {
		t.Errorf("%d requests", got.HTTPRequests)
	}
}

// TestAFleetCostsFewRequestsAHost reads and changes the jobs of each host one after the other, so that none travel together: no run
// of a fleet costs more.
func TestAFleetCostsFewRequestsAHost(t *testing.T) {
	t.Parallel()
	const hosts, jobs = 3, 5
	for _, tt := range []struct {
		name             string
		requests, starts int64 // the budget of a host
		each             func(t *testing.T, h *Host, id bits.JobID)
	}{
		{"a plan", 7, 1, func(t *testing.T, h *Host, id bits.JobID) { t.Helper(); get(t, h, id) }},
		{"an apply", 20, 2, func(t *testing.T, h *Host, id bits.JobID) {
			t.Helper()
			if _, err := low(t.Context(), h, id); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := start(t, winhost.Config{Hosts: hosts})
			fleet := quickFleet(t)
			ids := map[*winhost.Host][]bits.JobID{}
			for _, on := range network.Hosts() {
				for i := range jobs {
					ids[on] = append(ids[on], hostJob(t, on, network.FilesURL, fmt.Sprint("job", i)))
				}
			}
			for i := range jobs {
				for _, on := range network.Hosts() {
					tt.each(t, fleet.Host(settingsOf(on)), ids[on][i])
				}
			}
			closeFleet(t, fleet)
			// net/http gives a connection up when a busy machine confirms the write of a request 50 ms after its answer: one may be more.
			const more = 1
			got := network.Stats()
			if got.HTTPRequests > hosts*tt.requests || got.PowerShellStarts != hosts*tt.starts || got.ShellsOpened != hosts ||
				got.Logons > hosts+more || got.Connections > hosts+more {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestNoProcessAndNoTaskIsLeftWhenTheFleetIsClosed(t *testing.T) {
	t.Parallel()
	programs := map[string]string{"the stand-in": ""}
	t.Run("a PowerShell", func(t *testing.T) { programs["a real PowerShell"] = judges.PowerShell(t) })
	for name, path := range programs {
		t.Run(name, func(t *testing.T) {
			network := start(t, winhost.Config{PowerShell: path})
			on := network.Host(0)
			fleet := quickFleet(t)
			spec := bits.Spec{
				TransferType: bits.Download, Priority: bits.PriorityLow,
				Files: []bits.FileSpec{{RemoteName: network.FilesURL + "/a", LocalName: `C:\Temp\a`}},
			}
			job, err := fleet.Host(settingsOf(on)).Create(t.Context(), strings.Repeat("0", 32), spec)
			if err != nil || job.Owner.SID != "S-1-5-18" {
				t.Fatalf("%+v %v", job.Owner, err)
			}
			closeFleet(t, fleet)
			if left := on.Processes(); len(left) != 0 && path == "" {
				t.Errorf("processes are left: %v", left)
			}
			eventually(t, "the process has ended", func() bool { return len(on.Processes()) == 0 })
			if got := on.Stats(); got.ShellsOpen != 0 || got.ScheduledTasks != 0 || got.TasksRegistered != 1 {
				t.Errorf("left: %+v", got)
			}
		})
	}
}
