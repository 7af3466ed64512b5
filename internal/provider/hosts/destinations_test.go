// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"fmt"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// listedHost is a host with jobs, which counts what it is asked.
type listedHost struct {
	Client

	jobs        []bits.Job
	lists, gets int
}

func (h *listedHost) Listing(context.Context, bool) (bits.Listing, error) {
	h.lists++
	return bits.Listing{Jobs: h.jobs}, nil
}

func (h *listedHost) Get(_ context.Context, id bits.JobID, _ string) (bits.Job, error) {
	h.gets++
	for _, job := range h.jobs {
		if job.ID == id {
			return job, nil
		}
	}
	return bits.Job{}, bits.ErrNotFound
}

// TestDestinationsAreLookedUpByFile has as many creates as the host has jobs: the list is read once, and each create compares its files
// with the jobs that write them, and with no other.
func TestDestinationsAreLookedUpByFile(t *testing.T) {
	const many = 1000
	h := &listedHost{}
	for i := range many {
		files := []bits.File{{LocalName: fmt.Sprintf(`C:\Data\%d.bin`, i)}, {LocalName: fmt.Sprintf(`C:\Data\%d.txt`, i)}}
		h.jobs = append(h.jobs, bits.Job{ID: bits.JobID(fmt.Sprintf("%036d", i)), TransferType: bits.Download, Files: files})
	}
	h.jobs[3].TransferType = bits.Upload // which only reads its file
	d := (&Connections{}).destinationsOf("web01")
	for i := range many {
		free, err := d.Writers(t.Context(), h, []string{fmt.Sprintf(`C:\Data\new-%d.bin`, i)})
		if err != nil || len(free) != 0 {
			t.Fatalf("%v, %v", free, err)
		}
	}
	if h.lists != 1 || h.gets != 0 {
		t.Errorf("%d lists, %d reads", h.lists, h.gets)
	}
	taken, err := d.Writers(t.Context(), h, []string{`c:\data\7.TXT`, `C:\Data\3.bin`, `C:\Data\7.bin`, `C:\Data\5.bin`})
	if err != nil || len(taken) != 2 || taken[0].ID != h.jobs[7].ID || taken[1].ID != h.jobs[5].ID || h.gets != 2 {
		t.Errorf("%v, %v, %d reads", taken, err, h.gets)
	}
	if writers := len(d.listed); writers != 2*(many-1) {
		t.Errorf("%d files", writers)
	}
}
