package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// compare compares the contents of a completed job's files before an update records what is expected of them, and keeps
// the evidence. A content that is another one is told, and the error is errMismatch then.
func (u *update) compare(ctx context.Context, e *ending, resp *resource.UpdateResponse) error {
	wanted := toCheck(u.plan, u.prior)
	err := e.hash(ctx, u.jobs, wanted)
	resp.Diagnostics.Append(remember(ctx, resp.Private, endingKey, *e)...)
	wrong := mismatches(wanted, *e)
	if err != nil || len(wrong) == 0 {
		return err
	}
	remedy := recordMismatch
	if u.prior.stage() == bits.StageAcknowledged {
		remedy = changeMismatch
	}
	resp.Diagnostics.Append(refuseMismatches(u.prior, wrong, remedy)...)
	return errMismatch
}

// uncompared tells why nothing can be said of a content, where compare has not told anything.
func (u *update) uncompared(ctx context.Context, err error) diag.Diagnostics {
	if err == nil || errors.Is(err, errMismatch) {
		return nil
	}
	a := u.prior.act(checking)
	a.at, a.limit = path.Root("files"), updateTimeout
	return diag.Diagnostics{diagnose(ctx, a, err)}
}
