package job

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// planTriggers replaces the job when a value changes. Whoever only begins or ceases to declare values asks for no
// transfer.
func (p *planning) planTriggers() {
	if !p.prior.Triggers.IsNull() && !p.plan.Triggers.IsNull() && !p.plan.Triggers.Equal(p.prior.Triggers) {
		p.replace.Append(path.Root("triggers"))
	}
}

// isMissing reports whether BITS has no such job any more, and nothing shows that it was completed.
func (p *planning) isMissing() bool {
	return p.prior.stage() == bits.StageMissing && !p.evidence.completed()
}

// planMissing plans for a job that is missing.
func (p *planning) planMissing() diag.Diagnostics {
	if p.config.OnMissing.ValueString() == policyError {
		return diag.Diagnostics{report.Problem(path.Root("on_missing"), report.JobIsMissing,
			"%s on %s is missing. %s\n\n%s", report.UpperFirst(p.prior.name()), p.prior.Host.ValueString(), p.evidence.absence(), missingRemedy)}
	}
	p.plan.State = types.StringUnknown()
	p.replace.Append(path.Root("state"))
	return nil
}

// finished reports whether a job is known to be completed, recorded or not.
func (m *model) finished(e ending) bool {
	return m.stage() == bits.StageAcknowledged || e.completed()
}

// planFinished plans for a completed job, and its record where the state does not have it yet.
func (p *planning) planFinished(ctx context.Context) diag.Diagnostics {
	if p.prior.stage() != bits.StageAcknowledged {
		p.plan.markEnded(p.evidence.ending)
	}
	if p.config.OnFinishedChange.ValueString() == policyReplace {
		for _, a := range p.evidence.withoutReverts(inPlace(p.plan, p.prior)) {
			p.replace.Append(path.Root(a.name))
		}
		if len(mismatches(toCheck(p.plan, p.prior), p.evidence)) > 0 {
			p.replace.Append(path.Root("files"))
		}
		if len(p.replace) > 0 {
			return nil
		}
	}
	diags := refuseChanges(ctx, p.plan, p.prior, p.evidence)
	diags.Append(refuseHashes(p.plan, p.prior, p.evidence)...)
	return diags
}
