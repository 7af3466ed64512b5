// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// FindNamed returns the one live job with a display name, whose case counts. BITS allows several: they are an error that lists them, and
// choose says how to name one of them by its id.
func (h Host) FindNamed(ctx context.Context, name string, choose func(id bits.JobID) string) (bits.Job, error) {
	listing, err := h.Listing(ctx, false)
	if err != nil {
		return bits.Job{}, err
	}
	var found []bits.Job
	for _, job := range listing.Jobs {
		if job.DisplayName == name {
			found = append(found, job)
		}
	}
	for _, job := range listing.Unread {
		if job.DisplayName == name {
			return bits.Job{}, job.Err
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		ids := make([]string, len(found))
		for i, job := range found {
			ids[i] = string(job.ID)
		}
		slices.Sort(ids)
		return bits.Job{}, &report.Failure{
			Summary: report.AmbiguousName, Problem: fmt.Sprintf("%d jobs have this name: %s", len(ids), strings.Join(ids, ", ")),
			Remedy: choose(bits.JobID(ids[0])),
		}
	case !listing.AllUsers:
		return bits.Job{}, &report.Failure{
			Summary: report.JobNotFound, Problem: "BITS lists no such job of this account, which sees only its own jobs",
		}
	}
	return bits.Job{}, &report.Failure{
		Summary: report.JobNotFound, Problem: "BITS lists no job with this name", Remedy: "Case matters, and BITS lists only unfinished jobs.",
	}
}
