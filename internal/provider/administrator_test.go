package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// administrator changes a host outside Terraform. The jobs belong to SYSTEM.
type administrator interface {
	// list lists the jobs of all users.
	list(t *testing.T) []hostJob
	// lower sets the priority of a job to low.
	lower(t *testing.T, id string)
	complete(t *testing.T, id string)
	// size returns the size of a file, and -1 when there is none.
	size(t *testing.T, path string) int64
	delete(t *testing.T, path string)
}

// controlAPI is the administrator of a simulated host.
type controlAPI struct{ *simulation }

func (c controlAPI) list(*testing.T) []hostJob { return c.jobs() }

func (c controlAPI) lower(_ *testing.T, id string) { c.change(id, "priority") }

func (c controlAPI) complete(_ *testing.T, id string) { c.change(id, "complete") }

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

func (c cmdlets) size(t *testing.T, path string) (size int64) {
	t.Helper()
	c.do(t, &size, map[string]string{"do": "size", "path": path})
	return size
}

func (c cmdlets) delete(t *testing.T, path string) {
	t.Helper()
	c.do(t, &struct{}{}, map[string]string{"do": "delete", "path": path})
}

func TestAdministratorScript(t *testing.T) {
	powerShell := judges.PowerShell(t)
	file := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(file, make([]byte, 5), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ do, want string }{{"size", "5"}, {"delete", "{}"}, {"size", "-1"}} {
		failure, result := administer(t, powerShell, map[string]string{"do": step.do, "path": file})
		if failure != "" || string(result) != step.want {
			t.Errorf("%s returns %s and %q, want %s", step.do, result, failure, step.want)
		}
	}
	if failure, _ := administer(t, powerShell, map[string]string{"do": "nonsense"}); failure == "" {
		t.Error("an unknown request succeeds")
	}
}
