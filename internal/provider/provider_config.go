package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const (
	defaultConnectTimeout   = 30 * time.Second
	defaultOperationTimeout = 60 * time.Second
	httpsPort               = 5986
	httpPort                = 5985
)

// configuration is the provider's configuration after environment and defaults.
type configuration struct {
	settings connection.Settings // without a host
	host     types.String        // of resources that name none; null or unknown where it is
	unknown  []string            // attributes, host aside, whose values are known only after an apply
}

// check finds what is wrong in the configuration itself. The environment is not looked at: terraform validate
// may run elsewhere.
func (m providerModel) check() diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.HTTPS.IsNull() && !m.HTTPS.IsUnknown() && !m.HTTPS.ValueBool() && !m.Auth.IsUnknown() {
		diags.Append(basicWithoutTLS("https = false"))
	}
	for name, value := range map[string]timetypes.GoDuration{
		"connect_timeout": m.ConnectTimeout, "operation_timeout": m.OperationTimeout,
	} {
		if value.IsNull() || value.IsUnknown() {
			continue
		}
		if d, _ := value.ValueGoDuration(); d <= 0 {
			diags.AddAttributeError(path.Root(name), "Invalid Duration", fmt.Sprintf("%s is %q: it has to be longer than 0, such as \"30s\".", name, value.ValueString()))
		}
	}
	return diags
}

func basicWithoutTLS(setting string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("https"), "Basic Authentication Without TLS", fmt.Sprintf(
		"With %s the password would be sent readable by anybody on the way: auth \"basic\", the only scheme of this version, is "+
			"used inside TLS only. Remove it, or set https = true.", setting))
}

// resolve applies environment and defaults. Unknown values stay unknown.
func (m providerModel) resolve(env func(string) string) (configuration, diag.Diagnostics) {
	r := &resolver{env: env}
	https := resolved(r, "https", m.HTTPS, parseBool, true)
	if !https {
		setting := "https = false"
		if m.HTTPS.IsNull() {
			setting = "BITS_HTTPS = false"
		}
		r.diags.Append(basicWithoutTLS(setting))
	}
	port := httpPort
	if https {
		port = httpsPort
	}
	s := connection.Settings{
		HTTPS:            https,
		Port:             resolved(r, "port", m.Port, parsePort, port),
		Auth:             connection.Auth(resolved(r, "auth", m.Auth, only(string(connection.AuthBasic)), string(connection.AuthBasic))),
		Username:         resolved(r, "username", m.Username, checked(checkUsername), ""),
		Password:         connection.NewSecret(resolved(r, "password", m.Password, anyText, "")),
		RunAs:            connection.RunAs(resolved(r, "run_as", m.RunAs, only(string(connection.RunAsSystem), string(connection.RunAsUser)), string(connection.RunAsSystem))),
		ConnectTimeout:   resolved(r, "connect_timeout", m.ConnectTimeout, parseDuration, defaultConnectTimeout),
		OperationTimeout: resolved(r, "operation_timeout", m.OperationTimeout, parseDuration, defaultOperationTimeout),
	}
	if https {
		s.Insecure = resolved(r, "insecure", m.Insecure, parseBool, false)
	}
	if https && !s.Insecure {
		s.TLSServerName = resolved(r, "tls_server_name", m.TLSServerName, anyText, "")
		s.CACert = r.authorities(m)
	}
	return configuration{settings: s, host: r.host(m.Host), unknown: r.unknown}, r.diags
}

// resolver collects what comes of resolving the attributes one by one.
type resolver struct {
	env     func(string) string
	unknown []string
	diags   diag.Diagnostics
}

// variable is the environment variable of an attribute.
func variable(attribute string) string { return "BITS_" + strings.ToUpper(attribute) }

// configured is a value of the configuration, whatever its type.
type configured interface {
	IsNull() bool
	IsUnknown() bool
}

// resolved gives the configured value, else the environment's, else the default. An unknown value is noted and
// gives the default, which nobody uses.
func resolved[T any](r *resolver, name string, value configured, parse func(string) (T, error), fallback T) T {
	var text string
	origin := name
	switch {
	case value.IsUnknown():
		r.unknown = append(r.unknown, name)
		return fallback
	case value.IsNull():
		if text, origin = r.env(variable(name)), variable(name); text == "" {
			return fallback
		}
	default:
		text = plain(value)
	}
	parsed, err := parse(text)
	if err != nil {
		r.diags.AddAttributeError(path.Root(name), "Invalid Provider Configuration", fmt.Sprintf("%s: %s.", origin, err))
		return fallback
	}
	return parsed
}

func plain(value configured) string {
	switch v := value.(type) {
	case types.String:
		return v.ValueString()
	case timetypes.GoDuration:
		return v.ValueString()
	case types.Bool:
		return strconv.FormatBool(v.ValueBool())
	case types.Int64:
		return strconv.FormatInt(v.ValueInt64(), 10)
	}
	return ""
}

func (r *resolver) host(value types.String) types.String {
	if value.IsUnknown() {
		return value
	}
	host := resolved(r, "host", value, func(s string) (string, error) {
		_, _, err := splitHost(s)
		return s, err
	}, "")
	if host == "" {
		return types.StringNull()
	}
	return types.StringValue(host)
}

// authorities gives the PEM certificates to trust, "" for the system's. What is configured of the pair ca_cert and
// ca_file wins over both variables.
func (r *resolver) authorities(m providerModel) string {
	if m.CACert.IsNull() && m.CAFile.IsNull() && r.env(variable("ca_cert")) != "" && r.env(variable("ca_file")) != "" {
		r.diags.AddAttributeError(path.Root("ca_cert"), "Invalid Provider Configuration",
			"The environment variables BITS_CA_CERT and BITS_CA_FILE are both set: unset one of them.")
		return ""
	}
	if !m.CAFile.IsNull() || (m.CACert.IsNull() && r.env(variable("ca_file")) != "") {
		return resolved(r, "ca_file", m.CAFile, readCertificates, "")
	}
	return resolved(r, "ca_cert", m.CACert, checked(checkCertificates), "")
}

func readCertificates(name string) (string, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the path is the user's own
	if err != nil {
		return "", err
	}
	if err := checkCertificates(string(content)); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(content), nil
}

func checkCertificates(text string) error {
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
		return errors.New("no PEM certificate can be read from it: one or more blocks \"-----BEGIN CERTIFICATE-----\" are expected")
	}
	return nil
}

func checkUsername(name string) error {
	if strings.Contains(name, ":") {
		return errors.New("a user name can't hold a colon: Basic authentication could not tell it from the password (RFC 7617)")
	}
	return nil
}

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return b, nil
}

func parsePort(s string) (int, error) {
	port, err := strconv.Atoi(s)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is no port: 1 to 65535 is expected", s)
	}
	return port, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration: a number above 0 with a unit is expected, such as \"30s\" or \"1m30s\"", s)
	}
	return d, nil
}

func anyText(s string) (string, error) { return s, nil }

func checked(check func(string) error) func(string) (string, error) {
	return func(s string) (string, error) { return s, check(s) }
}

func only(allowed ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		switch {
		case slices.Contains(allowed, s):
			return s, nil
		case len(allowed) == 1:
			return "", fmt.Errorf("%q is not supported: %q is the only value of this version", s, allowed[0])
		}
		return "", fmt.Errorf("%q is not supported: one of %q is expected", s, allowed)
	}
}
