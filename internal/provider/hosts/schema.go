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
		"host": text("Default host of resources and data sources: a key of `hosts`, a name or an address, optionally with a port, " +
			"such as `[2001:db8::1]:5986`. A change replaces the jobs of resources without `host`."),
		"port": number("Port of WinRM, unless `host` includes one. Default `5986`, or `5985` with `https = false`. A change " +
			"replaces nothing."),
		"https": toggle("Whether to use WinRM over TLS. Default `true`. Without TLS, `negotiate`, `ntlm` and `kerberos` encrypt every " +
			"message."),
		"run_as": text("Account that owns the jobs: `system` (default) is LocalSystem, which requires an administrator of the host " +
			"and [starts a scheduled task](guides/security.md#what-runs-as-localsystem); `user` is the account that logs on, with " +
			"transfers only during its interactive sessions. Existing jobs keep their owner, and an administrator can't change those " +
			"of LocalSystem."),
		"connect_timeout": text("Time limit for connecting to a host and opening a shell, such as `1m30s`. Default `30s`. A host that " +
			"fails is not tried again in the run."),
		"operation_timeout": text("Time limit for one call to a host, including retries. Default `60s`. Transfers have `timeouts` in " +
			"the resource."),
		"max_sessions": number("Maximum number of hosts with an open session (a WinRM shell and a TCP connection). Default: " +
			"unlimited. At the limit, idle sessions are closed, or resources wait within `operation_timeout`: use at least " +
			"`-parallelism`."),
		"on_unreachable": text("What a refresh or data source does if a host is unreachable: `error` (default) fails the plan; `warn` " +
			"warns once per host, keeps the state of its jobs, and returns no data. Changes, refused logons and untrusted " +
			"certificates are always errors."),
		"hosts": hostsAttribute(),
	}
	maps.Copy(attributes, credentialAttributes())
	maps.Copy(attributes, trustAttributes())
	return schema.Schema{
		MarkdownDescription: "Manages jobs of BITS, the Background Intelligent Transfer Service, on Windows hosts over WinRM.\n\n" +
			"One provider block can manage many hosts: configure the connection here, and set `host` on each resource. The provider " +
			"connects to a host when the first resource needs it.",
		Attributes: attributes,
	}
}

// hostsAttribute has what differs from host to host.
func hostsAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Hosts with their own settings, by the name in `host` of a resource, case-insensitive and without a " +
			"port. A change of `address` or `port` replaces no jobs. Environment: `BITS_HOSTS`, a JSON object of objects. An unknown " +
			"value affects only its entry.",
		NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes},
		Validators:   []validator.Map{mapvalidator.NoNullValues()},
	}
}

var entryAttributes = map[string]schema.Attribute{
	"address": text("Name or address to connect to, without a port. Default: the key. The certificate of an IP address is checked " +
		"against the key if that is a full DNS name, unless `tls_server_name` is set."),
	"port":     number("Default: the provider's `port`, or the default port of `https` if that differs from the provider's."),
	"https":    toggle("Default: the provider's `https`."),
	"auth":     text("Default: the provider's `auth`."),
	"username": text("Default: the provider's `username`."),
	"password": secret("Default: the provider's `password`."),
	"spn":      text("Service principal name of the host. Default: the provider's `kerberos.spn`." + selectsKerberos),
	"run_as":   text("`system` or `user`. Default: the provider's `run_as`."),
}

// selectsKerberos ends the description of settings of Kerberos.
const selectsKerberos = " With `auth = \"negotiate\"`, setting it selects Kerberos."

// credentialAttributes are the attributes of the account that logs on.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"auth": text(authDescription),
		"username": text("Account that logs on: `svc-bits` or `.\\svc-bits` for a local account, `CORP\\svc-bits` or " +
			"`svc-bits@corp.example` for a domain account; an administrator of the host, unless `run_as = \"user\"`. Not needed with " +
			"`certificate`, with `kerberos.ccache` and [on a Windows runner](guides/authentication.md#on-a-windows-runner)."),
		"password": secret("Password of `username`, unless you use a keytab or need no `username`. If the first host refuses it, it " +
			"is not used again in the run, to avoid a lockout."),
		"client_cert": text("PEM certificate for `auth = \"certificate\"`, followed by intermediate certificates. The host maps it to " +
			"a local account (`New-Item WSMan:\\localhost\\ClientCertificate`)."),
		"client_key": secret("PEM key of `client_cert`, without a passphrase."),
		"allow_unencrypted": toggle("Whether to allow unencrypted messages over http, with the password of `auth = \"basic\"`. " +
			"Default `false`. For tests only; `true` warns at every plan."),
		"kerberos": kerberosAttribute(),
	}
}

func kerberosAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "[Kerberos](guides/authentication.md#kerberos) settings. Environment: `BITS_KERBEROS_REALM` and so " +
			"on." + selectsKerberos,
		Attributes: map[string]schema.Attribute{
			"config": text("Path of a `krb5.conf`. Default: `realm` and `kdc`, or the file of this machine. Conflicts with `kdc`."),
			"realm": text("Realm of `username`, such as `CORP.EXAMPLE`. Default: the part after `@` of `username`, or the default of " +
				"the `krb5.conf`."),
			"kdc": text("Domain controllers of `realm`, separated by commas, optionally with a port. Requires `realm`. Default: from " +
				"`krb5.conf` or DNS."),
			"keytab": text("Path of a keytab for `username`, instead of a password, read when connecting to a host. Conflicts with " +
				"`ccache`."),
			"ccache": text("Credential cache of `kinit`, instead of user name and password: a path, `FILE:`, `DIR:` or `KCM:`, read " +
				"when connecting to a host. Default, without password and keytab: `$KRB5CCNAME`, or the cache of this machine."),
			"spn": text("Service principal name for all hosts, such as `WSMAN/web01.corp.example`. Default: `HTTP/` and the host's " +
				"name; required for an IP address."),
		},
	}
}

const authDescription = "[Authentication scheme](guides/authentication.md). Default `negotiate`. A host can't select another one. Allowed:\n" +
	"  - `negotiate`: NTLM; or Kerberos if `kerberos` is set, or on Windows if neither user name nor password is set.\n" +
	"  - `ntlm`: NTLMv2, for local and domain accounts.\n" +
	"  - `kerberos`: for domain accounts.\n" +
	"  - `certificate`: `client_cert` and `client_key`, for local accounts. Requires https and TLS 1.2.\n" +
	"  - `basic`: sends the password, for local accounts. Requires https, unless `allow_unencrypted = true`."

// trustAttributes are the attributes of TLS and of the proxy.
func trustAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_cert": text("PEM certificates of the authorities to trust, also for an https proxy. Default: those that this machine " +
			"trusts. Conflicts with `ca_file`; not used with `insecure = true` or `tls_fingerprint`."),
		"ca_file":         text("Path of a PEM or DER file, instead of `ca_cert`."),
		"tls_server_name": text("Name in the certificates of all hosts, if you connect by address. Default: the name of the host."),
		"tls_min_version": text("Minimum TLS version: `1.2` (default) or `1.3`, which requires Windows Server 2022 and conflicts with " +
			"`auth = \"certificate\"`."),
		"tls_fingerprint": text("SHA-256 fingerprint of the only certificate to trust, for all hosts: 64 hexadecimal digits, also " +
			"with colons, not the SHA-1 thumbprint of Windows. Name, dates and issuer are not checked. Conflicts with `insecure = " +
			"true`."),
		"insecure": toggle("Whether to skip the check of certificates, so that an attacker on the network path can impersonate a " +
			"host. Default `false`. For tests only; `true` warns at every plan."),
		"proxy_url": secret("HTTP proxy for all connections, such as `http://proxy.corp.example:3128`, with user name and password " +
			"(Basic) if required. It must allow `CONNECT` to the port of WinRM. Default: `HTTPS_PROXY` and `NO_PROXY` for https, none " +
			"for http."),
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
