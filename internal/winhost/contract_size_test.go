// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// missing is reads of jobs that do not exist.
func missing(n int) string {
	ops := make([]string, n)
	for i := range ops {
		ops[i] = fmt.Sprintf(`{"op":"get","id":"6f8f5f10-0b3f-4c7e-9a52-%012d"}`, i)
	}
	return "[" + strings.Join(ops, ",") + "]"
}

// TestJobsThatAreGoneAreLookedForInOneList has the lists of a batch not grow with the jobs that are gone: each holds every job of the host.
func TestJobsThatAreGoneAreLookedForInOneList(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		if !kind.real {
			continue
		}
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			c := start(t, w, admin.caller())
			id := w.job(t, w.admin(), "/a")
			c.call(t, `[{"op":"get","id":"`+string(id)+`"}]`)
			before := w.service.Lists()
			a := c.call(t, missing(40))
			if got := w.service.Lists() - before; got != 2 { // the other tells whether it may list everybody's
				t.Errorf("%d lists", got)
			}
			for i, result := range a.results {
				if !strings.Contains(string(result), `"code":"not_found"`) {
					t.Errorf("%d: %s", i, result)
				}
			}
			ready := w.jobIn(t, bits.StateTransferred)
			before = w.service.Lists()
			if a := c.call(t, `[{"op":"complete","id":"`+string(ready)+`"}]`); w.service.Lists() != before || !strings.Contains(string(a.results[0]), `"done":true,"remaining":false`) {
				t.Errorf("%d lists, %s", w.service.Lists()-before, a.results[0])
			}
			if _, err := w.service.Cancel(w.admin(), id); err != nil {
				t.Fatal(err)
			}
			if a := c.call(t, `[{"op":"get","id":"`+string(id)+`"}]`); !strings.Contains(string(a.results[0]), `"code":"not_found"`) {
				t.Errorf("a job that was listed in an earlier batch: %s", a.results[0])
			}
		})
	}
}

// TestTheAgentAtSize logs how long a list of 5,000 jobs keeps a processor busy, and what the process of an agent holds over 300 batches of changes. It takes
// minutes, most of it in the simulated cmdlets.
func TestTheAgentAtSize(t *testing.T) {
	if os.Getenv("BITS_TEST_SIZE") == "" {
		t.Skip("BITS_TEST_SIZE is not set")
	}
	for _, kind := range agentsUnderTest(t) {
		if !kind.real {
			continue
		}
		w := newWorld(t, kind.agents)
		w.service.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 6000, "MaxJobsPerMachine": 6000})
		c := start(t, w, admin.caller())
		var ids []bits.JobID
		for n := 200; len(ids) < 5000; n *= 5 {
			for len(ids) < n {
				ids = append(ids, w.job(t, w.admin(), "/a"))
			}
			_, before := holds()
			c.call(t, `[{"op":"sweep","ms":600000}]`) // which reads nothing of a job but its state
			_, listed := holds()
			a := c.call(t, `[{"op":"list","ms":600000}]`)
			memory, told := holds()
			t.Logf("a list of %d jobs: %d lines, %s of processor time, where the simulated cmdlets take %s; %d MB", len(a.pages[0]), len(a.lines),
				told-listed, listed-before, memory>>10)
		}
		for batch := range 301 {
			ops := make([]string, 10)
			for i := range ops {
				ops[i] = fmt.Sprintf(`{"op":"change","id":%q,"set":{"description":"of batch %d"}}`, ids[i], batch)
			}
			for i, result := range c.call(t, "["+strings.Join(ops, ",")+"]").results {
				var r agent.Result
				if err := json.Unmarshal(result, &r); err != nil || r.Error != nil {
					t.Fatalf("batch %d, change %d: %s", batch, i, result)
				}
			}
			if batch%50 == 0 {
				memory, _ := holds()
				t.Logf("after %d batches of 10 changes: %d MB", batch, memory>>10)
			}
		}
	}
}

// holds returns the memory in KB and the processor time of the processes below this one; nothing where /proc is not that of Linux.
func holds() (kilobytes int, worked time.Duration) {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range processes {
		text, _ := os.ReadFile(path)
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after) // from the third of proc_pid_stat(5)
		if len(fields) < 22 || fields[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		pages, _ := strconv.Atoi(fields[21])
		kilobytes += pages * os.Getpagesize() >> 10
		worked += time.Duration(user+system) * 10 * time.Millisecond
	}
	return kilobytes, worked
}
