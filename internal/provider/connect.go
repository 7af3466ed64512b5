package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// connections is what a resource gets from the provider: the settings, and the door to hosts.
type connections struct {
	hosts Hosts
	configuration
}

// target is a host whose door is open. Nothing was dialled yet.
type target struct {
	jobs Jobs
	host string // as messages name it
}

// unknownFor lists the settings that reaching a host needs and that are known only after an apply.
func (c *connections) unknownFor(host types.String) []string {
	unknown := c.unknown
	if (host.IsNull() || host.IsUnknown()) && c.host.IsUnknown() {
		unknown = append([]string{"host"}, unknown...)
	}
	return unknown
}

// open gives the jobs of a host. The provider's host stands in for a null one, and for one that was planned as
// unknown because the provider's was.
func (c *connections) open(host types.String) (target, diag.Diagnostics) {
	var diags diag.Diagnostics
	if unknown := c.unknownFor(host); len(unknown) > 0 {
		diags.AddError("Unknown Connection Settings", fmt.Sprintf(
			"The host can't be reached: %s of the provider or the resource is not known yet, because it comes from something "+
				"that is not applied yet. Apply that first, for example with -target, or use values that are known.",
			strings.Join(unknown, ", ")))
		return target{}, diags
	}
	if host.IsNull() || host.IsUnknown() {
		host = c.host
	}
	if host.IsNull() {
		diags.Append(missingHost())
		return target{}, diags
	}
	name, port, err := splitHost(host.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("host"), "Invalid Host", sentence(err.Error()))
		return target{}, diags
	}
	settings := c.settings
	settings.Host = name
	if port != 0 {
		settings.Port = port
	}
	var missing []string
	if settings.Username == "" {
		missing = append(missing, "username")
	}
	if settings.Password.Reveal() == "" {
		missing = append(missing, "password")
	}
	if len(missing) > 0 {
		diags.Append(missingCredential(host.ValueString(), missing))
		return target{}, diags
	}
	return target{jobs: c.hosts(settings), host: host.ValueString()}, diags
}

func missingHost() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("host"), "Missing Host",
		"Neither this block nor the provider names a host. Set host here, in the provider block, or in the environment variable BITS_HOST.")
}

func missingCredential(host string, attributes []string) diag.Diagnostic {
	var variables []string
	for _, a := range attributes {
		variables = append(variables, variable(a))
	}
	return diag.NewErrorDiagnostic("Missing Credential", fmt.Sprintf(
		"The provider has no %[1]s to log on to %[2]s with: set %[1]s in the provider block, or %[3]s in the environment.",
		strings.Join(attributes, " and "), host, strings.Join(variables, " and ")))
}
