package job

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

// ValidateConfig checks what concerns more than one attribute.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
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
