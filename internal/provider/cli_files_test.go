// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestCLISourceIsCorrected has a source lack the file at first: the job fails, the plan proposes to resume it, and once the file is
// there the next apply does.
func TestCLISourceIsCorrected(t *testing.T) {
	t.Parallel()
	var there atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !there.Load() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "a.bin", time.Unix(0, 0), bytes.NewReader(make([]byte, 7)))
	}))
	t.Cleanup(server.Close)
	wd := start(t)
	wd.declare(`files = [{ remote_name = "` + server.URL + `/a.bin?sig=secret", local_name = "C:\\t\\a.bin" }]`)
	wd.apply()
	id := wd.job().ID
	wd.waitFor("error")
	for range 2 { // the first apply comes too early
		wd.applyFails().has("Warning: BITS Job Failed", "Error: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194): HTTP status 404", `File: C:\t\a.bin`, "?(hidden)",
			`~ state = "error" -> (known after apply)`, plansUpdate).lacks("sig=secret\".")
		wd.waitFor("error")
	}
	there.Store(true)
	wd.apply().has(updated)
	wd.waitFor("transferred")
	if job := wd.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
	wd.applyOnce().has(`-> "acknowledged"`).lacks("BITS Job Failed")
	wd.expectFile(`C:\t\a.bin`, 7)
}

// TestCLISourceIsMissing waits for a job that fails: the create taints it, and untaint leaves it to the next apply.
func TestCLISourceIsMissing(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.declare(waits, `files = [`+wd.file("a.bin", "status=404")+`]`)
	wd.applyFails().has("Error: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194)", `File: C:\t\a.bin, remote name`, "terraform untaint")
	id := wd.job().ID
	wd.run(0, "untaint", address)
	wd.applyFails().has("will be updated in-place", `~ state = "error" -> (known after apply)`, "Warning: BITS Job Failed").
		has("Error: BITS Job Failed", id).lacks("tainted")
}

// TestCLISourceOnAShare fetches a file from a share as SYSTEM, which comes there as the host's own account: only where that may read
// does the file arrive.
func TestCLISourceOnAShare(t *testing.T) {
	t.Parallel()
	wd := start(t)
	open := func(account string) {
		t.Helper()
		if err := wd.host.Drive.Share(`\\files\pub`, account); err != nil {
			t.Fatal(err)
		}
	}
	open(wd.host.Account.Account) // the administrator's own rights do not help
	wd.writeFile(`\\files\pub\p.cab`, "from a share")
	wd.declare(waits, `files = [{ remote_name = "\\\\files\\pub\\p.cab", local_name = "C:\\t\\a.bin" }]`)
	wd.applyFails().has("Error: BITS Job Failed", "E_ACCESSDENIED (0x80070005)", `File: C:\t\a.bin, remote name "\\files\pub\p.cab"`)
	id := wd.job().ID
	open(`CORP\` + wd.host.Computer + `$`)
	wd.run(0, "untaint", address)
	wd.applyOnce().has(updated)
	wd.expectFile(`C:\t\a.bin`, len("from a share"))
	wd.expectState(address, map[string]string{"id": id, "state": "acknowledged"})
}

// TestCLIUpload makes, changes and removes an upload, which leaves the file that was to be sent.
func TestCLIUpload(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	wd.writeFile(`C:\t\dump.zip`, "")
	declare := func(priority, files string) {
		wd.declare(`transfer_type = "upload"`, `priority = "`+priority+`"`, `files = [`+files+`]`)
	}
	one := `{ remote_name = "` + wd.network.FilesURL + `/dump.zip", local_name = "C:\\t\\dump.zip" }`
	declare("low", one+`, { remote_name = "`+wd.network.FilesURL+`/b", local_name = "C:\\t\\b" }`)
	wd.plan(1).has("Error: Too Many Files", "create one job for each file")
	declare("low", one)
	wd.applyOnce()
	declare("high", one)
	wd.applyOnce().has(plansUpdate)
	if job := wd.job(); job.Priority != "high" {
		t.Errorf("the host has %+v", job)
	}
	wd.run(0, "destroy", "-auto-approve", "-refresh=false")
	wd.outside("cancel") // BITS keeps a cancelled upload for up to a day, to report it to its server
	wd.expectNothing()
	wd.expectFile(`C:\t\dump.zip`, 0)
}

// TestCLIHashes begins with a wrong hash, corrects it, and has the file changed outside Terraform.
func TestCLIHashes(t *testing.T) {
	t.Parallel()
	wd := start(t)
	declare := func(sha256 string, more ...string) {
		file := strings.Replace(wd.file("a.bin", "size=5"), " }", `, sha256 = "`+sha256+`" }`, 1)
		wd.declare(append(more, waits, `files = [`+file+`]`)...)
	}
	wrong := strings.Repeat("0", 64)
	declare(wrong)
	apply := wd.applyFails()
	right := wd.hash(`C:\t\a.bin`)
	apply.has("Error: SHA-256 Mismatch", `files[0].sha256: file C:\t\a.bin of job`, "has the SHA-256 "+right, wrong+" is expected",
		"terraform untaint ADDRESS")
	wd.plan(2).has("is tainted", plansReplace)

	wd.run(0, "untaint", address)
	declare(strings.ToUpper(right))
	wd.apply().has(plansUpdate)
	wd.costs(1, 0, func() { wd.plan(0) })

	wd.writeFile(`C:\t\a.bin`, "other")
	wd.plan(0).has("Warning: SHA-256 Mismatch", `C:\t\a.bin has `+wd.hash(`C:\t\a.bin`)+", and "+right+" is expected", "No changes.")
	declare(right, `on_file_missing = "replace"`)
	wd.applyOnce().has(plansReplace)
	if got := wd.hash(`C:\t\a.bin`); got != right {
		t.Errorf("the file has %s", got)
	}
}
