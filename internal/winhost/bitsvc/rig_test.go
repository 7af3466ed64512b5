// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

var (
	began  = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	ops    = Caller{Account: `CORP\ops`, SID: "S-1-5-21-1", Elevated: true, LoggedOn: true}
	anna   = Caller{Account: `CORP\anna`, SID: "S-1-5-21-2", LoggedOn: true}
	ghost  = Caller{Account: `CORP\ghost`, SID: "S-1-5-21-3", Elevated: true}
	system = Caller{Account: `NT AUTHORITY\SYSTEM`, SID: "S-1-5-18", Elevated: true, System: true}
)

// hang is a path of the rig's server that never answers.
const hang = "/hang"

// rig is a service with a clock that stands still and a file server.
type rig struct {
	*Service
	t     *testing.T
	clock *machine.Clock
	drive *machine.Drive
	url   string
	files int
}

func newRig(t *testing.T) *rig {
	t.Helper()
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := FileServer()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == hang {
			<-q.Context().Done()
			return
		}
		files.ServeHTTP(w, q)
	}))
	c := machine.NewManualClock(began)
	s := New(Options{Clock: c, Drive: d})
	t.Cleanup(func() { s.Close(); server.Close() })
	return &rig{Service: s, t: t, clock: c, drive: d, url: server.URL}
}

// job makes a suspended job of the caller's with one file.
func (r *rig) job(c Caller, p bits.Priority, path string) bits.JobID {
	r.t.Helper()
	id, err := r.CreateJob(c, "a job", bits.Download)
	r.must(err)
	r.must(r.SetPriority(c, id, p))
	r.must(r.AddFile(c, id, r.file(path)))
	return id
}

// upload makes an upload of a caller's, and returns a file for it.
func (r *rig) upload(c Caller) (bits.JobID, bits.FileSpec) {
	r.t.Helper()
	id, err := r.CreateJob(c, "up", bits.Upload)
	r.must(err)
	place, err := r.drive.Path(`C:\t\up.bin`)
	r.must(err)
	r.must(os.WriteFile(place, []byte("x"), 0o600))
	return id, bits.FileSpec{RemoteName: r.url + "/up", LocalName: `C:\t\up.bin`}
}

// file names a file of the server and a new place for it.
func (r *rig) file(path string) bits.FileSpec {
	r.files++
	return bits.FileSpec{RemoteName: r.url + path, LocalName: fmt.Sprintf(`C:\t\%d.bin`, r.files)}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) await(id bits.JobID, state bits.State) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	if err := r.WaitState(ctx, id, state); err != nil {
		job, _ := r.Job(system, id)
		r.t.Fatalf("the job is %s and did not become %s: %+v", job.State, state, job.Error)
	}
}

// until waits for something to be true of a job.
func (r *rig) until(id bits.JobID, what func(bits.Job) bool) {
	r.t.Helper()
	for {
		r.mu.Lock()
		job, changed := r.jobs[id].snapshot(), r.changed
		r.mu.Unlock()
		if what(job) {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			r.t.Fatalf("the job stays %+v", job)
		}
	}
}

// content reads a file of the drive.
func (r *rig) content(local string) string {
	r.t.Helper()
	place, err := r.drive.Path(local)
	r.must(err)
	content, err := os.ReadFile(place)
	r.must(err)
	return string(content)
}

// fails waits until a job is in error with a result.
func (r *rig) fails(id bits.JobID, want bits.HResult) {
	r.t.Helper()
	r.await(id, bits.StateError)
	job, err := r.Job(system, id)
	r.must(err)
	if job.Error.HResult != want {
		r.t.Errorf("the job failed with %s instead of %s", job.Error.HResult, want)
	}
}

// serve makes jobs made from now on load from a handler.
func (r *rig) serve(h http.HandlerFunc) {
	server := httptest.NewServer(h)
	r.t.Cleanup(func() { r.Close(); server.Close() })
	r.url = server.URL
}

func (r *rig) state(id bits.JobID) bits.State {
	r.t.Helper()
	job, err := r.Job(system, id)
	r.must(err)
	return job.State
}

// in makes a job of ops that is in a state.
func (r *rig) in(state bits.State) (bits.JobID, *Handle) {
	r.t.Helper()
	path := map[bits.State]string{
		bits.StateTransientError: "/a?status=503",
		bits.StateConnecting:     hang,
		bits.StateTransferring:   "/a?rate=1000",
	}[state]
	if path == "" {
		path = "/a?size=100"
	}
	id := r.job(ops, bits.PriorityForeground, path)
	h, err := r.Open(ops, id)
	r.must(err)
	switch state {
	case bits.StateSuspended:
	case bits.StateError:
		r.must(r.Fail(id, 0x80190194))
	case bits.StateCancelled:
		_, err = h.Cancel()
	case bits.StateQueued:
		r.Pause()
		r.must(h.Resume())
	default:
		r.must(h.Resume())
	}
	r.must(err)
	switch state {
	case bits.StateAcknowledged:
		r.await(id, bits.StateTransferred)
		_, err = h.Complete()
		r.must(err)
	default:
		r.await(id, state)
	}
	return id, h
}

// code is the HRESULT of a refusal; 0 without one.
func code(t *testing.T, err error) bits.HResult {
	t.Helper()
	if err == nil {
		return 0
	}
	var refusal *bits.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("%v is not an error of BITS", err)
	}
	return refusal.HResult
}
