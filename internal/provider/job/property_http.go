// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	listschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// onlyWhenMade ends the description of a property that BITS takes before a job first moves, and never again.
const onlyWhenMade = " A change replaces the job; removing it keeps the value."

var httpMethod = kept(property{
	name: "http_method", words: "HTTP method", steps: []string{"http_method"}, forcesReplace: true,
	attributes: map[string]schema.Attribute{"http_method": schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "HTTP method, in upper case; downloads only. BITS' default: `GET`. Any other method requires `priority = " +
			"\"foreground\"`, conflicts with `dynamic`, and restarts an interrupted transfer." + onlyWhenMade,
		Validators: []validator.String{validMethod},
	}},
	listed: &Listed{
		attrs.ComputedString("HTTP method; an empty string means `GET`."),
		func(has bits.Job) attr.Value { return types.StringPointerValue(has.HTTPMethod) },
	},
	value: func(p *managedProperties) attr.Value { return p.HTTPMethod },
	send: func(p *managedProperties, to *bits.Properties) {
		if attrs.IsSet(p.HTTPMethod) {
			to.HTTPMethod = p.HTTPMethod.ValueStringPointer()
		}
	},
})

var dynamic = kept(property{
	name: "dynamic", words: "dynamic content", steps: []string{"dynamic"}, forcesReplace: true,
	attributes: map[string]schema.Attribute{"dynamic": schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether the server generates the files, without a known size or ranges; downloads only. BITS' default " +
			"`false` requires the size, by HEAD; `true` requires `priority = \"foreground\"`, sends only GET and restarts an " +
			"interrupted transfer." + onlyWhenMade,
	}},
	listed: &Listed{
		attrs.ComputedBool("Whether the job accepts files of unknown size."),
		func(has bits.Job) attr.Value { return types.BoolPointerValue(has.Dynamic) },
	},
	value: func(p *managedProperties) attr.Value { return p.Dynamic },
	send: func(p *managedProperties, to *bits.Properties) {
		if attrs.IsSet(p.Dynamic) {
			to.Dynamic = p.Dynamic.ValueBoolPointer()
		}
	},
})

var securityFlags = resetTo(flags("security_flags", "security flags", notManaged,
	func(p *managedProperties) *types.Set { return &p.SecurityFlags },
	func(p *bits.Properties) *[]bits.SecurityFlag { return &p.SecurityFlags },
	bits.SecurityMask, bits.SecurityWords, bits.SecurityFlags(),
	"Checks of server certificates and redirects; downloads only. Any of `enable_crl_check`, `ignore_cert_cn_invalid`, "+
		"`ignore_cert_date_invalid`, `ignore_unknown_ca`, `ignore_cert_wrong_usage` and `redirect_policy_allow_https_to_http`, and "+
		"one of `redirect_policy_allow_silent` (BITS' default), `redirect_policy_allow_report` (stores the new URL in the job) and "+
		"`redirect_policy_disallow`. With an `ignore` flag, an attacker on the network path can send other files.",
	"Certificate checks and redirect policy, such as `enable_crl_check`.",
	oneRedirectPolicy{"one policy for redirects"}), func(to *bits.Properties) { to.SecurityFlags = bits.SecurityWords(0) })

// resetTo gives a row its default.
func resetTo(row property, reset func(to *bits.Properties)) property {
	row.reset = reset
	return row
}

var certificateTypes = map[string]attr.Type{"store_location": types.StringType, "store_name": types.StringType, "thumbprint": types.StringType}

// clientCertificate names a certificate, all three parts at once, as BITS does.
var clientCertificate = kept(property{
	name: "client_certificate", words: "client certificate", ignoredWhenCompleted: true,
	steps: []string{"certificate_store_location", "certificate_store_name", "certificate_hash"},
	attributes: map[string]schema.Attribute{"client_certificate": schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Certificate for HTTPS servers, from a store of the host, with a private key that the job's owner can " +
			"use." + keptWhenRemoved,
		Attributes: map[string]schema.Attribute{
			"store_location": requiredText("`local_machine`, `current_user`, `current_service`, `services`, `users`, "+
				"`current_user_group_policy`, `local_machine_group_policy` or `local_machine_enterprise`. The `current_user` "+
				"locations require `run_as = \"user\"`.", attrs.OneOf(bits.CertificateStoreLocations()...)),
			"store_name": requiredText("`MY` (personal), `CA`, `ROOT` or `SPC`, in any case.", stringvalidator.OneOfCaseInsensitive("MY", "CA", "ROOT", "SPC")),
			"thumbprint": requiredText("SHA-1 thumbprint, 40 hexadecimal digits, also with spaces or colons, as `Get-ChildItem "+
				"Cert:\\LocalMachine\\My` shows it.", validThumbprint),
		},
	}},
	listed: &Listed{
		attrs.ComputedObject("Client certificate; null if none.", map[string]listschema.Attribute{
			"store_location": attrs.ComputedString("Store location, such as `local_machine`."),
			"store_name":     attrs.ComputedString("Store name, such as `MY`."),
			"thumbprint":     attrs.ComputedString("SHA-1 thumbprint."),
		}),
		func(has bits.Job) attr.Value {
			if has.CertificateHash == nil || *has.CertificateHash == "" {
				return types.ObjectNull(certificateTypes)
			}
			return types.ObjectValueMust(certificateTypes, map[string]attr.Value{
				"store_location": attrs.WordOrNull(has.CertificateStoreLocation), "store_name": attrs.WordOrNull(has.CertificateStoreName),
				"thumbprint": types.StringValue(*has.CertificateHash),
			})
		},
	},
	value: func(p *managedProperties) attr.Value { return p.ClientCertificate },
	send: func(p *managedProperties, to *bits.Properties) {
		location, store, thumbprint := certificateOf(p.ClientCertificate)
		if location != "" && store != "" && thumbprint != "" {
			to.CertificateStoreLocation, to.CertificateStoreName, to.CertificateHash = &location, &store, &thumbprint
		}
	},
	read: func(p *managedProperties, has bits.Properties) {
		if has.CertificateStoreLocation == nil || has.CertificateStoreName == nil || has.CertificateHash == nil {
			return
		}
		location, store, thumbprint := certificateOf(p.ClientCertificate)
		now := normalizeThumbprint(*has.CertificateHash)
		if location == *has.CertificateStoreLocation && strings.EqualFold(store, *has.CertificateStoreName) && thumbprint == now {
			return
		}
		written := attrs.Part[types.String](p.ClientCertificate, "thumbprint")
		if thumbprint != now {
			written = types.StringValue(now)
		}
		p.ClientCertificate = types.ObjectValueMust(certificateTypes, map[string]attr.Value{
			"store_location": types.StringValue(string(*has.CertificateStoreLocation)),
			"store_name":     types.StringValue(*has.CertificateStoreName), "thumbprint": written,
		})
	},
	copySpelling: func(p, from *managedProperties) { p.ClientCertificate = from.ClientCertificate },
})

func certificateOf(object types.Object) (location bits.CertificateStoreLocation, store, thumbprint string) {
	return bits.CertificateStoreLocation(attrs.TextOf(object, "store_location")),
		attrs.TextOf(object, "store_name"), normalizeThumbprint(attrs.TextOf(object, "thumbprint"))
}

// normalizeThumbprint removes the spaces, colons and invisible marks of a thumbprint as Windows and other programs show it.
func normalizeThumbprint(thumbprint string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", ":", "", "\u200e", "", "\u00a0", "").Replace(thumbprint))
}

// writeOnly is what is in the configuration alone, never in plan or state.
type writeOnly struct {
	headers                 []bits.Secret
	password, proxyPassword bits.Secret
}

// takeWriteOnly completes a plan with what only the configuration of the same apply has.
func (m *model) takeWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var c model
	diags := get(ctx, config, &c)
	if diags.HasError() {
		return diags
	}
	if m.WaitForTransfer.IsUnknown() { // because suspended was
		m.WaitForTransfer = c.waits()
	}
	m.secrets = writeOnly{
		headers:       headersOf(c.CustomHeadersWO),
		password:      bits.NewSecret(attrs.TextOf(c.Credentials, "password_wo")),
		proxyPassword: bits.NewSecret(attrs.TextOf(c.Proxy, "password_wo")),
	}
	return nil
}

// customHeaders sets headers that administrators of the host can read.
var customHeaders = property{
	name: "custom_headers", words: "custom headers", steps: []string{"custom_headers"}, ignoredWhenCompleted: true,
	attributes: map[string]schema.Attribute{"custom_headers": schema.MapAttribute{
		Optional: true, Sensitive: true, ElementType: types.StringType,
		MarkdownDescription: "Headers of every HTTP request, by name, at most 16383 characters together. The state contains them, and " +
			"administrators of the host can read them: use `custom_headers_wo` for tokens." + keptWhenRemoved,
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.ConflictsWith(path.MatchRoot("custom_headers_wo"))},
	}},
	value: func(p *managedProperties) attr.Value { return p.CustomHeaders },
	stays: func(p, prior *managedProperties) bool {
		return p.CustomHeaders.IsNull() && !prior.CustomHeaders.IsNull() && p.CustomHeadersWOVersion.IsNull()
	},
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
			MarkdownDescription: "Like `custom_headers`, but never in state or plan, and not readable on the host, which can't be " +
				"undone for a job. Requires `custom_headers_wo_version`. Changed in place; removing it keeps the value.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1), validHeaders, mapvalidator.AlsoRequires(path.MatchRoot("custom_headers_wo_version"))},
		},
		"custom_headers_wo_version": versionAttribute("custom_headers_wo", path.MatchRoot("custom_headers_wo")),
	},
	value:   func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	version: func(p *managedProperties) attr.Value { return p.CustomHeadersWOVersion },
	stays: func(p, prior *managedProperties) bool {
		return p.CustomHeadersWOVersion.IsNull() && !prior.CustomHeadersWOVersion.IsNull() && p.CustomHeaders.IsNull()
	},
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

// headersByKey is what headers mean: names without regard to case, values without the spaces around them.
func headersByKey(headers []bits.Secret) map[string]bits.Secret {
	byKey := map[string]bits.Secret{}
	for _, header := range headers {
		name, value, _ := strings.Cut(header.Reveal(), ":")
		byKey[strings.ToLower(name)] = bits.NewSecret(strings.TrimSpace(value))
	}
	return byKey
}
