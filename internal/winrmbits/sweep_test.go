// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestTheFirstChangeRemovesOldPendingJobs(t *testing.T) {
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
			if _, err := low(t.Context(), r.host, kept); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.world.service.Job(administrator, old); err == nil {
			t.Error("the old pending job still exists")
		}
		if _, err := r.world.service.Job(administrator, young); err != nil {
			t.Errorf("the young pending job: %v", err)
		}
		if story := r.story(); strings.Count(story, "sweep") != 1 {
			t.Errorf("it did not sweep once: %s", story)
		}
	})
}

func TestAFailedSweepIsNotAnError(t *testing.T) {
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
