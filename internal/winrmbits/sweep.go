package winrmbits

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// sweep has the pending jobs removed that a killed provider left on the host, in front of everything else that the batch
// does: the first that changes something.
func (p *plan) sweep(ms int) {
	at := p.hello + 1
	p.ops = slices.Insert(p.ops, at, agent.Op{Name: agent.OpSweep, MS: ms})
	p.calls = slices.Insert(p.calls, at, nil)
}

// noteSweep logs what came of it. Nobody waits for that: a sweep that failed fails nothing, and the next run sweeps again.
func (*Host) noteSweep(ctx context.Context, o *outcome) {
	if !o.answered() {
		return
	}
	swept, err := value[agent.Swept](*o)
	switch {
	case err != nil:
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "jobs that were left pending could not be removed", map[string]any{"because": err.Error()})
	case len(swept.Removed) > 0:
		tflog.SubsystemDebug(ctx, wsman.Subsystem, "removed jobs that were left pending", map[string]any{"jobs": swept.Removed})
	}
}
