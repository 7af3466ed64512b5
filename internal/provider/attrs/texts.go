// SPDX-License-Identifier: MPL-2.0

package attrs

// Descriptions that the resource, data sources and actions share.
const (
	// HostForms continues the description of a host.
	HostForms = "a name, an address or a key of the provider's `hosts`, optionally with a port, such as `[2001:db8::1]:5986`. " +
		"Default: the provider's `host`."

	JobIDText     = "GUID, lower case, without braces."
	NamesIDText   = "GUID, in any case, with or without braces. Set either `id` or `display_name`."
	NamesNameText = "Name of the job, case-sensitive, instead of `id`. If several jobs of the host have the name,"
	OwnerText     = "Account that owns the job; BITS transfers only while it is logged on."
	CreatedAtText = "When the job was created, by the host's clock (RFC 3339, UTC)."

	Priorities   = "`foreground`, `high`, `normal` or `low`."
	ListedStages = "`pending`, `suspended`, `error` or `transferred`."
	ListedStates = "`queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` or `transferred`."
)

// OwnerParts are the texts of an account, with their descriptions.
var OwnerParts = map[string]string{
	"sid":  "SID; null if the host does not report it.",
	"name": "`DOMAIN\\name`; null if the host can't translate the SID.",
}

// ErrorParts are the texts of the error of a job, with their descriptions.
var ErrorParts = map[string]string{
	"code":    "HRESULT, such as `0x80190194`.",
	"name":    "Name of the code, such as `BG_E_HTTP_ERROR_404`; null if unknown.",
	"message": "What the code means.",
	"context": "Where it happened: `remote_file`, `local_file`, `general_transport`, `general_queue_manager`, " +
		"`queue_manager_notification`, `remote_application`, `server_certificate_callback` or `unknown`.",
	"file": "Local name of the file.",
}
