package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const defaultOperationTimeout = 60 * time.Second

// configuration is the provider's configuration after environment and defaults.
type configuration struct {
	common  route            // to hosts without an entry
	entries map[string]route // to those that have one in hosts, by key in lower case
	host    types.String     // of resources that name none; null or unknown where it is
}

// check finds what is wrong in the configuration itself. The environment and files are not looked at: terraform validate
// may run elsewhere.
func (m providerModel) check(ctx context.Context) diag.Diagnostics {
	_, diags := m.resolve(ctx, &resolver{env: func(string) string { return "" }})
	return diags.Errors() // warnings are for plans
}

// resolve applies environment and defaults, and checks what comes of it. Unknown values stay unknown.
func (m providerModel) resolve(ctx context.Context, r *resolver) (configuration, diag.Diagnostics) {
	https := resolved(r, rootSetting("https"), m.HTTPS, connection.ParseBool, true)
	s := connection.Settings{
		HTTPS:            https,
		Port:             resolved(r, rootSetting("port"), m.Port, connection.ParsePort, connection.DefaultPort(https)),
		Auth:             resolved(r, rootSetting("auth"), m.Auth, connection.ParseAuth, connection.DefaultAuth),
		Username:         resolved(r, rootSetting("username"), m.Username, connection.ParseUsername, ""),
		Password:         bits.NewSecret(resolved(r, rootSetting("password"), m.Password, connection.ParseText, "")),
		AllowUnencrypted: resolved(r, rootSetting("allow_unencrypted"), m.AllowUnencrypted, connection.ParseBool, false),
		ProxyURL:         bits.NewSecret(resolved(r, rootSetting("proxy_url"), m.ProxyURL, connection.ParseProxy, "")),
		MaxSessions:      resolved(r, rootSetting("max_sessions"), m.MaxSessions, parseCount, 0),
		RunAs:            resolved(r, rootSetting("run_as"), m.RunAs, connection.ParseRunAs, connection.RunAsSystem),
		ConnectTimeout:   resolved(r, rootSetting("connect_timeout"), m.ConnectTimeout, connection.ParseDuration, connection.DefaultConnectTimeout),
		OperationTimeout: resolved(r, rootSetting("operation_timeout"), m.OperationTimeout, connection.ParseDuration, defaultOperationTimeout),
	}
	m.resolveTLS(r, &s)
	m.resolveClientCertificate(r, &s)
	s.Kerberos = m.resolveKerberos(ctx, r)
	if m.Hosts.IsUnknown() {
		r.unknown = append(r.unknown, "hosts")
	}
	host := r.host(m.Host)
	common := route{settings: s, unknown: r.unknown}
	c := configuration{common: common, entries: m.resolveHosts(ctx, r, common), host: host}
	if !r.diags.HasError() {
		r.diags.Append(c.check()...)
	}
	return c, r.diags
}

func (r *resolver) host(value types.String) types.String {
	if value.IsUnknown() {
		return value
	}
	host := resolved(r, rootSetting("host"), value, connection.ParseHost, "")
	if host == "" {
		return types.StringNull()
	}
	return types.StringValue(host)
}
