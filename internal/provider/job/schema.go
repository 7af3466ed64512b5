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
			"The resource represents *one transfer, done once*. BITS forgets a job when it is completed, so a completed job " +
			"stays in the state as `acknowledged` and nothing is transferred again; its files stay on the host when the resource " +
			"is destroyed. Destroying an unfinished job cancels it, and BITS then deletes what it has transferred so far.",
		Attributes: attributes,
	}
}

func declaredAttributes(ctx context.Context) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host": schema.StringAttribute{
			Optional: true, Computed: true, Validators: []validator.String{attrs.Host},
			MarkdownDescription: "Host of the job: a name or an address, such as `web01.corp.example`. Default: the provider's " +
				"`host`. May include a port (`web01.corp.example:5986`, `[2001:db8::1]:5986`); otherwise the provider's " +
				"`port` applies at each run. A change, including one of the provider's default, replaces the job; changing " +
				"case, or adding or removing the port in use, does not.",
		},
		"display_name": requiredText("Name of the job as administrators see it, 1 to 256 UTF-16 code units. It need not be "+
			"unique. Do not include secrets: all administrators of the host can read it. Changed in place.", validDisplayName),
		"description": optionalText("Description of the job, at most 1024 UTF-16 code units. Unset means not managed. Changed in place; removing it "+
			"clears the description.", validDescription),
		"files": schema.ListNestedAttribute{
			Required: true,
			MarkdownDescription: "Files of the job, one or more (exactly one for an upload). They are matched by " +
				"`local_name`, ignoring case and order. Adding a file appends it to a job that BITS still lists, and " +
				"replaces a completed job. Changing or removing a file replaces the job, because BITS can't remove files. " +
				"For a completed job, a change of the signing parameters of a URL is ignored, because signatures expire: " +
				"AWS and Google Cloud (`X-Amz-*`, `X-Goog-*`), Azure SAS and CloudFront. The URL must be known in the plan: " +
				"use `plantimestamp()`, not `timestamp()`.",
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), namedFiles{"remote_name and local_name of every file"},
				distinctFiles{"every local_name once, without regard to case"},
			},
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"remote_name": optionalText("Required. Remote file: an `http://` or `https://` URL, or a file on a "+
						"Windows share or on a drive of the host "+
						"(`\\\\server\\share\\file`, `C:\\dir\\file`, or a `file://` URL). BITS accesses a share as the "+
						"job's owner; LocalSystem is the computer account, `DOMAIN\\HOST$`. At most 2200 characters, "+
						"each segment at most 260; legal URL characters only, because BITS escapes nothing: `provider::bits::url_path` "+
						"encodes the rest. "+
						"A user name or password in the URL is an error, because administrators of the host can read URLs. "+
						"BITS sends `HEAD` first, which S3 rejects for a URL that is signed for `GET`: set `dynamic = "+
						"true` and `priority = \"foreground\"`.", validRemoteName),
					"local_name": optionalText("Required. Absolute path on the host, on a drive or a share, such as "+
						"`C:\\\\ProgramData\\\\Acme\\\\p.cab`, which `provider::bits::windows_path` makes of `C:/ProgramData/Acme/p.cab`: at "+
						"most 259 characters, without wildcards, `\\\\?\\`, streams, variables or device names such as "+
						"`NUL`. A downloaded file gets this name when the job is completed, and replaces an existing "+
						"file.", validLocalName),
					"sha256": optionalText("Expected SHA-256 of the downloaded file: 64 hexadecimal digits in any case. "+
						"Default: not checked. The host computes the hash when the job is completed or its completion is "+
						"recorded, and again only after the size or time of the file has changed. If it differs, the apply "+
						"fails with both hashes, the file stays on the host, and the next apply replaces the job. Changed "+
						"in place, without a new transfer if the hash matches. Only for files on a drive of the host.", validSHA256),
				},
			},
		},
		"priority": word(bits.DefaultPriority, "Scheduling class: `foreground` transfers at once, competes with other "+
			"traffic and is exempt from bandwidth policies. `high`, `normal` and `low` use idle bandwidth, one job at a "+
			"time, higher classes first. Default `normal`. Changed in place, even during the transfer; a completed job "+
			"can't be changed.", bits.Priorities()...),
		"transfer_type": word(bits.Download, "Direction: `download` or `upload` (to an IIS server with the BITS extension). Default "+
			"`download`. A change replaces the job.", bits.Download, bits.Upload),
		"suspended": toggle(false, "Whether the job is suspended. Default `false`. Changed in place; a job that was "+
			"suspended or resumed outside Terraform shows in the plan. No effect on a transferred or completed job. `true` "+
			"conflicts with `wait_for_transfer = true`."),
		"wait_for_transfer": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether apply waits, within `timeouts`, until the files are transferred. Default `true`, " +
				"or `false` if `suspended` is `true`. A wait that times out or is interrupted is a warning with the cause; " +
				"the job keeps running, and the next apply waits again. With `false`, for long transfers and large fleets, " +
				"apply only starts the job, and a later apply completes it. To make other resources " +
				"depend on the files, add `postcondition { condition = self.state == \"acknowledged\" }`. Changed in place.",
		},
		"complete_when_transferred": toggle(true, "Whether apply completes a transferred job. Default `true`. Downloaded "+
			"files get their names only when the job is completed. With `false` the job stays `transferred` until an "+
			"administrator completes it or you set `true`; BITS cancels a job after 90 days of inactivity. Changed in place."),
		"create_directories": toggle(true, "Whether apply creates missing directories of the files on the host. Default "+
			"`true`. A new directory inherits the permissions of its parent and stays when the job is destroyed. With "+
			"`false` a missing directory is an error, because BITS does not create directories. Only affects jobs created "+
			"after the change."),
		"timeouts": timeoutsAttribute(ctx),
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create:            true,
		Read:              true,
		Update:            true,
		Delete:            true,
		CreateDescription: "Time limit for creating the job and waiting for the transfer, such as `30m`. Default `1h`.",
		ReadDescription: "Time limit for a refresh, such as `5m`. It includes the SHA-256 of changed files that have a " +
			"`sha256`. Default `10m`.",
		UpdateDescription: "Time limit for changing the job and waiting for the transfer, such as `30m`. Default `1h`.",
		DeleteDescription: "Time limit for cancelling the job, such as `1m`. Default `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits for operations on this job, as Go durations. A wait that exceeds its " +
			"limit is a warning and keeps the job; any other timeout is an error. Changed in place."
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
		"id": observed("GUID of the job: lower case, without braces."),
		"state": observed("State of the job: `pending` (queued, connecting, transferring or about to retry), `suspended`, " +
			"`error` (the next apply retries), `transferred` (all bytes are on the host, in temporary files), " +
			"`acknowledged` (completed: the files have their names, and BITS no longer lists the job) or `missing` (BITS no " +
			"longer lists the job, and it was cancelled, has expired, or the reason is unknown; the plan creates it again). " +
			"A completion outside Terraform shows in the plan as a change of `state` to `acknowledged`."),
		"owner": observedObject("Account that owns the job. BITS transfers the job only while this account is logged on to "+
			"the host.", attrs.OwnerParts),
		"error":        observedObject("Why the job is in state `error`; null in every other state.", attrs.ErrorParts),
		"created_at":   observedTime("When the job was created, by the host's clock, RFC 3339 in UTC."),
		"completed_at": observedTime("When the job was completed, by the host's clock, RFC 3339 in UTC; null before."),
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
			MarkdownDescription: "Arbitrary values, such as a version. Changing, adding or removing a value replaces the " +
				"job, which transfers its files again. Adding the attribute to an existing or imported job, or removing it, " +
				"replaces nothing.",
		},
		"on_missing": optionalText("What the plan does about a job that is `missing`. `replace` (default) replaces it, "+
			"which transfers the files again. "+
			"With `error` the plan shows a warning and the apply fails, so that an operator can check the host first. Changed in "+
			"place.", attrs.OneOf(policyReplace, policyError)),
		"on_file_missing": optionalText("What the plan does when a file of a completed download is gone or no longer "+
			"matches its `sha256`. `warn` (default) shows a warning at each refresh. `replace` replaces the job, which "+
			"transfers all its files again. With `ignore` "+
			"a refresh does not connect to the host for a completed job. Changed in place.", attrs.OneOf(policyWarn, policyReplace, policyIgnore)),
		"on_finished_change": optionalText("What the plan does when an attribute that is changed in place, such as "+
			"`priority`, changes after the job was completed. With `error` (default) the plan shows a warning, and the "+
			"apply fails with *Invalid BITS Job State*, because a finished job can't be changed. `replace` replaces the "+
			"job, which transfers the files again. `ignore` records the change in the state, except a `sha256` that the "+
			"file does not match. Changed in place.",
			attrs.OneOf(policyError, policyReplace, policyIgnore)),
	}
}
