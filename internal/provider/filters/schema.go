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
	"id": {"GUID of the one job to look for, in any case, with or without braces.", attrs.JobID},
	"display_name": {"Pattern of the display name: `*` stands for any characters, also none, and `?` for exactly one; " +
		"every other character, such as `[` or `\\`, for itself. The whole name has to match, and case does not matter, as in Windows. " +
		"Nothing escapes `*` and `?`: `?` also matches either of them.", stringvalidator.LengthAtLeast(1)},
	"state": {"State as `bits_job` tells it: `pending` (queued, connecting, transferring or about to retry), " +
		"`suspended`, `error` or `transferred`.", attrs.OneOf(listedStages()...)},
	"bits_state": {"Exact state of BITS: `queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` " +
		"or `transferred`.", attrs.OneOf(listedStates()...)},
	"priority": {"Priority: `foreground`, `high`, `normal` or `low`.", attrs.OneOf(bits.Priorities()...)},
	"owner": {"Account that owns the jobs, as `DOMAIN\\n" +
		"ame` (`CORP\\ops`; the computer's name for a local account) or as a SID; case does not matter. Hosts spell the names of built-in " +
		"accounts in their own language, so LocalSystem is best written as `S-1-5-18`. A job whose owner the host can't tell in that form " +
		"does not match.", attrs.Text(`DOMAIN\name or a SID`, report.InvalidOwner, checkOwner)},
}

const (
	allUsers = "all_users"

	// What values of all_users mean.
	allUsersTrue  = "`true`: an error where the account may not. "
	allUsersFalse = "`false`: only the jobs of the account that owns what this provider makes, which is LocalSystem with the provider's " +
		"`run_as = \"system\"` and the account that logs on with `\"user\"`. With `\"system\"` a list that the account may not make itself " +
		"is made by LocalSystem, which costs a scheduled task."
)

// DataSourceAttributes returns the filters of a data source.
func DataSourceAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		allUsers: schema.BoolAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Whether the jobs of every user are looked at. Unset: yes where the account may, which administrators of " +
				"the host do, else only its own; what it came to is the value. " + allUsersTrue + allUsersFalse,
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
			Optional: true,
			MarkdownDescription: "Whether the jobs of every user are looked at. Unset: yes where the account may, which administrators of " +
				"the host do, else only its own. " + allUsersTrue + allUsersFalse,
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
