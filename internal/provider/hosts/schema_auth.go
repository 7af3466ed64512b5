package hosts

import (
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
)

// credentialAttributes say who logs on, and how that is proven.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"auth": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: authDescription,
		},
		"username": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Account that logs on to the hosts: `svc-bits` or `.\\svc-bits` for a local account, `CORP\\svc-bits` or `svc-bits@corp.example` for one of a domain. " +
				"Environment: `BITS_USERNAME`. Needed as soon as a host is dialled, but not with `auth = \"certificate\"` or `kerberos.ccache`. It has to be an administrator of " +
				"the host, unless `run_as = \"user\"`: then it owns the jobs, which BITS moves only while this account is logged on to the host.",
		},
		"password": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "Password of `username`. Environment: `BITS_PASSWORD`, which keeps it out of the configuration. " +
				"Needed as soon as a host is dialled, unless a certificate, a keytab or a credential cache stands for it. It is never logged and never stored in the state; once a host " +
				"has refused it before any accepted it, this run logs on nowhere else with it, so that the account is not locked.",
		},
		"client_certificate": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "PEM certificate that logs on with `auth = \"certificate\"`, followed by those of the authorities between it and one that the hosts trust. " +
				"Environment: `BITS_CLIENT_CERTIFICATE`. The host maps it to a local account (`New-Item WSMan:\\localhost\\ClientCertificate`).",
		},
		"client_key": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "PEM key of `client_certificate`, without a passphrase. Environment: `BITS_CLIENT_KEY`. It has to fit the certificate. It is never logged and never " +
				"stored in the state.",
		},
		"allow_unencrypted": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether messages, and with `auth = \"basic\"` the password, may travel over http readable by anybody on the way. Default `false`. Environment: " +
				"`BITS_ALLOW_UNENCRYPTED`. `true` warns at every plan. It is for tests: `negotiate`, `ntlm` and `kerberos` seal their messages over http without it.",
		},
		"kerberos": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Where tickets come from. With `auth = \"negotiate\"` any of it means that hosts are reached by Kerberos and by nothing else; " +
				"with `auth = \"kerberos\"` and none of it the `krb5.conf` of this machine is used, with a `username` such as `svc-bits@CORP.EXAMPLE`. " +
				"Environment: `BITS_KERBEROS_CONFIG`, `BITS_KERBEROS_REALM` and so on, one for each. A host that is dialled by an IP address needs an `spn`.",
			Attributes: map[string]schema.Attribute{
				"config": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Path of a `krb5.conf`. Default: `realm` and `kdc`, else the machine's. Environment: `BITS_KERBEROS_CONFIG`. Conflicts with `kdc`.",
				},
				"realm": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Realm of `username`, such as `CORP.EXAMPLE`. Default: what stands behind the `@` of `username`, else that of the `krb5.conf`. Environment: `BITS_KERBEROS_REALM`.",
				},
				"kdc": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "KDC of `realm`, which has to be set, too: a domain controller's name or address, optionally with a port. Default: what DNS or the `krb5.conf` says. " +
						"Environment: `BITS_KERBEROS_KDC`.",
				},
				"keytab": schema.StringAttribute{
					Optional:            true,
					MarkdownDescription: "Path of a keytab with the keys of `username`, which stands for the password. Environment: `BITS_KERBEROS_KEYTAB`. It is read when a host is dialled. Conflicts with `ccache`.",
				},
				"ccache": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "Path of a credential cache, as `kinit` makes it, which stands for user name and password. Environment: `BITS_KERBEROS_CCACHE`. It is read when a host is dialled. " +
						"Conflicts with `keytab`.",
				},
				"spn": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "Name of the hosts' service, such as `HTTP/web01.corp.example` or `WSMAN/web01.corp.example`. Default: `HTTP/` and the host's name. Environment: " +
						"`BITS_KERBEROS_SPN`. It is the same for all hosts: `spn` of an entry of `hosts` is for one.",
				},
			},
		},
	}
}

const authDescription = "Authentication scheme. Environment: `BITS_AUTH`. Allowed:\n" +
	"  - `negotiate`: Kerberos when `kerberos` is set and then nothing else, otherwise NTLM.\n" +
	"  - `ntlm`: NTLMv2, for local and domain accounts. Messages are sealed over http and bound to the TLS channel over https.\n" +
	"  - `kerberos`: for accounts of a domain or realm. Messages are sealed over http and bound to the TLS channel over https.\n" +
	"  - `certificate`: `client_certificate` and `client_key` instead of user name and password. Needs https and TLS 1.2.\n" +
	"  - `basic`: sends the password itself, for local accounts only. Inside TLS, unless `allow_unencrypted = true`. No Windows host accepts it by default.\n\n" +
	"  No scheme is replaced by another one because a host offers it. Default `negotiate`."
