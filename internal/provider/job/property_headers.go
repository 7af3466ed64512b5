package job

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// writeOnly is what is in the configuration alone, never in plan or state.
type writeOnly struct {
	headers                 []bits.Secret
	password, proxyPassword bits.Secret
}

// takeWriteOnly completes a plan with what only the configuration of the same apply has.
func (m *model) takeWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var c model
	diags := config.Get(ctx, &c)
	if diags.HasError() {
		return diags
	}
	m.secrets = writeOnly{
		headers:       headersOf(c.CustomHeadersWO),
		password:      bits.NewSecret(attrs.Part[types.String](c.Credentials, "password_wo").ValueString()),
		proxyPassword: bits.NewSecret(attrs.Part[types.String](c.Proxy, "password_wo").ValueString()),
	}
	return nil
}

// customHeaders sets headers that administrators of the host can read.
var customHeaders = property{
	name: "custom_headers", words: "custom headers", steps: []string{"custom_headers"}, ignoredWhenCompleted: true,
	attributes: map[string]schema.Attribute{"custom_headers": schema.MapAttribute{
		Optional: true, Sensitive: true, ElementType: types.StringType,
		MarkdownDescription: "Headers that BITS adds to every HTTP request of the job, by name; of all together at most 16383 UTF-16 code " +
			"units. The values stand in the state, and administrators of the host can read them: for tokens use `custom_headers_wo`. On a " +
			"completed job a change has no effect." + notManaged,
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.ConflictsWith(path.MatchRoot("custom_headers_wo"))},
	}},
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
		now := map[string]attr.Value{}
		for _, header := range has.CustomHeaders {
			name, value, _ := strings.Cut(header.Reveal(), ":")
			now[name] = types.StringValue(strings.TrimSpace(value))
		}
		p.CustomHeaders = types.MapValueMust(types.StringType, now)
	},
}

// writeOnlyHeaders sets headers that can't be read back.
var writeOnlyHeaders = property{
	name: "custom_headers_wo_version", words: "custom " +
		"headers", steps: []string{"custom_headers_write_only", "custom_headers"}, ignoredWhenCompleted: true,
	attributes: map[string]schema.Attribute{
		"custom_headers_wo": schema.MapAttribute{
			Optional: true, Sensitive: true, WriteOnly: true, ElementType: types.StringType,
			MarkdownDescription: "Like `custom_headers`, for secrets: the headers never stand in state or plan, and on the host nobody can read " +
				"them, which can't be undone for a job. Values may be ephemeral. Needs `custom_headers_wo_version`, and Terraform or OpenTofu 1.11.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.AlsoRequires(path.MatchRoot("custom_headers_wo_version"))},
		},
		"custom_headers_wo_version": versionAttribute("custom_headers_wo", "headers", path.MatchRoot("custom_headers_wo")),
	},
	value:   func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	version: func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	send: func(p *managedProperties, to *bits.Properties) {
		if p.secrets.headers != nil {
			hide := true
			to.CustomHeaders, to.CustomHeadersWriteOnly = p.secrets.headers, &hide
		}
	},
}

// headersOf returns the known headers of a map as BITS takes them, sorted by name; nil when there are none.
func headersOf(m types.Map) []bits.Secret {
	var headers []bits.Secret
	elements := m.Elements()
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		if value, ok := elements[name].(types.String); ok && attrs.IsSet(value) {
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
