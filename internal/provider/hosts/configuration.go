// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const defaultOperationTimeout = 60 * time.Second

// Configuration is the provider's configuration after environment and defaults.
type Configuration struct {
	common  hostConfig            // to hosts without an entry
	entries map[string]hostConfig // to those that have one in hosts, by key in lower case
	Host    types.String          // of resources that name none; null or unknown where it is

	onUnreachable string // what a read of a host that is down comes to: an error or a warning
}

// ReachesNothing reports whether no host can be reached yet, because settings that all connections need are known only after an apply.
func (c Configuration) ReachesNothing() bool { return len(c.common.unknown) > 0 && len(c.entries) == 0 }

// Validate checks the configuration alone. It reads neither the environment nor files: terraform validate may run elsewhere.
func Validate(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	_, diags := resolveConfig(ctx, config, &resolver{env: func(string) string { return "" }})
	return diags.Errors() // warnings are for plans
}

// Configure resolves the provider's configuration for resources and data sources.
func Configure(ctx context.Context, config tfsdk.Config, env func(string) string, open Open) (*Connections, diag.Diagnostics) {
	resolved, diags := resolveConfig(ctx, config, &resolver{env: env, files: true})
	return &Connections{Configuration: resolved, open: open}, diags
}

// FromEnvironment returns the settings of the connection to the host that the variables BITS_* name, as the provider resolves them.
func FromEnvironment(env func(string) string) (connection.Settings, error) {
	r := &resolver{env: env, files: true}
	settings, _, diags := r.configuration().settings(types.StringNull())
	r.diags.Append(diags...)
	for _, d := range r.diags.Errors() {
		return connection.Settings{}, fmt.Errorf("%s: %s", d.Summary(), d.Detail())
	}
	return settings, nil
}

func resolveConfig(ctx context.Context, config tfsdk.Config, r *resolver) (Configuration, diag.Diagnostics) {
	var object types.Object
	if diags := config.Get(ctx, &object); diags.HasError() {
		return Configuration{}, diags
	}
	r.values = object.Attributes()
	return r.configuration(), r.diags
}

// configuration applies environment and defaults, and checks what comes of it. Unknown values stay unknown.
func (r *resolver) configuration() Configuration {
	https := resolve(r, "https", connection.ParseBool, true)
	s := connection.Settings{
		HTTPS:            https,
		Port:             resolve(r, "port", connection.ParsePort, connection.DefaultPort(https)),
		Auth:             resolve(r, "auth", connection.ParseAuth, connection.DefaultAuth),
		Username:         resolve(r, "username", connection.ParseUsername, ""),
		Password:         bits.NewSecret(resolve(r, "password", connection.ParseText, "")),
		AllowUnencrypted: resolve(r, "allow_unencrypted", connection.ParseBool, false),
		ProxyURL:         bits.NewSecret(resolve(r, "proxy_url", connection.ParseProxy, "")),
		MaxSessions:      resolve(r, "max_sessions", parseCount, 0),
		RunAs:            resolve(r, "run_as", connection.ParseRunAs, connection.RunAsSystem),
		ConnectTimeout:   resolve(r, "connect_timeout", connection.ParseDuration, connection.DefaultConnectTimeout),
		OperationTimeout: resolve(r, "operation_timeout", connection.ParseDuration, defaultOperationTimeout),
	}
	r.resolveTLS(&s)
	r.resolveClientCertificate(&s)
	s.Kerberos = r.kerberos()
	host := r.host()
	entries := r.entries()
	common := hostConfig{settings: s, unknown: r.unknown}
	onUnreachable := resolve(r, "on_unreachable", parseOnUnreachable, unreachableFails) // which no connection needs
	c := Configuration{common: common, entries: r.resolveHosts(entries, common), Host: host, onUnreachable: onUnreachable}
	if !r.diags.HasError() {
		r.diags.Append(c.check()...)
	}
	return c
}

// host resolves the provider's host; "" counts as none.
func (r *resolver) host() types.String {
	if host, _ := r.values["host"].(types.String); host.IsUnknown() {
		return host
	}
	return attrs.StringOrNull(resolve(r, "host", connection.ParseHost, ""))
}

// check finds settings that do not go together, and warns of what weakens a connection.
func (c Configuration) check() diag.Diagnostics {
	common := c.common.check(path.Empty(), "")
	diags := slices.Clone(common)
	for _, name := range slices.Sorted(maps.Keys(c.entries)) {
		key := c.entries[name].key
		for _, d := range c.entries[name].check(path.Root("hosts").AtMapKey(key), fmt.Sprintf("hosts[%q]", key)) {
			if !slices.ContainsFunc(common, func(had diag.Diagnostic) bool { return strings.HasSuffix(d.Detail(), had.Detail()) }) { // once
				diags.Append(d)
			}
		}
	}
	diags.Append(c.CheckHost(c.Host.ValueString())...)
	for _, w := range c.common.settings.Weaknesses() {
		diags.Append(report.AsWarning(report.Finding(path.Root(w.Attribute), w, w.Text)))
	}
	return diags
}

// check finds settings of one connection that do not go together, and reports those of an entry of hosts at the entry.
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

// resolver resolves the attributes of an object one by one, and collects what is unknown or wrong.
type resolver struct {
	in      path.Path             // the object; the empty path is the provider block itself
	values  map[string]attr.Value // as configured; a value that is absent is null
	env     func(string) string
	files   bool     // files may be read: terraform validate may run elsewhere
	unknown []string // attributes whose values are known only after an apply
	diags   diag.Diagnostics
}

// variable is the environment variable of an attribute, such as kerberos.spn.
func variable(attribute string) string {
	return "BITS_" + strings.ToUpper(strings.ReplaceAll(attribute, ".", "_"))
}

// resolve returns the configured value of an attribute, else that of the environment, where "" counts as none, else the default. For
// an unknown value, which is noted, it returns the default, and nothing uses it.
func resolve[T any](r *resolver, name string, parse func(string) (T, error), fallback T) T {
	at := r.in.AtName(name)
	origin, text := at.String(), ""
	switch value := r.values[name].(type) {
	case nil:
	case types.String:
		text = value.ValueString()
	default:
		text = value.String()
	}
	switch {
	case r.isNull(name):
		origin = variable(origin)
		if text = r.env(origin); text == "" {
			return fallback
		}
	case r.values[name].IsUnknown():
		r.unknown = append(r.unknown, origin)
		return fallback
	}
	parsed, err := parse(text)
	if err != nil {
		r.refuse(at, fmt.Sprintf("%s: %s", origin, report.WithPeriod(err.Error())))
		return fallback
	}
	return parsed
}

func (r *resolver) isNull(name string) bool { return r.values[name] == nil || r.values[name].IsNull() }

func (r *resolver) refuse(at path.Path, detail string) {
	r.diags.Append(report.Problem(at, report.InvalidProviderConfiguration, "%s", detail))
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a whole number of at least 1", s)
	}
	return n, nil
}
