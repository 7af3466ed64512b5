package job

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// limitValidator bounds a text that is too secret to be quoted.
type limitValidator struct {
	what  string
	limit int
}

func (v limitValidator) Description(context.Context) string {
	return fmt.Sprintf("at most %d UTF-16 code units", v.limit)
}

func (v limitValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v limitValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid "+strings.ToUpper(v.what[:1])+v.what[1:], func(s string) error { return attrs.CheckText(v.what, s, v.limit) })
}

type proxyValidator struct{}

func (proxyValidator) Description(context.Context) string {
	return "the URL of a proxy, such as http://proxy.corp.example:3128"
}

func (v proxyValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (proxyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Proxy", func(s string) error {
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "":
			return errors.New("a proxy is written as scheme, host and port: http://proxy.corp.example:3128 is the form")
		case u.User != nil:
			return errors.New("a proxy's URL can't hold user and password: use proxy.username and proxy.password_wo")
		}
		return checkPort(u)
	})
}

type bypassValidator struct{}

func (bypassValidator) Description(context.Context) string {
	return "a host, a pattern such as *.corp.example, or <local>"
}

func (v bypassValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (bypassValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	attrs.ValidateString(req, resp, "Invalid Bypass", func(s string) error {
		if s == "" || strings.ContainsAny(s, " ;,\t\r\n") {
			return errors.New("an element of bypass_list is one host, one pattern such as *.corp.example, or <local>: write several as several elements")
		}
		return nil
	})
}

// headersValidator checks names and lengths, and quotes no value. Source: RFC 9110 for names;
// IBackgroundCopyJobHttpOptions::SetCustomHeaders, learn.microsoft.com, for the length.
type headersValidator struct{}

func (headersValidator) Description(context.Context) string {
	return fmt.Sprintf("names and values of HTTP headers, at most %d UTF-16 code units together", bits.MaxCustomHeaders)
}

func (v headersValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (headersValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	elements := req.ConfigValue.Elements()
	seen, size := map[string]string{}, 0
	refuse := func(name, format string, values ...any) {
		resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(name), "Invalid Header", fmt.Sprintf("%s: ", req.Path)+fmt.Sprintf(format, values...))
	}
	for _, name := range slices.Sorted(maps.Keys(elements)) {
		value, _ := elements[name].(types.String)
		size += attrs.UTF16Len(name+": "+value.ValueString()) + len("\r\n")
		if first, twice := seen[strings.ToLower(name)]; twice {
			refuse(name, "%q and %q are the same header, case aside: write it once.", first, name)
		}
		seen[strings.ToLower(name)] = name
		switch {
		case !isToken(name):
			refuse(name, "%q is no name of a header: letters, digits and hyphens are, without a colon, such as X-Api-Key.", name)
		case value.IsNull() && !value.IsUnknown():
			refuse(name, "%q has no value: write a text, or take the header out.", name)
		case strings.ContainsAny(value.ValueString(), "\r\n\x00"):
			refuse(name, "the value of %q holds a line break or U+0000, which would end the header: write it on one line, for example with trimspace().", name)
		}
	}
	if size > bits.MaxCustomHeaders {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Header", fmt.Sprintf(
			"The headers have %d UTF-16 code units together, each with its name and line end, and BITS takes %d: shorten them.", size, bits.MaxCustomHeaders))
	}
}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) })
}

// validateProxy refuses lists that the usage has no use for, and a usage that lacks its list.
// Source: IBackgroundCopyJob::SetProxySettings, learn.microsoft.com.
func validateProxy(config model) diag.Diagnostics {
	usage := attrs.StringAttr(config.Proxy, "usage")
	if usage.IsNull() || usage.IsUnknown() {
		return nil
	}
	var diags diag.Diagnostics
	override := usage.ValueString() == string(bits.ProxyOverride)
	for _, name := range []string{"list", "bypass_list"} {
		if n := attrs.UTF16Len(strings.Join(attrs.Elements[string](attrs.ListAttr(config.Proxy, name)), ";")); n > bits.MaxProxyList {
			diags.AddAttributeError(path.Root("proxy").AtName(name), "Too Long", fmt.Sprintf(
				"The elements of %s have %d UTF-16 code units together, with one between two of them, and BITS takes %d: shorten them, for example with patterns such as *.corp.example.",
				name, n, bits.MaxProxyList))
		}
		if !override && !attrs.ListAttr(config.Proxy, name).IsNull() {
			diags.AddAttributeError(path.Root("proxy").AtName(name), "Conflicting Attributes", fmt.Sprintf(
				"With usage = %q BITS takes no %s: set usage = \"override\", or remove %[2]s.", usage.ValueString(), name))
		}
	}
	if override && attrs.ListAttr(config.Proxy, "list").IsNull() {
		diags.AddAttributeError(path.Root("proxy").AtName("usage"), "Missing Attribute",
			"usage = \"override\" means the job's own proxies, and there are none: add list = [\"http://proxy.corp.example:3128\"] with yours, or choose another usage.")
	}
	if attrs.StringAttr(config.Credentials, "target").ValueString() == string(bits.CredentialProxy) && !attrs.StringAttr(config.Proxy, "username").IsNull() {
		diags.AddAttributeError(path.Root("credentials").AtName("target"), "Conflicting Attributes",
			"A job has one account for proxies, and proxy.username names one already: remove it, or set target = \"server\".")
	}
	return diags
}
