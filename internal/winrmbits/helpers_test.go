// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Hello sends an operation that changes nothing.
func (h *Host) Hello(ctx context.Context) (agent.Hello, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	hello, err := execute[agent.Hello](ctx, h, agent.Op{Name: agent.OpHello})
	return hello, h.wrap("send hello", "", err)
}

// hello fails the test when one of the hosts does not answer.
func hello(t *testing.T, hosts ...*Host) {
	t.Helper()
	for _, h := range hosts {
		if _, err := h.Hello(t.Context()); err != nil {
			t.Errorf("%s: %v", h.settings.Host, err)
		}
	}
}

// get reads a job, which has to exist.
func get(t *testing.T, h *Host, id bits.JobID) bits.Job {
	t.Helper()
	job, err := h.Get(t.Context(), id, "")
	if err != nil || job.ID != id {
		t.Errorf("got job %q instead of %q: %v", job.ID, id, err)
	}
	return job
}

// list returns the jobs of a host.
func list(t *testing.T, h *Host, mine bool) []bits.Job {
	t.Helper()
	listing, err := h.Listing(t.Context(), mine)
	if err != nil {
		t.Error(err)
	}
	return listing.Jobs
}

// low sets the priority of a job to low.
func low(ctx context.Context, h *Host, id bits.JobID) (bits.Job, error) {
	return h.Change(ctx, id, bits.Change{Priority: new(bits.PriorityLow)})
}

// wantFailure fails the test unless err is a whole error of a connection, of that kind and with these texts in it.
func wantFailure(t *testing.T, err error, kind connection.Kind, texts ...string) {
	t.Helper()
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != kind || failed.Repeated {
		t.Errorf("the error is %v, want one of kind %s", err, kind)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error()+"\n"+failed.Problem+"\n"+failed.Remedy, text) {
			t.Errorf("%q is not in the error: %v", text, err)
		}
	}
}

// wantFailures sends hello to hosts at once, all of which fail, and counts the errors that are whole and those that only
// refer to another. kind is that of all; "" stands for any.
func wantFailures(t *testing.T, kind connection.Kind, whole, repeated int, hosts ...*Host) {
	t.Helper()
	var mu sync.Mutex
	var callers sync.WaitGroup
	for _, h := range hosts {
		callers.Go(func() {
			_, err := h.Hello(t.Context())
			var failed *connection.Error
			mu.Lock()
			defer mu.Unlock()
			switch {
			case !errors.As(err, &failed) || kind != "" && failed.Kind != kind:
				t.Errorf("the error is %v, want one of kind %q", err, kind)
			case failed.Repeated:
				repeated--
			default:
				whole--
			}
		})
	}
	callers.Wait()
	if whole != 0 || repeated != 0 {
		t.Errorf("%d whole errors and %d that refer to one are missing", whole, repeated)
	}
}
