// SPDX-License-Identifier: MPL-2.0

package messages

// providerSections are about the configuration of the provider.
func providerSections() []Section {
	return []Section{
		{
			Title:  "Provider configuration",
			Titles: true,
			Rows: []Row{
				{
					"`Invalid Provider Configuration`",
					"Correct the attribute, or the variable `BITS_...`.",
				},
				{
					"`Conflicting Provider Settings`",
					"Two settings exclude each other: remove one.",
				},
				{
					"`Basic Authentication Without TLS`, `Certificate Authentication Without TLS`",
					"Set `https = true`, or use `auth = \"negotiate\"`.",
				},
				{
					"`Kerberos Requires a Name`",
					"Use a DNS name as `host`, or set `spn` in its entry of `hosts`.",
				},
				{
					"`Missing Host`",
					"Set `host` or `BITS_HOST`, or import as `host/guid`.",
				},
				{
					"`Invalid Host`",
					"Use `web01.corp.example`, `web01.corp.example:5986`, `[2001:db8::1]:5986`, or a key of `hosts`.",
				},
				{
					"`Missing Credential`",
					"Set the attributes that the scheme requires.",
				},
				{
					"`Unknown Connection Settings`",
					"A provider setting depends on a resource that does not exist yet. Apply it first (`-target`), or use `-allow-deferral` " +
						"(experimental builds of Terraform).",
				},
				{
					"`Certificates Not Verified` (warning)",
					"Use `ca_file` or `tls_fingerprint` instead of `insecure = true`.",
				},
				{
					"`Unencrypted Messages Allowed` (warning)",
					"`negotiate`, `ntlm` and `kerberos` do not need `allow_unencrypted = true`.",
				},
			},
		},
	}
}
