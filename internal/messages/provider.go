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
					"A value of the provider block, or of an environment variable `BITS_...` that the message names, is none " +
						"that the attribute takes.",
					"Correct or unset it.",
				},
				{
					"`Conflicting Provider Settings`",
					"Two settings exclude each other: `auth = \"certificate\"` and TLS 1.3, or `insecure` and `tls_fingerprint`.",
					"Remove the one that the message names.",
				},
				{
					"`Basic Authentication Without TLS`",
					"`https = false` with `auth = \"basic\"` would send the password readable.",
					"`https = true`, or `auth = \"negotiate\"`, which seals over http.",
				},
				{
					"`Certificate Authentication Without TLS`",
					"A client certificate is shown in the TLS handshake.",
					"`https = true`.",
				},
				{
					"`Kerberos Needs a Name`",
					"The host is dialled by an IP address, and tickets are for names.",
					"Write the host's DNS name as `host`, or set `spn` in its entry of `hosts`.",
				},
				{
					"`Missing Host`",
					"Neither the resource nor the provider says which host, or an import id names none.",
					"Set `host`, or `BITS_HOST`; import as `host/guid`.",
				},
				{
					"`Invalid Host`",
					"The value is no name, no address, or has a scheme, user, path or wrong port.",
					"`web01.corp.example`, `web01.corp.example:5986`, `[2001:db8::1]:5986`, or a key of `hosts`.",
				},
				{
					"`Missing Credential`",
					"What the scheme of `auth` logs on with is not set.",
					"Set the attributes or variables that the message names.",
				},
				{
					"`Unknown Connection Settings`",
					"A setting of the provider comes from something that is not applied yet.",
					"Apply that first (`-target`), or use values that are known. With `-allow-deferral`, which only experimental builds " +
						"of Terraform have, resources and data sources are put off until the values are known.",
				},
				{
					"`Certificates Not Verified` (warning)",
					"`insecure = true`.",
					"Trust the authority with `ca_file`, or one certificate with `tls_fingerprint`.",
				},
				{
					"`Unencrypted Messages Allowed` (warning)",
					"`allow_unencrypted = true`.",
					"Remove it: `negotiate`, `ntlm` and `kerberos` seal over http without it.",
				},
			},
		},
	}
}
