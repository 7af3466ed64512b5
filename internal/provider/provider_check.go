package provider

import (
	"crypto/tls"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const conflictingSettings = "Conflicting Provider Settings"

// check finds settings that do not go together, and warns of what weakens a connection.
func (c configuration) check() diag.Diagnostics {
	diags := c.common.check(path.Empty(), "")
	for _, key := range slices.Sorted(maps.Keys(c.entries)) {
		for _, d := range c.entries[key].check(path.Root("hosts").AtMapKey(key), fmt.Sprintf(" for hosts[%q]", key)) {
			if !saidBefore(diags, d.Summary()) { // what is common is told once
				diags.Append(d)
			}
		}
	}
	if c.host.ValueString() != "" {
		if d := c.refuseAddress(c.host.ValueString()); d != nil {
			diags.Append(d)
		}
	}
	if c.common.settings.Insecure {
		diags.AddAttributeWarning(path.Root("insecure"), "Certificates Not Verified",
			"With insecure = true whoever stands between this machine and a host can pose as it. Trust the authority of the hosts in ca_file, or one certificate in tls_fingerprint.")
	}
	if c.common.settings.AllowUnencrypted {
		diags.AddAttributeWarning(path.Root("allow_unencrypted"), "Unencrypted Messages Allowed",
			"With allow_unencrypted = true what is sent over http, with auth = \"basic\" the password, too, may be read by anybody on the way.")
	}
	return diags
}

func saidBefore(diags diag.Diagnostics, summary string) bool {
	return slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return d.Summary() == summary })
}

// check finds settings of one way that do not go together. An entry of hosts is named in the texts, and what it sets is where
// the errors stand.
func (r route) check(entry path.Path, of string) diag.Diagnostics {
	var diags diag.Diagnostics
	s := r.settings
	at := func(attribute string) path.Path {
		if of != "" {
			return entry
		}
		return path.Root(attribute)
	}
	if r.knows("https", "auth", "allow_unencrypted") && !s.HTTPS {
		switch s.Auth {
		case connection.AuthBasic:
			if !s.AllowUnencrypted {
				diags.AddAttributeError(at("https"), "Basic Authentication Without TLS", fmt.Sprintf(
					"With https = false and auth = \"basic\"%s the password would be sent readable by anybody on the way. Set https = true, or auth = \"negotiate\", "+
						"which seals every message.", of))
			}
		case connection.AuthCertificate:
			diags.AddAttributeError(at("https"), "Certificate Authentication Without TLS", fmt.Sprintf(
				"auth = \"certificate\"%s shows the certificate in the TLS handshake: set https = true.", of))
		default:
		}
	}
	if r.knows("auth", "tls_min_version") && s.Auth == connection.AuthCertificate && s.TLSMinVersion == tls.VersionTLS13 {
		diags.AddAttributeError(at("tls_min_version"), conflictingSettings, fmt.Sprintf(
			"auth = \"certificate\"%s needs TLS 1.2: WinRM asks for the certificate by a renegotiation, which TLS 1.3 does not have. Remove tls_min_version = \"1.3\".", of))
	}
	if s.Insecure && s.TLSFingerprint != "" {
		diags.AddAttributeError(at("insecure"), conflictingSettings,
			"insecure = true trusts every certificate, and tls_fingerprint a single one: remove one of them.")
	}
	return diags
}

// knows reports whether these attributes, of the entry or of the provider, are known.
func (r route) knows(attributes ...string) bool {
	return !slices.ContainsFunc(r.unknown, func(unknown string) bool {
		return slices.ContainsFunc(attributes, func(a string) bool {
			return unknown == a || strings.HasSuffix(unknown, "]."+a) || strings.HasSuffix(unknown, "]")
		})
	})
}

// refuseAddress refuses a host without a name where the name makes the ticket. nil: nothing is wrong, or not known to be.
func (c configuration) refuseAddress(host string) diag.Diagnostic {
	to, name, err := c.routeTo(host)
	if err != nil || len(to.unknown) > 0 || !usesKerberos(to.settings) || to.settings.Kerberos.SPN != "" {
		return nil
	}
	if !isAddress(name) {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("host"), "Kerberos Needs a Name", fmt.Sprintf(
		"%s is reached at the address %s, and Kerberos gives tickets for names: write the host's name, or set spn in its entry of the provider's hosts "+
			"(such as \"HTTP/web01.corp.example\"), or kerberos.spn.", host, name))
}

// missing lists what a host can't be logged on to without.
func missing(s connection.Settings) []string {
	var attributes []string
	need := func(name string, present bool) {
		if !present {
			attributes = append(attributes, name)
		}
	}
	switch {
	case s.Auth == connection.AuthCertificate:
		need("client_certificate", s.ClientCertificate != "")
		need("client_key", s.ClientKey.Reveal() != "")
	case usesKerberos(s) && s.Kerberos.CCache != "": // it holds the name, too
	case usesKerberos(s) && s.Kerberos.Keytab != "":
		need("username", s.Username != "")
	default:
		need("username", s.Username != "")
		need("password", s.Password.Reveal() != "")
	}
	return attributes
}
