package jobs

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

func jobsSchema() schema.Schema {
	attributes := filterAttributes()
	attributes["host"] = hosts.DataSourceAttribute()
	attributes["jobs"] = schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "The jobs that all filters match, sorted by `created_at` and then `id`; an empty list where there are none, " +
			"never null. Completed and cancelled jobs are not among them: BITS does not list those.",
		NestedObject: schema.NestedAttributeObject{Attributes: listedAttributes()},
	}
	return schema.Schema{
		MarkdownDescription: "The BITS jobs of a Windows host, whoever made them, as the host lists them at the moment of the read.\n\n" +
			"Each filter narrows the result, and a job has to match all that are set. The whole list is read with one call, whatever " +
			"the filters: no scheduled task and no second PowerShell, as long as the account that logs on is an administrator of the host.",
		Attributes: attributes,
	}
}

func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "GUID of the one job to look for, in any case, with or without braces.",
			Validators:          []validator.String{validJobID},
		},
		"display_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Pattern of the display name: `*` stands for any characters, also none, and `?` for exactly one; every " +
				"other character, such as `[` or `\\`, for itself. The whole name has to match, and case does not matter, as in Windows. " +
				"Nothing escapes `*` and `?`: `?` also matches either of them.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"state": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "State as `bits_job` tells it: `pending` (queued, connecting, transferring or about to retry), " +
				"`suspended`, `error` or `transferred`.",
			Validators: []validator.String{stringvalidator.OneOf(attrs.Strings(listedStages())...)},
		},
		"bits_state": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Exact state of BITS: `queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` or " +
				"`transferred`.",
			Validators: []validator.String{stringvalidator.OneOf(attrs.Strings(listedStates())...)},
		},
		"priority": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Priority: `foreground`, `high`, `normal` or `low`.",
			Validators:          []validator.String{stringvalidator.OneOf(attrs.Strings(bits.Priorities())...)},
		},
		"owner": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Account that owns the jobs, as `DOMAIN\\name` (`CORP\\ops`; the computer's name for a local account) or as a " +
				"SID; case does not matter. Hosts spell the names of built-in accounts in their own language, so LocalSystem is best " +
				"written as `S-1-5-18`. A job whose owner the host can't tell in that form does not match.",
			Validators: []validator.String{validOwner},
		},
		"all_users": schema.BoolAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Whether the jobs of every user are looked at. Unset: yes where the account may, which administrators of " +
				"the host do, else only its own; what it came to is the value. `true`: an error where the account may not. `false`: only " +
				"the jobs of the account that owns what this provider makes, which is LocalSystem with the provider's `run_as = \"system\"` and " +
				"the account that logs on with `\"user\"`. With `\"system\"` a list that the account may not make itself is made " +
				"by LocalSystem, which costs a scheduled task.",
		},
	}
}

func listedAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"id":            attrs.ComputedString("GUID of the job: lower case, without braces."),
		"display_name":  attrs.ComputedString("Name of the job as administrators see it. It need not be unique."),
		"description":   attrs.ComputedString("Description of the job; an empty text when it has none."),
		"transfer_type": attrs.ComputedString("Direction: `download`, `upload` or `upload_reply`."),
		"priority":      attrs.ComputedString("Scheduling class: `foreground`, `high`, `normal` or `low`."),
		"state":         attrs.ComputedString("State as `bits_job` tells it: `pending`, `suspended`, `error` or `transferred`."),
		"bits_state": attrs.ComputedString("Exact state of BITS: `queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` or " +
			"`transferred`."),
		"owner": attrs.ComputedObject("Account the job belongs to. BITS moves the job only while this account is logged on to the host.",
			map[string]schema.Attribute{
				"sid":  attrs.ComputedString("Security identifier of the account; null when the host could not tell it."),
				"name": attrs.ComputedString("`DOMAIN\\name` of the account; null when the host could not translate the SID."),
			}),
		"error": attrs.ComputedObject("The error the job stands at; null unless `bits_state` is `error` or `transient_error`.",
			map[string]schema.Attribute{
				"code":    attrs.ComputedString("HRESULT, such as `0x80190194`; null when the host did not tell it."),
				"name":    attrs.ComputedString("Name of the code in the Windows headers, such as `BG_E_HTTP_ERROR_404`; null for an unknown code."),
				"message": attrs.ComputedString("What the code means."),
				"context": attrs.ComputedString("Where it happened: `remote_file`, `local_file`, `general_transport`, `general_queue_manager`, " +
					"`queue_manager_notification`, `remote_application` or `unknown`; null when the host did not tell it."),
				"file": attrs.ComputedString("Local name of the file; null when the host did not tell it."),
			}),
		"bytes_total":       attrs.ComputedInt64("Size of all files, in bytes; null while BITS does not know that of every file."),
		"bytes_transferred": attrs.ComputedInt64("How much of them has been transferred, in bytes."),
		"files_total":       attrs.ComputedInt64("Number of files of the job."),
		"files_transferred": attrs.ComputedInt64("Number of files that have been transferred."),
		"percent": attrs.ComputedInt64("How much of `bytes_total` has been transferred, in percent, rounded down; `100` in state `transferred`; null " +
			"while `bytes_total` is null or 0."),
		"rate": attrs.ComputedInt64("Bytes per second, rounded down, on average since the job was made: `bytes_transferred` by the time from `created_at` until the read, " +
			"also that in which the job was queued or suspended. BITS tells no momentary speed. Null unless `bits_state` is `transferring`, and in the first second."),
		"created_at":     attrs.ComputedTime("When the job was made, by the host's clock, RFC 3339 in UTC."),
		"modified_at":    attrs.ComputedTime("When a property or the state of the job last changed, by the host's clock, RFC 3339 in UTC."),
		"transferred_at": attrs.ComputedTime("When all files had been transferred, by the host's clock, RFC 3339 in UTC; null before."),
		"files": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Files of the job, in the order of BITS.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"remote_name":       attrs.ComputedString("URL or share path of the far side, complete: with the query string, where signatures often stand."),
				"local_name":        attrs.ComputedString("Full path on the host."),
				"bytes_total":       attrs.ComputedInt64("Size of the file, in bytes; null while BITS does not know it."),
				"bytes_transferred": attrs.ComputedInt64("How much of it has been transferred, in bytes."),
			}},
		},
	}
	for name, attribute := range listedProperties() {
		attributes[name] = attribute
	}
	return attributes
}

// listedProperties are the settings of a job that only some versions of the module BitsTransfer tell.
func listedProperties() map[string]schema.Attribute {
	const older = " Null where the host's BitsTransfer module does not tell it."
	return map[string]schema.Attribute{
		"minimum_retry_delay": attrs.ComputedDuration("How long BITS waits after a transient error, as a duration of Go such as `10m0s`." + older),
		"no_progress_timeout": attrs.ComputedDuration("How long a job may stay without progress in `transient_error` before it goes to `error`, as a " +
			"duration of Go; `0s`: it is not retried." + older),
		"maximum_download_time": attrs.ComputedDuration("How long connecting and transferring may take, as a duration of Go; a resume begins anew." + older),
		"transfer_policy": attrs.ComputedSet("Networks that may be used, by what their use costs, such as `standard` or `always`, in the words of BITS' " +
			"cost states; empty: any." + older),
		"proxy": attrs.ComputedObject("Proxy of the job."+older, map[string]schema.Attribute{
			"usage":       attrs.ComputedString("Which proxy is used: `system_default`, `no_proxy`, `auto_detect` or `override` (the job's own list)."),
			"list":        attrs.ComputedList("The job's own proxies; empty or null unless `usage` is `override`."),
			"bypass_list": attrs.ComputedList("Hosts that are reached without a proxy; empty or null unless `usage` is `override`."),
		}),
		"http_method": attrs.ComputedString("HTTP method that the job was given; it may be an empty text, which means `GET`." + older),
		"dynamic":     attrs.ComputedBool("Whether the source may be one whose size is not known beforehand." + older),
		"security_flags": attrs.ComputedSet("What the job does at a server's certificate or redirect, such as `enable_crl_check` or " +
			"`redirect_policy_disallow`." + older),
		"acl_flags":    attrs.ComputedSet("Parts of the security descriptor that come with a file over SMB: `owner`, `group`, `dacl`, `sacl`." + older),
		"notify_flags": attrs.ComputedSet("Events that the job's command is run at: `transferred`, `error`, `modification`; `disable`: none." + older),
		"notify_command": attrs.ComputedList("Program that BITS runs at those events, and its parameters; empty when there is none. Jobs of service " +
			"accounts, LocalSystem among them, run none." + older),
		"client_certificate": attrs.ComputedObject("Client certificate that the job shows to servers; null when it has none."+older, map[string]schema.Attribute{
			"store_location": attrs.ComputedString("Where the certificate store is, such as `local_machine`; null when the host does not tell it."),
			"store_name":     attrs.ComputedString("Name of the store, such as `MY`; null when the host does not tell it."),
			"thumbprint":     attrs.ComputedString("SHA-1 of the certificate, 40 hexadecimal digits."),
		}),
	}
}
