// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// environment says where a host is, as a user's does.
func environment(t *testing.T, farm *winhost.Network) func(string) string {
	t.Helper()
	variables := hostVariables(t, farm)
	return func(name string) string { return variables[name] }
}

// hostVariables are those of environment.
func hostVariables(t *testing.T, farm *winhost.Network) map[string]string {
	t.Helper()
	s := farm.Host(0).Settings()
	return map[string]string{
		"BITS_HOST": s.Host, "BITS_PORT": strconv.Itoa(s.Port), "BITS_HTTPS": strconv.FormatBool(s.HTTPS), "BITS_AUTH": string(s.Auth),
		"BITS_USERNAME": s.Username, "BITS_PASSWORD": s.Password.Reveal(), "BITS_CA_FILE": farm.CAFile,
		"BITS_CLIENT_CERT": s.ClientCertificate, "BITS_CLIENT_KEY": s.ClientKey.Reveal(),
	}
}

func start(t *testing.T, c winhost.Config) *winhost.Network {
	t.Helper()
	farm, err := winhost.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := farm.Close(); err != nil {
			t.Error(err)
		}
	})
	return farm
}

// powerShell is the one that runs the scripts, or the test skips.
func powerShell(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("on Windows a PowerShell would ask this machine, and change its settings")
	}
	return judges.PowerShell(t)
}

// rows asks a host and gives the answer of each question, by number.
func rows(t *testing.T, farm *winhost.Network, args ...string) map[int]string {
	t.Helper()
	var out bytes.Buffer
	args = append([]string{"-patience", "1s", "-count", "1"}, args...)
	if err := run(t.Context(), args, environment(t, farm), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), farm.Host(0).Password) {
		t.Error("the table holds the password")
	}
	found := map[int]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) \| ((?:[^|]|\\\|)*) \| ((?:[^|]|\\\|)*) \| ((?:[^|]|\\\|)*) \| [^|]+ \|$`).FindAllStringSubmatch(out.String(), -1) {
		n, _ := strconv.Atoi(row[1])
		found[n] = row[3]
		t.Logf("%d: %s (%s)", n, row[3], row[4])
	}
	if !strings.Contains(out.String(), "Nothing was left on the host.") {
		t.Errorf("the end of the table is %q", out.String()[max(0, out.Len()-500):])
	}
	return found
}

// nothingIsLeft expects a host to be as it was.
func nothingIsLeft(t *testing.T, farm *winhost.Network) {
	t.Helper()
	h := farm.Host(0)
	jobs, err := h.BITS.Jobs(h.Account, true)
	if err != nil {
		t.Error(err)
	}
	if len(jobs) > 0 {
		t.Errorf("jobs are left: %+v", jobs)
	}
	if s := h.Stats(); s.ShellsOpen != 0 || s.ScheduledTasks != 0 {
		t.Errorf("%d shells and %d tasks are left", s.ShellsOpen, s.ScheduledTasks)
	}
	// A process ends a moment after its pipe or its shell.
	late, again := time.After(time.Minute), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for len(h.Processes()) > 0 {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("processes are left: %+v", h.Processes())
		}
	}
	place, err := h.Drive.Place(`C:\ProgramData`)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(filepath.Join(place, "terraform-provider-bits*")); err != nil || len(files) > 0 {
		t.Errorf("files are left: %q, %v", files, err)
	}
}

func TestAHostWhosePowerShellRunsNoScriptsStillGetsAWholeTable(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	found := rows(t, farm)
	for n := range questions {
		if found[n+1] == "" {
			t.Errorf("question %d is missing", n+1)
		}
	}
	for _, n := range []int{28, 30, 32} {
		if strings.HasPrefix(found[n], "not ") || strings.HasPrefix(found[n], "failed") {
			t.Errorf("question %d needs no script: %s", n, found[n])
		}
	}
	nothingIsLeft(t, farm)
}

// onlyOnWindows are the questions that a simulated host can't answer; every other one must have an answer.
var onlyOnWindows = map[int]bool{6: true, 12: true, 14: true, 16: true, 25: true, 33: true, 34: true}

func TestARealPowerShellAnswersWhatNeedsNoWindows(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{PowerShell: powerShell(t), Limits: 10})
	found := rows(t, farm, "-intrusive", "-serve", "127.0.0.1:0")
	for n := range questions {
		got := found[n+1]
		switch {
		case got == "":
			t.Errorf("question %d is missing", n+1)
		case onlyOnWindows[n+1] && !strings.HasPrefix(got, "not here: "):
			t.Errorf("question %d is answered, though only Windows can: %s", n+1, got)
		case !onlyOnWindows[n+1] && (strings.HasPrefix(got, "not ") || strings.HasPrefix(got, "failed")):
			t.Errorf("question %d: %s", n+1, got)
		}
	}
	// What the simulated host is made to do, a probe must find.
	for n, want := range map[int]string{
		2: "Start 0x800704DD", 3: "-AllUsers lists the job, -JobId ok, Set -Priority 0x80070005", 5: "which is this account: True",
		9: "a cancelled one: events 5", 31: "The environment: yes. Inactive after 3 s of a Receive: P0DT0H0M", 13: "-Priority Normal: Error 0x80190193", 19: "unknown id 0x80200001", 24: "Low 0x80200071",
		35: "-DisplayName ok: Low; -Description ok: Low", 36: "that was removed: every member answers, state Suspended", 37: "CreationTime of Kind Local, ",
		38: "InternalErrorCode System.Int32", 39: "Add-BitsFile in another case ok", 40: "commands; from outside of PSHOME: ", 41: "New-Object ok", 42: `one element: {"a":[1]}`,
		43: "exit code 9", 44: "WinHTTP in the registry: ", 45: "59 has the URL", 46: "BIT", 47: "In Transferred: Resume ", 48: "The other port got the credential: true",
		49: "suspended: Error 0x80200013, resumed once more: Error 0x80200013; A job that is lowered: Error 0x80200013",
	} {
		if !strings.Contains(found[n], want) {
			t.Errorf("question %d: %q is missing in %s", n, want, found[n])
		}
	}
	nothingIsLeft(t, farm)
}

func TestAnInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{PowerShell: powerShell(t), Limits: 10})
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var out bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"-only", "3,27", "-patience", "1m"}, environment(t, farm), &out, io.Discard)
	}()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if jobs, err := farm.Host(0).BITS.Jobs(farm.Host(0).Account, true); err == nil && len(jobs) > 0 {
			break
		}
		select {
		case <-again.C:
		case err := <-ended:
			t.Fatalf("no job was made: %v", err)
		}
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "not asked: the program was interrupted") {
		t.Errorf("the table is\n%s", out.String())
	}
	nothingIsLeft(t, farm)
}

func TestAWrongPasswordCostsOneLogon(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	right := environment(t, farm)
	wrong := func(name string) string {
		if name == "BITS_PASSWORD" {
			return "wrong"
		}
		return right(name)
	}
	if err := run(t.Context(), nil, wrong, io.Discard, io.Discard); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("the error is %v", err)
	}
	if n := farm.Stats().FailedLogons; n != 1 {
		t.Errorf("%d logons were refused, want one", n)
	}
}

func TestQuestionsAreListedAndChosenByNumber(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-list"}, func(string) string { return "" }, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for i, q := range questions {
		if number(q) != i+1 || !strings.Contains(out.String(), strconv.Itoa(i+1)+"  "+q.text) {
			t.Errorf("question %d is not listed once: %s", i+1, q.text)
		}
	}
	selected, err := choose("4, 27")
	if err != nil || len(selected) != 2 || number(selected[0]) != 4 || number(selected[1]) != 27 {
		t.Errorf("4 and 27 give %v, %v", selected, err)
	}
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	nothing := func(string) string { return "" }
	for _, args := range [][]string{
		{"-only", "0"}, {"-only", "x"}, {"word"}, {"-nothing"}, {},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			if err := run(t.Context(), args, nothing, io.Discard, io.Discard); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestWordsOfAHostAreNoMarkup(t *testing.T) {
	if got, want := cell("a|b\r\n<i>`C:\\x`"), `a\|b &lt;i>\`+"`"+`C:\\x\`+"`"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := cell(strings.Repeat("é", maxEvidence)); len(got) > maxEvidence+4 || !strings.HasSuffix(got, "é ...") {
		t.Errorf("a long text becomes %d bytes", len(got))
	}
}
