package job

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// writeOnly is what stands in the configuration alone, never in plan or state.
type writeOnly struct {
	headers                 []bits.Secret
	password, proxyPassword bits.Secret
}

// takeWriteOnly brings a plan what only the configuration of the same apply has.
func (m *model) takeWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var c model
	diags := config.Get(ctx, &c)
	if diags.HasError() {
		return diags
	}
	m.secrets = writeOnly{
		headers:       headersOf(c.CustomHeadersWO),
		password:      bits.NewSecret(attrs.StringAttr(c.Credentials, "password_wo").ValueString()),
		proxyPassword: bits.NewSecret(attrs.StringAttr(c.Proxy, "password_wo").ValueString()),
	}
	return nil
}

// credentialRow sets the account for a server, or for a proxy with a scheme of its own.
var credentialRow = property{
	name: "credentials", words: "credentials", steps: []string{"credential", "proxy_credential"}, ignoredWhenCompleted: true,
	value:   func(p *managedProperties) attr.Value { return p.Credentials },
	version: func(p *managedProperties) attr.Value { return attrs.VersionAttr(p.Credentials) },
	send: func(p *managedProperties, to *bits.Properties) {
		user := attrs.StringAttr(p.Credentials, "username").ValueString()
		if user == "" {
			return
		}
		credential := &bits.Credential{
			Username: user, Password: p.secrets.password, Scheme: bits.AuthScheme(attrs.StringAttr(p.Credentials, "scheme").ValueString()),
		}
		if attrs.StringAttr(p.Credentials, "target").ValueString() == string(bits.CredentialProxy) {
			to.ProxyCredential = credential
			return
		}
		to.Credential = credential
	},
}

// headersRow sets headers that administrators of the host can read.
var headersRow = property{
	name: "custom_headers", words: "custom headers", steps: []string{"custom_headers"}, ignoredWhenCompleted: true,
	value: func(p *managedProperties) attr.Value { return p.CustomHeaders },
	send: func(p *managedProperties, to *bits.Properties) {
		if headers := headersOf(p.CustomHeaders); headers != nil {
			to.CustomHeaders = headers
		}
	},
	read: func(p *managedProperties, has bits.Properties) {
		if has.CustomHeaders == nil || maps.Equal(headersByKey(headersOf(p.CustomHeaders)), headersByKey(has.CustomHeaders)) {
			return
		}
		told := map[string]attr.Value{}
		for _, header := range has.CustomHeaders {
			name, value, _ := strings.Cut(header.Reveal(), ":")
			told[name] = types.StringValue(strings.TrimSpace(value))
		}
		p.CustomHeaders = types.MapValueMust(types.StringType, told)
	},
}

// hiddenHeadersRow sets headers that nobody can read any more.
var hiddenHeadersRow = property{
	name: "custom_headers_wo_version", words: "custom headers", steps: []string{"custom_headers_write_only", "custom_headers"}, ignoredWhenCompleted: true,
	value:   func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	version: func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	send: func(p *managedProperties, to *bits.Properties) {
		if p.secrets.headers != nil {
			hide := true
			to.CustomHeaders, to.CustomHeadersWriteOnly = p.secrets.headers, &hide
		}
	},
}

// headersOf gives the known headers of a map as BITS takes them, in a steady order: nil for none.
func headersOf(m types.Map) []bits.Secret {
	var headers []bits.Secret
	elements := m.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		if value, ok := elements[name].(types.String); ok && !value.IsNull() && !value.IsUnknown() {
			headers = append(headers, bits.NewSecret(name+": "+value.ValueString()))
		}
	}
	return headers
}

// headersByKey is what headers mean: names without regard to case, values without the blanks around them.
func headersByKey(headers []bits.Secret) map[string]bits.Secret {
	byKey := map[string]bits.Secret{}
	for _, header := range headers {
		name, value, _ := strings.Cut(header.Reveal(), ":")
		byKey[strings.ToLower(name)] = bits.NewSecret(strings.TrimSpace(value))
	}
	return byKey
}
