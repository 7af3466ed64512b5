// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Schema describes the provider's configuration. Values are checked when they are resolved, those of the environment, too.
func Schema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"host": text("Default host of resources and data sources: a key of `hosts`, a name or an address, such as " +
			"`web01.corp.example`, optionally with a port (`web01.corp.example:5986`, `[2001:db8::1]:5986`). A " +
			"change replaces the jobs of resources without `host`."),
		"port": number("Port of WinRM, unless `host` has one. Default `5986`, or `5985` with `https = false`. A change replaces " +
			"nothing."),
		"https": toggle("Whether to use WinRM over TLS. Default `true`. With `false`, the schemes `negotiate`, `ntlm` and " +
			"`kerberos` encrypt every message; `certificate` is an error, and so is `basic` unless " +
			"`allow_unencrypted = true`."),
		"run_as": text("Account that owns the jobs: `system` (default) or `user`. BITS transfers only while the owner is logged " +
			"on, and LocalSystem always is. With `system`, the first change of a run starts a PowerShell as " +
			"LocalSystem through a scheduled task that deletes itself, which requires an administrator of the host. " +
			"With `user`, the account that logs on owns the jobs, and needs an interactive session on the host. " +
			"Existing jobs keep their owner: LocalSystem can change all jobs, an administrator all but those of " +
			"LocalSystem."),
		"connect_timeout": text("Time limit for connecting to a host and opening a shell, such as `10s` or `1m30s`. Default `30s`. A " +
			"host that fails is not tried again in the same run."),
		"operation_timeout": text("Time limit for one call to a host, including retries, such as `90s`. Default `60s`. It does not limit " +
			"transfers: see `timeouts` of the resource."),
		"max_sessions": number("Number of hosts that may have a session at the same time. Default: unlimited. A session is one WinRM " +
			"shell and one TCP connection, and stays open for 60 s after its last use. At the limit, the longest " +
			"idle session is closed, or resources wait, within `operation_timeout`. Use at least the value of " +
			"`-parallelism` (10)."),
		"on_unreachable": text("What a refresh or data source does when a host is unreachable: `error` (default) fails the plan; `warn` " +
			"shows one warning per host and keeps the state of its jobs, with an empty list in `bits_jobs` and null " +
			"in `bits_host`. Changing a job on such a host, a refused logon and an untrusted certificate are errors " +
			"in any case."),
		"hosts": hostsAttribute(),
	}
	maps.Copy(attributes, credentialAttributes())
	maps.Copy(attributes, trustAttributes())
	return schema.Schema{
		MarkdownDescription: "Manages jobs of BITS, the Background Intelligent Transfer Service, on Windows hosts over WinRM.\n\n" +
			"One provider block can manage many hosts: set `host` on each resource, and configure the connection here. The provider connects " +
			"to a host when the first resource needs it, so values may be unknown during a plan. Every attribute can also be set as an " +
			"environment variable: `BITS_` and its name in upper case.",
		Attributes: attributes,
	}
}

// hostsAttribute has what differs from host to host.
func hostsAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Hosts with their own settings. A key is what `host` of a resource refers to, case-insensitive and " +
			"without a port; it is used before a host of the same name. The key identifies the host: `address` and " +
			"`port` may change without replacing jobs. A missing attribute uses the provider's. Hosts without an " +
			"entry need none. Environment: `BITS_HOSTS`, as a JSON object of objects. An unknown value affects only " +
			"the hosts of its entry.",
		NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes},
		Validators:   []validator.Map{mapvalidator.NoNullValues()},
	}
}

var entryAttributes = map[string]schema.Attribute{
	"address": text("Name or address to connect to, without a port. Default: the key. With an IP address, the certificate is " +
		"checked against the key if that is a full DNS name, unless `tls_server_name` is set."),
	"port": number("Port of WinRM. Default: the provider's `port`, or the default port of `https` if that differs from the " +
		"provider's."),
	"https": toggle("Whether to use WinRM over TLS. Default: the provider's `https`."),
	"auth":  text("Authentication scheme. Default: the provider's `auth`."),
	"username": text("Account that logs on. Default: the provider's `username`. A different user name or password is a " +
		"separate credential: if it is refused, others are still used."),
	"password": secret("Password of the account. Default: the provider's `password`."),
	"spn": text("Service principal name of the host for Kerberos, such as `HTTP/web01.corp.example` or " +
		"`WSMAN/web01.corp.example`. Default: `kerberos.spn` of the provider, or `HTTP/` and the name of the " +
		"host. With `auth = \"negotiate\"`, setting it selects Kerberos."),
	"run_as": text("Account that owns the jobs: `system` or `user`. Default: the provider's `run_as`."),
}

// credentialAttributes are the attributes of the account that logs on.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"auth": text(authDescription),
		"username": text("Account that logs on to the hosts: `svc-bits` or `.\\svc-bits` for a local account, `CORP\\svc-bits` or " +
			"`svc-bits@corp.example` for a domain account. Required, except with `auth = \"certificate\"`, with " +
			"`kerberos.ccache`, and on Windows, where the account that runs Terraform can log on by Kerberos. It " +
			"must be an administrator of the host, unless `run_as = \"user\"`."),
		"password": secret("Password of `username`. Required unless you use a client certificate, a keytab, a credential cache or, " +
			"on Windows, the account that runs Terraform. It is never logged or stored in the state. If the first " +
			"host refuses it, it is not used again in the run, so that the account is not locked."),
		"client_cert": text("PEM certificate for `auth = \"certificate\"`, followed by its intermediate certificates. The host maps it " +
			"to a local account (`New-Item WSMan:\\localhost\\ClientCertificate`)."),
		"client_key": secret("PEM key of `client_cert`, without a passphrase. It is never logged or stored in the state."),
		"allow_unencrypted": toggle("Whether to allow unencrypted messages over http, including the password of `auth = \"basic\"`. Default " +
			"`false`. For tests only: `negotiate`, `ntlm` and `kerberos` do not need it. `true` warns at every plan."),
		"kerberos": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Kerberos settings. With `auth = \"negotiate\"`, setting any of them selects Kerberos and excludes NTLM. " +
				"With `auth = \"kerberos\"` and none of them, the `krb5.conf` of this machine applies, with a `username` " +
				"such as `svc-bits@CORP.EXAMPLE`. Environment: `BITS_KERBEROS_CONFIG`, `BITS_KERBEROS_REALM` and so on. " +
				"A host with an IP address needs an `spn`.",
			Attributes: map[string]schema.Attribute{
				"config": text("Path of a `krb5.conf`. Default: `realm` and `kdc`, or the file of this machine (`krb5.ini` on Windows). " +
					"Conflicts with `kdc`."),
				"realm": text("Realm of `username`, such as `CORP.EXAMPLE`. Default: the part after the `@` of `username`, or the " +
					"default realm of the `krb5.conf`."),
				"kdc": text("KDCs of `realm`, separated by commas: names or addresses of domain controllers, optionally with a port. " +
					"Requires `realm`. Default: from the `krb5.conf` or DNS."),
				"keytab": text("Path of a keytab for `username`, instead of a password. Read when the provider connects to a host. " +
					"Conflicts with `ccache`."),
				"ccache": text("Credential cache of `kinit`, instead of user name and password: a path, or a name with `FILE:`, `DIR:` " +
					"or `KCM:`. Default, without password and keytab: `$KRB5CCNAME`, or the default cache of this machine. " +
					"Read when the provider connects to a host. Conflicts with `keytab`."),
				"spn": text("Service principal name for all hosts, such as `HTTP/web01.corp.example` or `WSMAN/web01.corp.example`. " +
					"Default: `HTTP/` and the name of the host. For a single host, set `spn` in its entry of `hosts`."),
			},
		},
	}
}

const authDescription = "Authentication scheme. Default `negotiate`. A host can't select another one. Allowed:\n" +
	"  - `negotiate`: NTLM; or Kerberos if `kerberos` is set, or on Windows if neither user name nor password is set.\n" +
	"  - `ntlm`: NTLMv2, for local and domain accounts. Messages are encrypted over http and bound to the TLS channel over https.\n" +
	"  - `kerberos`: for domain accounts. Messages are encrypted over http and bound to the TLS channel over https.\n" +
	"  - `certificate`: `client_cert` and `client_key` instead of user name and password. Requires https and TLS 1.2.\n" +
	"  - `basic`: sends the password, for local accounts only. Requires https, unless `allow_unencrypted = true`. Windows does not " +
	"allow it by default."

// trustAttributes are the attributes of TLS and of the proxy.
func trustAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_cert": text("PEM certificates of the authorities to trust for hosts and for an https proxy. Default: the authorities " +
			"that this machine trusts. Conflicts with `ca_file`; not used with `insecure = true` or " +
			"`tls_fingerprint`."),
		"ca_file": text("Path of a file with the certificates of `ca_cert`, in PEM or DER; UTF-16 and a byte order mark are " +
			"accepted. Conflicts with `ca_cert`; not used with `insecure = true` or `tls_fingerprint`."),
		"tls_server_name": text("Name in the certificates of all hosts. Default: the name of the host. Set it if you connect by address."),
		"tls_min_version": text("Minimum TLS version: `1.2` (default) or `1.3`, which requires Windows Server 2022. `1.3` conflicts with " +
			"`auth = \"certificate\"`, because WinRM then renegotiates, which TLS 1.3 does not support."),
		"tls_fingerprint": text("SHA-256 fingerprint of the only certificate to trust, for all hosts: 64 hexadecimal digits, with or " +
			"without colons. Its name, dates and issuer are not checked. The thumbprint that Windows shows is SHA-1; " +
			"the error has the command that prints the right one. Conflicts with `insecure = true`."),
		"insecure": toggle("Whether to skip the check of the hosts' certificates. Default `false`. With `true`, an attacker on the " +
			"network path can impersonate the host: for tests only. `true` warns at every plan."),
		"proxy_url": secret("HTTP proxy for all connections, such as `http://proxy.corp.example:3128`, with user name and password " +
			"if it requires them (Basic). It must allow `CONNECT` to the port of WinRM. Default: `HTTPS_PROXY` and " +
			"`NO_PROXY` for https, none for http."),
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func secret(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Optional: true, MarkdownDescription: description}
}

func toggle(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}
