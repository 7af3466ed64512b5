// SPDX-License-Identifier: MPL-2.0

package filters

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// texts are the filters that are texts.
var texts = map[string]struct {
	description string
	valid       validator.String
}{
	"id": {"GUID, in any case, with or without braces.", attrs.JobID},
	"display_name": {"Pattern of the whole display name, case-insensitive: `*` matches any characters, `?` exactly one; neither can " +
		"be escaped.", stringvalidator.LengthAtLeast(1)},
	"state":      {"State as in the resource `bits_job`: " + attrs.ListedStages, attrs.OneOf(listedStages()...)},
	"bits_state": {"Exact state of BITS: " + attrs.ListedStates, attrs.OneOf(listedStates()...)},
	"priority":   {"Scheduling class: " + attrs.Priorities, attrs.OneOf(bits.Priorities()...)},
	"owner": {"Account that owns the jobs, case-insensitive: `DOMAIN\\name` (`COMPUTER\\name` for a local account) or a SID, such as " +
		"`S-1-5-18` for LocalSystem, whose name depends on the host's language.",
		attrs.Text(`DOMAIN\name or a SID`, report.InvalidOwner, checkOwner)},
}

const (
	allUsers = "all_users"

	// allUsersText is what values of all_users mean.
	allUsersText = "Whether to search the jobs of all users. Default: yes for an administrator of the host. `true` is an error for " +
		"other accounts; `false` means only the jobs of the account that `run_as` selects."
)

// DataSourceAttributes returns the filters of a data source.
func DataSourceAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		allUsers: schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: allUsersText + " The value is the scope that was used.",
		},
	}
	for name, f := range texts {
		attributes[name] = attrs.OptionalText(f.description, f.valid)
	}
	return attributes
}

// ListAttributes returns the filters of a list resource.
func ListAttributes() map[string]listschema.Attribute {
	attributes := map[string]listschema.Attribute{
		allUsers: listschema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: allUsersText,
		},
	}
	for name, f := range texts {
		attributes[name] = listschema.StringAttribute{Optional: true, MarkdownDescription: f.description, Validators: []validator.String{f.valid}}
	}
	return attributes
}

// listedStages are the stages of jobs that BITS lists, and listedStates their exact states.
func listedStages() []bits.Stage {
	return []bits.Stage{bits.StagePending, bits.StageSuspended, bits.StageError, bits.StageTransferred}
}

func listedStates() []bits.State {
	var states []bits.State
	for _, s := range bits.States() {
		if !s.Final() {
			states = append(states, s)
		}
	}
	return states
}
