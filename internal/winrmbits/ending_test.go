// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestADistantHostIsLeftWithoutAShell ends ten runs that changed something over a round trip of a second, in the time that a
// CLI leaves its providers, which is 2 s.
func TestADistantHostIsLeftWithoutAShell(t *testing.T) {
	ends := map[string]func(r *rig, h *Host){
		"after the last operation": func(*rig, *Host) {},
		"while a request is sent": func(r *rig, h *Host) {
			go func() { _, _ = h.Hello(r.t.Context()) }()
			synctest.Wait()
		},
		"while an answer is received": func(r *rig, h *Host) {
			go func() { _, _ = h.Hello(r.t.Context()) }()
			wait(1500 * time.Millisecond)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				id := r.world.job("a")
				r.faults(slow(time.Second))
				for range 10 {
					fleet := newFleet(nil, r.open)
					system := settings(0)
					system.RunAs = connection.RunAsSystem
					h := fleet.Host(system)
					if _, err := low(t.Context(), h, id); err != nil {
						t.Fatal(err)
					}
					end(r, h)
					ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
					if err := fleet.Close(ctx); err != nil {
						t.Error(err)
					}
					cancel()
				}
				for _, s := range r.all() {
					if s.running() {
						t.Errorf("shell %d is left", s.number)
					}
				}
			})
		})
	}
}

// TestWhetherACompletedJobIsStillListedIsLookedFor has BITS fail right after it completed a job.
func TestWhetherACompletedJobIsStillListedIsLookedFor(t *testing.T) {
	t.Run("and BITS answers again", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			id := r.world.transferred("a")
			r.warm()
			r.faults(func(e event) *fault {
				if e.verb == "send" && e.n == 3 {
					r.world.service.Start()
				}
				return nil
			})
			r.world.service.EndAtComplete()
			done, err := r.host.Complete(t.Context(), id)
			if err != nil || !done.Done || done.Remaining || done.Job.State != bits.StateAcknowledged {
				t.Errorf("%+v, %v", done, err)
			}
			r.expect("1/2 complete; 1/3 get")
		})
	})
	t.Run("and BITS does not answer", func(t *testing.T) {
		bubble(t, func(t *testing.T, r *rig) {
			id := r.world.transferred("a")
			r.world.service.EndAtComplete()
			if done, err := r.host.Complete(t.Context(), id); !errors.Is(err, bits.ErrServiceStopped) {
				t.Errorf("%+v, %v", done, err)
			}
		})
	})
}
