// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// ValidateConfig checks what concerns more than one attribute.
func (r *jobResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(get(ctx, req.Config, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Suspended.ValueBool() && config.WaitForTransfer.ValueBool() {
		resp.Diagnostics.Append(report.Problem(path.Root("wait_for_transfer"), report.ConflictingAttributes,
			"A suspended job never transfers, so apply would wait until its timeout. Set suspended = false or "+
				"wait_for_transfer = false."))
	}
	if config.TransferType.ValueString() == "upload" && !config.Files.IsUnknown() && len(config.Files.Elements()) > 1 {
		resp.Diagnostics.Append(report.Problem(path.Root("files"), report.TooManyFiles,
			"An upload job of BITS has exactly one file (BG_E_TOO_MANY_FILES): create one job for each file."))
	}
	resp.Diagnostics.Append(validateHashes(config)...)
	resp.Diagnostics.Append(validateRetries(config)...)
	resp.Diagnostics.Append(validateProxy(config)...)
	resp.Diagnostics.Append(validateHTTP(config)...)
}

// validateHashes refuses sha256 where contents are not compared: of the file of an upload, which was on the
// host before, and of files on other hosts.
func validateHashes(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, f := range filesOf(config.Files) {
		at := path.Root("files").AtListIndex(i).AtName("sha256")
		switch {
		case f.sha256.IsNull() || f.sha256.IsUnknown():
		case config.TransferType.ValueString() == string(bits.Upload):
			diags.Append(report.Problem(at, report.ConflictingAttributes, "%s: sha256 is only supported for downloads. Remove it.", at))
		case strings.HasPrefix(f.localName.ValueString(), `\\`):
			diags.Append(report.Problem(at, report.ConflictingAttributes,
				"%s: the host can check files on its own drives only, and %s is on a share. Remove sha256, or use a path "+
					"with a drive.", at, f.localName.ValueString()))
		}
	}
	return diags
}

// validateRetries refuses a job that would fail at its first trouble. Source: Start-BitsTransfer, learn.microsoft.com.
func validateRetries(config model) diag.Diagnostics {
	p := config.sent(properties...)
	delay, source := bits.Seconds(bits.DefaultRetryDelay), "the 10m that BITS waits before a retry while minimum_retry_delay is not set"
	if p.MinimumRetryDelay != nil {
		delay, source = *p.MinimumRetryDelay, "minimum_retry_delay ("+config.MinimumRetryDelay.ValueString()+")"
	}
	if config.MinimumRetryDelay.IsUnknown() || p.NoProgressTimeout == nil || *p.NoProgressTimeout <= 0 || *p.NoProgressTimeout >= delay {
		return nil
	}
	return conflict("no_progress_timeout", "%s is shorter than %s, so the job would fail before its first retry: make it at "+
		"least as long as the delay, shorten minimum_retry_delay (at least 1m), or set 0s to disable retries.",
		config.NoProgressTimeout.ValueString(), source)
}

// validateHTTP refuses what BITS takes in foreground only, or of downloads only.
// Source: IBackgroundCopyJobHttpOptions2::SetHttpMethod and BITS_JOB_PROPERTY_ID, learn.microsoft.com.
func validateHTTP(config model) diag.Diagnostics {
	var diags diag.Diagnostics
	foreground := config.Priority.IsUnknown() || config.Priority.ValueString() == string(bits.PriorityForeground)
	method, methodWords := config.HTTPMethod.ValueString(), ""
	if method != "GET" && checkMethod(method) == nil {
		methodWords = fmt.Sprintf("The method %q", method)
	}
	if methodWords != "" && config.Dynamic.ValueBool() {
		diags.Append(conflict("dynamic", "BITS supports dynamic only with the method GET; other methods need neither HEAD "+
			"nor ranges. Remove dynamic or http_method.")...)
	}
	for _, a := range []struct {
		name  string
		set   bool
		words string // completes "... runs in foreground only"; "" for what runs at any priority
	}{
		{"http_method", method != "", methodWords},
		{"dynamic", config.Dynamic.ValueBool(), "Dynamic content"},
		{"security_flags", len(config.SecurityFlags.Elements()) > 0, ""},
	} {
		switch {
		case !a.set:
		case config.TransferType.ValueString() == string(bits.Upload):
			diags.Append(conflict(a.name, "BITS supports %s for downloads only. Remove it, or the transfer_type.", a.name)...)
		case a.words != "" && !foreground:
			diags.Append(conflict(a.name, "%s runs in foreground only, and BITS would ignore priority. Set priority = "+
				"\"foreground\".", a.words)...)
		}
	}
	return diags
}

// validateProxy refuses lists that the usage has no use for, and a usage that lacks its list.
// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func validateProxy(config model) diag.Diagnostics {
	usage := attrs.Part[types.String](config.Proxy, "usage")
	if usage.IsNull() || usage.IsUnknown() {
		return nil
	}
	var diags diag.Diagnostics
	override := usage.ValueString() == string(bits.ProxyOverride)
	for _, name := range []string{"list", "bypass_list"} {
		if n := attrs.UTF16Len(strings.Join(attrs.Elements[string](attrs.Part[types.List](config.Proxy, name)), ";")); n > bits.MaxProxyList {
			diags.Append(report.Problem(path.Root("proxy").AtName(name), report.TooLong,
				"The elements of %s have %d UTF-16 code units together, including separators, and BITS accepts %d. Shorten "+
					"them, for example with patterns such as *.corp.example.",
				name, n, bits.MaxProxyList))
		}
		if !override && !attrs.Part[types.List](config.Proxy, name).IsNull() {
			diags.Append(report.Problem(path.Root("proxy").AtName(name), report.ConflictingAttributes,
				"BITS does not use %[2]s with usage = %[1]q: set usage = \"override\", or remove %[2]s.", usage.ValueString(), name))
		}
	}
	if override && attrs.Part[types.List](config.Proxy, "list").IsNull() {
		diags.Append(report.Problem(path.Root("proxy").AtName("usage"), report.MissingAttribute,
			"usage = \"override\" requires a list of proxies. Add one, such as list = [\"http://proxy.corp.example:3128\"], "+
				"or choose another usage."))
	}
	return diags
}

// refuseCurrentUser refuses certificates of the current user where that is LocalSystem.
func refuseCurrentUser(plan model, runAs connection.RunAs) diag.Diagnostics {
	location := attrs.TextOf(plan.ClientCertificate, "store_location")
	if runAs != connection.RunAsSystem || !strings.HasPrefix(location, "current_user") {
		return nil
	}
	return diag.Diagnostics{report.Problem(path.Root("client_certificate").AtName("store_location"), report.ConflictingAttributes,
		"%q contains the certificates of the job's owner, and LocalSystem (run_as = \"system\") has none. Import the "+
			"certificate into the machine store and set store_location = \"local_machine\", or set run_as = \"user\" in the "+
			"provider.", location)}
}

func conflict(attribute, format string, values ...any) diag.Diagnostics {
	return diag.Diagnostics{report.Problem(path.Root(attribute), report.ConflictingAttributes, format, values...)}
}

// oneRedirectPolicy expects one policy for redirects among the security flags.
type oneRedirectPolicy struct{ attrs.Expects }

func (oneRedirectPolicy) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	policies := slices.DeleteFunc(attrs.Elements[string](req.ConfigValue), func(flag string) bool {
		return !strings.HasPrefix(flag, "redirect_policy_") || flag == "redirect_policy_allow_https_to_http"
	})
	if len(policies) > 1 {
		resp.Diagnostics.Append(report.Problem(req.Path, report.ConflictingFlags,
			"A job has one redirect policy, but security_flags contains %s. Keep one of them.", strings.Join(policies, " and ")))
	}
}

// headers checks names and lengths of HTTP headers, and quotes no value. Source: RFC 9110 for names;
// IBackgroundCopyJobHttpOptions::SetCustomHeaders, learn.microsoft.com, for the length.
type headers struct{ attrs.Expects }

var validHeaders = headers{attrs.Expects(fmt.Sprintf("names and values of HTTP headers, at most %d UTF-16 code units together", bits.MaxCustomHeaders))}

func (headers) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	seen, size := map[string]string{}, 0
	refuse := func(name, format string, values ...any) {
		resp.Diagnostics.Append(report.Problem(req.Path.AtMapKey(name), report.InvalidHeader, "%s: %s", req.Path, fmt.Sprintf(format, values...)))
	}
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		value, _ := elements[name].(types.String)
		size += attrs.UTF16Len(name+": "+value.ValueString()) + len("\r\n")
		if first, twice := seen[strings.ToLower(name)]; twice {
			refuse(name, "%q and %q are the same header, because case does not matter. Set it once.", first, name)
		}
		seen[strings.ToLower(name)] = name
		switch {
		case !isToken(name):
			refuse(name, "%q is not a header name. Use letters, digits and hyphens, without a colon, such as X-Api-Key.", name)
		case value.IsNull():
			refuse(name, "%q has no value. Set one, or remove the header.", name)
		case strings.ContainsAny(value.ValueString(), "\r\n\x00"):
			refuse(name, "the value of %q contains a line break or U+0000, which would end the header: write it on one line, for example with trimspace().", name)
		}
	}
	if size > bits.MaxCustomHeaders {
		resp.Diagnostics.Append(report.Problem(req.Path, report.InvalidHeader,
			"The headers have %d UTF-16 code units together, including names and line ends, and BITS accepts %d. Shorten "+
				"them.", size, bits.MaxCustomHeaders))
	}
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) })
}
