// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// Connections is what resources and data sources get from the provider when it is configured.
type Connections struct {
	Configuration
	open Open

	mu           sync.Mutex
	destinations map[string]*Destinations // by address
}

// Host is BITS on one host. Nothing is dialled until the first call.
type Host struct {
	Client
	*Destinations
	Name string // in messages
}

// Open returns a host. The provider's host is meant by a null one, and by one that was planned as unknown because the provider's was.
func (c *Connections) Open(host types.String) (Host, diag.Diagnostics) {
	settings, name, diags := c.settings(host)
	if diags.HasError() {
		return Host{}, diags
	}
	return Host{Client: c.open(settings), Destinations: c.destinationsOf(settings.Address()), Name: name}, nil
}

// settings returns the settings of the connection to a host, or what is wrong with them.
func (c Configuration) settings(host types.String) (s connection.Settings, name string, diags diag.Diagnostics) {
	if unknown := c.UnknownFor(host); len(unknown) > 0 {
		return s, "", problem(path.Empty(), report.UnknownConnectionSettings,
			"The provider can't connect to the host, because these settings are unknown until apply: %s. Apply the resources that "+
				"they depend on first, for example with -target, or use known values.",
			strings.Join(unknown, ", "))
	}
	if host.IsNull() || host.IsUnknown() {
		host = c.Host
	}
	if host.IsNull() {
		return s, "", MissingHost()
	}
	name = host.ValueString()
	to, err := c.resolveHost(name)
	if err != nil {
		return s, "", problem(path.Root("host"), report.InvalidHost, "%s", report.Sentence(err.Error()))
	}
	if attributes := to.settings.Missing(); len(attributes) > 0 {
		return s, "", missingCredential(name, to.settings.Auth, attributes)
	}
	return to.settings, name, c.CheckHost(name)
}

// MissingHost is the error of a resource without a host.
func MissingHost() diag.Diagnostics {
	return problem(path.Root("host"), report.MissingHost,
		"Neither this block nor the provider sets a host. Set host here or in the provider block, or the environment variable BITS_HOST.")
}

func missingCredential(host string, auth connection.Auth, attributes []string) diag.Diagnostics {
	var variables []string
	for _, a := range attributes {
		variables = append(variables, variable(a))
	}
	return problem(path.Empty(), report.MissingCredential,
		"Logging on to %[2]s with auth = %[4]q requires %[1]s. Set %[1]s in the provider block, or %[3]s in the environment.",
		strings.Join(attributes, " and "), host, strings.Join(variables, " and "), auth)
}

// resolveHost returns the settings for a host as a resource spells it: a key of hosts wins over a name or an address that is spelled
// alike, and a port in the value over every other.
func (c Configuration) resolveHost(host string) (hostConfig, error) {
	name, port, err := connection.SplitHost(host)
	if err != nil {
		return hostConfig{}, err
	}
	to, found := c.entries[name]
	if !found {
		to = c.common
	}
	if to.settings.Host = name; found && to.address != "" {
		if to.settings.Host, _, err = connection.SplitHost(to.address); err != nil {
			return hostConfig{}, err
		}
	}
	if port != 0 {
		to.settings.Port = port
	}
	to.settings = to.settings.Used()
	return to, nil
}

// SameHost reports whether two values of host mean the same one: the same key, name or address, and the same port.
func (c Configuration) SameHost(a, b string) bool {
	toA, errA := c.resolveHost(a)
	toB, errB := c.resolveHost(b)
	if errA != nil || errB != nil {
		return a == b
	}
	nameA, _, _ := connection.SplitHost(a)
	nameB, _, _ := connection.SplitHost(b)
	return (nameA == nameB || toA.settings.Host == toB.settings.Host) && toA.settings.Port == toB.settings.Port
}

// Address returns the address and port of a host as a resource spells it, and the value itself where it is none.
func (c Configuration) Address(host string) string {
	to, err := c.resolveHost(host)
	if err != nil {
		return host
	}
	return strings.ToLower(to.settings.Address())
}

// SameSpelling reports whether two values of host are the same name, and write a port or none, case aside.
func SameSpelling(a, b string) bool {
	nameA, portA, errA := connection.SplitHost(a)
	nameB, portB, errB := connection.SplitHost(b)
	return errA == nil && errB == nil && nameA == nameB && (portA != 0) == (portB != 0)
}

// UnknownFor lists the settings of the connection to a host that are known only after an apply.
func (c Configuration) UnknownFor(host types.String) []string {
	var unknown []string
	if host.IsNull() || host.IsUnknown() {
		if c.Host.IsUnknown() {
			unknown = append(unknown, "host")
		}
		host = c.Host
	}
	return append(unknown, c.known(host).unknown...)
}

// RunAs is the account that calls BITS on a host.
func (c Configuration) RunAs(host types.String) connection.RunAs { return c.known(host).settings.RunAs }

// known returns the settings for a host, or those for all where the host is not known.
func (c Configuration) known(host types.String) hostConfig {
	if to, err := c.resolveHost(host.ValueString()); err == nil {
		return to
	}
	return c.common
}

// CheckHost refuses a host that is dialled by its address where Kerberos needs a name. What is not known yet is not judged.
func (c Configuration) CheckHost(host string) diag.Diagnostics {
	to, err := c.resolveHost(host)
	if err != nil || len(to.unknown) > 0 || !to.settings.NeedsName() {
		return nil
	}
	return problem(path.Root("host"), report.KerberosNeedsAName,
		"%s is reached at the IP address %s, and Kerberos issues tickets for names. Use the DNS name of the host, or set spn in its entry of hosts "+
			"(such as \"HTTP/web01.corp.example\"), or kerberos.spn.", host, to.settings.Host)
}

func problem(at path.Path, summary report.Summary, format string, args ...any) diag.Diagnostics {
	return diag.Diagnostics{report.Problem(at, summary, format, args...)}
}
