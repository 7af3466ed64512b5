package job

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// accountAttributes are the attributes for which a job talks to servers and proxies as somebody.
func accountAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"proxy":       proxyAttribute(),
		"credentials": credentialsAttribute(),
		"custom_headers": schema.MapAttribute{
			Optional: true, Sensitive: true, ElementType: types.StringType,
			MarkdownDescription: "Headers that BITS adds to every HTTP request of the job, by name; of all together at most 16383 UTF-16 code units. The values stand in " +
				"the state, and administrators of the host can read them: for tokens use `custom_headers_wo`. On a completed job a change has no effect." + notManaged,
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.ConflictsWith(path.MatchRoot("custom_headers_wo"))},
		},
		"custom_headers_wo": schema.MapAttribute{
			Optional: true, Sensitive: true, WriteOnly: true, ElementType: types.StringType,
			MarkdownDescription: "Like `custom_headers`, for secrets: the headers never stand in state or plan, and on the host nobody can read them, which can't be undone for a " +
				"job. Values may be ephemeral. Needs `custom_headers_wo_version`, and Terraform or OpenTofu 1.11.",
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.AlsoRequires(path.MatchRoot("custom_headers_wo_version")),
			},
		},
		"custom_headers_wo_version": versionAttribute("custom_headers_wo", "headers", path.MatchRoot("custom_headers_wo")),
	}
}

// versionAttribute is the number whose change sends a write-only value again.
func versionAttribute(of, what string, secret path.Expression) schema.Attribute {
	return schema.Int64Attribute{
		Optional: true,
		MarkdownDescription: "Any number; another one sends `" + of + "` again, in place, because Terraform can't see that a write-only value changed. On a completed job it " +
			"has no effect: no " + what + " are used any more.",
		Validators: []validator.Int64{int64validator.AlsoRequires(secret)},
	}
}

func passwordAttributes(whose string) map[string]schema.Attribute {
	secret, version := path.MatchRelative().AtParent().AtName("password_wo"), path.MatchRelative().AtParent().AtName("password_wo_version")
	return map[string]schema.Attribute{
		"password_wo": schema.StringAttribute{
			Optional: true, Sensitive: true, WriteOnly: true,
			MarkdownDescription: "Password of " + whose + ". It never stands in state or plan, and may be ephemeral. Needs `password_wo_version`, and Terraform or OpenTofu 1.11.",
			Validators:          []validator.String{validPassword, stringvalidator.AlsoRequires(version, path.MatchRelative().AtParent().AtName("username"))},
		},
		"password_wo_version": versionAttribute("password_wo", "credentials", secret),
	}
}

func credentialsAttribute() schema.Attribute {
	attributes := passwordAttributes("the account")
	attributes["target"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Who asks for the account: `server`, which is also meant when it is unset, or `proxy`, which is for a proxy that needs a `scheme` and conflicts with " +
			"`proxy.username`.",
		Validators: []validator.String{stringvalidator.OneOf(string(bits.CredentialServer), string(bits.CredentialProxy))},
	}
	attributes["scheme"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "How the account is shown: `basic`, `digest`, `ntlm`, `negotiate` or `passport`. Unset means `negotiate`. With `basic` the password travels as it is: use it with `https://` " +
			"only.",
		Validators: []validator.String{stringvalidator.OneOf(attrs.Strings(bits.AuthSchemes())...)},
	}
	attributes["username"] = usernameAttribute(true, "Name of the account, such as `CORP\\\\svc-dl`, at most 300 UTF-16 code units.")
	return schema.SingleNestedAttribute{
		Optional: true, Attributes: attributes,
		MarkdownDescription: "Account that BITS shows to the HTTP server of the files, or to a proxy. SMB sources do not use it. Windows keeps it with the job, encrypted, and tells nobody, so " +
			"a change that somebody else makes does not show. A change is made in place: a job that moves is suspended for a moment. On a completed job it has no effect. Unset means not " +
			"managed; taken out, the job keeps the account until it ends.",
	}
}

func proxyAttribute() schema.Attribute {
	attributes := passwordAttributes("the account for the proxy")
	attributes["usage"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "`system_default` (the proxy settings of the job's owner, which for `run_as = \"system\"` are those of LocalSystem), `no_proxy`, `auto_detect`, or `override` (the job's own `list`).",
		Validators:          []validator.String{stringvalidator.OneOf(attrs.Strings(bits.ProxyUsages())...)},
	}
	attributes["list"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Proxies in the order in which they are tried, such as `http://proxy.corp.example:3128`. With `usage = \"override\"` only, and then at least one; at most 4000 UTF-16 code units together.",
		Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(validProxy)},
	}
	attributes["bypass_list"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Hosts that are reached without the proxy, such as `*.corp.example` or `<local>`. With `usage = \"override\"` only; at most 4000 UTF-16 code units together.",
		Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(validBypass)},
	}
	attributes["username"] = usernameAttribute(false, "Account for the proxy, at most 300 UTF-16 code units, shown by Negotiate; another scheme is for `credentials` with `target = \"proxy\"`. BITS tells "+
		"nobody which it has. Taken out, the job keeps it until it ends.")
	return schema.SingleNestedAttribute{
		Optional: true, Attributes: attributes,
		MarkdownDescription: "Proxy that the job uses. BITS itself takes `system_default` for a new job." + notManaged,
	}
}

func usernameAttribute(required bool, description string) schema.Attribute {
	return schema.StringAttribute{
		Required: required, Optional: !required, MarkdownDescription: description + " Needs `password_wo`.",
		Validators: []validator.String{
			stringvalidator.LengthAtLeast(1), validUserName,
			stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("password_wo")),
		},
	}
}
