// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"crypto/tls"
	"runtime"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Finding is something about settings that an operator should know.
type Finding struct {
	Attribute     string   // the one to look at
	From          []string // the attributes that it follows from
	Summary, Text string
}

// Conflicts returns the settings that do not go together. Those of Kerberos, and a key of another certificate, have checks
// of their own.
func (s Settings) Conflicts() []Finding {
	var found []Finding
	switch {
	case s.HTTPS:
	case s.Auth == AuthBasic && !s.AllowUnencrypted:
		found = append(found, Finding{
			Attribute: "https", From: []string{"https", "auth", "allow_unencrypted"}, Summary: "Basic Authentication Without TLS",
			Text: "With https = false and auth = \"basic\" the password would be sent in clear text. " +
				"Set https = true, or auth = \"negotiate\", which encrypts every message.",
		})
	case s.Auth == AuthCertificate:
		found = append(found, Finding{
			Attribute: "https", From: []string{"https", "auth"}, Summary: "Certificate Authentication Without TLS",
			Text: "auth = \"certificate\" requires TLS: set https = true.",
		})
	}
	if s.Auth == AuthCertificate && s.TLSMinVersion == tls.VersionTLS13 {
		found = append(found, Finding{
			Attribute: "tls_min_version", From: []string{"auth", "tls_min_version"}, Summary: conflicting,
			Text: "auth = \"certificate\" requires TLS 1.2: WinRM requests the certificate by a renegotiation, which TLS 1.3 does not support. " +
				"Remove tls_min_version = \"1.3\".",
		})
	}
	if s.Insecure && s.TLSFingerprint != "" {
		found = append(found, Finding{
			Attribute: "insecure", From: []string{"insecure", "tls_fingerprint"}, Summary: conflicting,
			Text: "insecure = true trusts every certificate, tls_fingerprint a single one. Remove one of them.",
		})
	}
	return found
}

const conflicting = "Conflicting Provider Settings"

// Weaknesses returns what makes a connection less safe than it could be.
func (s Settings) Weaknesses() []Finding {
	var found []Finding
	if s.Insecure {
		found = append(found, Finding{
			Attribute: "insecure", From: []string{"insecure"}, Summary: "Certificates Not Verified",
			Text: "With insecure = true, an attacker on the network path can impersonate a host. " +
				"Set ca_file to the authority of the hosts, or tls_fingerprint to one certificate.",
		})
	}
	if s.AllowUnencrypted {
		found = append(found, Finding{
			Attribute: "allow_unencrypted", From: []string{"allow_unencrypted"}, Summary: "Unencrypted Messages Allowed",
			Text: "With allow_unencrypted = true, messages over http are sent in clear text, including the password of auth = \"basic\".",
		})
	}
	return found
}

// Missing returns the settings that a logon needs and that are not set.
func (s Settings) Missing() []string {
	var attributes []string
	need := func(name string, present bool) {
		if !present {
			attributes = append(attributes, name)
		}
	}
	switch {
	case s.Auth == AuthCertificate:
		need("client_cert", s.ClientCertificate != "")
		need("client_key", s.ClientKey.Reveal() != "")
	case s.UsesKerberos(): // without password and keytab a credential cache has the name, too
		need("username", s.Username != "" || s.Kerberos.Keytab == "" && s.Password.Reveal() == "" || s.Kerberos.CCache != "")
	default:
		need("username", s.Username != "")
		need("password", s.Password.Reveal() != "")
	}
	return attributes
}

// PasswordHint describes what a password that was refused has before or after it, as the content of a file often does; "" for
// nothing. It says nothing else of it.
func (s Settings) PasswordHint() string {
	password := s.Password.Reveal()
	inner := strings.TrimSpace(password)
	before, after, _ := strings.Cut(password, inner)
	where, around := " The password ends with ", after
	switch {
	case before+after == "":
		return ""
	case after == "":
		where, around = " The password begins with ", before
	}
	if strings.ContainsAny(around, "\r\n") {
		return where + "a line break: remove it, for example with trimspace()."
	}
	return where + "a space."
}

// Scheme returns the scheme that the settings mean: AuthNegotiate is Kerberos where that is configured or the account that runs this
// process logs on, and then nothing else, otherwise NTLM.
func (s Settings) Scheme() Auth {
	switch {
	case s.Auth != AuthNegotiate:
		return s.Auth
	case s.Kerberos != Kerberos{} || s.AsThisAccount():
		return AuthKerberos
	default:
		return AuthNTLM
	}
}

// AsThisAccount reports whether the account that runs this process logs on, with the ticket that Windows has for it: no other
// credential is set.
func (s Settings) AsThisAccount() bool { return s.asThisAccount(runtime.GOOS) }

func (s Settings) asThisAccount(system string) bool {
	s.Kerberos.SPN = ""
	return system == "windows" && (s.Auth == AuthNegotiate || s.Auth == AuthKerberos) &&
		s.Username == "" && s.Password == bits.Secret{} && s.Kerberos == Kerberos{}
}

// UsesKerberos reports whether a connection logs on with a ticket and with nothing else.
func (s Settings) UsesKerberos() bool { return s.Scheme() == AuthKerberos }

// NeedsName reports whether Host is an address where its name makes the ticket.
func (s Settings) NeedsName() bool {
	return s.UsesKerberos() && s.SPN() == ""
}

// SPN returns the name of the service for which a ticket is requested: the one that is set, else HTTP/ and the host as
// it is dialed, because no name is looked up in DNS. It is "" where the host is an IP address, which has no service.
func (s Settings) SPN() string {
	switch {
	case s.Kerberos.SPN != "":
		return s.Kerberos.SPN
	case IsAddress(s.Host):
		return ""
	default:
		return "HTTP/" + strings.TrimSuffix(s.Host, ".")
	}
}

// Conflict returns the attribute of kerberos that does not go with another one, and why; "" for none.
func (k Kerberos) Conflict() (attribute, problem string) {
	switch {
	case k.Config != "" && k.KDC != "":
		return "kdc", "kerberos.config and kerberos.kdc are both set, and the krb5.conf already defines the KDCs. Remove one of them."
	case k.KDC != "" && k.Realm == "":
		return "kdc", "kerberos.kdc requires kerberos.realm: set it."
	case k.Keytab != "" && k.CCache != "":
		return "ccache", "kerberos.keytab and kerberos.ccache are both set. Remove one of them."
	}
	return "", ""
}
