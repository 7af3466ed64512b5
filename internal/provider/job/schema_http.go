package job

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// replacesOnly ends the description of a property that BITS takes before a job first moves, and never again.
const replacesOnly = " A change replaces the job, which then transfers everything again. BITS takes no other value once the job has moved, so the value is not read back. " +
	"Unset means BITS's own; taking the attribute out leaves the job as it is, and after an import it is not managed."

// httpAttributes are the attributes of how a job speaks HTTP.
func httpAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"http_method": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Method of the job's HTTP requests, in capitals. BITS itself uses `GET`. Any other needs `priority = \"foreground\"`, where BITS keeps the job then. Downloads only." +
				replacesOnly,
			Validators: []validator.String{validMethod},
		},
		"dynamic": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the server makes the files at each request, so that it knows neither their size nor parts of them. BITS itself expects `false`, and the job ends in `error` at such " +
				"a server. `true` needs `priority = \"foreground\"`, and a transfer that is interrupted begins anew. Downloads only." + replacesOnly,
		},
		"security_flags": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "What the job does at a server's certificate and at a redirect: any of `enable_crl_check`, `ignore_cert_cn_invalid`, `ignore_cert_date_invalid`, `ignore_unknown_ca` and " +
				"`ignore_cert_wrong_usage`; one of `redirect_policy_allow_silent` (what BITS itself does), `redirect_policy_allow_report` (BITS writes the new URL into the job) and " +
				"`redirect_policy_disallow`; and `redirect_policy_allow_https_to_http`. With an `ignore` flag whoever is on the way can send other files. Downloads only." + notManaged,
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(attrs.Strings(bits.SecurityFlags())...)), oneRedirectPolicy{"one policy for redirects"},
			},
		},
		"client_certificate": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Certificate that BITS shows to HTTPS servers that ask for one. It has to be on the host, with a private key that the job's owner may use; whether it is there shows when " +
				"a server asks. A job that moves is suspended for a moment for a change. On a completed job a change has no effect." + notManaged,
			Attributes: map[string]schema.Attribute{
				"store_location": schema.StringAttribute{
					Required: true,
					MarkdownDescription: "`local_machine`, `current_user`, `current_service`, `services`, `users`, `current_user_group_policy`, `local_machine_group_policy` or `local_machine_enterprise`. Those of " +
						"`current_user` need `run_as = \"user\"`: LocalSystem has no certificates of its own.",
					Validators: []validator.String{stringvalidator.OneOf(attrs.Strings(bits.CertificateStoreLocations())...)},
				},
				"store_name": schema.StringAttribute{
					Required: true, MarkdownDescription: "`MY` (personal), `CA`, `ROOT` or `SPC`.",
					Validators: []validator.String{stringvalidator.OneOf("MY", "CA", "ROOT", "SPC")},
				},
				"thumbprint": schema.StringAttribute{
					Required: true,
					MarkdownDescription: "SHA-1 thumbprint of the certificate: 40 hexadecimal digits in any case, with or without blanks or colons between them. `Get-ChildItem Cert:\\\\LocalMachine\\\\My` " +
						"lists it.",
					Validators: []validator.String{validThumbprint},
				},
			},
		},
	}
}
