// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// retries makes a job try again after a minute, for two minutes without progress.
func (r *rig) retries(id bits.JobID) {
	r.t.Helper()
	delay, patience := bits.Seconds(60), bits.Seconds(120)
	r.must(r.Do(ops, id, func(h *Handle) error {
		return h.SetProperties(bits.Properties{MinimumRetryDelay: &delay, NoProgressTimeout: &patience})
	}))
}

// Source: IBackgroundCopyJob::SetNoProgressTimeout, learn.microsoft.com: the time counts from the first transient error.
func TestTimeInTheQueueDoesNotCountAsTimeWithoutProgress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Pause()
	id := r.job(ops, bits.PriorityNormal, "/a?status=503")
	r.retries(id)
	r.must(r.Resume(ops, id))
	r.clock.Advance(10 * time.Minute)
	r.Run()
	r.await(id, bits.StateTransientError)
	r.clock.Advance(119 * time.Second)
	r.await(id, bits.StateTransientError)
	r.clock.Advance(time.Second)
	r.await(id, bits.StateError)
	r.must(r.Resume(ops, id)) // which begins anew
	r.await(id, bits.StateTransientError)
}

// Sources: IBackgroundCopyJob::SetNoProgressTimeout (0) and ::SetMinimumRetryDelay (longer than that), learn.microsoft.com.
func TestSomeTimesAllowNoRetry(t *testing.T) {
	t.Parallel()
	for name, times := range map[string][2]bits.Seconds{
		"no time without progress":            {60, 0},
		"a retry delay longer than that time": {61, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id := r.job(ops, bits.PriorityNormal, "/a?status=503")
			r.must(r.Do(ops, id, func(h *Handle) error {
				return h.SetProperties(bits.Properties{MinimumRetryDelay: &times[0], NoProgressTimeout: &times[1]})
			}))
			r.must(r.Resume(ops, id))
			r.fails(id, 0x801901F7)
		})
	}
}

// Source: IBackgroundCopyJob::SetNoProgressTimeout, learn.microsoft.com: progress resets the timer.
func TestProgressGivesAJobNewTime(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const content = "0123456789"
	r.serve(func(w http.ResponseWriter, q *http.Request) {
		var offset int
		_, _ = fmt.Sscanf(q.Header.Get("Range"), "bytes=%d-", &offset)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)-offset))
		if q.Method == http.MethodHead {
			return
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", offset, len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, content[offset:offset+1]) // and then the connection ends
		_ = http.NewResponseController(w).Flush()
	})
	id := r.job(ops, bits.PriorityNormal, "/a")
	r.retries(id)
	r.must(r.Resume(ops, id))
	for n := range uint64(len(content) - 1) {
		r.until(id, func(j bits.Job) bool { return j.State == bits.StateTransientError && j.BytesTransferred == n+1 })
		r.clock.Advance(time.Minute)
	}
	r.arrives(id, content)
}
