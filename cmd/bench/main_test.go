// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// TestMain makes a process of this test a wrapped provider when a test asks for one.
func TestMain(m *testing.M) {
	if provider := os.Getenv(providerVariable); provider != "" {
		os.Exit(wrap(provider, os.Getenv(usageVariable)))
	}
	os.Exit(m.Run())
}

// TestWhatBothCost compares what is measured with what is known: a one-shot operation is a shell, a PowerShell and five requests, and
// a session is one of each for all operations, with another PowerShell for changes as SYSTEM.
func TestWhatBothCost(t *testing.T) {
	const jobs = 6
	results, err := runClient(t.Context(), shape{1, jobs}, setting{})
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, r := range results {
		steps = append(steps, r.Step)
		us, them := r.Costs[ourClient], r.Costs[shells]
		starts := int64(2)
		if r.Step == "read" {
			starts = 1
		}
		if us.ShellsOpened != 1 || us.PowerShellStarts != starts || us.Logons != 1 || us.HTTPRequests > 5*jobs {
			t.Errorf("%s by the client: %+v", r.Step, us)
		}
		if them.ShellsOpened != jobs || them.PowerShellStarts != jobs || them.HTTPRequests < 5*jobs-jobs/2 { // an end and its output may come with one Receive
			t.Errorf("%s by shells: %+v", r.Step, them)
		}
	}
	if got := strings.Join(steps, " "); got != "create read re-prioritise remove complete" {
		t.Errorf("measured %s", got)
	}
	var out bytes.Buffer
	report(&out, measurement{Shape: shape{1, jobs}, Results: results})
	if lines := strings.Count(out.String(), "\n| "); lines != 7 || !strings.Contains(out.String(), "| create |") {
		t.Errorf("printed:\n%s", out.String())
	}
}

func TestCountsAboveTheirBudgetsAreAnError(t *testing.T) {
	for _, m := range quick() {
		us := ourClient
		if m.CLI {
			us = ours
		}
		allowed := budgets[m.title()]
		if len(allowed) == 0 {
			t.Fatalf("%q has no budgets", m.title())
		}
		for step, b := range allowed {
			at := cost{Stats: winhost.Stats{HTTPRequests: b.requests, PowerShellStarts: b.starts, Logons: b.logons, BytesIn: b.sent * 1000, BytesOut: b.back * 1000}}
			m.Results = []result{{Step: step, Costs: map[string]cost{us: at}}}
			if err := overBudget([]measurement{m}); err != nil {
				t.Errorf("at the budget: %v", err)
			}
			at.HTTPRequests++
			at.Logons++
			m.Results = []result{{Step: step, Costs: map[string]cost{us: at}}}
			if err := overBudget([]measurement{m}); err == nil || strings.Count(err.Error(), "\n") != 1 {
				t.Errorf("above two budgets of %s: %v", step, err)
			}
		}
	}
	if err := overBudget([]measurement{{Results: []result{{Step: "new"}}}}); err == nil {
		t.Error("a step without a budget is accepted")
	}
}

// TestAWrappedProviderTellsWhatItUsed wraps a program that prints its arguments, and one that fails.
func TestAWrappedProviderTellsWhatItUsed(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "usage")
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go")
	}
	for args, code := range map[string]int{"version": 0, "nonsense": 1} {
		cmd := exec.CommandContext(t.Context(), self, args)
		cmd.Env = append(os.Environ(), providerVariable+"="+goTool, usageVariable+"="+file)
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) != (code != 0) || code == 0 && !strings.HasPrefix(string(out), "go version") {
			t.Errorf("%s: %q, %v", args, out, err)
		}
	}
	used, err := takeUsage(file)
	if err != nil || used.CPU <= 0 || used.Memory == 0 && maxResident(&os.ProcessState{}) != 0 {
		t.Errorf("%+v %v", used, err)
	}
	if again, err := takeUsage(file); err != nil || again != (usage{}) {
		t.Errorf("again: %+v %v", again, err)
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	for _, args := range [][]string{{"-only", "("}, {"-only", "no such title"}, {"x"}, {"-nothing"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v: accepted", args)
		}
	}
}

func TestNumbersThatWereNotMeasuredAreLeftOut(t *testing.T) {
	for got, want := range map[string]string{
		seconds(0): "-", seconds(1.26): "1.3", megabytes(0): "-", megabytes(50_400_000): "50", ratio(3, 2): "1.50", ratio(3, 0): "-", ratio(0, 3): "-",
		(shape{1, 1}).String(): "1 host, 1 job", (shape{2, 5}).String(): "2 hosts, 5 jobs each",
		setting{StartDelay: time.Second, Parallelism: 50}.String():                          "https, a round trip of 0s, 1s for a start of PowerShell, -parallelism=50",
		setting{RTT: 20 * time.Millisecond, StartDelay: time.Second, Sealed: true}.String(): "NTLM-sealed http, a round trip of 20ms, 1s for a start of PowerShell",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
