package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

type providerModel struct {
	Host             types.String         `tfsdk:"host"`
	Port             types.Int64          `tfsdk:"port"`
	HTTPS            types.Bool           `tfsdk:"https"`
	Username         types.String         `tfsdk:"username"`
	Password         types.String         `tfsdk:"password"`
	Auth             types.String         `tfsdk:"auth"`
	CACert           types.String         `tfsdk:"ca_cert"`
	CAFile           types.String         `tfsdk:"ca_file"`
	TLSServerName    types.String         `tfsdk:"tls_server_name"`
	Insecure         types.Bool           `tfsdk:"insecure"`
	RunAs            types.String         `tfsdk:"run_as"`
	ConnectTimeout   timetypes.GoDuration `tfsdk:"connect_timeout"`
	OperationTimeout timetypes.GoDuration `tfsdk:"operation_timeout"`
}

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages jobs of BITS, the Background Intelligent Transfer Service, on Windows hosts over WinRM.\n\n" +
			"One provider block serves any number of hosts: `host` of a resource says where its job lives, everything else " +
			"about the connection is said here. Hosts are dialled when the first resource needs them, never while the provider " +
			"is configured, so values may still be unknown during a plan.\n\n" +
			"Every attribute can be given as an environment variable instead: `BITS_` and the attribute in upper case. A " +
			"configured value wins; an empty variable counts as unset; variables that the chosen transport does not use are ignored.",
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Host of the resources that name none: a name or an address, such as `web01.corp.example`, " +
					"optionally with a port (`web01.corp.example:5986`, `[2001:db8::1]:5986`). Environment: `BITS_HOST`. No default. " +
					"A change replaces the jobs of the resources that set no `host`.",
				Validators: []validator.String{hostValidator{}},
			},
			"port": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Port of WinRM on hosts that are written without one, 1 to 65535. Default `5986`, or `5985` with " +
					"`https = false`. Environment: `BITS_PORT`. The port is no part of a job's identity: it may change at any time.",
				Validators: []validator.Int64{int64validator.Between(1, 65535)},
			},
			"https": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to speak WinRM inside TLS. Default `true`. Environment: `BITS_HTTPS`. `false` is an error " +
					"with `auth = \"basic\"`, which would send the password readable by anybody on the way.",
			},
			"username": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Account that logs on to the hosts, such as `svc-bits` for a local account. Environment: " +
					"`BITS_USERNAME`. Needed as soon as a host is dialled. It has to be an administrator of the host, unless " +
					"`run_as = \"user\"`: then it owns the jobs, which BITS moves only while this account is logged on to the host.",
				Validators: []validator.String{usernameValidator{}},
			},
			"password": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Password of `username`. Environment: `BITS_PASSWORD`, which keeps it out of the configuration. " +
					"Needed as soon as a host is dialled. It is never logged and never stored in the state; once a host has refused it " +
					"before any accepted it, this run logs on nowhere else with it, so that the account is not locked.",
			},
			"auth": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Authentication scheme. Allowed and default: `basic`, inside TLS only. Environment: `BITS_AUTH`. " +
					"No Windows host accepts Basic by default: it has to be enabled there for local accounts " +
					"(`Set-Item WSMan:\\localhost\\Service\\Auth\\Basic $true`).",
				Validators: []validator.String{stringvalidator.OneOf(string(connection.AuthBasic))},
			},
			"ca_cert": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "PEM certificates of the authorities that may have signed the hosts' certificates. Default: the " +
					"authorities this machine trusts. Environment: `BITS_CA_CERT`. Conflicts with `ca_file`; not used with " +
					"`insecure = true`.",
				Validators: []validator.String{pemValidator{}, stringvalidator.ConflictsWith(path.MatchRoot("ca_file"))},
			},
			"ca_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Path of a file, on the machine that runs Terraform, with the certificates that `ca_cert` would " +
					"hold. Environment: `BITS_CA_FILE`. Conflicts with `ca_cert`; not used with `insecure = true`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("ca_cert"))},
			},
			"tls_server_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name that a host's certificate must be issued for. Default: the host as it is dialled. Set it when " +
					"hosts are dialled by address. Environment: `BITS_TLS_SERVER_NAME`. It is the same for all hosts of this provider.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"insecure": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to skip the check of the hosts' certificates. Default `false`. Environment: " +
					"`BITS_INSECURE`. With `true` whoever stands between this machine and the host can read the password: for tests only.",
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
				Validators: []validator.String{stringvalidator.OneOf(string(connection.RunAsSystem), string(connection.RunAsUser))},
			},
			"connect_timeout": schema.StringAttribute{
				Optional:   true,
				CustomType: timetypes.GoDurationType{},
				MarkdownDescription: "How long a host may take from dialling until its shell is open, such as `10s` or `1m30s`. Default " +
					"`30s`. Environment: `BITS_CONNECT_TIMEOUT`. A host that fails is not dialled again in the same run, so a dead " +
					"host costs this time once and not once per job.",
			},
			"operation_timeout": schema.StringAttribute{
				Optional:   true,
				CustomType: timetypes.GoDurationType{},
				MarkdownDescription: "How long one call to a host may take, its retries included, such as `90s`. Default `60s`. " +
					"Environment: `BITS_OPERATION_TIMEOUT`. It does not limit transfers: see `timeouts` of the resource.",
			},
		},
	}
}
