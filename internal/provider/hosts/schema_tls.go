package hosts

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
)

// trustAttributes say which hosts are trusted, and how they are reached.
func trustAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"ca_cert": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "PEM certificates of the authorities that may have signed the hosts' certificates. Default: the " +
				"authorities this machine trusts. Environment: `BITS_CA_CERT`. Conflicts with `ca_file`; not used with " +
				"`insecure = true` or `tls_fingerprint`.",
		},
		"ca_file": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Path of a file, on the machine that runs Terraform, with the certificates that `ca_cert` would " +
				"hold. Environment: `BITS_CA_FILE`. Conflicts with `ca_cert`; not used with `insecure = true` or `tls_fingerprint`.",
		},
		"tls_server_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name that a host's certificate must be issued for. Default: the host as it is dialled. Set it when " +
				"hosts are dialled by address. Environment: `BITS_TLS_SERVER_NAME`. It is the same for all hosts of this provider.",
		},
		"tls_min_version": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Least version of TLS: `1.2` (the default) or `1.3`, which Windows has from Server 2022 on. Environment: `BITS_TLS_MIN_VERSION`. " +
				"`1.3` conflicts with `auth = \"certificate\"`, which WinRM does by a renegotiation that TLS 1.3 does not have.",
		},
		"tls_fingerprint": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "SHA-256 fingerprint of the one certificate to trust, 64 hexadecimal digits with or without colons. It is trusted instead of any authority, " +
				"whatever its name and time. Environment: `BITS_TLS_FINGERPRINT`. The thumbprint that Windows shows is a SHA-1 one and is refused with the command that prints the right one. " +
				"It is the same for all hosts of this provider. Conflicts with `insecure = true`.",
		},
		"insecure": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to skip the check of the hosts' certificates. Default `false`. Environment: " +
				"`BITS_INSECURE`. With `true` whoever stands between this machine and the host can pose as it: for tests only. `true` warns at every plan.",
		},
		"proxy_url": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "HTTP proxy through which hosts are reached, such as `http://proxy.corp.example:3128`, with user name and password in it if the proxy wants them " +
				"(Basic). The proxy is asked to `CONNECT`, over http, too, so it has to allow the port of WinRM. Environment: `BITS_PROXY_URL`. Default: for https what `HTTPS_PROXY` and `NO_PROXY` say, " +
				"for http none.",
		},
	}
}
