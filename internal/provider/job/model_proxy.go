package job

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

var proxyTypes = map[string]attr.Type{
	"usage": types.StringType, "list": types.ListType{ElemType: types.StringType}, "bypass_list": types.ListType{ElemType: types.StringType},
	"username": types.StringType, "password_wo": types.StringType, "password_wo_version": types.Int64Type,
}

// proxyRow sets usage and lists at once, as BITS does: a list that is left out is none.
var proxyRow = property{
	name: "proxy", words: "proxy", steps: []string{"proxy_usage", "proxy_list", "proxy_bypass_list"},
	value: func(p *managedProperties) attr.Value { return p.Proxy },
	send: func(p *managedProperties, to *bits.Properties) {
		text := attrs.StringAttr(p.Proxy, "usage")
		if text.IsNull() || text.IsUnknown() {
			return
		}
		usage := bits.ProxyUsage(text.ValueString())
		to.ProxyUsage = &usage
		if usage == bits.ProxyOverride {
			to.ProxyList = attrs.Elements[string](attrs.ListAttr(p.Proxy, "list"))
			to.ProxyBypassList = attrs.Elements[string](attrs.ListAttr(p.Proxy, "bypass_list"))
		}
	},
	read: func(p *managedProperties, has bits.Properties) {
		if has.ProxyUsage == nil {
			return
		}
		attributes := maps.Clone(p.Proxy.Attributes())
		attributes["usage"] = types.StringValue(string(*has.ProxyUsage))
		attributes["list"] = keepList(attrs.ListAttr(p.Proxy, "list"), has.ProxyList, *has.ProxyUsage, sameProxy)
		if bypass := attrs.ListAttr(p.Proxy, "bypass_list"); !bypass.IsNull() {
			attributes["bypass_list"] = keepList(bypass, has.ProxyBypassList, *has.ProxyUsage, strings.EqualFold)
		}
		p.Proxy = types.ObjectValueMust(proxyTypes, attributes)
	},
}

// keepList keeps a list that means what the host tells, or of which it tells nothing.
func keepList(had types.List, told []string, usage bits.ProxyUsage, same func(a, b string) bool) types.List {
	switch {
	case usage != bits.ProxyOverride:
		return types.ListNull(types.StringType)
	case told == nil || slices.EqualFunc(attrs.Elements[string](had), told, same):
		return had
	}
	return types.ListValueMust(types.StringType, attrs.StringValues(told))
}

// sameProxy compares URLs: a host may write the slash of the empty path.
func sameProxy(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// proxyCredentialRow sets the account for a proxy.
var proxyCredentialRow = property{
	name: "proxy", words: "proxy's credential", steps: []string{"proxy_credential"}, ignoredWhenCompleted: true,
	value:   func(p *managedProperties) attr.Value { return p.Proxy },
	version: func(p *managedProperties) attr.Value { return attrs.VersionAttr(p.Proxy) },
	send: func(p *managedProperties, to *bits.Properties) {
		if user := attrs.StringAttr(p.Proxy, "username"); user.ValueString() != "" {
			to.ProxyCredential = &bits.Credential{Username: user.ValueString(), Password: p.secrets.proxyPassword}
		}
	},
}
