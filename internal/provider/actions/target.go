// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

func targetAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host":         optionalText("Host of the job: "+attrs.HostForms, attrs.Host),
		"id":           optionalText(attrs.NamesIDText, attrs.JobID),
		"display_name": optionalText(attrs.NamesNameText+" the action fails and lists their ids.", attrs.JobName),
	}
}

func optionalText(description string, valid validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{valid}}
}
