// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestTheJobsOutliveTheProcess makes the steps of a job, and loads the memory anew between them.
func TestTheJobsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.json")
	process := func(do func(c client)) {
		t.Helper()
		m, err := load(path)
		if err != nil {
			t.Fatal(err)
		}
		do(client{memory: m, host: "web01"})
		if err := m.save(path); err != nil {
			t.Fatal(err)
		}
	}
	var id bits.JobID
	process(func(c client) {
		job, err := c.Create(t.Context(), "token", bits.Spec{Priority: bits.PriorityNormal, Files: []bits.FileSpec{{RemoteName: "http://a/b", LocalName: `C:\b`}}})
		if id = job.ID; err != nil {
			t.Fatal(err)
		}
		if job, err = c.Commit(t.Context(), id, "name", false); err != nil || job.DisplayName != "name" || job.State != bits.StateQueued {
			t.Errorf("%+v %v", job, err)
		}
	})
	process(func(c client) {
		high := bits.PriorityHigh
		if _, err := c.Change(t.Context(), id, bits.Change{Priority: &high}); err != nil {
			t.Error(err)
		}
	})
	process(func(c client) {
		if job, err := c.Get(t.Context(), id, ""); err != nil || job.Priority != bits.PriorityHigh || len(job.Files) != 1 {
			t.Errorf("%+v %v", job, err)
		}
		if list, err := c.Listing(t.Context(), false); err != nil || len(list.Jobs) != 1 {
			t.Errorf("%+v %v", list, err)
		}
		if done, err := c.Complete(t.Context(), id); err != nil || !done.Done {
			t.Errorf("%+v %v", done, err)
		}
		if _, err := c.Get(t.Context(), id, ""); !errors.Is(err, bits.ErrNotFound) {
			t.Error(err)
		}
		if gone, err := c.Remove(t.Context(), id); err != nil || !gone.Absent {
			t.Errorf("%+v %v", gone, err)
		}
	})
}
