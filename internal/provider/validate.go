package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// validateText checks a known string and tells what is wrong on its attribute. Unknown and null values pass. A CLI
// shows no more of the place than the resource when it lies within a list, so the text names it.
func validateText(req validator.StringRequest, resp *validator.StringResponse, summary string, check func(string) error) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := check(req.ConfigValue.ValueString()); err != nil {
		text := sentence(redact(err.Error()))
		if len(req.Path.Steps()) > 1 {
			text = req.Path.String() + ": " + text
		}
		resp.Diagnostics.AddAttributeError(req.Path, summary, text)
	}
}

// sentence makes a sentence of an error's text.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

type hostValidator struct{}

func (hostValidator) Description(context.Context) string {
	return "a host name or an address, optionally with a port"
}

func (v hostValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (hostValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	validateText(req, resp, "Invalid Host", func(s string) error {
		_, _, err := connection.SplitHost(s)
		return err
	})
}

// ValidateConfig checks what concerns more than one attribute.
func (r *jobResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config jobModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Suspended.ValueBool() && config.WaitForTransfer.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("wait_for_transfer"), "Conflicting Attributes",
			"A suspended job never transfers, so apply would wait until its timeout: set suspended = false, or wait_for_transfer = false.")
	}
	if config.TransferType.ValueString() == "upload" && !config.Files.IsUnknown() && len(config.Files.Elements()) > 1 {
		resp.Diagnostics.AddAttributeError(path.Root("files"), "Too Many Files",
			"An upload job of BITS has exactly one file (BG_E_TOO_MANY_FILES): declare one job for each file.")
	}
	resp.Diagnostics.Append(validateHashes(config)...)
	resp.Diagnostics.Append(validateProperties(config)...)
}
