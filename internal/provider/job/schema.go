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
			"The resource stands for *this transfer, done once*. BITS forgets a job when it is completed, so a completed job " +
			"stays in the state as `acknowledged` and nothing is transferred again; its files stay on the host when the resource " +
			"is destroyed. Destroying an unfinished job cancels it, and BITS then deletes what it has transferred so far.",
		Attributes: attributes,
	}
}

func declaredAttributes(ctx context.Context) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"host": schema.StringAttribute{
			Optional: true, Computed: true, Validators: []validator.String{attrs.Host},
			MarkdownDescription: "Host the job lives on: a name or an address, such as `web01.corp.example`. Default: the provider's " +
				"`host`. A port may be written behind it (`web01.corp.example:5986`, `[2001:db8::1]:5986`); without one the " +
				"provider's `port` applies at each run. A change, also one of the provider's default, replaces the job; case does not matter, and a " +
				"port that is used anyway is written or left out in place.",
		},
		"display_name": requiredText("Name of the job as administrators see it, 1 to 256 UTF-16 code units of any characters. It need not "+
			"be unique. A change is made in place. All administrators of the host can read it: no secrets.", validDisplayName),
		"description": optionalText("Description of the job, at most 1024 UTF-16 code units. Unset means not managed. Changed in place; removing it "+
			"clears the description.", validDescription),
		"files": schema.ListNestedAttribute{
			Required: true,
			MarkdownDescription: "Files of the job, one or more (exactly one for an upload), compared by `local_name` without regard " +
				"to case; their order does not matter. A file that is added is appended to a job that BITS still lists. A file " +
				"that is changed or removed replaces the job, because BITS can't take it out; so does one that is added to a " +
				"completed job. In the URL of a completed job, the parameters that sign it may change, because signatures expire: those of " +
				"AWS and Google Cloud (`X-Amz-*`, `X-Goog-*`), of an Azure SAS and of CloudFront. The URL must be known in the plan: use `plantimestamp()`, " +
				"not `timestamp()`. Any other change of a URL is another file.",
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), namedFiles{"remote_name and local_name of every file"},
				distinctFiles{"every local_name once, without regard to case"},
			},
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"remote_name": optionalText("Required. The far side: an `http://` or `https://` URL, or a file of a Windows share or of the host's drives "+
						"(`\\\\server\\share\\file`, `C:\\dir\\file`, or a `file://` URL). A share is read as the job's owner: LocalSystem comes as the computer account, `DOMAIN\\HOST$`. "+
						"At most 2200 characters, each segment at most 260; legal URL characters only, because BITS escapes nothing. "+
						"User and password in a URL are refused: administrators of the host can read URLs. BITS asks for the size with `HEAD`, which S3 refuses "+
						"for a URL that is signed for `GET`: set `dynamic = true` and `priority = \"foreground\"`.", validRemoteName),
					"local_name": optionalText("Required. Full path on the host, with a drive or of a share, such as `C:\\\\ProgramData\\\\Acme\\\\p.cab`: at "+
						"most 259 characters, without wildcards, `\\\\?\\`, streams, variables and names of devices such as `NUL`. Of a download the file gets this name when the job is completed, and an existing file is replaced then.", validLocalName),
					"sha256": optionalText("SHA-256 that the downloaded file has to have: 64 hexadecimal digits in any case. Unset: any content will "+
						"do. The host computes it once, when the job is completed or its completion is recorded, and again only when the file got another "+
						"size or time. Another content is an error of the apply, which names both hashes; the file stays on the host, and the job is "+
						"replaced by the next apply. Setting, changing or removing it is done in place, and transfers nothing again where the file has the "+
						"content. Files on a drive of the host only.", validSHA256),
				},
			},
		},
		"priority": word(bits.DefaultPriority, "Scheduling class: `foreground` transfers at once, competes with the host's other traffic and is not held by "+
			"policies on bandwidth; `high`, `normal` and `low` use idle bandwidth, one job at a time, and a lower class gets no time while a higher one "+
			"has work. Default `normal`. A change is made on the live job in place, also in mid transfer; a completed job takes no change.", bits.Priorities()...),
		"transfer_type": word(bits.Download, "Direction: `download` or `upload` (to an IIS server with the BITS extension). Default "+
			"`download`. A change replaces the job.", bits.Download, bits.Upload),
		"suspended": toggle(false, "Whether the job is held. Default `false`. A change suspends or resumes the job in place; a job that "+
			"somebody else suspended or resumed shows in the plan. It has no effect on a transferred or completed job, and "+
			"`true` conflicts with `wait_for_transfer`."),
		"wait_for_transfer": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether apply waits, within `timeouts`, until the files are transferred. Default `true`, or `false` where `suspended` is " +
				"`true`. A wait that times out or is interrupted is a warning, which says what holds the job: it keeps running, and the next apply waits for it again. With " +
				"`false`, which suits long transfers and large fleets, apply only starts the job, and a later apply completes it. To make other resources " +
				"depend on the files, add `postcondition { condition = self.state == \"acknowledged\" }`. Changed in place.",
		},
		"complete_when_transferred": toggle(true, "Whether apply completes a transferred job. Default `true`. Downloaded files get their names only when "+
			"the job is completed. With `false` the job stays `transferred` until an administrator completes it or this is changed to `true`; BITS "+
			"cancels a job that is unused for 90 days. Changed in place."),
		"create_directories": toggle(true, "Whether missing directories of the files are created on the host when the job is created. Default `true`. A new "+
			"directory inherits the permissions of its parent; it stays when the job is destroyed. With `false` a missing directory fails the apply, "+
			"because BITS creates none. Only affects jobs created after the change."),
		"timeouts": timeoutsAttribute(ctx),
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create:            true,
		Read:              true,
		Update:            true,
		Delete:            true,
		CreateDescription: "How long making the job, and waiting for it with `wait_for_transfer`, may take, such as `30m`. Default `1h`.",
		ReadDescription: "How long a refresh of this job may take, such as `5m`. It computes the SHA-256 of files that were changed and have a `sha256`. " +
			"Default `10m`.",
		UpdateDescription: "How long changing the job, and waiting for it with `wait_for_transfer`, may take, such as `30m`. Default `1h`.",
		DeleteDescription: "How long cancelling the job may take, such as `1m`. Default `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long an apply may take for this job, as durations of Go. A change is made in place. A wait that " +
			"takes longer is a warning and keeps the job; anything else is an error."
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
		"state": observed("What the job has come to: `pending` (queued, connecting, transferring or about to retry), `suspended`, " +
			"`error` (the next apply retries), `transferred` (all bytes are there, in temporary files), `acknowledged` " +
			"(completed: the files have their names, and BITS has forgotten the job) or `missing` (BITS lists no such job, and " +
			"nothing shows that it was completed: it was cancelled, has expired, or nobody knows; the plan makes it again). A " +
			"completion by somebody else is planned, as a change of `state` to `acknowledged`."),
		"owner": observedObject("Account the job belongs to. BITS moves the job only while this account is logged on to the "+
			"host.", attrs.OwnerParts),
		"error":        observedObject("Why the job is in state `error`; null in every other state.", attrs.ErrorParts),
		"created_at":   observedTime("When the job was made, by the host's clock, RFC 3339 in UTC."),
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
			MarkdownDescription: "Values of your own, such as a version: when one of them changes, is added or is removed, the job is replaced, " +
				"and its files are transferred again. No default. Setting `triggers` where there were none replaces nothing, so that it can be " +
				"added to an existing or imported job; neither does taking the attribute away.",
		},
		"on_missing": optionalText("What to do about a job that is `missing`. `replace` (default) replaces it, which transfers the files again. "+
			"With `error` the plan shows a warning and the apply fails, so that an operator looks at the host first. Changed in "+
			"place.", attrs.OneOf(policyReplace, policyError)),
		"on_file_missing": optionalText("What to do when a file of a completed download is no longer on the host, or no longer has its `sha256`. "+
			"`warn` (default) shows a warning at each refresh. `replace` replaces the job, which transfers all of its files again. With `ignore` "+
			"a refresh does not connect to the host for a completed job. Changed in place.", attrs.OneOf(policyWarn, policyReplace, policyIgnore)),
		"on_finished_change": optionalText("What to do when an attribute that is set in place on a live job, such as `priority`, changes after "+
			"the job was completed. With `error` (default) the plan shows the change with a warning, and the apply fails with *Invalid BITS Job "+
			"State*, because a finished job takes no change. `replace` replaces the job, which transfers the files again. `ignore` records the "+
			"change in the state, but not a `sha256` that the file does not have. Changed in place.",
			attrs.OneOf(policyError, policyReplace, policyIgnore)),
	}
}
