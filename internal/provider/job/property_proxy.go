// SPDX-License-Identifier: MPL-2.0

package job

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	listschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

var (
	listOfText = types.ListType{ElemType: types.StringType}
	proxyTypes = map[string]attr.Type{
		"usage": types.StringType, "list": listOfText, "bypass_list": listOfText, "scheme": types.StringType,
		"username": types.StringType, "password_wo": types.StringType, "password_wo_version": types.Int64Type,
	}
)

// proxy sets usage and lists at once, as BITS does: a list that is left out is none.
var proxy = property{
	name: "proxy", words: "proxy", steps: []string{"proxy_usage", "proxy_list", "proxy_bypass_list"},
	attributes: map[string]schema.Attribute{"proxy": proxyAttribute()},
	listed: &Listed{
		attrs.ComputedObject("Proxy of the job.", map[string]listschema.Attribute{
			"usage":       attrs.ComputedString("`system_default`, `no_proxy`, `auto_detect` or `override` (the job's own list)."),
			"list":        attrs.ComputedList("Proxies; empty or null unless `usage` is `override`."),
			"bypass_list": attrs.ComputedList("Hosts that bypass the proxy; empty or null unless `usage` is `override`."),
		}),
		func(has bits.Job) attr.Value {
			listed := map[string]attr.Type{"usage": types.StringType, "list": listOfText, "bypass_list": listOfText}
			if has.ProxyUsage == nil {
				return types.ObjectNull(listed)
			}
			return types.ObjectValueMust(listed, map[string]attr.Value{
				"usage": attrs.WordOrNull(has.ProxyUsage), "list": attrs.ListOrNull(has.ProxyList), "bypass_list": attrs.ListOrNull(has.ProxyBypassList),
			})
		},
	},
	value: func(p *managedProperties) attr.Value { return p.Proxy },
	send: func(p *managedProperties, to *bits.Properties) {
		usage := bits.ProxyUsage(attrs.TextOf(p.Proxy, "usage"))
		if usage == "" {
			return
		}
		to.ProxyUsage = &usage
		if usage == bits.ProxyOverride {
			to.ProxyList = attrs.Elements[string](attrs.Part[types.List](p.Proxy, "list"))
			to.ProxyBypassList = attrs.Elements[string](attrs.Part[types.List](p.Proxy, "bypass_list"))
		}
	},
	reset: func(to *bits.Properties) { usage := bits.ProxySystemDefault; to.ProxyUsage = &usage },
	read: func(p *managedProperties, has bits.Properties) {
		if has.ProxyUsage == nil {
			return
		}
		attributes := maps.Clone(p.Proxy.Attributes())
		if p.Proxy.IsNull() {
			attributes = noProxy()
		}
		attributes["usage"] = types.StringValue(string(*has.ProxyUsage))
		attributes["list"] = keepList(attrs.Part[types.List](p.Proxy, "list"), has.ProxyList, *has.ProxyUsage, sameProxy)
		if bypass := attrs.Part[types.List](p.Proxy, "bypass_list"); !bypass.IsNull() || strings.Join(has.ProxyBypassList, "") != "" {
			attributes["bypass_list"] = keepList(bypass, has.ProxyBypassList, *has.ProxyUsage, strings.EqualFold)
		}
		p.Proxy = types.ObjectValueMust(proxyTypes, attributes)
	},
}

// noProxy are the parts of a proxy that the host does not return.
func noProxy() map[string]attr.Value {
	return map[string]attr.Value{
		"bypass_list": types.ListNull(types.StringType), "scheme": types.StringNull(), "username": types.StringNull(),
		"password_wo": types.StringNull(), "password_wo_version": types.Int64Null(),
	}
}

// keepList keeps a list that means what the host has, or of which the host returns nothing.
func keepList(had types.List, now []string, usage bits.ProxyUsage, same func(a, b string) bool) types.List {
	switch {
	case usage != bits.ProxyOverride:
		return types.ListNull(types.StringType)
	case now == nil || slices.EqualFunc(attrs.Elements[string](had), now, same):
		return had
	}
	return attrs.ListOrNull(now)
}

// sameProxy compares URLs: a host may write the slash of the empty path.
func sameProxy(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// proxyCredential sets the account for a proxy.
var proxyCredential = property{
	name: "proxy", words: "proxy's credential", steps: []string{"proxy_credential"}, ignoredWhenCompleted: true,
	value:   func(p *managedProperties) attr.Value { return p.Proxy },
	stays:   func(p, prior *managedProperties) bool { return accountStays(p.Proxy, prior.Proxy) },
	version: func(p *managedProperties) attr.Value { return attrs.Part[types.Int64](p.Proxy, "password_wo_version") },
	send: func(p *managedProperties, to *bits.Properties) {
		to.ProxyCredential = accountOf(p.Proxy, p.secrets.proxyPassword)
	},
}

// accountOf is the account that an object names; nil where it names none.
func accountOf(object types.Object, password bits.Secret) *bits.Credential {
	user := attrs.TextOf(object, "username")
	if user == "" {
		return nil
	}
	return &bits.Credential{Username: user, Password: password, Scheme: bits.AuthScheme(attrs.TextOf(object, "scheme"))}
}

// credentials sets the account for a server.
var credentials = property{
	name: "credentials", words: "credentials", steps: []string{"credential"}, ignoredWhenCompleted: true,
	attributes: map[string]schema.Attribute{"credentials": credentialsAttribute()},
	value:      func(p *managedProperties) attr.Value { return p.Credentials },
	version: func(p *managedProperties) attr.Value {
		return attrs.Part[types.Int64](p.Credentials, "password_wo_version")
	},
	stays: func(p, prior *managedProperties) bool { return accountStays(p.Credentials, prior.Credentials) },
	send: func(p *managedProperties, to *bits.Properties) {
		to.Credential = accountOf(p.Credentials, p.secrets.password)
	},
}

// accountStays reports whether a plan takes an account out, or has one for another scheme. BITS keeps an account for each scheme.
// Source: IBackgroundCopyJob2::SetCredentials, learn.microsoft.com.
func accountStays(object, prior types.Object) bool {
	user, scheme := attrs.Part[types.String](object, "username"), attrs.Part[types.String](object, "scheme")
	if attrs.TextOf(prior, "username") == "" || object.IsUnknown() || user.IsUnknown() || scheme.IsUnknown() {
		return false
	}
	return user.IsNull() || schemeOf(object) != schemeOf(prior)
}

// schemeOf is how an account is shown, with the default of BITS.
func schemeOf(object types.Object) string {
	return cmp.Or(attrs.TextOf(object, "scheme"), string(bits.AuthNegotiate))
}

func proxyAttribute() schema.Attribute {
	attributes := passwordAttributes()
	attributes["usage"] = requiredText("`system_default` (the settings of the job's owner; `system_proxy` in `bits_host` for "+
		"LocalSystem), `no_proxy`, `auto_detect`, or `override` (the job's own `list`).", attrs.OneOf(bits.ProxyUsages()...))
	attributes["list"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Proxies in order of preference, such as `http://proxy.corp.example:3128`, at most 4000 characters " +
			"together. Required with `usage = \"override\"`, otherwise an error.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validProxy)},
	}
	attributes["bypass_list"] = schema.ListAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: "Hosts that bypass the proxy, such as `*.corp.example` or `<local>`, at most 4000 characters together. " +
			"Only with `usage = \"override\"`.",
		Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validBypass)},
	}
	attributes["scheme"] = schemeAttribute(" to the proxy.", stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("username")))
	attributes["username"] = usernameAttribute(false, "Account for the proxy, at most 300 characters. BITS does not return it; "+
		"removing it keeps the account.")
	return schema.SingleNestedAttribute{
		Optional: true, Attributes: attributes,
		MarkdownDescription: "Proxy of the job. BITS' default: `usage = \"system_default\"`." + notManaged,
	}
}

func credentialsAttribute() schema.Attribute {
	attributes := passwordAttributes()
	attributes["scheme"] = schemeAttribute(": use it with `https://` only.")
	attributes["username"] = usernameAttribute(true, "Name of the account, such as `CORP\\\\svc-dl`, at most 300 characters.")
	return schema.SingleNestedAttribute{
		Optional: true, Attributes: attributes,
		MarkdownDescription: "Account for the HTTP server, not for SMB or the proxy. Windows stores it encrypted and never returns " +
			"it, so a change outside Terraform is not detected." + keptWhenRemoved,
	}
}

// schemeAttribute is how an account is shown. Source: BG_AUTH_SCHEME, learn.microsoft.com.
func schemeAttribute(basic string, valid ...validator.String) schema.StringAttribute {
	return optionalText("Authentication scheme: `basic`, `digest`, `ntlm`, `negotiate` (default) or `passport`. `basic` sends the "+
		"password unencrypted"+basic, append(valid, attrs.OneOf(bits.AuthSchemes()...))...)
}

func usernameAttribute(required bool, description string) schema.Attribute {
	return schema.StringAttribute{
		Required: required, Optional: !required, MarkdownDescription: description + " Requires `password_wo`.",
		Validators: []validator.String{
			stringvalidator.LengthAtLeast(1), validUserName, stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("password_wo")),
		},
	}
}

func passwordAttributes() map[string]schema.Attribute {
	secret, version := path.MatchRelative().AtParent().AtName("password_wo"), path.MatchRelative().AtParent().AtName("password_wo_version")
	return map[string]schema.Attribute{
		"password_wo": schema.StringAttribute{
			Optional: true, Sensitive: true, WriteOnly: true,
			MarkdownDescription: "Password of the account. Requires `password_wo_version`.",
			Validators:          []validator.String{validPassword, stringvalidator.AlsoRequires(version, path.MatchRelative().AtParent().AtName("username"))},
		},
		"password_wo_version": versionAttribute("password_wo", secret),
	}
}

// versionAttribute is the number whose change sends a write-only value again.
func versionAttribute(of string, secret path.Expression) schema.Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "Any number. A change sends `" + of + "` again, in place.",
		Validators:          []validator.Int64{int64validator.AlsoRequires(secret)},
	}
}
