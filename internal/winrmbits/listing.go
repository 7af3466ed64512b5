// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Listing returns every job that the account may see, or only its own, and reports which.
func (h *Host) Listing(ctx context.Context, mine bool) (bits.Listing, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	listing, err := h.listing(ctx, mine)
	return listing, h.wrap("list jobs", "", err)
}

func (h *Host) listing(ctx context.Context, mine bool) (bits.Listing, error) {
	asSystem := h.settings.RunAs == connection.RunAsSystem
	o, err := h.do(ctx, agent.Op{Name: agent.OpList, Mine: mine && !asSystem}) // an account that sees every job can list SYSTEM's
	if err != nil {
		return bits.Listing{}, err
	}
	listed, err := value[agent.Listed](o)
	if err != nil {
		return bits.Listing{}, err
	}
	var p parser
	listing := bits.Listing{AllUsers: listed.AllUsers && !mine, At: p.time(listed.Now)}
	seen := map[string]bool{} // a page that was asked for twice comes twice
	for _, w := range o.pages {
		if seen[w.ID] {
			continue
		}
		seen[w.ID] = true
		job, err := jobFromWire(w)
		if err != nil {
			listing.Unread = append(listing.Unread, unreadFromWire(w, err))
			continue
		}
		if !mine || !asSystem || job.Owner.SID == systemSID {
			listing.Jobs = append(listing.Jobs, job)
		}
	}
	return listing, p.err
}

// unreadFromWire returns what a list shows of a job that can't be read.
func unreadFromWire(w agent.Job, err error) bits.UnreadJob {
	id, _ := bits.ParseJobID(w.ID) // an id that could not be read is none
	return bits.UnreadJob{ID: id, DisplayName: w.DisplayName, Err: err}
}
