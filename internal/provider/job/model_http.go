package job

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

var certificateTypes = map[string]attr.Type{"store_location": types.StringType, "store_name": types.StringType, "thumbprint": types.StringType}

// certificateRow names a client certificate, all three parts at once, as BITS does.
var certificateRow = property{
	name: "client_certificate", words: "client certificate", ignoredWhenCompleted: true,
	steps: []string{"certificate_store_location", "certificate_store_name", "certificate_hash"},
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
		if location == *has.CertificateStoreLocation && strings.EqualFold(store, *has.CertificateStoreName) && thumbprint == normalizeThumbprint(*has.CertificateHash) {
			return
		}
		written := attrs.StringAttr(p.ClientCertificate, "thumbprint")
		if thumbprint != normalizeThumbprint(*has.CertificateHash) {
			written = types.StringValue(normalizeThumbprint(*has.CertificateHash))
		}
		p.ClientCertificate = types.ObjectValueMust(certificateTypes, map[string]attr.Value{
			"store_location": types.StringValue(string(*has.CertificateStoreLocation)),
			"store_name":     types.StringValue(*has.CertificateStoreName), "thumbprint": written,
		})
	},
	copySpelling: func(p, as *managedProperties) { p.ClientCertificate = as.ClientCertificate },
}

func certificateOf(object types.Object) (location bits.CertificateStoreLocation, store, thumbprint string) {
	return bits.CertificateStoreLocation(attrs.StringAttr(object, "store_location").ValueString()),
		attrs.StringAttr(object, "store_name").ValueString(), normalizeThumbprint(attrs.StringAttr(object, "thumbprint").ValueString())
}

// normalizeThumbprint takes the blanks, colons and invisible marks out of a thumbprint as Windows and others show it.
func normalizeThumbprint(thumbprint string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", ":", "", "\u200e", "", "\u00a0", "").Replace(thumbprint))
}

// methodRow and dynamicRow are set before the job first moves, and never again.
var methodRow = property{
	name: "http_method", words: "HTTP method", steps: []string{"http_method"}, forcesReplace: true,
	value: func(p *managedProperties) attr.Value { return p.HTTPMethod },
	send: func(p *managedProperties, to *bits.Properties) {
		if !p.HTTPMethod.IsNull() && !p.HTTPMethod.IsUnknown() {
			to.HTTPMethod = p.HTTPMethod.ValueStringPointer()
		}
	},
}

var dynamicRow = property{
	name: "dynamic", words: "dynamic content", steps: []string{"dynamic"}, forcesReplace: true,
	value: func(p *managedProperties) attr.Value { return p.Dynamic },
	send: func(p *managedProperties, to *bits.Properties) {
		if !p.Dynamic.IsNull() && !p.Dynamic.IsUnknown() {
			to.Dynamic = p.Dynamic.ValueBoolPointer()
		}
	},
}
