package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

var proxyTypes = map[string]attr.Type{
	"usage": types.StringType, "list": types.ListType{ElemType: types.StringType}, "bypass_list": types.ListType{ElemType: types.StringType},
	"username": types.StringType, "password_wo": types.StringType, "password_wo_version": types.Int64Type,
}

// textIn gives a text of an object: null where the object is, unknown where it is.
func textIn(object types.Object, name string) types.String {
	if object.IsUnknown() {
		return types.StringUnknown()
	}
	text, ok := object.Attributes()[name].(types.String)
	if !ok {
		return types.StringNull()
	}
	return text
}

func listIn(object types.Object, name string) types.List {
	if object.IsUnknown() {
		return types.ListUnknown(types.StringType)
	}
	list, ok := object.Attributes()[name].(types.List)
	if !ok {
		return types.ListNull(types.StringType)
	}
	return list
}

// proxyRow sets usage and lists at once, as BITS does: a list that is left out is none.
var proxyRow = property{
	name: "proxy", words: "proxy", steps: []string{"proxy_usage", "proxy_list", "proxy_bypass_list"},
	value: func(p *jobProperties) attr.Value { return p.Proxy },
	send: func(p *jobProperties, to *bits.Properties) {
		text := textIn(p.Proxy, "usage")
		if text.IsNull() || text.IsUnknown() {
			return
		}
		usage := bits.ProxyUsage(text.ValueString())
		to.ProxyUsage = &usage
		if usage == bits.ProxyOverride {
			to.ProxyList = elementsOf[string](listIn(p.Proxy, "list"))
			to.ProxyBypassList = elementsOf[string](listIn(p.Proxy, "bypass_list"))
		}
	},
	read: func(p *jobProperties, has bits.Properties) {
		if has.ProxyUsage == nil {
			return
		}
		attributes := maps.Clone(p.Proxy.Attributes())
		attributes["usage"] = types.StringValue(string(*has.ProxyUsage))
		attributes["list"] = listAsTold(listIn(p.Proxy, "list"), has.ProxyList, *has.ProxyUsage, sameProxy)
		if bypass := listIn(p.Proxy, "bypass_list"); !bypass.IsNull() {
			attributes["bypass_list"] = listAsTold(bypass, has.ProxyBypassList, *has.ProxyUsage, strings.EqualFold)
		}
		p.Proxy = types.ObjectValueMust(proxyTypes, attributes)
	},
}

// listAsTold keeps a list that means what the host tells, or of which it tells nothing.
func listAsTold(had types.List, told []string, usage bits.ProxyUsage, same func(a, b string) bool) types.List {
	switch {
	case usage != bits.ProxyOverride:
		return types.ListNull(types.StringType)
	case told == nil || slices.EqualFunc(elementsOf[string](had), told, same):
		return had
	}
	return types.ListValueMust(types.StringType, textsOf(told))
}

// sameProxy compares URLs: a host may write the slash of the empty path.
func sameProxy(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// proxyCredentialRow sets the account for a proxy.
var proxyCredentialRow = property{
	name: "proxy", words: "proxy's credential", steps: []string{"proxy_credential"}, rotates: true,
	value:   func(p *jobProperties) attr.Value { return p.Proxy },
	version: func(p *jobProperties) attr.Value { return versionIn(p.Proxy) },
	send: func(p *jobProperties, to *bits.Properties) {
		if user := textIn(p.Proxy, "username"); user.ValueString() != "" {
			to.ProxyCredential = &bits.Credential{Username: user.ValueString(), Password: p.secrets.proxyPassword}
		}
	},
}

func versionIn(object types.Object) attr.Value {
	if version, ok := object.Attributes()["password_wo_version"]; ok {
		return version
	}
	return types.Int64Null()
}
