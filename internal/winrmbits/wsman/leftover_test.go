// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// listedBody is the answer to Enumerate of a host with a shell for each run; "" is a shell of another program.
func listedBody(runs ...string) string {
	var b strings.Builder
	b.WriteString(`<n:EnumerateResponse xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><n:EnumerationContext/><w:Items>`)
	for i, run := range runs {
		b.WriteString(`<rsp:Shell><rsp:ShellId>` + strings.Repeat(string(rune('A'+i)), 8) + `</rsp:ShellId><rsp:Owner>ops</rsp:Owner><rsp:Environment>`)
		if run != "" {
			b.WriteString(`<rsp:Variable Name="A">x</rsp:Variable><rsp:Variable Name="` + runVariable + `">` + run + `</rsp:Variable>`)
		}
		b.WriteString(`</rsp:Environment><rsp:ShellInactivity>P0DT0H0M3S</rsp:ShellInactivity></rsp:Shell>`)
	}
	return b.String() + `</w:Items><w:EndOfSequence/></n:EnumerateResponse>`
}

// runs returns a folder with the files of runs, and the ids of one that has ended and of one that is alive.
func runs(t *testing.T) (folder, ended, alive string) {
	t.Helper()
	folder, ended = filepath.Join(t.TempDir(), "runs"), "0d4f2f0e-7e0a-4b8e-9f0d-5d1c8a2b3c4d"
	other := NewClient(nil)
	other.Runs = folder
	alive = other.runID()
	t.Cleanup(other.End)
	if err := os.WriteFile(filepath.Join(folder, ended), []byte(machine()), 0o600); err != nil || alive == "" {
		t.Fatal(err, alive)
	}
	return folder, ended, alive
}

// crowded is a service that allows no more shells until some are closed, or until a time is over.
func crowded(began time.Time, until time.Duration, needed int, list answer) func(int, request) *answer {
	deleted := 0
	return func(_ int, r request) *answer {
		switch r.Verb {
		case "Enumerate":
			return &list
		case "Delete":
			deleted++
		case "Create":
			if deleted < needed && time.Since(began) < until {
				a := faulty("2150859173")
				return &a
			}
		}
		return nil
	}
}

func TestAShellWaitsForThoseThatEarlierRunsLeft(t *testing.T) {
	folder, ended, alive := runs(t)
	const elsewhere = "9f0d5d1c-7e0a-4b8e-9f0d-5d1c8a2b3c4d"
	const hour = time.Hour
	shared := t.TempDir() // with another machine, whose locks are not seen here
	if err := os.WriteFile(filepath.Join(shared, elsewhere), []byte("another machine"), 0o600); err != nil {
		t.Fatal(err)
	}
	idle := 180 * time.Second // after which the host ends them
	tests := []struct {
		name    string
		runs    string
		list    answer
		until   time.Duration
		least   time.Duration
		most    time.Duration
		deleted string
		fails   bool
	}{
		{"one of a killed run is deleted", folder, answer{body: listedBody("", alive, ended, elsewhere)}, hour, 0, 3 * time.Second, "CCCCCCCC", false},
		{"one of a run on a machine that shares the folder", shared, answer{body: listedBody(elsewhere)}, idle, idle, idle + 10*time.Second, "", false},
		{"those that may be alive end by themselves", folder, answer{body: listedBody(alive, elsewhere)}, idle, idle, idle + 10*time.Second, "", false},
		{"a host that lists none gets the same time", folder, faulty("5"), idle, idle, idle + 10*time.Second, "", false},
		{"they do not end", folder, answer{body: listedBody(alive)}, hour, leftoverTime, leftoverTime + 10*time.Second, "", true},
		{"others' shells are not waited for as long", folder, answer{body: listedBody("", "")}, hour, 20 * time.Second, 40 * time.Second, "", true},
		{"a host names a file", folder, answer{body: listedBody("../runs/" + ended)}, idle, idle, idle + 10*time.Second, "", false},
		{"runs are not known here", "", answer{body: listedBody(ended)}, idle, idle, idle + 10*time.Second, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				began := time.Now()
				s.say = crowded(began, tt.until, 1, tt.list)
				client := clientOver(s.pipes.dial)
				client.Runs = tt.runs
				waits, left := 0, 0
				ctx := WithShellWait(t.Context(), func() func() { waits++; return func() { left++ } })
				shell, err := client.Open(ctx, s.settings(), "powershell.exe", nil)
				took := time.Since(began)
				if tt.fails != (kind(err) == connection.Quota) || took < tt.least || took > tt.most || waits != left || waits > 1 {
					t.Errorf("%v after %s, %d waits, %d ended", err, took, waits, left)
				}
				var deleted []string
				for _, r := range s.seen() {
					if r.Verb == "Delete" {
						_, id, _ := strings.Cut(r.Message, `Name="ShellId">`)
						deleted = append(deleted, id[:strings.IndexByte(id, '<')])
					}
				}
				if got := strings.Join(deleted, " "); got != tt.deleted {
					t.Errorf("deleted %q", got)
				}
				if shell != nil {
					_ = shell.Close(context.WithoutCancel(ctx))
				}
				client.End()
			})
		})
	}
}

// TestAHostThatFallsSilentIsNotWaitedFor has a host refuse a shell for its quota, and then answer nothing more: time in which shells
// may end does not count against connect_timeout, and a request without an answer has to end all the same.
func TestAHostThatFallsSilentIsNotWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(n int, r request) *answer {
			switch {
			case r.Verb == "Enumerate":
				a := faulty("5")
				return &a
			case r.Verb == "Create" && n == 0:
				a := faulty("2150859173")
				return &a
			}
			return &answer{hold: true}
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := clientOver(s.pipes.dial).Open(ctx, s.settings(), "powershell.exe", nil)
		expect(t, err, connection.Silent)
		if took := time.Since(began); took > exchangeTimeout+s.settings().ConnectTimeout+maxBusyPause {
			t.Errorf("it took %s", took)
		}
	})
}

func TestARunIsKnownOnItsMachineUntilItLeavesNothing(t *testing.T) {
	folder, ended, alive := runs(t)
	old := time.Now().Add(-2 * staleRun)
	for _, name := range []string{ended, alive} {
		if err := os.Chtimes(filepath.Join(folder, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	client := func() *Client {
		c := NewClient(nil)
		c.Runs = folder
		return c
	}
	clean, leaves, unused := client(), client(), client()
	ids := []string{alive, clean.runID(), leaves.runID()}
	leaves.run.left.Store(true)
	want := func(when string, names ...string) {
		t.Helper()
		entries, err := os.ReadDir(folder)
		var got []string
		for _, entry := range entries {
			got = append(got, entry.Name())
		}
		names = slices.Sorted(slices.Values(names))
		if err != nil || !slices.Equal(got, names) {
			t.Errorf("%s: %q, %v; want %q", when, got, err, names)
		}
	}
	want("a stale file is gone", ids...)
	for _, id := range ids {
		if unused.runEnded(id) {
			t.Errorf("%s is taken for ended", id)
		}
	}
	for _, c := range []*Client{clean, leaves, unused} {
		c.End()
		c.End()
	}
	want("a run that may have left a shell is remembered", ids[0], ids[2])
	if id := unused.runID(); id != "" {
		t.Errorf("a run that has ended begins again as %s", id)
	}
	if err := leaves.run.file.Close(); err != nil { // as the end of its process does
		t.Fatal(err)
	}
	if !unused.runEnded(ids[2]) || unused.runEnded(ids[1]) {
		t.Error("the run that left a shell is not known to have ended")
	}
}
