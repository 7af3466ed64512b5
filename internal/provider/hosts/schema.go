package hosts

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
)

// Schema describes the provider's configuration. Its values are checked when it is resolved, whether they come from the
// configuration or from the environment.
func Schema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"host": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Host of the resources that name none: a key of `hosts`, or a name or an address, such as `web01.corp.example`, " +
				"optionally with a port (`web01.corp.example:5986`, `[2001:db8::1]:5986`). Environment: `BITS_HOST`. No default. " +
				"A change replaces the jobs of the resources that set no `host`.",
		},
		"port": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Port of WinRM on hosts that are written without one, 1 to 65535. Default `5986`, or `5985` with " +
				"`https = false`. Environment: `BITS_PORT`. The port is no part of a job's identity: it may change at any time.",
		},
		"https": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to speak WinRM inside TLS. Default `true`. Environment: `BITS_HTTPS`. With `false` the schemes " +
				"`negotiate`, `ntlm` and `kerberos` seal every message; `certificate` is an error, and so is `basic` unless `allow_unencrypted = true`.",
		},
		"run_as": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Account that calls BITS on the host and owns the jobs. Allowed: `system` (the default) and `user`. " +
				"Environment: `BITS_RUN_AS`. BITS moves a job only while its owner is logged on. LocalSystem always counts " +
				"as logged on: with `system` the first change of a run registers a scheduled task that starts a PowerShell as LocalSystem " +
				"and deletes itself; a run that only reads registers none. It needs an administrator of the host. With `user` the account that logged on calls " +
				"BITS and owns the jobs; a WinRM logon very likely does not count, so that account needs an interactive session on " +
				"the host. Jobs stay with the owner who made them when this changes: LocalSystem may change those of any account, an " +
				"administrator none of LocalSystem's.",
		},
		"connect_timeout": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long a host may take from dialling until its shell is open, such as `10s` or `1m30s`. Default " +
				"`30s`. Environment: `BITS_CONNECT_TIMEOUT`. A host that fails is not dialled again in the same run, so a dead " +
				"host costs this time once and not once per job.",
		},
		"operation_timeout": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long one call to a host may take, its retries included, such as `90s`. Default `60s`. " +
				"Environment: `BITS_OPERATION_TIMEOUT`. It does not limit transfers: see `timeouts` of the resource.",
		},
		"max_sessions": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "How many hosts may have a session open at once. Default: any number. Environment: `BITS_MAX_SESSIONS`. A session is one WinRM " +
				"shell on its host and two TCP connections; it stays open for 60 s after its last use. At the limit the session that is idle for " +
				"longest is closed to make room, and while none is idle the others wait, within `operation_timeout`. A limit below Terraform's " +
				"`-parallelism` (10) makes resources wait for each other.",
		},
		"hosts": hostsAttribute(),
	}
	maps.Copy(attributes, credentialAttributes())
	maps.Copy(attributes, trustAttributes())
	return schema.Schema{
		MarkdownDescription: "Manages jobs of BITS, the Background Intelligent Transfer Service, on Windows hosts over WinRM.\n\n" +
			"One provider block serves any number of hosts: `host` of a resource says where its job lives, everything else " +
			"about the connection is said here. Hosts are dialled when the first resource needs them, never while the provider " +
			"is configured, so values may still be unknown during a plan.\n\n" +
			"Every attribute can be given as an environment variable instead: `BITS_` and the attribute in upper case. An entry of `hosts` " +
			"wins over the attribute of the same name, a configured attribute over its variable, and a variable over the default. An empty variable " +
			"counts as unset; variables that the chosen transport and scheme do not use are ignored. All attributes take ephemeral values.",
		Attributes: attributes,
	}
}

// hostsAttribute has what differs from host to host.
func hostsAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Hosts that differ from the rest, by the names that `host` of a resource picks. A key is a name or an address without a port, and " +
			"upper and lower case do not matter. It wins over a name or an address that is spelled alike, and is the host's identity: its `address` and `port` may " +
			"change without replacing a job. What an entry leaves out is as the provider says. Hosts need no entry: `host` may be any name or address. " +
			"Environment: `BITS_HOSTS`, as a JSON object of objects. Values that are not known yet concern the hosts of their entries only.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"address": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name or address to dial, without a port. Default: the key. With an IP address the host's certificate is checked against the key where " +
					"that is a full DNS name, unless `tls_server_name` is set.",
			},
			"port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port of WinRM. Default: the provider's `port`, or that of Windows where `https` differs from the provider's.",
			},
			"https": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to speak WinRM inside TLS. Default: the provider's `https`."},
			"auth":  schema.StringAttribute{Optional: true, MarkdownDescription: "Authentication scheme. Default: the provider's `auth`."},
			"username": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Account that logs on. Default: the provider's `username`. A user name and a password that differ from the provider's are a " +
					"credential of their own: that one of them is refused keeps no host from using the other.",
			},
			"password": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password of the account. Default: the provider's `password`."},
			"spn": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of the host's service for Kerberos, such as `HTTP/web01.corp.example` or `WSMAN/web01.corp.example`. Default: " +
					"`kerberos.spn` of the provider, or `HTTP/` and the name that is dialled. With `auth = \"negotiate\"` it means that this host is reached by Kerberos.",
			},
			"run_as": schema.StringAttribute{Optional: true, MarkdownDescription: "Account that calls BITS: `system` or `user`. Default: the provider's `run_as`."},
		}},
	}
}
