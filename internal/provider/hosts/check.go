package hosts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// check finds settings that do not go together, and warns of what weakens a connection.
func (c Configuration) check() diag.Diagnostics {
	diags := c.common.check(path.Empty(), "")
	for _, key := range slices.Sorted(maps.Keys(c.entries)) {
		for _, d := range c.entries[key].check(path.Root("hosts").AtMapKey(key), fmt.Sprintf("hosts[%q]", key)) {
			if !hasSummary(diags, d.Summary()) { // what is common is told once
				diags.Append(d)
			}
		}
	}
	if c.Host.ValueString() != "" {
		if d := c.refuseAddress(c.Host.ValueString()); d != nil {
			diags.Append(d)
		}
	}
	for _, w := range c.common.settings.Weaknesses() {
		diags.AddAttributeWarning(path.Root(w.Attribute), w.Summary, w.Text)
	}
	return diags
}

func hasSummary(diags diag.Diagnostics, summary string) bool {
	return slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Summary() == summary })
}

// check finds settings of one way that do not go together. Those of an entry of hosts, which is named in the texts, stand
// at the entry.
func (r HostConfig) check(entry path.Path, of string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, c := range r.settings.Conflicts() {
		switch {
		case !r.known(c.From...):
		case of != "":
			diags.AddAttributeError(entry, c.Summary, of+": "+c.Text)
		default:
			diags.AddAttributeError(path.Root(c.Attribute), c.Summary, c.Text)
		}
	}
	return diags
}

// known reports whether these attributes, of the entry or of the provider, are known.
func (r HostConfig) known(attributes ...string) bool {
	return !slices.ContainsFunc(r.unknown, func(unknown string) bool {
		return slices.ContainsFunc(attributes, func(a string) bool {
			return unknown == a || strings.HasSuffix(unknown, "]."+a) || strings.HasSuffix(unknown, "]")
		})
	})
}

// refuseAddress refuses a host without a name where the name makes the ticket. nil: nothing is wrong, or not known to be.
func (c Configuration) refuseAddress(host string) diag.Diagnostic {
	to, name, err := c.resolveHost(host)
	if err != nil || len(to.unknown) > 0 || !to.settings.NeedsName() {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("host"), "Kerberos Needs a Name", fmt.Sprintf(
		"%s is reached at the address %s, and Kerberos gives tickets for names: write the host's name, or set spn in its entry of the provider's hosts "+
			"(such as \"HTTP/web01.corp.example\"), or kerberos.spn.", host, name))
}
