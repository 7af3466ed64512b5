package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// administrator is somebody on a host whose hands are quicker than Terraform's. Jobs belong to SYSTEM.
type administrator interface {
	// list lists the jobs of all users.
	list(t *testing.T) []hostJob
	setPriority(t *testing.T, id, priority string)
	complete(t *testing.T, id string)
	// size is that of a file, negative when it is not there.
	size(t *testing.T, path string) int64
	// tidy deletes a file.
	tidy(t *testing.T, path string)
}

// simulated is the administrator of a simulated host: its control API.
type simulated struct{ *windows }

func (s simulated) list(*testing.T) []hostJob { return s.jobs() }

func (s simulated) setPriority(_ *testing.T, id, priority string) {
	s.call(http.MethodPost, "/hosts/0/jobs/"+id+"/priority", map[string]string{"priority": priority}, nil)
}

func (s simulated) complete(_ *testing.T, id string) {
	s.call(http.MethodPost, "/hosts/0/jobs/"+id+"/complete", map[string]string{"by": `NT AUTHORITY\SYSTEM`}, nil)
}

func (s simulated) size(_ *testing.T, path string) int64 {
	size, err := s.windows.size(path)
	if err != nil {
		return -1
	}
	return size
}

func (simulated) tidy(*testing.T, string) {} // the drive is removed as a whole

// cmdlets are the administrator of the Windows that the test runs on: Windows PowerShell, with what it has to do as
// SYSTEM in a scheduled task.
type cmdlets struct{}

// do has testdata/administrator.ps1 carry something out and decodes its answer.
func (cmdlets) do(t *testing.T, request map[string]string, result any) {
	t.Helper()
	failure, answer := administer(t, "powershell.exe", request)
	if failure != "" {
		t.Fatalf("%v: %s", request, failure)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		t.Fatal(fmt.Errorf("%v: %w: %s", request, err, answer))
	}
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
	cmd := exec.CommandContext(t.Context(), powerShell, "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s%s", request, err, &out, &complaints)
	}
	var answer struct {
		Failed string          `json:"failed"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %v\n%s%s", request, err, &out, &complaints)
	}
	return answer.Failed, answer.Result
}

func (c cmdlets) list(t *testing.T) []hostJob {
	t.Helper()
	var jobs []hostJob
	c.do(t, map[string]string{"do": "list"}, &jobs)
	return jobs
}

func (c cmdlets) setPriority(t *testing.T, id, priority string) {
	t.Helper()
	c.do(t, map[string]string{"do": "priority", "id": id, "priority": priority}, &struct{}{})
}

func (c cmdlets) complete(t *testing.T, id string) {
	t.Helper()
	c.do(t, map[string]string{"do": "complete", "id": id}, &struct{}{})
}

func (c cmdlets) size(t *testing.T, path string) int64 {
	t.Helper()
	var size int64
	c.do(t, map[string]string{"do": "size", "path": path}, &size)
	return size
}

func (c cmdlets) tidy(t *testing.T, path string) {
	t.Helper()
	c.do(t, map[string]string{"do": "delete", "path": path}, &struct{}{})
}

func TestTheAdministratorOfTheAcceptanceTestsSpeaksPowerShell(t *testing.T) {
	powerShell := os.Getenv("BITS_TEST_PWSH")
	if powerShell == "" {
		var err error
		if powerShell, err = exec.LookPath("pwsh"); err != nil {
			t.Skip("no PowerShell: set BITS_TEST_PWSH, or put pwsh on PATH")
		}
	}
	file := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(file, make([]byte, 5), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ do, want string }{{"size", "5"}, {"delete", "{}"}, {"size", "-1"}} {
		failure, result := administer(t, powerShell, map[string]string{"do": step.do, "path": file})
		if failure != "" || string(result) != step.want {
			t.Errorf("%s gives %s and %q, want %s", step.do, result, failure, step.want)
		}
	}
	if failure, _ := administer(t, powerShell, map[string]string{"do": "nonsense"}); failure == "" {
		t.Error("what it does not know is done")
	}
}
