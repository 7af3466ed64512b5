// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"net/http"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestARunThatIsOverLeavesNoTemporaryFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.Pause()
	id := r.job(ops, bits.PriorityForeground, "/a")
	r.must(r.Resume(ops, id))
	r.mu.Lock()
	j := r.jobs[id]
	r.mu.Unlock()
	over := &task{service: r.Service, job: j, run: &run{}, file: j.files[0]}
	if _, p := over.open(); !p.halted {
		t.Errorf("a run that is over goes on: %+v", p)
	}
	if left := r.temporaries(); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// Jobs are cancelled at every point of their way.
func TestCancelledJobsLeaveNoTemporaryFile(t *testing.T) {
	t.Parallel()
	const rounds = 1000
	r := newRig(t)
	reached := make(chan struct{}, 2) // by HEAD and by GET
	network := head(func(*http.Request) (*http.Response, error) { return part("bytes 0-9/10", &zeros{}), nil })
	r.client = &http.Client{Transport: exchange(func(q *http.Request) (*http.Response, error) {
		reached <- struct{}{}
		return network(q)
	})}
	points := []func(){
		func() {},
		func() { <-reached },
		func() { <-reached; <-reached },
	}
	for round := range rounds {
		id := r.job(ops, bits.PriorityHigh, "/a")
		r.must(r.Resume(ops, id))
		points[round%len(points)]()
		if result, err := r.Cancel(ops, id); err != nil || result != 0 {
			t.Fatalf("round %d is cancelled with %s, %v", round, result, err)
		}
		for len(reached) > 0 {
			<-reached
		}
	}
	if left := r.temporaries(); len(left) > 0 {
		t.Errorf("%d files are left after %d rounds", len(left), rounds)
	}
}
