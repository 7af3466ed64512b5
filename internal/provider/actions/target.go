// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

func targetAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host": optionalText("Host of the job: a name or an address, such as `web01.corp.example`, optionally with a port "+
			"(`web01.corp.example:5986`, `[2001:db8::1]:5986`). Default: the provider's `host`.", attrs.Host),
		"id": optionalText("GUID of the job, in any case, with or without braces. Set either `id` or `display_name`.", attrs.JobID),
		"display_name": optionalText("Name of the job; case matters. Set either `id` or `display_name`. If several jobs of the host have "+
			"the name, the action fails and lists their ids.", attrs.JobName),
	}
}

func optionalText(description string, valid validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{valid}}
}
