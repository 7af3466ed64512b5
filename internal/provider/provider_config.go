package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const (
	defaultConnectTimeout   = 30 * time.Second
	defaultOperationTimeout = 60 * time.Second
)

var (
	schemes  = []connection.Auth{connection.AuthNegotiate, connection.AuthNTLM, connection.AuthKerberos, connection.AuthCertificate, connection.AuthBasic}
	accounts = []connection.RunAs{connection.RunAsSystem, connection.RunAsUser}
)

// defaultPort is where Windows listens.
func defaultPort(https bool) int {
	if https {
		return 5986
	}
	return 5985
}

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
	https := resolved(r, rootSetting("https"), m.HTTPS, parseBool, true)
	s := connection.Settings{
		HTTPS:            https,
		Port:             resolved(r, rootSetting("port"), m.Port, parsePort, defaultPort(https)),
		Auth:             resolved(r, rootSetting("auth"), m.Auth, only(schemes...), connection.DefaultAuth),
		Username:         resolved(r, rootSetting("username"), m.Username, checked(checkUsername), ""),
		Password:         connection.NewSecret(resolved(r, rootSetting("password"), m.Password, anyText, "")),
		AllowUnencrypted: resolved(r, rootSetting("allow_unencrypted"), m.AllowUnencrypted, parseBool, false),
		ProxyURL:         connection.NewSecret(resolved(r, rootSetting("proxy_url"), m.ProxyURL, checked(checkProxy), "")),
		MaxSessions:      resolved(r, rootSetting("max_sessions"), m.MaxSessions, parseCount, 0),
		RunAs:            resolved(r, rootSetting("run_as"), m.RunAs, only(accounts...), connection.RunAsSystem),
		ConnectTimeout:   resolved(r, rootSetting("connect_timeout"), m.ConnectTimeout, parseDuration, defaultConnectTimeout),
		OperationTimeout: resolved(r, rootSetting("operation_timeout"), m.OperationTimeout, parseDuration, defaultOperationTimeout),
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
	host := resolved(r, rootSetting("host"), value, checked(checkHost), "")
	if host == "" {
		return types.StringNull()
	}
	return types.StringValue(host)
}

// used keeps of the settings what the connection uses: two connections that differ in nothing else are the same.
func used(s connection.Settings) connection.Settings {
	if !s.HTTPS {
		s.CACert, s.TLSServerName, s.TLSMinVersion, s.TLSFingerprint, s.Insecure = "", "", 0, "", false
	}
	if s.Insecure || s.TLSFingerprint != "" {
		s.CACert, s.TLSServerName = "", ""
	}
	if s.Auth == connection.AuthCertificate {
		s.Username, s.Password = "", connection.Secret{}
	} else {
		s.ClientCertificate, s.ClientKey = "", connection.Secret{}
	}
	if !usesKerberos(s) {
		s.Kerberos = connection.Kerberos{}
	}
	return s
}
