package job

import (
	"slices"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestAJobIsMadeReadChangedAndRemoved(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	if got, want := r.host.called(), []string{"create", "commit"}; !slices.Equal(got, want) {
		t.Errorf("create made the calls %v, want %v", got, want)
	}
	for name, want := range map[string]string{
		"id": "00000000-0000-4000-8000-000000000001", "host": "web01", "state": "pending", "priority": "normal",
		"transfer_type": "download", "created_at": "2026-11-20T10:11:12Z", "completed_at": "(null)", "description": "(null)",
	} {
		if got := textOf(made.value, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	read, diags := r.refresh(made)
	if len(diags) > 0 || !read.value.Equal(made.value) {
		t.Errorf("a refresh changes the state to %s with %s", read.value, formatted(diags))
	}
	if p := r.plan(read, jobConfig(nil)); p.action() != "none" {
		t.Errorf("the same configuration plans %s: %s", p.action(), formatted(p.diags))
	}
	r.host.called()
	changed, diags := r.apply(t.Context(), r.plan(read, jobConfig(values{"priority": text("high")})))
	if len(diags) > 0 {
		t.Fatal(formatted(diags))
	}
	if got := r.host.jobs[bits.JobID(textOf(changed.value, "id"))].Priority; got != bits.PriorityHigh {
		t.Errorf("the host has priority %s", got)
	}
	if got, want := r.host.called(), []string{"change"}; !slices.Equal(got, want) {
		t.Errorf("the update made the calls %v, want %v", got, want)
	}
	if diags := r.destroy(changed); len(diags) > 0 {
		t.Fatal(formatted(diags))
	}
	if len(r.host.jobs) != 0 {
		t.Errorf("%d jobs are left", len(r.host.jobs))
	}
}
