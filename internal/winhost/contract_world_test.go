// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// starter starts one agent process and waits for its end.
type starter func(
	ctx context.Context, commandLine string, caller bitsvc.Caller, stdin io.Reader, stdout, stderr io.Writer,
) int

// world is one simulated host with the agent under test, and the ways to put its jobs into every state.
type world struct {
	service  *bitsvc.Service
	drive    *machine.Drive
	clock    *machine.Clock
	start    starter
	tasks    *windows.Scheduler
	pipes    *windows.Pipes
	meter    *machine.Meter
	files    string // URL of the file server
	release  func() // lets the requests go on that are held
	setup    windows.Setup
	paused   bool          // the scheduler was held to keep a job where it is
	old      bool          // the module BitsTransfer is that of Windows Server 2016
	limits   float64       // stretches the real agent's limits of time; 0: by 4, so that a slow machine is not the agent's failure
	idle     time.Duration // after which an agent is replaced, before it ends by itself
	elevated bool          // what the admin asks goes to an agent as SYSTEM

	running    atomic.Int64                       // processes that tasks have started
	killSystem atomic.Pointer[context.CancelFunc] // of the last one

	names   atomic.Int64
	t       *testing.T // of all cases, which the shared agents outlive
	clients map[role]*client
}

// role is who speaks to the agent.
type role string

// The roles of the contract.
const (
	admin    role = "admin"    // an elevated administrator who is logged on
	user     role = "user"     // not elevated, logged on
	stranger role = "stranger" // an elevated administrator who is not logged on
	crowd    role = "crowd"    // not elevated, with jobs of its own only
)

// caller is the account of a role.
func (r role) caller() bitsvc.Caller {
	c := bitsvc.Caller{Account: `WEB01\` + string(r), Elevated: true, LoggedOn: true}
	switch r {
	case admin:
		c.SID = "S-1-5-21-1004336348-1177238915-682003330-500"
	case user:
		c.SID, c.Elevated = "S-1-5-21-1004336348-1177238915-682003330-1001", false
	case stranger:
		c.SID, c.LoggedOn = "S-1-5-21-1004336348-1177238915-682003330-1002", false
	case crowd:
		c.SID, c.Elevated = "S-1-5-21-1004336348-1177238915-682003330-1003", false
	}
	return c
}

// crowdElevated is the crowd in an elevated process, whom the limits on jobs do not bind.
func crowdElevated() bitsvc.Caller {
	c := crowd.caller()
	c.Elevated = true
	return c
}

// system is the account that owns what no administrator may change.
func system() bitsvc.Caller {
	return bitsvc.Caller{
		Account: `NT AUTHORITY\SYSTEM`, SID: "S-1-5-18", Elevated: true, LoggedOn: true, System: true,
	}
}

// newWorld makes a host whose clock runs, behind which the given agent works.
func newWorld(t *testing.T, agents func(w *world) starter) *world {
	t.Helper()
	c := machine.NewClock()
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, drive: d, clock: c, clients: map[role]*client{}, idle: 15 * time.Second}
	w.setup.Odd = &windows.Oddities{}
	w.files, w.release = serveFiles(t)
	w.service = bitsvc.New(bitsvc.Options{Clock: c, Drive: d})
	t.Cleanup(w.service.Close)
	w.pipes, w.meter = &windows.Pipes{}, &machine.Meter{}
	w.tasks = windows.NewScheduler(c, w.meter, func(ctx context.Context, caller bitsvc.Caller, line string, in io.Reader, out, complaints io.Writer) int {
		ctx, kill := context.WithCancel(ctx)
		defer kill()
		w.killSystem.Store(&kill)
		w.running.Add(1)
		defer w.running.Add(-1)
		return w.start(ctx, line, caller, in, out, complaints)
	})
	t.Cleanup(w.tasks.Close)
	w.start = agents(w)
	return w
}

// serveFiles serves /a to anybody at once, breaks off at /half after half of the bytes and waits, answers nothing at
// /hold, and answers 503 at /busy. What waits does so until release.
func serveFiles(t *testing.T) (url string, release func()) {
	t.Helper()
	held := make(chan struct{})
	content := strings.Repeat("0123456789abcdef", 4096)
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	serve := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "a.bin", modified, strings.NewReader(content))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", serve)
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/hold", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-held:
			serve(w, r)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/half", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			serve(w, r)
			return
		}
		half := len(content) / 2
		if from := r.Header.Get("Range"); from != "" && !strings.HasPrefix(from, "bytes=0-") {
			half = 0 // somebody goes on
		}
		serve(&halfWriter{ResponseWriter: w, left: half, held: held, done: r.Context().Done()}, r)
	})
	server := httptest.NewServer(mux)
	var once sync.Once
	release = func() { once.Do(func() { close(held) }) }
	t.Cleanup(func() { release(); server.Close() })
	return server.URL, release
}

// halfWriter stops in the middle of a body until it is released.
type halfWriter struct {
	http.ResponseWriter
	left int
	held <-chan struct{}
	done <-chan struct{}
}

func (h *halfWriter) Write(p []byte) (int, error) {
	first := min(len(p), h.left)
	h.left -= first
	n, err := h.ResponseWriter.Write(p[:first])
	if err != nil || first == len(p) {
		return n, err
	}
	if err := http.NewResponseController(h.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	select {
	case <-h.held:
	case <-h.done:
	}
	m, err := h.ResponseWriter.Write(p[first:])
	return n + m, err
}

// endPause makes the scheduler run again if a case held it.
func (w *world) endPause() {
	if w.paused {
		w.service.Run()
		w.paused = false
	}
}

// pause holds the scheduler until the end of the case.
func (w *world) pause() {
	w.service.Pause()
	w.paused = true
}

// client returns the agent process of a role, which all cases share. An agent ends when no line comes for a while, so one
// that was idle is replaced.
func (w *world) client(t *testing.T, r role) *client {
	t.Helper()
	c := w.clients[r]
	if c == nil || time.Since(c.asked) > w.idle {
		if w.elevated && r == admin {
			c = startElevated(w.t, w, r.caller())
		} else {
			c = start(w.t, w, r.caller())
		}
		w.clients[r] = c
	}
	return c
}

// admin is who the admin's jobs belong to.
func (w *world) admin() bitsvc.Caller {
	if w.elevated {
		return system()
	}
	return admin.caller()
}

// local gives a new local name below C:\t.
func (w *world) local() string { return fmt.Sprintf(`C:\t\contract%d.bin`, w.names.Add(1)) }

// written makes a file on the host's drive.
func (w *world) written(t *testing.T) string {
	t.Helper()
	local := w.local()
	place, err := w.drive.Path(local)
	if err == nil {
		err = os.WriteFile(place, []byte("content"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return local
}

// job makes a suspended job with one file.
func (w *world) job(t *testing.T, caller bitsvc.Caller, path string) bits.JobID {
	t.Helper()
	id, err := w.service.CreateJob(caller, "contract", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	file := bits.FileSpec{RemoteName: w.files + path, LocalName: w.local()}
	if err := w.service.AddFile(caller, id, file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = w.service.Cancel(caller, id) })
	return id
}

// jobIn makes a job of the admin's in a state.
func (w *world) jobIn(t *testing.T, state bits.State) bits.JobID {
	t.Helper()
	caller := w.admin()
	path := map[bits.State]string{
		bits.StateTransferred:    "/a",
		bits.StateAcknowledged:   "/a",
		bits.StateTransferring:   "/half",
		bits.StateTransientError: "/busy",
	}[state]
	if path == "" {
		path = "/hold"
	}
	id := w.job(t, caller, path)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("make a job that is %s: %v", state, err)
		}
	}
	switch state {
	case bits.StateSuspended:
	case bits.StateQueued:
		w.pause()
		must(w.service.Resume(caller, id))
	case bits.StateError:
		must(w.service.Fail(id, 0x80190194)) // HTTP status 404
	case bits.StateCancelled:
		_, err := w.service.Cancel(caller, id)
		must(err)
	case bits.StateAcknowledged:
		must(w.service.Resume(caller, id))
		w.await(t, id, bits.StateTransferred)
		_, err := w.service.Complete(caller, id)
		must(err)
	case bits.StateConnecting, bits.StateTransferring, bits.StateTransientError, bits.StateTransferred:
		must(w.service.SetPriority(caller, id, bits.PriorityForeground))
		must(w.service.Resume(caller, id))
	}
	if !state.Final() {
		w.await(t, id, state)
	}
	if state == bits.StateTransferring {
		w.awaitHalf(t, id)
	}
	return id
}

// awaitHalf waits until the first half of /half has arrived, after which nothing does.
func (w *world) awaitHalf(t *testing.T, id bits.JobID) {
	t.Helper()
	w.awaitBytes(t, id, func(job bits.Job) bool { return job.BytesTotal != nil && job.BytesTransferred == *job.BytesTotal/2 })
}

// awaitBytes waits until a job has as many bytes as it shall.
func (w *world) awaitBytes(t *testing.T, id bits.JobID, enough func(bits.Job) bool) {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(patience); ; <-poll.C {
		job, err := w.service.Job(w.admin(), id)
		switch {
		case err != nil:
			t.Fatal(err)
		case enough(job):
			return
		case time.Now().After(deadline):
			t.Fatalf("job %s has %d bytes within %s", id, job.BytesTransferred, patience)
		}
	}
}

// localOf gives the local name of a job's first file.
func (w *world) localOf(t *testing.T, id bits.JobID) string {
	t.Helper()
	job, err := w.service.Job(admin.caller(), id)
	if err != nil {
		t.Fatal(err)
	}
	return job.Files[0].LocalName
}

// await waits until the scheduler has brought a job into a state.
func (w *world) await(t *testing.T, id bits.JobID, state bits.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.service.WaitState(ctx, id, state); err != nil {
		job, _ := w.service.Job(w.admin(), id)
		t.Fatalf("job %s is %s and did not become %s: %v", id, job.State, state, err)
	}
}
