// SPDX-License-Identifier: MPL-2.0

package job

import (
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// down makes every call to a host fail on its way there.
func (h *fakeHost) down(kind connection.Kind, again bool) {
	for _, verb := range []string{"create", "adopt", "commit", "get", "list mine=false", "change", "history", "stat", "complete", "remove"} {
		h.fail[verb] = fmt.Errorf("%s: %w", verb, &connection.Error{
			Kind: kind, Host: "web02:5986", Problem: "it is down.", Remedy: "Start it.", Repeated: again,
		})
	}
}

// pair serves a provider with on_unreachable = "warn" and a job on each of two hosts.
func pair(t *testing.T) (r *rig, web01, web02 instance) {
	t.Helper()
	r = newRig(t)
	r.others = map[string]*fakeHost{"web02": newFakeHost()}
	r.mustConfigure(values{"on_unreachable": text("warn"), "username": text("svc-bits"), "password": text(testPassword)})
	return r, r.created(on("web01", nil)), r.created(on("web02", nil))
}

func on(host string, changes values) values {
	return jobConfig(with(values{"host": text(host)}, changes))
}

// TestAHostThatIsDown has one of two hosts go down: the other is refreshed, planned and changed, and what is asked of this one fails by itself.
func TestAHostThatIsDown(t *testing.T) {
	for _, kind := range []connection.Kind{connection.Unreachable, connection.Silent, connection.Lost} {
		t.Run(string(kind), func(t *testing.T) {
			r, live, dead := pair(t)
			r.others["web02"].down(kind, false)

			kept, diags := r.refresh(dead)
			expectDiagnostic(t, diags, "WARNING", "web02:5986: it is down.", "Start it.", `The state keeps the last known values`, `(on_unreachable = "warn")`)
			if !kept.value.Equal(dead.value) {
				t.Errorf("a refresh changes the state: %s", kept.value)
			}
			if p := r.plan(kept, on("web02", nil)); p.action() != "none" || len(p.diags) > 0 {
				t.Errorf("planned: %s: %s", describe(p), formatted(p.diags))
			}
			if read, diags := r.refresh(live); len(diags) > 0 || !read.value.Equal(live.value) {
				t.Errorf("a refresh of the other host: %s", formatted(diags))
			}

			r.others["web02"].down(kind, true)
			_, diags = r.refresh(dead)
			expectDiagnostic(t, diags, "WARNING", "Host Skipped", "The first resource that needed it has the full error.")

			change := values{"priority": text("high")}
			if _, diags = r.apply(t.Context(), r.plan(live, on("web01", change))); len(diags) > 0 {
				t.Errorf("the update on the other host: %s", formatted(diags))
			}
			p := r.plan(kept, on("web02", change))
			if describe(p) != "update priority" {
				t.Errorf("planned: %s", describe(p))
			}
			after, diags := r.apply(t.Context(), p)
			expectDiagnostic(t, diags, "ERROR", "Unable to set the priority")
			if !after.value.Equal(dead.value) {
				t.Errorf("a failed update leaves %s", after.value)
			}
			expectDiagnostic(t, r.destroy(kept), "ERROR", "Unable to remove")
			_, diags = r.apply(t.Context(), r.plan(r.none(), on("web02", values{"display_name": text("another")})))
			expectDiagnostic(t, diags, "ERROR")
		})
	}
}

// TestNothingIsPlannedByItselfOnAHostThatIsDown has jobs that the next apply would complete or resume.
func TestNothingIsPlannedByItselfOnAHostThatIsDown(t *testing.T) {
	for _, test := range []struct {
		name string
		move func(*bits.Job)
	}{
		{"a job that is transferred", moveTo(bits.StateTransferred)},
		{"a job that failed", failTransfer},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _, made := pair(t)
			host := r.others["web02"]
			test.move(host.theJob(t))
			read, _ := r.refresh(made)
			if p := r.plan(read, on("web02", nil)); p.action() != "update" {
				t.Fatalf("planned while the host is up: %s", describe(p))
			}
			host.down(connection.Unreachable, false)
			kept, _ := r.refresh(read)
			if p := r.plan(kept, on("web02", nil)); p.action() != "none" {
				t.Errorf("planned while the host is down: %s", describe(p))
			}
			changed := r.plan(kept, on("web02", values{"priority": text("high")}))
			if changed.action() != "update" || textOf(changed.state, "state") == textOf(kept.value, "state") {
				t.Errorf("a change is planned as %s, with state = %s", describe(changed), textOf(changed.state, "state"))
			}
			clear(host.fail) // the host is back before the apply
			after, diags := r.apply(t.Context(), changed)
			if failed(diags) || strings.Contains(string(after.private), "unread") {
				t.Errorf("the apply leaves %s: %s", after.private, formatted(diags))
			}
			if back, diags := r.refresh(kept); strings.Contains(string(back.private), "unread") {
				t.Errorf("a refresh of the host that is back leaves %s: %s", back.private, formatted(diags))
			}
		})
	}
}

func TestWhatIsNoHostThatIsDownIsAnError(t *testing.T) {
	for _, kind := range []connection.Kind{
		connection.Untrusted, connection.Unauthorized, connection.NoLogon, connection.Forbidden, connection.NotWinRM, connection.Unprotected,
		connection.Quota, connection.NoAgent, connection.NoSystem, connection.Crowded,
	} {
		t.Run(string(kind), func(t *testing.T) {
			r, _, made := pair(t)
			r.others["web02"].down(kind, false)
			kept, diags := r.refresh(made)
			if !failed(diags) || strings.Contains(formatted(diags), "on_unreachable") || !kept.value.Equal(made.value) {
				t.Errorf("a refresh says: %s", formatted(diags))
			}
		})
	}
	t.Run("an import has nothing to keep", func(t *testing.T) {
		r, _, made := pair(t)
		r.others["web02"].down(connection.Unreachable, false)
		imported := r.none()
		all := attributesOf(made.value, nil)
		known := values{"id": all["id"], "host": all["host"]}
		imported.value = r.object(r.resource, known)
		if _, diags := r.refresh(imported); !failed(diags) {
			t.Errorf("a refresh says: %s", formatted(diags))
		}
	})
}
