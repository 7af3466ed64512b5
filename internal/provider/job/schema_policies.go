package job

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What a plan does about a job that is over, as the configuration words it.
const (
	policyError    = "error"
	policyRecreate = "recreate"
	policyReplace  = "replace"
	policyWarn     = "warn"
)

// policyAttributes say when the files are to be transferred again. Only the provider knows them: they change in place,
// and a plan judges them as they are configured.
func policyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"triggers": schema.MapAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Values of your own, such as a version: when one of them changes, is added or is removed, the job is replaced, " +
				"and its files are transferred again. No default. Setting `triggers` where there were none replaces nothing, so that it can be " +
				"added to an existing or imported job; neither does taking the attribute away.",
		},
		"on_missing": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What a plan does about a job that is `missing`: `recreate` (default) replaces it, which transfers the files again; " +
				"`error` fails the plan, so that somebody looks first. A change is made in place.",
			Validators: []validator.String{stringvalidator.OneOf(policyRecreate, policyError)},
		},
		"on_file_missing": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What a plan does when a file of a completed download is not on the host any more: `warn` (default) warns and changes " +
				"nothing; `recreate` replaces the job, which transfers all of its files again. A refresh looks at the files of completed downloads " +
				"where the host is reachable. A file of which a `sha256` is expected counts as missing when its content is another one; any other file with another size or time " +
				"is a warning only. A change is made in place.",
			Validators: []validator.String{stringvalidator.OneOf(policyWarn, policyRecreate)},
		},
		"on_finished_change": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What a plan does when an attribute that is set on live jobs in place, such as `priority`, changes after the job was " +
				"completed: `error` (default) fails the plan with *Invalid BITS Job State*, because a finished job takes no change; `replace` " +
				"replaces the job, which transfers the files again. A change is made in place.",
			Validators: []validator.String{stringvalidator.OneOf(policyError, policyReplace)},
		},
	}
}
