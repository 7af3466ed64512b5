package hosts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const defaultOperationTimeout = 60 * time.Second

// Configuration is the provider's configuration after environment and defaults.
type Configuration struct {
	common  hostConfig            // to hosts without an entry
	entries map[string]hostConfig // to those that have one in hosts, by key in lower case
	Host    types.String          // of resources that name none; null or unknown where it is
}

// model is the provider's configuration as Terraform sends it.
type model struct {
	Host              types.String `tfsdk:"host"`
	Hosts             types.Map    `tfsdk:"hosts"`
	Port              types.Int64  `tfsdk:"port"`
	HTTPS             types.Bool   `tfsdk:"https"`
	Auth              types.String `tfsdk:"auth"`
	Username          types.String `tfsdk:"username"`
	Password          types.String `tfsdk:"password"`
	ClientCertificate types.String `tfsdk:"client_certificate"`
	ClientKey         types.String `tfsdk:"client_key"`
	Kerberos          types.Object `tfsdk:"kerberos"`
	AllowUnencrypted  types.Bool   `tfsdk:"allow_unencrypted"`
	CACert            types.String `tfsdk:"ca_cert"`
	CAFile            types.String `tfsdk:"ca_file"`
	TLSServerName     types.String `tfsdk:"tls_server_name"`
	TLSMinVersion     types.String `tfsdk:"tls_min_version"`
	TLSFingerprint    types.String `tfsdk:"tls_fingerprint"`
	Insecure          types.Bool   `tfsdk:"insecure"`
	ProxyURL          types.String `tfsdk:"proxy_url"`
	MaxSessions       types.Int64  `tfsdk:"max_sessions"`
	RunAs             types.String `tfsdk:"run_as"`
	ConnectTimeout    types.String `tfsdk:"connect_timeout"`
	OperationTimeout  types.String `tfsdk:"operation_timeout"`
}

// Validate finds what is wrong in the configuration itself. It reads neither the environment nor files: terraform validate
// may run elsewhere.
func Validate(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var m model
	diags := config.Get(ctx, &m)
	if diags.HasError() {
		return diags
	}
	_, diags = m.resolve(ctx, &resolver{env: func(string) string { return "" }})
	return diags.Errors() // warnings are for plans
}

// Configure resolves the provider's configuration for resources and data sources.
func Configure(ctx context.Context, config tfsdk.Config, env func(string) string, open Open) (*Connections, diag.Diagnostics) {
	var m model
	diags := config.Get(ctx, &m)
	if diags.HasError() {
		return nil, diags
	}
	resolved, diags := m.resolve(ctx, &resolver{env: env, files: true})
	return &Connections{Configuration: resolved, open: open}, diags
}

// FromEnvironment returns the settings of the connection to the host that the variables BITS_* name, as the provider resolves them.
func FromEnvironment(env func(string) string) (connection.Settings, error) {
	c, diags := model{}.resolve(context.Background(), &resolver{env: env, files: true})
	settings, _, problem := c.settings(types.StringNull())
	if problem != nil {
		diags.Append(problem)
	}
	for _, d := range diags.Errors() {
		return connection.Settings{}, fmt.Errorf("%s: %s", d.Summary(), d.Detail())
	}
	return settings, nil
}

// resolve applies environment and defaults, and checks what comes of it. Unknown values stay unknown.
func (m model) resolve(ctx context.Context, r *resolver) (Configuration, diag.Diagnostics) {
	https := resolve(r, rootSetting("https"), m.HTTPS, connection.ParseBool, true)
	s := connection.Settings{
		HTTPS:            https,
		Port:             resolve(r, rootSetting("port"), m.Port, connection.ParsePort, connection.DefaultPort(https)),
		Auth:             resolve(r, rootSetting("auth"), m.Auth, connection.ParseAuth, connection.DefaultAuth),
		Username:         resolve(r, rootSetting("username"), m.Username, connection.ParseUsername, ""),
		Password:         bits.NewSecret(resolve(r, rootSetting("password"), m.Password, connection.ParseText, "")),
		AllowUnencrypted: resolve(r, rootSetting("allow_unencrypted"), m.AllowUnencrypted, connection.ParseBool, false),
		ProxyURL:         bits.NewSecret(resolve(r, rootSetting("proxy_url"), m.ProxyURL, connection.ParseProxy, "")),
		MaxSessions:      resolve(r, rootSetting("max_sessions"), m.MaxSessions, parseCount, 0),
		RunAs:            resolve(r, rootSetting("run_as"), m.RunAs, connection.ParseRunAs, connection.RunAsSystem),
		ConnectTimeout:   resolve(r, rootSetting("connect_timeout"), m.ConnectTimeout, connection.ParseDuration, connection.DefaultConnectTimeout),
		OperationTimeout: resolve(r, rootSetting("operation_timeout"), m.OperationTimeout, connection.ParseDuration, defaultOperationTimeout),
	}
	m.resolveTLS(r, &s)
	m.resolveClientCertificate(r, &s)
	s.Kerberos = m.resolveKerberos(ctx, r)
	if m.Hosts.IsUnknown() {
		r.unknown = append(r.unknown, "hosts")
	}
	host := r.host(m.Host)
	common := hostConfig{settings: s, unknown: r.unknown}
	c := Configuration{common: common, entries: m.resolveHosts(ctx, r, common), Host: host}
	if !r.diags.HasError() {
		r.diags.Append(c.check()...)
	}
	return c, r.diags
}

// host resolves the provider's host; "" counts as none.
func (r *resolver) host(value types.String) types.String {
	if value.IsUnknown() {
		return value
	}
	if host := resolve(r, rootSetting("host"), value, connection.ParseHost, ""); host != "" {
		return types.StringValue(host)
	}
	return types.StringNull()
}

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
