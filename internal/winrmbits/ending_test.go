// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

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
