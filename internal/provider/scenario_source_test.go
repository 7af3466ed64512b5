package provider_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestOperatorCorrectsASource has a source lack the file at first: the job fails, the plan proposes to go on with it, and
// once the file is there the next apply does.
func TestOperatorCorrectsASource(t *testing.T) {
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
	o := operate(t)
	o.declareJob(payload, `files = [{ remote_name = "`+server.URL+`/a.bin?sig=secret", local_name = "C:\\t\\a.bin" }]`)
	o.apply()
	id := o.job().ID
	o.until("the job fails", func() bool { return o.job().State == "error" })
	for range 2 { // the first apply comes too early
		o.run(2, "plan", "-detailed-exitcode").has("Warning: BITS Job Failed", "BG_E_HTTP_ERROR_404 (0x80190194): HTTP status 404", `File: C:\t\a.bin`, "?(hidden)",
			`~ state = "error" -> (known after apply)`, "0 to add, 1 to change, 0 to destroy").lacks("sig=secret\".")
		o.apply().has("0 added, 1 changed, 0 destroyed")
		o.until("the job fails again", func() bool { return o.job().State == "error" })
	}
	there.Store(true)
	o.apply().has("0 added, 1 changed, 0 destroyed")
	o.transferred()
	if job := o.job(); job.ID != id {
		t.Errorf("the host has job %s instead of %s", job.ID, id)
	}
	o.run(2, "plan", "-detailed-exitcode").has(`-> "acknowledged"`).lacks("BITS Job Failed")
	o.apply()
	if size, err := o.size(`C:\t\a.bin`); err != nil || size != 7 {
		t.Errorf("the file has %d bytes: %v", size, err)
	}
	o.planIsEmpty()
	o.destroy()
}

// TestOperatorUploads has an upload made, changed and removed, which leaves the file that was to be sent.
func TestOperatorUploads(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	o.call(http.MethodPut, `/hosts/0/files?path=C:%5Ct%5Cdump.zip`, nil, nil)
	declare := func(priority, files string) {
		o.declareJob(payload, `transfer_type = "upload"`, `priority = "`+priority+`"`, `files = [`+files+`]`)
	}
	one := `{ remote_name = "` + o.farm.FilesURL + `/dump.zip", local_name = "C:\\t\\dump.zip" }`
	declare("low", one+`, { remote_name = "`+o.farm.FilesURL+`/b", local_name = "C:\\t\\b" }`)
	o.run(1, "plan").has("Error: Too Many Files", "declare one job for each file")
	declare("low", one)
	o.apply()
	o.planIsEmpty()
	declare("high", one)
	o.run(2, "plan", "-detailed-exitcode").has("0 to add, 1 to change, 0 to destroy")
	o.apply()
	o.planIsEmpty()
	if job := o.job(); job.Priority != "high" {
		t.Errorf("the host has %+v", job)
	}
	o.run(0, "destroy", "-auto-approve")
	o.behind("cancel", nil) // BITS keeps a cancelled upload for up to a day, to tell its server
	o.nothingIsLeft()
	if _, err := o.size(`C:\t\dump.zip`); err != nil {
		t.Errorf("the file that was to be uploaded is gone: %v", err)
	}
}
