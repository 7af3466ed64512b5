// SPDX-License-Identifier: MPL-2.0

package messages

// providerSections are about the configuration of the provider.
func providerSections() []Section {
	return []Section{
		{
			Title:  "The provider's configuration",
			Titles: true,
			Rows: []Row{
				{
					"`Invalid Provider Configuration`",
					"An attribute of the provider block, or a variable `BITS_...`, has an invalid value.",
					"Correct it, or remove it.",
				},
				{
					"`Conflicting Provider Settings`",
					"Two settings conflict: `auth = \"certificate\"` and TLS 1.3, or `insecure` and `tls_fingerprint`.",
					"Remove the setting that the message names.",
				},
				{
					"`Basic Authentication Without TLS`",
					"`https = false` with `auth = \"basic\"` would send the password in clear text.",
					"Set `https = true`, or `auth = \"negotiate\"`, which encrypts messages over http.",
				},
				{
					"`Certificate Authentication Without TLS`",
					"A client certificate needs TLS.",
					"Set `https = true`.",
				},
				{
					"`Kerberos Needs a Name`",
					"Kerberos tickets are issued for names, and `host` is an IP address.",
					"Use the host's DNS name, or set `spn` in its entry of `hosts`.",
				},
				{
					"`Missing Host`",
					"Neither the resource, the provider, nor the import id sets a host.",
					"Set `host` or `BITS_HOST`, or import as `host/guid`.",
				},
				{
					"`Invalid Host`",
					"The value is not a host name or address, or it contains a scheme, user, path or invalid port.",
					"Use `web01.corp.example`, `web01.corp.example:5986`, `[2001:db8::1]:5986`, or a key of `hosts`.",
				},
				{
					"`Missing Credential`",
					"An attribute that the authentication scheme needs is not set.",
					"Set the attributes or variables that the message names.",
				},
				{
					"`Unknown Connection Settings`",
					"A provider setting depends on a resource that is not applied yet.",
					"Apply that resource first (`-target`), or use known values. With `-allow-deferral` (experimental builds of " +
						"Terraform), resources and data sources are deferred.",
				},
				{
					"`Certificates Not Verified` (warning)",
					"`insecure = true`.",
					"Trust the authority with `ca_file`, or one certificate with `tls_fingerprint`.",
				},
				{
					"`Unencrypted Messages Allowed` (warning)",
					"`allow_unencrypted = true`.",
					"Remove it: `negotiate`, `ntlm` and `kerberos` encrypt messages over http without it.",
				},
			},
		},
	}
}
