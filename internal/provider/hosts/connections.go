package hosts

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Connections is what a resource gets from the provider: the settings, and the door to hosts.
type Connections struct {
	hosts Open
	Configuration
}

// FromProviderData returns what Configure of the provider has made; nil before that.
func FromProviderData(data any) (*Connections, diag.Diagnostics) {
	if data == nil {
		return nil, nil
	}
	c, ok := data.(*Connections)
	if !ok {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected Provider Data", fmt.Sprintf("%T is not a connection. This is a bug of the provider.", data))}
	}
	return c, nil
}

// Host is a host whose door is open. Nothing was dialled yet.
type Host struct {
	Client Client
	Name   string // as messages name it
}

// resolveHost gives the way to a host as a resource writes it: a key of hosts wins over a name or an address that is spelled
// alike, and a port behind it over every other. The settings name the host, and the text is what is dialled.
func (c Configuration) resolveHost(host string) (to HostConfig, dialled string, err error) {
	name, port, err := connection.SplitHost(host)
	if err != nil {
		return HostConfig{}, "", err
	}
	to, found := c.lookUp(name)
	dialled = name
	if found && to.address != "" {
		if dialled, _, err = connection.SplitHost(to.address); err != nil {
			return HostConfig{}, "", err
		}
	}
	if port != 0 {
		to.settings.Port = port
	}
	to.settings.Host = dialled
	to.settings = to.settings.Used()
	return to, dialled, nil
}

// lookUp is the way to a name, and whether it has an entry.
func (c Configuration) lookUp(name string) (HostConfig, bool) {
	if to, found := c.entries[name]; found {
		return to, true
	}
	return c.common, false
}

// SameHost reports whether two values of host mean the same one: the same key or name, or the same address, and the same port.
// A key stays the same host when its address changes.
func (c Configuration) SameHost(a, b string) bool {
	toA, addressA, errA := c.resolveHost(a)
	toB, addressB, errB := c.resolveHost(b)
	if errA != nil || errB != nil {
		return a == b
	}
	nameA, _, _ := connection.SplitHost(a)
	nameB, _, _ := connection.SplitHost(b)
	return (nameA == nameB || addressA == addressB) && toA.settings.Port == toB.settings.Port
}

// UnknownFor lists the settings that reaching a host needs and that are known only after an apply.
func (c Configuration) UnknownFor(host types.String) []string {
	var unknown []string
	if host.IsNull() || host.IsUnknown() {
		if c.Host.IsUnknown() {
			unknown = append(unknown, "host")
		}
		host = c.Host
	}
	if to, _, err := c.resolveHost(host.ValueString()); err == nil {
		return append(unknown, to.unknown...)
	}
	return append(unknown, c.common.unknown...)
}

// RunAs is the account that calls BITS on a host.
func (c Configuration) RunAs(host types.String) connection.RunAs {
	if to, _, err := c.resolveHost(host.ValueString()); err == nil {
		return to.settings.RunAs
	}
	return c.common.settings.RunAs
}

// RefuseHost finds at plan time what would keep an apply from a host. What is not known yet is not judged.
func (c Configuration) RefuseHost(host types.String) diag.Diagnostics {
	if host.IsNull() || host.IsUnknown() || len(c.UnknownFor(host)) > 0 {
		return nil
	}
	if d := c.refuseAddress(host.ValueString()); d != nil {
		return diag.Diagnostics{d}
	}
	return nil
}

// Open gives the jobs of a host. The provider's host stands in for a null one, and for one that was planned as
// unknown because the provider's was.
func (c *Connections) Open(host types.String) (Host, diag.Diagnostics) {
	var diags diag.Diagnostics
	if unknown := c.UnknownFor(host); len(unknown) > 0 {
		diags.AddError("Unknown Connection Settings", fmt.Sprintf(
			"The host can't be reached: %s of the provider or the resource is not known yet, because it comes from something "+
				"that is not applied yet. Apply that first, for example with -target, or use values that are known.",
			strings.Join(unknown, ", ")))
		return Host{}, diags
	}
	if host.IsNull() || host.IsUnknown() {
		host = c.Host
	}
	if host.IsNull() {
		diags.Append(MissingHost())
		return Host{}, diags
	}
	to, _, err := c.resolveHost(host.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("host"), "Invalid Host", report.Sentence(err.Error()))
		return Host{}, diags
	}
	if attributes := to.settings.Missing(); len(attributes) > 0 {
		diags.Append(missingCredential(host.ValueString(), to.settings.Auth, attributes))
		return Host{}, diags
	}
	if d := c.refuseAddress(host.ValueString()); d != nil {
		diags.Append(d)
		return Host{}, diags
	}
	return Host{Client: c.hosts(to.settings), Name: host.ValueString()}, diags
}

func MissingHost() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("host"), "Missing Host",
		"Neither this block nor the provider names a host. Set host here, in the provider block, or in the environment variable BITS_HOST.")
}

func missingCredential(host string, auth connection.Auth, attributes []string) diag.Diagnostic {
	var variables []string
	for _, a := range attributes {
		variables = append(variables, variable(a))
	}
	return diag.NewErrorDiagnostic("Missing Credential", fmt.Sprintf(
		"The provider has no %[1]s to log on to %[2]s with (auth = %[4]q): set %[1]s in the provider block, or %[3]s in the environment.",
		strings.Join(attributes, " and "), host, strings.Join(variables, " and "), auth))
}
