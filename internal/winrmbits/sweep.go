// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// sweep inserts the removal of pending jobs that a killed provider left on the host, before the first batch that changes
// something.
func (p *plan) sweep(at, ms int) {
	p.ops = slices.Insert(p.ops, at, agent.Op{Name: agent.OpSweep, MS: ms})
	p.calls = slices.Insert(p.calls, at, nil)
}

// logSweep logs the result. A sweep that failed is not an error: the next run sweeps again.
func (h *Host) logSweep(ctx context.Context, o *outcome) {
	if !o.answered() {
		return
	}
	swept, err := value[agent.Swept](*o)
	switch {
	case err != nil:
		h.log.Debug(ctx, "jobs that were left pending could not be removed", "because", err)
	case len(swept.Removed)+len(swept.Notes) > 0:
		h.log.Debug(ctx, "removed jobs that were left pending", "jobs", swept.Removed, "left", swept.Notes)
	}
}
