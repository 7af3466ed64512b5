// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// administrator changes a host outside Terraform. The jobs belong to SYSTEM.
type administrator interface {
	// list lists the jobs of all users.
	list(t *testing.T) []hostJob
	// lower sets the priority of a job to low.
	lower(t *testing.T, id string)
	complete(t *testing.T, id string)
	// remove cancels a job.
	remove(t *testing.T, id string)
	// size returns the size of a file, and -1 when there is none.
	size(t *testing.T, path string) int64
	delete(t *testing.T, path string)
}

// controlAPI is the administrator of a simulated host.
type controlAPI struct{ *simulation }

func (c controlAPI) list(*testing.T) []hostJob { return c.jobs() }

func (c controlAPI) lower(_ *testing.T, id string) { c.change(id, "priority") }

func (c controlAPI) complete(_ *testing.T, id string) { c.change(id, "complete") }

func (c controlAPI) remove(_ *testing.T, id string) { c.change(id, "cancel") }

func (c controlAPI) size(_ *testing.T, path string) int64 {
	return int64(len(readFile(c.t, c.path(path))))
}

func (controlAPI) delete(*testing.T, string) {} // the drive is removed as a whole

// cmdlets is the administrator of the Windows that the test runs on: Windows PowerShell, which does what only SYSTEM can do in a
// scheduled task.
type cmdlets struct{}

// do makes testdata/administrator.ps1 do something and decodes its answer.
func (cmdlets) do(t *testing.T, result any, request map[string]string) {
	t.Helper()
	failure, answer := administer(t, "powershell.exe", request)
	if failure != "" {
		t.Fatalf("%v: %s", request, failure)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatal(fmt.Errorf("%v: %w: %s", request, err, answer))
	}
}

// administratorAnswer is what testdata/administrator.ps1 answers.
type administratorAnswer struct {
	Failed string          `json:"failed"` // why; "" when it worked
	Result json.RawMessage `json:"result"`
}

// administer runs testdata/administrator.ps1 in a PowerShell.
func administer(t *testing.T, powerShell string, request map[string]string) (failure string, result json.RawMessage) {
	t.Helper()
	input, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	script := filepath.Join("testdata", "administrator.ps1")
	options := []string{"-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script}
	cmd := exec.CommandContext(t.Context(), powerShell, options...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", request, err, &out, &complaints)
	}
	var answer administratorAnswer
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %v\n%s%s", request, err, &out, &complaints)
	}
	return answer.Failed, answer.Result
}

func (c cmdlets) list(t *testing.T) (jobs []hostJob) {
	t.Helper()
	c.do(t, &jobs, map[string]string{"do": "list"})
	return jobs
}

func (c cmdlets) lower(t *testing.T, id string) {
	t.Helper()
	c.do(t, &struct{}{}, map[string]string{"do": "priority", "id": id, "priority": "low"})
}

func (c cmdlets) complete(t *testing.T, id string) {
	t.Helper()
	c.do(t, &struct{}{}, map[string]string{"do": "complete", "id": id})
}

func (c cmdlets) remove(t *testing.T, id string) {
	t.Helper()
	c.do(t, &struct{}{}, map[string]string{"do": "remove", "id": id})
}

func (c cmdlets) size(t *testing.T, path string) (size int64) {
	t.Helper()
	c.do(t, &size, map[string]string{"do": "size", "path": path})
	return size
}

func (c cmdlets) delete(t *testing.T, path string) {
	t.Helper()
	c.do(t, &struct{}{}, map[string]string{"do": "delete", "path": path})
}

// scriptHost is a simulated host, on which testdata/administrator.ps1 runs as an administrator and, in tasks, as SYSTEM.
type scriptHost struct {
	pwsh.Host
	t *testing.T
}

func newScriptHost(t *testing.T) *scriptHost {
	t.Helper()
	h := &scriptHost{t: t}
	h.PowerShell, h.Windows, h.Pipes = judges.PowerShell(t), t.TempDir(), &windows.Pipes{}
	drive, err := machine.NewDrive(t.TempDir())
	if err == nil {
		err = pwsh.Install(h.Windows)
	}
	if err != nil {
		t.Fatal(err)
	}
	clock := machine.NewClock()
	h.Drive, h.Service = drive, bitsvc.New(bitsvc.Options{Clock: clock, Drive: drive})
	t.Cleanup(h.Service.Close)
	h.Tasks = windows.NewScheduler(clock, &machine.Meter{}, h.runTask)
	t.Cleanup(h.Tasks.Close)
	return h
}

// taskLine is the command line of a task of administrator.ps1.
var taskLine = regexp.MustCompile(`powershell\.exe" -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass ` +
	`-File "([^"]+)" -RequestFile "([^"]+)" -AnswerFile "([^"]+)"$`)

// runTask starts what a task starts. A simulated PowerShell runs scripts in its command line only.
func (h *scriptHost) runTask(ctx context.Context, c bitsvc.Caller, line string, in io.Reader, out, complaints io.Writer) int {
	found := taskLine.FindStringSubmatch(line)
	if found == nil {
		h.t.Errorf("the task starts %s", line)
		return 1
	}
	return h.script(ctx, fmt.Sprintf("& '%s' -RequestFile '%s' -AnswerFile '%s'", found[1], found[2], found[3]), c, in, out, complaints)
}

// script runs a script that has the stand-ins of BitsTransfer.
func (h *scriptHost) script(ctx context.Context, text string, c bitsvc.Caller, in io.Reader, out, complaints io.Writer) int {
	line := "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand " +
		windows.EncodeCommand("Import-Module -Name (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath BitsTransfer/BitsTransfer.psd1)\n"+text)
	return h.Run(ctx, line, c, in, out, complaints)
}

// ask makes requests and returns the answers.
func (h *scriptHost) ask(requests ...map[string]string) (answers []administratorAnswer) {
	h.t.Helper()
	var lines, out, complaints bytes.Buffer
	for _, request := range requests {
		if err := json.NewEncoder(&lines).Encode(request); err != nil {
			h.t.Fatal(err)
		}
	}
	script := func(name string) string {
		path, err := filepath.Abs(filepath.Join("testdata", name))
		if err == nil {
			_, err = os.Stat(path) // so that a result is not reused after the script has changed
		}
		if err != nil {
			h.t.Fatal(err)
		}
		return path
	}
	caller := bitsvc.Caller{Account: `WEB01\ops`, SID: "S-1-5-21-1-2-3-1001", Elevated: true, LoggedOn: true}
	h.script(h.t.Context(), fmt.Sprintf(`. '%s'
foreach ($line in [Console]::In.ReadToEnd().Trim().Split([char]10)) {
    [Console]::SetIn((New-Object -TypeName IO.StringReader -ArgumentList $line))
    [Console]::Out.WriteLine((& '%s'))
}`, script("scheduledtasks.ps1"), script("administrator.ps1")), caller, &lines, &out, &complaints)
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var answer administratorAnswer
		if err := decoder.Decode(&answer); err != nil {
			h.t.Fatalf("%v: %s", err, &complaints)
		}
		answers = append(answers, answer)
	}
	if len(answers) != len(requests) {
		h.t.Fatalf("%d answers to %d requests: %s", len(answers), len(requests), &complaints)
	}
	return answers
}

// transferred makes a job of SYSTEM's whose file has arrived.
func (h *scriptHost) transferred() bits.JobID {
	h.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), strings.NewReader("hello"))
	}))
	defer server.Close()
	system := bitsvc.LocalSystem()
	id, err := h.Service.CreateJob(system, "nightly payload", bits.Download)
	if err == nil {
		err = h.Service.AddFile(system, id, bits.FileSpec{RemoteName: server.URL, LocalName: `C:\t\a.bin`})
	}
	if err == nil {
		err = h.Service.Resume(system, id)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.awaitState(id, bits.StateTransferred)
	return id
}

func (h *scriptHost) awaitState(id bits.JobID, state bits.State) {
	h.t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(patience); ; <-poll.C {
		job, err := h.Service.Job(bitsvc.LocalSystem(), id)
		if err != nil || time.Now().After(deadline) {
			h.t.Fatalf("the job is %s: %v", job.State, err)
		}
		if job.State == state {
			return
		}
	}
}

// TestAdministratorScript makes every request of the acceptance tests. What only SYSTEM may do runs in a task, of which nothing is left.
func TestAdministratorScript(t *testing.T) {
	h := newScriptHost(t)
	root, file := os.Getenv("SystemRoot"), filepath.Join(t.TempDir(), "a.bin")
	if runtime.GOOS != "windows" {
		root = t.TempDir()
		t.Setenv("SystemRoot", root)
	}
	folder := filepath.Join(root, "Temp")
	err := os.MkdirAll(folder, 0o750)
	if err == nil {
		err = os.WriteFile(file, make([]byte, 5), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	id, removed := h.transferred(), h.transferred()
	about := func(do string) map[string]string {
		about := id
		if do == "remove" {
			about = removed
		}
		return map[string]string{"do": do, "id": string(about), "priority": "low", "path": file}
	}
	listed := fmt.Sprintf(`[{"display_name":"nightly payload","id":%q,"priority":"low","state":"transferred"}]`, id)
	want := []struct{ do, result string }{
		{"remove", `{}`},
		{"priority", `{}`},
		{"list", listed},
		{"complete", `{}`},
		{"list", `[]`},
		{"size", `5`},
		{"delete", `{}`},
		{"size", `-1`},
		{"nonsense", `null`},
	}
	var requests []map[string]string
	for _, step := range want {
		requests = append(requests, about(step.do))
	}
	for i, answer := range h.ask(requests...) {
		got, failed := compact(t, answer.Result), answer.Failed != ""
		if got != want[i].result || failed != (got == "null") {
			t.Errorf("%s returns %s and %q, want %s", want[i].do, got, answer.Failed, want[i].result)
		}
	}
	h.expectNothingLeft(folder)
}

// expectNothingLeft expects three tasks as SYSTEM to have been registered and removed, and their files in a folder, too.
func (h *scriptHost) expectNothingLeft(folder string) {
	t := h.t
	t.Helper()
	left, err := filepath.Glob(filepath.Join(folder, "terraform-provider-bits acceptance *"))
	if err != nil || len(left) != 0 || len(h.Tasks.Tasks()) != 0 || len(h.Tasks.Registered()) != 3 {
		t.Errorf("left: files %v, tasks %v of %d, %v", left, h.Tasks.Tasks(), len(h.Tasks.Registered()), err)
	}
	for _, d := range h.Tasks.Registered() {
		if d.UserID != "SYSTEM" || d.LogonType != 5 || d.RunLevel != 1 {
			t.Errorf("registered %+v", d)
		}
	}
}

// compact returns a JSON text with the names of objects in order.
func compact(t *testing.T, text json.RawMessage) string {
	t.Helper()
	var value any
	err := json.Unmarshal(text, &value)
	if err == nil {
		text, err = json.Marshal(value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
