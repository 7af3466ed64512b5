// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// The values of on_unreachable.
const (
	unreachableFails = "error"
	unreachableWarns = "warn"
)

func parseOnUnreachable(s string) (string, error) {
	if s != unreachableFails && s != unreachableWarns {
		return "", fmt.Errorf("%q is not supported: expected one of %q", s, []string{unreachableFails, unreachableWarns})
	}
	return s, nil
}

// ReadFailed returns the diagnostic of a read that failed, and reports whether the run goes on without its answer: the host is down, and
// on_unreachable = "warn". The consequence is what that means for what was to be read.
func (c Configuration) ReadFailed(ctx context.Context, op report.Operation, consequence string, err error) (d diag.Diagnostic, goesOn bool) {
	var failed *connection.Error
	if c.onUnreachable != unreachableWarns || !errors.As(err, &failed) || !failed.Kind.Down() {
		op.WhenUnreachable = strings.TrimSpace("If the host is down temporarily, set on_unreachable = \"warn\" in the provider block to continue " +
			"without it.\n\n" + op.WhenUnreachable)
		return report.Error(ctx, op, err), false
	}
	op.Consequence = consequence + " (on_unreachable = \"warn\")."
	return report.Unreached(ctx, op, err), true
}

// ReadFailed is that of the provider's configuration.
func (s *DataSource) ReadFailed(ctx context.Context, op report.Operation, consequence string, err error) (d diag.Diagnostic, goesOn bool) {
	return s.connections.ReadFailed(ctx, op, consequence, err)
}
