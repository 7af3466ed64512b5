package winrmbits_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// distant is a host as far away and as slow as the budgets are made for.
var distant = winhost.Config{RTT: 20 * time.Millisecond, StartDelay: 600 * time.Millisecond}

// connect gives a host of a fleet that is closed at the end.
func connect(t *testing.T, on *winhost.Host) *winrmbits.Host {
	t.Helper()
	fleet := winrmbits.NewQuickFleet()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own has ended
		defer cancel()
		if err := fleet.Close(ctx); err != nil {
			t.Error(err)
		}
		if got := on.Stats(); got.ShellsOpen != 0 {
			t.Errorf("%d shells are left", got.ShellsOpen)
		}
	})
	return fleet.Host(on.Settings())
}

func TestASessionCostsOneShellOnePowerShellAndTwoConnections(t *testing.T) {
	t.Parallel()
	farm := start(t, distant)
	fleet := winrmbits.NewQuickFleet()
	h := fleet.Host(farm.Host(0).Settings())
	for range 5 {
		if _, err := h.List(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if err := fleet.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := farm.Stats()
	want := winhost.Stats{
		ShellsOpened: 1, CommandsStarted: 1, PowerShellStarts: 1, Connections: 2,
		Logons:       2,               // one on each connection
		HTTPRequests: 2 + 2*5 + 3 + 2, // Create, Command; Send and Receive for each; bye, Signal, Delete; a leg of NTLM more for each connection
		BytesIn:      got.BytesIn, BytesOut: got.BytesOut,
	}
	if got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if left := farm.Host(0).Processes(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAnOperationCostsTwoRequestsAndACreateFour(t *testing.T) {
	t.Parallel()
	farm := start(t, distant)
	on := farm.Host(0)
	h := connect(t, on)
	if _, err := h.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	var job bits.Job
	step := func(name string, budget int64, act func() error) {
		t.Helper()
		on.ResetStats()
		if err := act(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := on.Stats()
		if got.HTTPRequests > budget || got.Connections+got.ShellsOpened+got.PowerShellStarts > 1 {
			t.Errorf("%s costs %+v, the budget is %d requests", name, got, budget)
		}
		t.Logf("%s: %d requests, %d bytes to the host and %d back", name, got.HTTPRequests, got.BytesIn, got.BytesOut)
	}
	step("the first change, with the elevation before it", 6, func() error {
		_, err := h.Remove(t.Context(), "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b")
		return err
	})
	step("create and commit", 4, func() (err error) {
		job, err = h.Create(t.Context(), removed, bits.Spec{
			TransferType: bits.Download, Priority: bits.PriorityNormal,
			Files: []bits.FileSpec{{RemoteName: farm.FilesURL + "/a", LocalName: `C:\Temp\a`}},
		})
		if err == nil {
			_, err = h.Commit(t.Context(), job.ID, "a", true)
		}
		return err
	})
	step("get", 2, func() error { _, err := h.Get(t.Context(), job.ID, ""); return err })
	high := bits.PriorityHigh
	step("change", 2, func() error { _, err := h.Change(t.Context(), job.ID, bits.Change{Priority: &high}); return err })
	step("remove", 2, func() error { _, err := h.Remove(t.Context(), job.ID); return err })
}

func TestARefreshCostsLessThanAThirdOfARequestPerJob(t *testing.T) {
	t.Parallel()
	const jobs, parallelism = 100, 10
	farm := start(t, distant)
	on := farm.Host(0)
	ids := make(chan bits.JobID, jobs)
	for i := range jobs {
		ids <- hostJob(t, on, farm.FilesURL, fmt.Sprint("job", i))
	}
	close(ids)
	fleet := winrmbits.NewQuickFleet()
	h := fleet.Host(on.Settings())
	var workers sync.WaitGroup
	for range parallelism {
		workers.Go(func() {
			for id := range ids {
				if job, err := h.Get(t.Context(), id, ""); err != nil || job.ID != id {
					t.Errorf("%v %v", job.ID, err)
				}
			}
		})
	}
	workers.Wait()
	if err := fleet.Close(t.Context()); err != nil {
		t.Error(err)
	}
	got := on.Stats()
	t.Logf("%d jobs: %d requests, the session's own included, %d bytes back", jobs, got.HTTPRequests, got.BytesOut)
	if got.HTTPRequests > 3*jobs/10 {
		t.Errorf("%d requests", got.HTTPRequests)
	}
}

// hostJob makes a suspended job on a host, behind the client's back.
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

func TestNoProcessAndNoTaskIsLeftWhenTheFleetIsClosed(t *testing.T) {
	t.Parallel()
	programs := map[string]string{"the stand-in": ""}
	if path := os.Getenv("BITS_TEST_PWSH"); path != "" {
		programs["a real PowerShell"] = path
	} else {
		t.Run("a real PowerShell", func(t *testing.T) { t.Skip("no PowerShell: BITS_TEST_PWSH names one") })
	}
	for name, path := range programs {
		t.Run(name, func(t *testing.T) {
			farm := start(t, winhost.Config{PowerShell: path})
			on := farm.Host(0)
			fleet := winrmbits.NewQuickFleet()
			spec := bits.Spec{
				TransferType: bits.Download, Priority: bits.PriorityLow,
				Files: []bits.FileSpec{{RemoteName: farm.FilesURL + "/a", LocalName: `C:\Temp\a`}},
			}
			job, err := fleet.Host(on.Settings()).Create(t.Context(), strings.Repeat("0", 32), spec)
			if err != nil || job.Owner.SID != "S-1-5-18" {
				t.Fatalf("%+v %v", job.Owner, err)
			}
			if err := fleet.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if left := on.Processes(); len(left) != 0 && path == "" {
				t.Errorf("processes are left: %v", left)
			}
			eventually(t, "a real process has ended, which a busy machine gives no second for", func() bool { return len(on.Processes()) == 0 })
			if got := on.Stats(); got.ShellsOpen != 0 || got.ScheduledTasks != 0 || got.TasksRegistered != 1 {
				t.Errorf("left: %+v", got)
			}
		})
	}
}
