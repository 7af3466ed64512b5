package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

type methodValidator struct{}

func (methodValidator) Description(context.Context) string { return "an HTTP method in capitals" }

func (v methodValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (methodValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid HTTP Method", func(s string) error {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
			return fmt.Errorf("%q is no HTTP method: capital letters are expected, such as GET or POST", s)
		}
		return nil
	})
}

type thumbprintValidator struct{}

func (thumbprintValidator) Description(context.Context) string {
	return "40 hexadecimal digits, with or without blanks or colons"
}

func (v thumbprintValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (thumbprintValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Thumbprint", func(s string) error {
		digits := normalizeThumbprint(s)
		if i := strings.IndexFunc(digits, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }); i >= 0 {
			return fmt.Errorf("%q holds %q, and a thumbprint is 40 hexadecimal digits, with or without blanks or colons between them", s, []rune(digits[i:])[0])
		}
		if n := len(digits); n == 64 {
			return errors.New("this has 64 digits, as SHA-256 has, and BITS finds certificates by their SHA-1 thumbprint of 40: it is the one that Windows shows")
		} else if n != 40 {
			return fmt.Errorf("a thumbprint is 40 hexadecimal digits, and this one has %d", n)
		}
		return nil
	})
}

type redirectsValidator struct{}

func (redirectsValidator) Description(context.Context) string { return "one policy for redirects" }

func (v redirectsValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (redirectsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	policies := slices.DeleteFunc(attrs.Elements[string](req.ConfigValue), func(flag string) bool {
		return !strings.HasPrefix(flag, "redirect_policy_") || flag == "redirect_policy_allow_https_to_http"
	})
	if len(policies) > 1 {
		resp.Diagnostics.AddAttributeError(req.Path, "Conflicting Flags", fmt.Sprintf(
			"A job has one policy for redirects, and here are %s: keep one of them.", strings.Join(policies, " and ")))
	}
}

// validateHTTP refuses what BITS takes in foreground only, or of downloads only.
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod and BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func validateHTTP(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	foreground := config.Priority.IsUnknown() || config.Priority.ValueString() == string(bits.PriorityForeground)
	method := config.HTTPMethod.ValueString()
	for _, a := range []struct {
		name             string
		set, inDownloads bool
		words            string // completes "... runs in foreground only"; "" for what runs at any priority
	}{
		{"http_method", method != "", true, map[bool]string{true: fmt.Sprintf("The method %q", method)}[method != "GET"]},
		{"dynamic", config.Dynamic.ValueBool(), true, "Dynamic content"},
		{"security_flags", len(config.SecurityFlags.Elements()) > 0, true, ""},
	} {
		switch {
		case !a.set:
		case config.TransferType.ValueString() == string(bits.Upload):
			diags.Append(conflict(a.name, "BITS takes %s of downloads only: remove it, or the transfer_type.", a.name)...)
		case a.words != "" && !foreground:
			diags.Append(conflict(a.name, "%s runs in foreground only, and BITS would put it there whatever priority says: set priority = \"foreground\".", a.words)...)
		}
	}
	return diags
}

// refuseCurrentUser refuses certificates of the current user where that is LocalSystem.
func refuseCurrentUser(plan model, runAs connection.RunAs) diag.Diagnostics {
	location := attrs.StringAttr(plan.ClientCertificate, "store_location").ValueString()
	if runAs != connection.RunAsSystem || !strings.HasPrefix(location, "current_user") {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("client_certificate").AtName("store_location"), "Conflicting Attributes", fmt.Sprintf(
		"%q means the certificates of the job's owner, and with run_as = \"system\" that is LocalSystem, who has none: put the certificate into the store of the "+
			"machine and set store_location = \"local_machine\", or set run_as = \"user\" in the provider.", location))}
}

// forcedReplacements gives the properties for which a plan needs a new job. What is what a job has anyway is no change.
func forcedReplacements(plan, prior model) path.Paths {
	var paths path.Paths
	for _, row := range properties {
		want := row.value(&plan.managedProperties)
		if !row.forcesReplace || want.IsNull() || want.Equal(row.value(&prior.managedProperties)) {
			continue
		}
		if row.value(&prior.managedProperties).IsNull() && (want.Equal(types.StringValue("GET")) || want.Equal(types.BoolValue(false))) {
			continue
		}
		paths.Append(path.Root(row.name))
	}
	return paths
}
