package job

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var errMismatch = errors.New("a file has another content than is expected")

// checkHashes compares the contents of a completed job's files before an update records what is expected of them, and keeps
// the evidence. A content that is another one is told, and the error is errMismatch then.
func (u *update) checkHashes(ctx context.Context, e *ending, resp *resource.UpdateResponse) error {
	wanted := toCheck(u.plan, u.prior)
	err := e.hash(ctx, u.Client, wanted)
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

// reportUnchecked tells why nothing can be said of a content, where compare has not told anything.
func (u *update) reportUnchecked(ctx context.Context, err error) diag.Diagnostics {
	if err == nil || errors.Is(err, errMismatch) {
		return nil
	}
	a := u.prior.operation(checking)
	a.At, a.Limit = path.Root("files"), updateTimeout
	return diag.Diagnostics{report.Error(ctx, a, err)}
}
