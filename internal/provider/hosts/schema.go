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
		"host": text("Host of the resources that name none: a key of `hosts`, or a name or an address, such as `web01.corp.example`, " +
			"optionally with a port (`web01.corp.example:5986`, `[2001:db8::1]:5986`). Environment: `BITS_HOST`. No default. " +
			"A change replaces the jobs of the resources that set no `host`."),
		"port": number("Port of WinRM on hosts that are written without one, 1 to 65535. Default `5986`, or `5985` with " +
			"`https = false`. Environment: `BITS_PORT`. The port is no part of a job's identity: it may change at any time."),
		"https": toggle("Whether to speak WinRM inside TLS. Default `true`. Environment: `BITS_HTTPS`. With `false` the schemes " +
			"`negotiate`, `ntlm` and `kerberos` seal every message; `certificate` is an error, and so is `basic` unless `allow_unencrypted = true`."),
		"run_as": text("Account that calls BITS on the host and owns the jobs. Allowed: `system` (the default) and `user`. Environment: " +
			"`BITS_RUN_AS`. BITS moves a job only while its owner is logged on. LocalSystem always counts as logged on: with `system` the first " +
			"change of a run registers a scheduled task that starts a PowerShell as LocalSystem and deletes itself; a run that only reads " +
			"registers none. It needs an administrator of the host. With `user` the account that logged on calls BITS and owns the jobs; a WinRM " +
			"logon very likely does not count, so that account needs an interactive session on the host. Jobs stay with the owner who made them " +
			"when this changes: LocalSystem may change those of any account, an administrator none of LocalSystem's."),
		"connect_timeout": text("How long a host may take from dialling until its shell is open, such as `10s` or `1m30s`. Default " +
			"`30s`. Environment: `BITS_CONNECT_TIMEOUT`. A host that fails is not dialled again in the same run, so a dead " +
			"host costs this time once and not once per job."),
		"operation_timeout": text("How long one call to a host may take, its retries included, such as `90s`. Default `60s`. " +
			"Environment: `BITS_OPERATION_TIMEOUT`. It does not limit transfers: see `timeouts` of the resource."),
		"max_sessions": number("How many hosts may have a session open at once. Default: any number. Environment: `BITS_MAX_SESSIONS`. A " +
			"session is one WinRM shell on its host and one TCP connection; it stays open for 60 s after its last use. At the limit the session " +
			"that is idle for longest is closed to make room, and while none is idle the others wait, within `operation_timeout`. A limit below " +
			"Terraform's `-parallelism` (10) makes resources wait for each other."),
		"on_unreachable": text("What a refresh or a data source does when its host can't be reached, because it is down or restarts. Allowed: `error` (the " +
			"default), which fails the plan, and `warn`, which goes on without the host: its jobs keep their state, `bits_jobs` is an empty list, what " +
			"`bits_host` reads is null, and one warning per host has the full message. Environment: `BITS_ON_UNREACHABLE`. To create, change or remove a " +
			"job on such a host is an error either way, and so are a refused logon and an untrusted certificate."),
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
		MarkdownDescription: "Hosts that differ from the rest, by the names that `host` of a resource picks. A key is a name or an address " +
			"without a port, and upper and lower case do not matter. It wins over a name or an address that is spelled alike, and is the host's " +
			"identity: its `address` and `port` may change without replacing a job. What an entry leaves out is as the provider says. Hosts need " +
			"no entry: `host` may be any name or address. Environment: `BITS_HOSTS`, as a JSON object of objects. Values that are not known yet " +
			"concern the hosts of their entries only.",
		NestedObject: schema.NestedAttributeObject{Attributes: entryAttributes},
		Validators:   []validator.Map{mapvalidator.NoNullValues()},
	}
}

var entryAttributes = map[string]schema.Attribute{
	"address": text("Name or address to dial, without a port. Default: the key. With an IP address the host's certificate is checked " +
		"against the key where that is a full DNS name, unless `tls_server_name` is set."),
	"port":  number("Port of WinRM. Default: the provider's `port`, or that of Windows where `https` differs from the provider's."),
	"https": toggle("Whether to speak WinRM inside TLS. Default: the provider's `https`."),
	"auth":  text("Authentication scheme. Default: the provider's `auth`."),
	"username": text("Account that logs on. Default: the provider's `username`. A user name and a password that differ from the provider's " +
		"are a credential of their own: that one of them is refused keeps no host from using the other."),
	"password": secret("Password of the account. Default: the provider's `password`."),
	"spn": text("Name of the host's service for Kerberos, such as `HTTP/web01.corp.example` or `WSMAN/web01.corp.example`. Default: " +
		"`kerberos.spn` of the provider, or `HTTP/` and the name that is dialled. With `auth = \"negotiate\"` it means that this host is " +
		"reached by Kerberos."),
	"run_as": text("Account that calls BITS: `system` or `user`. Default: the provider's `run_as`."),
}

// credentialAttributes are the attributes of the account that logs on.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"auth": text(authDescription),
		"username": text("Account that logs on to the hosts: `svc-bits` or `.\\svc-bits` for a local account, `CORP\\svc-bits` or " +
			"`svc-bits@corp.example` for one of a domain. Environment: `BITS_USERNAME`. Needed as soon as a host is dialled, but not with `auth = " +
			"\"certificate\"` or `kerberos.ccache`, nor on Windows, where the account that runs Terraform can log on by Kerberos. It has to be an " +
			"administrator of the host, unless `run_as = \"user\"`: then it owns the jobs, which BITS moves only while this account is logged on to the host."),
		"password": secret("Password of `username`. Environment: `BITS_PASSWORD`, which keeps it out of the configuration. Needed as soon as a " +
			"host is dialled, unless a certificate, a keytab, a credential cache or, on Windows, the account that runs Terraform stands for it. It is " +
			"never logged and never stored in the state; once a host has refused it before any accepted it, this run logs on nowhere else with it, so that the account is not locked."),
		"client_cert": text("PEM certificate that logs on with `auth = \"certificate\"`, followed by those of the authorities between " +
			"it and one that the hosts trust. Environment: `BITS_CLIENT_CERT`. The host maps it to a local account (`New-Item " +
			"WSMan:\\localhost\\ClientCertificate`)."),
		"client_key": secret("PEM key of `client_cert`, without a passphrase. Environment: `BITS_CLIENT_KEY`. It has to fit the " +
			"certificate. It is never logged and never stored in the state."),
		"allow_unencrypted": toggle("Whether messages, and with `auth = \"basic\"` the password, may travel over http readable by anybody on " +
			"the way. Default `false`. Environment: `BITS_ALLOW_UNENCRYPTED`. `true` warns at every plan. It is for tests: `negotiate`, `ntlm` " +
			"and `kerberos` seal their messages over http without it."),
		"kerberos": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Where tickets come from. With `auth = \"negotiate\"` any of it means that hosts are reached by Kerberos and by " +
				"nothing else; with `auth = \"kerberos\"` and none of it the `krb5.conf` of this machine is used, with a `username` such as " +
				"`svc-bits@CORP.EXAMPLE`. Environment: `BITS_KERBEROS_CONFIG`, `BITS_KERBEROS_REALM` and so on, one for each. A host that is dialled " +
				"by an IP address needs an `spn`.",
			Attributes: map[string]schema.Attribute{
				"config": text("Path of a `krb5.conf`. Default: `realm` and `kdc`, else the machine's, which is `krb5.ini` on Windows. Environment: `BITS_KERBEROS_CONFIG`. " +
					"Conflicts with `kdc`."),
				"realm": text("Realm of `username`, such as `CORP.EXAMPLE`. Default: what stands behind the `@` of `username`, else that of the " +
					"`krb5.conf`. Environment: `BITS_KERBEROS_REALM`."),
				"kdc": text("KDCs of `realm`, which has to be set, too: names or addresses of domain controllers, separated by commas, optionally with a " +
					"port. A silent one delays the logon by half a second. Default: what DNS or the `krb5.conf` says. Environment: `BITS_KERBEROS_KDC`."),
				"keytab": text("Path of a keytab with the keys of `username`, which stands for the password. Environment: `BITS_KERBEROS_KEYTAB`. It " +
					"is read when a host is dialled. Conflicts with `ccache`."),
				"ccache": text("Credential cache, as `kinit` makes it, which stands for user name and password: a path, or a name with `FILE:`, `DIR:` or `KCM:`. " +
					"Default: without password and keytab the one of `$KRB5CCNAME`, else the default of the machine. Environment: `BITS_KERBEROS_CCACHE`. It " +
					"is read when a host is dialled. Conflicts with `keytab`."),
				"spn": text("Name of the hosts' service, such as `HTTP/web01.corp.example` or `WSMAN/web01.corp.example`. Default: `HTTP/` and the " +
					"host's name. Environment: `BITS_KERBEROS_SPN`. It is the same for all hosts: `spn` of an entry of `hosts` is for one."),
			},
		},
	}
}

const authDescription = "Authentication scheme. Environment: `BITS_AUTH`. Allowed:\n" +
	"  - `negotiate`: Kerberos when `kerberos` is set, or on Windows when neither user name nor password is, and then nothing else; otherwise NTLM.\n" +
	"  - `ntlm`: NTLMv2, for local and domain accounts. Messages are sealed over http and bound to the TLS channel over https.\n" +
	"  - `kerberos`: for accounts of a domain or realm. Messages are sealed over http and bound to the TLS channel over https.\n" +
	"  - `certificate`: `client_cert` and `client_key` instead of user name and password. Needs https and TLS 1.2.\n" +
	"  - `basic`: sends the password itself, for local accounts only. Inside TLS, unless `allow_unencrypted = true`. No Windows host " +
	"accepts it by default.\n\n" +
	"  No scheme is replaced by another one because a host offers it. Default `negotiate`."

// trustAttributes are the attributes of TLS and of the proxy.
func trustAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_cert": text("PEM certificates of the authorities that may have signed the hosts' certificates. Default: the authorities this " +
			"machine trusts. An https proxy may have one of either. Environment: `BITS_CA_CERT`. Conflicts with `ca_file`; not used with `insecure = true` or `tls_fingerprint`."),
		"ca_file": text("Path of a file, on the machine that runs Terraform, with the certificates that `ca_cert` would " +
			"hold, in PEM or DER; UTF-16 and a byte order mark, as Windows tools write them, are read, too. Environment: `BITS_CA_FILE`. Conflicts with `ca_cert`; not used with `insecure = true` or `tls_fingerprint`."),
		"tls_server_name": text("Name that a host's certificate must be issued for. Default: the host as it is dialled. Set it when " +
			"hosts are dialled by address. Environment: `BITS_TLS_SERVER_NAME`. It is the same for all hosts of this provider."),
		"tls_min_version": text("Least version of TLS: `1.2` (the default) or `1.3`, which Windows has from Server 2022 on. Environment: " +
			"`BITS_TLS_MIN_VERSION`. `1.3` conflicts with `auth = \"certificate\"`, which WinRM does by a renegotiation that TLS 1.3 does not " +
			"have."),
		"tls_fingerprint": text("SHA-256 fingerprint of the one certificate to trust, 64 hexadecimal digits with or without colons. It is " +
			"trusted instead of any authority, whatever its name and time. Environment: `BITS_TLS_FINGERPRINT`. The thumbprint that Windows shows " +
			"is a SHA-1 one and is refused with the command that prints the right one. It is the same for all hosts of this provider. Conflicts " +
			"with `insecure = true`."),
		"insecure": toggle("Whether to skip the check of the hosts' certificates. Default `false`. Environment: `BITS_INSECURE`. With `true` " +
			"whoever stands between this machine and the host can pose as it: for tests only. `true` warns at every plan."),
		"proxy_url": secret("HTTP proxy through which hosts are reached, such as `http://proxy.corp.example:3128`, with user name and password " +
			"in it if the proxy wants them (Basic). The proxy is asked to `CONNECT`, over http, too, so it has to allow the port of WinRM. " +
			"Environment: `BITS_PROXY_URL`. Default: for https what `HTTPS_PROXY` and `NO_PROXY` say, for http none."),
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
