// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// jobSchema is the schema of bits_job. What a change does is decided in plan.go, and only described here.
func jobSchema(ctx context.Context) schema.Schema {
	attributes := observedAttributes()
	maps.Copy(attributes, declaredAttributes(ctx))
	maps.Copy(attributes, propertyAttributes())
	maps.Copy(attributes, policyAttributes())
	return schema.Schema{
		Version: schemaVersion,
		MarkdownDescription: "A job of BITS, the Background Intelligent Transfer Service, on a Windows host: files that BITS " +
			"downloads or uploads in the background, across reboots, at a priority that can be changed while it runs.\n\n" +
			"The resource is *one transfer, done once*. A completed job stays in the state as `acknowledged`, nothing is transferred " +
			"again, and its files stay on the host when the resource is destroyed. Destroying an unfinished job cancels it, and BITS " +
			"deletes what it has transferred so far.",
		Attributes: attributes,
	}
}

func declaredAttributes(ctx context.Context) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host": schema.StringAttribute{
			Optional: true, Computed: true, Validators: []validator.String{attrs.Host},
			MarkdownDescription: "Host of the job: " + attrs.HostForms + " A change, including one of the default, replaces the job; " +
				"a change of case does not, nor adding or removing the port in use.",
		},
		"display_name": requiredText("Name of the job, 1 to 256 characters; it need not be unique. Administrators of the host can "+
			"read it: do not include secrets. Changed in place.", validDisplayName),
		"description": optionalText("Description of the job, at most 1024 characters. Changed in place; removing it clears the "+
			"description.", validDescription),
		"files": schema.ListNestedAttribute{
			Required: true,
			MarkdownDescription: "Files of the job, matched by `local_name`, ignoring case and order; an upload has exactly one. An " +
				"added file is appended, but replaces a completed job. A changed or removed file replaces the job, except for " +
				"[signatures](#presigned-urls).",
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), namedFiles{"remote_name and local_name of every file"},
				distinctFiles{"every local_name once, without regard to case"},
			},
			NestedObject: schema.NestedAttributeObject{Attributes: fileAttributes()},
		},
		"priority": word(bits.DefaultPriority, "Scheduling class: `foreground` transfers at once, competes with other traffic and is "+
			"exempt from bandwidth policies; `high`, `normal` (default) and `low` use idle bandwidth, one job at a time, higher "+
			"classes first. Changed in place, even during the transfer.",
			bits.Priorities()...),
		"transfer_type": word(bits.Download, "`download` (default), or `upload` to an IIS server with the BITS extension. A change "+
			"replaces the job.", bits.Download, bits.Upload),
		"suspended": toggle(false, "Whether the job is suspended. Default `false`; `true` conflicts with `wait_for_transfer = true`. "+
			"Changed in place, and restored after a change outside Terraform; no effect on a transferred or completed job."),
		"wait_for_transfer": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether apply [waits for the transfer](#when-the-files-exist), within `timeouts`. Default `true`, " +
				"or `false` with `suspended = true`. With `false` a later apply completes the job. Changed in place.",
		},
		"complete_when_transferred": toggle(true, "Whether apply [completes](#when-the-files-exist) a transferred job. Default "+
			"`true`. With `false` the job stays `transferred` until you set `true`, an administrator completes it, or it "+
			"[expires](../guides/vanishing.md). Changed in place."),
		"create_directories": toggle(true, "Whether apply creates missing directories, which inherit permissions and are not deleted "+
			"with the job. Default `true`; with `false` a missing directory is an error. Only affects jobs created after the change."),
		"timeouts": timeoutsAttribute(ctx),
	}
}

func fileAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"remote_name": optionalText("Required. An `http://` or `https://` URL, or a file on a share or a drive of the host "+
			"(`\\\\server\\share\\file`, `C:\\dir\\file`, `file://...`), which BITS accesses as the job's owner (LocalSystem is "+
			"`DOMAIN\\HOST$` on a share). At most 2200 characters, 260 per segment, percent-encoded: see `provider::bits::url_path`. "+
			"A user name or password in the URL is an error.", validRemoteName),
		"local_name": optionalText("Required. Absolute path on a drive of the host or a share, such as "+
			"`C:\\\\ProgramData\\\\Acme\\\\p.cab`, at most 259 characters, without wildcards, variables, streams, device names and "+
			"`\\\\?\\`; `provider::bits::windows_path` accepts slashes. A completed download replaces an existing file.", validLocalName),
		"sha256": optionalText("Expected SHA-256 of a download to a drive of the host, 64 hexadecimal digits, checked [on "+
			"completion](../guides/life.md#when-the-content-matters). Default: not checked. If it differs, the apply fails, the file "+
			"stays, and the next apply replaces the job. Changed in place.",
			validSHA256),
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create:            true,
		Read:              true,
		Update:            true,
		Delete:            true,
		CreateDescription: "Creating the job and waiting for the transfer. Default `1h`.",
		ReadDescription:   "A refresh, including the hash of changed files with `sha256`. Default `10m`.",
		UpdateDescription: "Changing the job and waiting for the transfer. Default `1h`.",
		DeleteDescription: "Cancelling the job. Default `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits, as Go durations such as `30m`. A wait that exceeds its limit is a warning, any " +
			"other timeout an error. Changed in place."
		for name, limit := range nested.Attributes {
			if text, ok := limit.(schema.StringAttribute); ok {
				text.Validators = append(text.Validators, validTimeout)
				nested.Attributes[name] = text
			}
		}
		attribute = nested
	}
	return attribute
}

func observedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": observed(attrs.JobIDText),
		"state": observed("`pending` (queued, connecting, transferring or about to retry), `suspended`, `error` (the next apply " +
			"retries), `transferred` (the files are still temporary), `acknowledged` (completed: the files have their names) or " +
			"`missing` (cancelled, expired or gone for an unknown reason; see `on_missing`)."),
		"owner": observedObject(attrs.OwnerText, attrs.OwnerParts),
		"error": observedObject("Error of a job in state `error`, otherwise null. Parts that the host does not report are null.",
			attrs.ErrorParts),
		"created_at":   observedTime(attrs.CreatedAtText),
		"completed_at": observedTime("When the job was completed, by the host's clock (RFC 3339, UTC); null before."),
	}
}

func requiredText(description string, valid ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: valid}
}

func optionalText(description string, valid ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: valid}
}

// word is a word of package bits with a default.
func word[W ~string](fallback W, description string, allowed ...W) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true, MarkdownDescription: description,
		Default: stringdefault.StaticString(string(fallback)), Validators: []validator.String{attrs.OneOf(allowed...)},
	}
}

func toggle(fallback bool, description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(fallback), MarkdownDescription: description}
}

// observed is a text that BITS decides. Plans keep it unless ModifyPlan expects another one.
func observed(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func observedTime(description string) schema.StringAttribute {
	attribute := observed(description)
	attribute.CustomType = timetypes.RFC3339Type{}
	return attribute
}

func observedObject(description string, parts map[string]string) schema.SingleNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, description := range parts {
		attributes[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.SingleNestedAttribute{
		Computed: true, MarkdownDescription: description, Attributes: attributes,
		PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
	}
}

// What a plan does about a job that is over, as the configuration words it.
const (
	policyError   = "error"
	policyReplace = "replace"
	policyWarn    = "warn"
	policyIgnore  = "ignore"
)

// policyAttributes are about when the files are transferred again. BITS does not have them: they change in place,
// and a plan judges them as they are configured.
func policyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"triggers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType, Validators: []validator.Map{mapvalidator.NoNullValues()},
			MarkdownDescription: "Arbitrary values, such as a version. Changing, adding or removing a value replaces the job; adding " +
				"or removing the attribute does not.",
		},
		"on_missing": optionalText("What to do about a `missing` job: `replace` (default) transfers the files again; `error` fails "+
			"the apply. Changed in place.",
			attrs.OneOf(policyReplace, policyError)),
		"on_file_missing": optionalText("What to do when a file of a completed download is gone or no longer matches its `sha256`: "+
			"`warn` (default); `replace` transfers all files of the job again; `ignore` does not connect to the host. Changed in "+
			"place.", attrs.OneOf(policyWarn, policyReplace, policyIgnore)),
		"on_finished_change": optionalText("What to do when `priority` or another property changes after completion: `error` "+
			"(default) fails the apply; `replace` transfers the files again; `ignore` records the change, except a `sha256` that the "+
			"file does not match. Changed in place.", attrs.OneOf(policyError, policyReplace, policyIgnore)),
	}
}
