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
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
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

// TestAListOfLargeJobsComesInLinesOfTheProtocol has jobs of which a few fill a line.
func TestAListOfLargeJobsComesInLinesOfTheProtocol(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			const jobs, files = 30, 60
			for range jobs {
				id := w.job(t, w.admin(), "/a")
				for range files - 1 {
					if err := w.service.AddFile(w.admin(), id, bits.FileSpec{RemoteName: w.files + "/a?" + strings.Repeat("x", 1000), LocalName: w.local()}); err != nil {
						t.Fatal(err)
					}
				}
			}
			a := start(t, w, admin.caller()).call(t, `[{"op":"list","ms":60000}]`)
			if len(a.pages[0]) != jobs || len(a.lines) < 3 {
				t.Errorf("%d jobs in %d lines", len(a.pages[0]), len(a.lines))
			}
			for i, job := range a.pages[0] {
				var listed agent.Job
				if err := json.Unmarshal(job, &listed); err != nil || len(listed.Files) != files {
					t.Errorf("job %d: %d files, %v", i, len(listed.Files), err)
				}
			}
		})
	}
}

// TestHistoriesOfABatchReadEachLogOnce asks for many jobs that ended at different times.
func TestHistoriesOfABatchReadEachLogOnce(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		if !kind.real {
			continue
		}
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			const jobs = 20
			id := func(i int) string { return fmt.Sprintf("6f8f5f10-0b3f-4c7e-9a52-%012d", i) }
			ops := make([]string, jobs)
			for i := range ops {
				w.clock.Advance(time.Minute)
				since := w.clock.Now()
				if i%2 == 1 { // after its end
					since = since.Add(time.Second)
				}
				w.service.Log().Write(machine.OperationalLog, 4, machine.EventField{Name: "jobId", Value: "{" + strings.ToUpper(id(i)) + "}"})
				ops[i] = fmt.Sprintf(`{"op":"history","id":%q,"since":%q}`, id(i), since.Format(time.RFC3339))
			}
			c := start(t, w, admin.caller())
			before := w.service.Log().Reads()
			a := c.call(t, "["+strings.Join(ops, ",")+"]")
			if got := w.service.Log().Reads() - before; got != 2 {
				t.Errorf("%d reads of the two logs", got)
			}
			for i, result := range a.results {
				if want := []string{`"ending":"completed"`, `"ending":"unknown"`}[i%2]; !strings.Contains(string(result), want) {
					t.Errorf("%d: %s", i, result)
				}
			}
			if c.call(t, "["+ops[0]+"]"); w.service.Log().Reads() == before+2 {
				t.Error("a later batch does not see what came to the log")
			}
		})
	}
}

// TestTheAgentAtSize measures in a real PowerShell what a list of 5,000 jobs and 300 batches of changes cost: processor time, which the
// simulated cmdlets take a part of, memory and open files. It takes most of a minute.
func TestTheAgentAtSize(t *testing.T) {
	if os.Getenv("BITS_TEST_SIZE") == "" {
		t.Skip("BITS_TEST_SIZE is not set")
	}
	w := newWorld(t, realAgent(t, judges.PowerShell(t)))
	w.service.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 6000, "MaxJobsPerMachine": 6000})
	c := start(t, w, admin.caller())
	c.call(t, `[{"op":"list","ms":600000}]`)
	if held() == (holdings{}) {
		t.Skip("/proc is not that of Linux")
	}
	var ids []bits.JobID
	own := map[int]time.Duration{}
	for _, n := range []int{1000, 5000} {
		for len(ids) < n {
			ids = append(ids, w.job(t, w.admin(), "/a"))
		}
		before := held()
		c.call(t, `[{"op":"sweep","ms":600000}]`) // which reads nothing of a job but its state
		listed := held()
		a := c.call(t, `[{"op":"list","ms":600000}]`)
		told := held()
		cmdlets := listed.worked - before.worked
		own[n] = told.worked - listed.worked - cmdlets
		t.Logf("a list of %d jobs: %d lines, %s of processor time in the agent and %s in the simulated cmdlets; %d MB", len(a.pages[0]), len(a.lines), own[n], cmdlets, told.kilobytes>>10)
		if len(a.pages[0]) != n {
			t.Errorf("%d jobs are listed", len(a.pages[0]))
		}
	}
	const noise = 200 * time.Millisecond // of own, which is the difference of two measurements
	if own[5000] > 3*time.Second || own[5000] > 8*max(own[1000], noise) {
		t.Errorf("the agent takes %s for 1,000 jobs, and %s for 5,000", own[1000], own[5000])
	}
	var settled holdings
	for batch := range 300 {
		c.changeSome(t, ids[batch%1000:][:5], batch)
		switch now := held(); batch {
		case 99:
			settled = now
		case 199, 299:
			t.Logf("after %d batches of 5 changes: %d MB and %d open files, after 100: %d and %d", batch+1, now.kilobytes>>10, now.files, settled.kilobytes>>10, settled.files)
			if now.kilobytes > settled.kilobytes*11/10 || now.files > settled.files {
				t.Error("it grows")
			}
		}
	}
}

// changeSome changes jobs in one batch.
func (c *client) changeSome(t *testing.T, ids []bits.JobID, batch int) {
	t.Helper()
	ops := make([]string, len(ids))
	for i, id := range ids {
		ops[i] = fmt.Sprintf(`{"op":"change","id":%q,"set":{"description":"of batch %d"}}`, id, batch)
	}
	for i, result := range c.call(t, "["+strings.Join(ops, ",")+"]").results {
		var r agent.Result
		if err := json.Unmarshal(result, &r); err != nil || r.Error != nil {
			t.Fatalf("batch %d, change %d: %s", batch, i, result)
		}
	}
}

// holdings is what processes hold, and the processor time that they took.
type holdings struct {
	kilobytes, files int
	worked           time.Duration
}

// held returns what the processes below this one hold; nothing where /proc is not that of Linux.
func held() (sum holdings) {
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
		sum.kilobytes += pages * os.Getpagesize() >> 10
		sum.worked += time.Duration(user+system) * 10 * time.Millisecond
		open, _ := os.ReadDir(filepath.Join(filepath.Dir(path), "fd"))
		sum.files += len(open)
	}
	return sum
}
