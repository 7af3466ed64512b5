package winrmbits

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestTheFirstChangeSweepsWhatWasLeftPending(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.host.sweptPending = false
		old := r.world.job(bits.PendingPrefix + pending)
		pass(2 * time.Hour)
		young := r.world.job(bits.PendingPrefix + strings.Repeat("b", 32))
		kept := r.world.job("payload")
		get(t, r.host, kept)
		if got := r.world.jobs(); len(got) != 3 {
			t.Errorf("a read leaves %q", got)
		}
		for range 2 {
			if _, err := r.host.Change(t.Context(), kept, bits.Change{Priority: ptr(bits.PriorityLow)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.world.service.Job(administrator, old); err == nil {
			t.Error("the old pending job is there still")
		}
		if _, err := r.world.service.Job(administrator, young); err != nil {
			t.Errorf("the young pending job: %v", err)
		}
		sweeps := 0
		for _, line := range r.log {
			sweeps += strings.Count(line, "sweep")
		}
		if sweeps != 1 {
			t.Errorf("%d sweeps in %q", sweeps, r.log)
		}
	})
}

func TestASweepThatFailsFailsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.host.sweptPending = false
		r.world.service.Disable()
		if _, err := r.host.Remove(t.Context(), noJob); err == nil {
			t.Fatal("a disabled service removes a job")
		}
		r.world.service.Start()
		job, err := r.host.Create(t.Context(), pending, spec("payload"))
		if err != nil || !slices.Contains(r.world.jobs(), job.DisplayName) {
			t.Errorf("after a sweep that failed: %v", err)
		}
	})
}

func ptr[T any](v T) *T { return &v }
