package hosts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// check finds settings that do not go together, and warns of what weakens a connection.
func (c Configuration) check() diag.Diagnostics {
	diags := c.common.check(path.Empty(), "")
	for _, key := range slices.Sorted(maps.Keys(c.entries)) {
		for _, d := range c.entries[key].check(path.Root("hosts").AtMapKey(key), fmt.Sprintf("hosts[%q]", key)) {
			if !hasSummary(diags, d.Summary()) { // what is common is reported once
				diags.Append(d)
			}
		}
	}
	if d := c.addressWithoutName(c.Host.ValueString()); d != nil {
		diags.Append(d)
	}
	for _, w := range c.common.settings.Weaknesses() {
		diags.Append(report.AsWarning(report.Finding(path.Root(w.Attribute), w, w.Text)))
	}
	return diags
}

func hasSummary(diags diag.Diagnostics, summary string) bool {
	return slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Summary() == summary })
}

// check finds settings of one connection that do not go together. Those of an entry of hosts, which the texts name, are reported
// at the entry.
func (h hostConfig) check(entry path.Path, of string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range h.settings.Conflicts() {
		switch {
		case !h.known(c.From...):
		case of != "":
			diags.Append(report.Finding(entry, c, of+": "+c.Text))
		default:
			diags.Append(report.Finding(path.Root(c.Attribute), c, c.Text))
		}
	}
	return diags
}

// known reports whether these attributes, of the entry or of the provider, are known.
func (h hostConfig) known(attributes ...string) bool {
	return !slices.ContainsFunc(h.unknown, func(unknown string) bool {
		return slices.ContainsFunc(attributes, func(a string) bool {
			return unknown == a || strings.HasSuffix(unknown, "]."+a) || strings.HasSuffix(unknown, "]")
		})
	})
}
