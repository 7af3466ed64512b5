// SPDX-License-Identifier: MPL-2.0

package actions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// target names a job, as the configuration of an action does.
type target struct{ host, id, displayName types.String }

func (t target) jobID() bits.JobID {
	id, _ := bits.ParseJobID(t.id.ValueString()) // a validator has checked it
	return id
}

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

// readTarget reads the attributes that name a job, and checks that they do so in one way.
func readTarget(ctx context.Context, config tfsdk.Config) (target, diag.Diagnostics) {
	t := target{
		host: setting[types.String](ctx, config, "host"), id: setting[types.String](ctx, config, "id"),
		displayName: setting[types.String](ctx, config, "display_name"),
	}
	return t, attrs.NamesOneJob(t.id, t.displayName)
}
