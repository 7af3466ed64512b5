// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// digits is a server of the file /a, which sends half of its first answer and then nothing more until the client
// goes away. It remembers the ranges it was asked for.
type digits struct {
	mu       sync.Mutex
	asked    []string
	plain    bool // knows no Range
	headless bool // refuses HEAD
}

func (d *digits) serve(w http.ResponseWriter, q *http.Request) {
	if d.headless && q.Method == http.MethodHead {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	asked := q.Header.Get("Range")
	if d.plain {
		q.Header.Del("Range")
	}
	if q.Method == http.MethodGet && q.URL.Path == "/a" {
		d.mu.Lock()
		d.asked = append(d.asked, asked)
		first := len(d.asked) == 1
		d.mu.Unlock()
		if first {
			w.Header().Set("Content-Length", "10")
			status := http.StatusOK
			if q.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", "bytes 0-9/10")
				status = http.StatusPartialContent
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("01234"))
			_ = http.NewResponseController(w).Flush()
			<-q.Context().Done()
			return
		}
	}
	http.ServeContent(w, q, "", began, strings.NewReader("0123456789"))
}

// Sources: "Life Cycle of a BITS Job" (what interrupts a transfer) and BITS_JOB_PROPERTY_ID (all but dynamic jobs resume where they left
// off), learn.microsoft.com.
func TestAnInterruptedTransferGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		interrupt func(r *rig, id bits.JobID)
	}{
		{name: "suspended and resumed", interrupt: func(r *rig, id bits.JobID) {
			r.must(r.Suspend(ops, id))
			r.holds(id, bits.StateSuspended)
			r.must(r.Resume(ops, id))
		}},
		{name: "pre-empted by a higher job", interrupt: func(r *rig, _ bits.JobID) {
			high := r.job(ops, bits.PriorityHigh, "/b")
			r.must(r.Resume(ops, high))
			r.await(high, bits.StateTransferred)
		}},
		{name: "lowered below another and on again when that is done", interrupt: func(r *rig, id bits.JobID) {
			other := r.job(ops, bits.PriorityNormal, "/b")
			r.must(r.Resume(ops, other))
			r.must(r.SetPriority(ops, id, bits.PriorityLow))
			r.await(other, bits.StateTransferred)
		}},
		{name: "at the end of its slice", interrupt: func(r *rig, _ bits.JobID) {
			other := r.job(ops, bits.PriorityNormal, "/b")
			r.must(r.Resume(ops, other))
			r.clock.Advance(timeSlice)
			r.await(other, bits.StateTransferred)
		}},
		{name: "the scheduler paused", interrupt: func(r *rig, id bits.JobID) {
			r.Pause()
			r.holds(id, bits.StateQueued)
			r.Run()
		}},
		{name: "the service restarted", interrupt: func(r *rig, _ bits.JobID) {
			r.Stop()
			r.Start()
		}},
		{name: "failed and resumed", interrupt: func(r *rig, id bits.JobID) {
			r.must(r.Fail(id, 0x80190194))
			r.must(r.Resume(ops, id))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, d := newRig(t), &digits{}
			id := r.half(d, bits.PriorityNormal)
			c.interrupt(r, id)
			r.arrives(id, "0123456789")
			if diff := cmp.Diff([]string{"bytes=0-9", "bytes=5-9"}, d.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// half makes a job that has got five of its ten bytes.
func (r *rig) half(d *digits, p bits.Priority) bits.JobID {
	r.t.Helper()
	return r.halfWith(d, p, bits.Properties{})
}

// halfWith makes it with properties.
func (r *rig) halfWith(d *digits, p bits.Priority, set bits.Properties) bits.JobID {
	r.t.Helper()
	r.serve(d.serve)
	id := r.job(ops, p, "/a")
	r.must(r.Do(ops, id, func(h *Handle) error { return h.SetProperties(set) }))
	r.must(r.Resume(ops, id))
	r.until(id, func(j bits.Job) bool { return j.BytesTransferred == 5 })
	return id
}

// arrives waits for a job and compares its first file.
func (r *rig) arrives(id bits.JobID, want string) {
	r.t.Helper()
	r.await(id, bits.StateTransferred)
	if result, err := r.Complete(ops, id); err != nil || result != 0 {
		r.t.Fatalf("completed with %s, %v", result, err)
	}
	last, _ := r.Final(id)
	if got := r.content(last.Files[0].LocalName); got != want {
		r.t.Errorf("the file is %q instead of %q", got, want)
	}
}

// Source: "Best Practices When Using BITS", learn.microsoft.com: after an interruption BITS asks for a range, and the job fails.
func TestAnInterruptedForegroundJobNeedsRanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		interrupt func(r *rig, id bits.JobID)
	}{
		{name: "suspended and resumed", interrupt: func(r *rig, id bits.JobID) {
			r.must(r.Suspend(ops, id))
			r.must(r.Resume(ops, id))
		}},
		{name: "the service restarted", interrupt: func(r *rig, _ bits.JobID) { r.Restart() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, d := newRig(t), &digits{plain: true}
			id := r.half(d, bits.PriorityForeground)
			c.interrupt(r, id)
			r.fails(id, bgRangeSupport)
			if diff := cmp.Diff([]string{"", "bytes=5-9"}, d.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is moved in foreground without ranges can't go on in the background, which BITS throttles. Sources: "Best Practices When Using
// BITS" and BITS_JOB_PROPERTY_DYNAMIC_CONTENT, learn.microsoft.com.
func TestAChangeOfPriorityChangesHowATransferGoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		server   *digits // nil: one that does it all
		dynamic  bool
		from, to bits.Priority
		want     bits.HResult
		asked    []string
	}{
		{
			name: "lowered to the background it asks for ranges", from: bits.PriorityForeground, to: bits.PriorityLow,
			asked: []string{"", "bytes=5-9"},
		},
		{
			name: "which a server without them fails", from: bits.PriorityForeground, to: bits.PriorityLow, server: &digits{plain: true},
			want: bgRangeSupport, asked: []string{"", "bytes=5-9"},
		},
		{
			name: "raised to the foreground it goes on where it was", from: bits.PriorityLow, to: bits.PriorityForeground,
			asked: []string{"bytes=0-9", "bytes=5-9"},
		},
		{
			name: "between the classes of the background nothing is broken off", from: bits.PriorityLow, to: bits.PriorityHigh,
			asked: []string{"bytes=0-9"},
		},
		{
			name: "a dynamic job begins again when the server has what others need", from: bits.PriorityForeground, to: bits.PriorityLow,
			dynamic: true, asked: []string{"", "bytes=0-9"},
		},
		{
			name: "a dynamic job of a server without HEAD fails", from: bits.PriorityForeground, to: bits.PriorityLow, dynamic: true,
			server: &digits{headless: true}, want: 0x80190195, asked: []string{""},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, d := newRig(t), &digits{}
			if c.server != nil {
				d = c.server
			}
			id := r.halfWith(d, c.from, bits.Properties{Dynamic: &c.dynamic})
			r.must(r.SetPriority(ops, id, c.to))
			switch {
			case c.want != 0:
				r.fails(id, c.want)
			case len(c.asked) > 1:
				r.arrives(id, "0123456789")
			default:
				r.holds(id, bits.StateTransferring)
			}
			if diff := cmp.Diff(c.asked, d.asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestALostTemporaryFileIsFetchedAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		lose func(path string) error
	}{
		{name: "deleted", lose: os.Remove},
		{name: "shortened", lose: func(path string) error { return os.Truncate(path, 2) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.half(&digits{}, bits.PriorityNormal)
			r.Pause()
			r.mu.Lock()
			settled, temporary := r.jobs[id].settled(), r.jobs[id].files[0].temporary
			r.mu.Unlock()
			<-settled
			r.must(c.lose(temporary))
			r.Run()
			r.arrives(id, "0123456789")
		})
	}
}

// Sources: "File Transfer Consistency", learn.microsoft.com, and the text of BG_E_REMOTE_FILE_CHANGED in bitsmsg.h, which has the user
// resume the job for another try.
func TestAFileThatChangesBeginsAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		changes int // how many requests see the file change
		state   bits.State
		result  bits.HResult
	}{
		{name: "once", changes: 1, state: bits.StateTransferred},
		{name: "with every request", changes: 1000, state: bits.StateError, result: bgRemoteFileChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.chunk = 4
			var mu sync.Mutex
			version := 0
			r.serve(func(w http.ResponseWriter, q *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if q.Method == http.MethodGet && !strings.HasPrefix(q.Header.Get("Range"), "bytes=0-") && version < c.changes {
					version++
				}
				content := strings.NewReader(fmt.Sprintf("version %d", version))
				http.ServeContent(w, q, "", began.Add(time.Duration(version)*time.Second), content)
			})
			id := r.job(ops, bits.PriorityNormal, "/a")
			r.must(r.Resume(ops, id))
			r.await(id, c.state)
			if c.result == 0 {
				r.arrives(id, "version 1")
				return
			}
			job, err := r.Job(ops, id)
			if err != nil || job.Error == nil || job.Error.HResult != c.result || job.BytesTransferred != 0 {
				t.Errorf("the job is %+v with %+v, %v", job, job.Error, err)
			}
		})
	}
}

// Source: "File Transfer Consistency", learn.microsoft.com.
func TestOnlyTheFileThatChangesBeginsAgain(t *testing.T) {
	t.Parallel()
	var change sync.Once
	modified := began
	s := watchServer(t, func(w http.ResponseWriter, q *http.Request) {
		if q.Method+q.URL.Path == "GET/second" {
			change.Do(func() { modified = began.Add(time.Hour) })
		}
		http.ServeContent(w, q, "", modified, strings.NewReader("12345"))
	})
	r := newRig(t)
	r.url = s.URL
	id := r.job(ops, bits.PriorityNormal, "/first")
	r.must(r.AddFile(ops, id, r.file("/second")))
	r.must(r.Resume(ops, id))
	r.await(id, bits.StateTransferred)
	want := []string{"HEAD /first", "GET /first", "HEAD /second", "GET /second", "HEAD /second", "GET /second"}
	if diff := cmp.Diff(want, s.requests()); diff != "" {
		t.Error(diff)
	}
}

func TestAFileIsFetchedInChunksAndFilesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.chunk = 4
	var mu sync.Mutex
	var asked []string
	r.serve(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		asked = append(asked, strings.TrimSpace(q.Method+" "+q.URL.Path+" "+q.Header.Get("Range")))
		mu.Unlock()
		http.ServeContent(w, q, "", began, strings.NewReader("0123456789"))
	})
	id := r.job(ops, bits.PriorityLow, "/a")
	r.must(r.AddFile(ops, id, r.file("/b")))
	if job, err := r.Job(ops, id); err != nil || job.BytesTotal != nil || job.Files[0].BytesTotal != nil {
		t.Errorf("before the server was asked the sizes are known: %+v, %v", job, err)
	}
	r.must(r.Resume(ops, id))
	r.arrives(id, "0123456789")
	want := []string{
		"HEAD /a", "GET /a bytes=0-3", "GET /a bytes=4-7", "GET /a bytes=8-9",
		"HEAD /b", "GET /b bytes=0-3", "GET /b bytes=4-7", "GET /b bytes=8-9",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

func TestJobsNeverShareATemporaryFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const jobs = 100
	for range jobs {
		id := r.job(ops, bits.PriorityForeground, "/a?size=1")
		r.must(r.Resume(ops, id))
	}
	list, err := r.Jobs(ops, true)
	r.must(err)
	for _, job := range list {
		r.await(job.ID, bits.StateTransferred)
	}
	temporary := r.temporaries()
	if len(temporary) != jobs {
		t.Errorf("%d jobs have %d temporary files", jobs, len(temporary))
	}
	form := regexp.MustCompile(`^BIT[0-9A-F]{1,4}\.tmp$`) // of the message 0x4002 of qmgr.dll: BITxxx.TMP
	for _, name := range temporary {
		if !form.MatchString(name) {
			t.Errorf("a temporary file is named %s", name)
		}
	}
}

// temporaries are the names of the temporary files beside those of the rig.
func (r *rig) temporaries() (names []string) {
	r.t.Helper()
	place, err := r.drive.Path(`C:\t\x`)
	r.must(err)
	entries, err := os.ReadDir(filepath.Dir(place))
	r.must(err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "BIT") {
			names = append(names, e.Name())
		}
	}
	return names
}
