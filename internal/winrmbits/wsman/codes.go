// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"fmt"
)

// The classes of faults that a caller acts on, for errors.Is. A fault of no class is final: asked again, the service
// answers the same.
var (
	ErrShellGone      = errors.New("the shell or its command is gone")                    // a new shell may work
	ErrQuota          = errors.New("a quota of WinRM is exceeded")                        // nothing was done; later it may be
	ErrBusy           = errors.New("the service is still busy with the previous request") // nothing was done; later it may be
	ErrConnectionLost = errors.New("the connection broke")                                // what was done is not known
)

// The fault codes that this client itself acts on.
const (
	codeBusy             = 170
	codeOperationAborted = 995
	codeAccessDenied     = 5
	codeAccessDeniedHR   = 2147942405

	codeActionNotSupported  = 2150858771
	codeTimedOut            = 2150858793
	codeInvalidURI          = 2150858811
	codeInvalidSelectors    = 2150858813
	codeEnvelopeLimit       = 2150858825
	codeUnexpectedSelectors = 2150858843
	codeShellClosed         = 2150859082
	codeCommandClosed       = 2150859087
	codeNotInitialized      = 2150859118
)

// shellQuotas are the faults of a service that opens no more shells, until some are closed.
var shellQuotas = []uint32{2150859173, 2150859179, 2150859236, 2150859237, 2150859238}

// code is what is known of a fault code.
type code struct {
	name   string
	class  error  // nil: final
	advice string // what it means, and what an operator can do
}

const (
	forbidden    = "The account logged on but may not do this: add it to Administrators, or grant it Execute with winrm configSDDL default."
	mangled      = "The service can't read the request: a proxy or gateway changed it, or this is a bug in the provider."
	shellGone    = "The shell ended on the host: the service or the host restarted, its idle timeout expired, or an administrator ended it."
	processGone  = "PowerShell on the host has ended: security software or an administrator may have ended it."
	tooLarge     = "The limit is MaxEnvelopeSizekb in winrm/config: 500 by default, and the provider needs 150." + showIt + "winrm get winrm/config; to raise it, Set-Item WSMan:\\localhost\\MaxEnvelopeSizekb 500."
	notAServer   = "A gateway that forwards the requests can't reach the host."
	notWindows   = "This WS-Management service has no remote shell. Check that host and port belong to Windows, not to a management controller (BMC)."
	sheddingLoad = "Apply again later, or with a lower -parallelism. winrm get winrm/config/service shows the limits of the host."
)

// showIt begins the commands of an advice about a quota.
const showIt = " To show it, run "

// folders are what the drive WSMan: of PowerShell calls the settings of winrm. Source: about_WSMan_Provider, learn.microsoft.com. In
// PowerShell winrm set does not take @{...}.
var folders = map[string]string{"winrm/config/service": "Service", "winrm/config/winrs": "Shell"}

// limit is the advice for a quota that is one setting.
func limit(setting, path, more string) string {
	return fmt.Sprintf("The quota is %s in %s."+showIt+"winrm get %s; to raise it, Set-Item WSMan:\\localhost\\%s\\%s %s.",
		setting, path, path, folders[path], setting, more)
}

// pluginLimit is the advice for a quota that a plug-in of the service has for itself.
func pluginLimit(setting string) string {
	return fmt.Sprintf("The quota is %s of a WinRM plug-in."+showIt+"winrm enumerate winrm/config/plugin; to raise it, "+
		"Set-Item WSMan:\\localhost\\Plugin\\<plug-in>\\Quotas\\%s, then Restart-Service WinRM.", setting, setting)
}

// codes are the faults of WinRM. Source: "WS-Management error codes" (wsmerror.h) and MS-WSMV, learn.microsoft.com.
var codes = map[uint32]code{
	codeAccessDenied:        {"ERROR_ACCESS_DENIED", nil, forbidden},
	50:                      {"ERROR_NOT_SUPPORTED", nil, "A proxy or gateway sends chunked requests, which the service does not accept."},
	87:                      {"ERROR_INVALID_PARAMETER", nil, mangled},
	109:                     {"ERROR_BROKEN_PIPE", ErrShellGone, processGone},
	codeBusy:                {"ERROR_BUSY", ErrBusy, "PowerShell on the host does not read its input: it may be slow to start, or hang."},
	232:                     {"ERROR_NO_DATA", ErrShellGone, processGone},
	codeOperationAborted:    {"ERROR_OPERATION_ABORTED", ErrShellGone, shellGone},
	2147942402:              {"ERROR_FILE_NOT_FOUND", nil, "powershell.exe is not on the PATH of the host."},
	codeAccessDeniedHR:      {"E_ACCESSDENIED", nil, forbidden},
	2147942606:              {"ERROR_FILENAME_EXCED_RANGE", nil, "The host does not accept a command line of this length. " + mangled},
	2147943418:              {"ERROR_KEY_DELETED", ErrShellGone, "The profile of the account was unloaded, as happens when its last session on the host ends."},
	2150858767:              {"ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER", nil, mangled},
	2150858770:              {"ERROR_WSMAN_DESTINATION_UNREACHABLE", nil, notAServer},
	codeActionNotSupported:  {"ERROR_WSMAN_ACTION_NOT_SUPPORTED", nil, notWindows},
	codeTimedOut:            {"ERROR_WSMAN_OPERATION_TIMEDOUT", nil, "The service did not finish in time: the host may be overloaded."},
	2150858805:              {"ERROR_WSMAN_ENCODING_LIMIT", nil, tooLarge},
	codeInvalidURI:          {"ERROR_WSMAN_INVALID_RESOURCE_URI", nil, notWindows},
	codeInvalidSelectors:    {"ERROR_WSMAN_INVALID_SELECTORS", ErrShellGone, shellGone},
	2150858815:              {"ERROR_WSMAN_QUOTA_LIMIT", ErrQuota, "The service has too many requests. " + limit("MaxConcurrentOperationsPerUser", "winrm/config/service", "3000") + " The limit may also be MaxConnections, in the same place."},
	2150858817:              {"ERROR_WSMAN_SCHEMA_VALIDATION_ERROR", nil, mangled},
	2150858823:              {"ERROR_WSMAN_MAX_ENVELOPE_SIZE", nil, tooLarge},
	2150858824:              {"ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED", nil, tooLarge},
	codeEnvelopeLimit:       {"ERROR_WSMAN_SERVER_ENVELOPE_LIMIT", nil, tooLarge},
	codeUnexpectedSelectors: {"ERROR_WSMAN_UNEXPECTED_SELECTORS", ErrShellGone, shellGone},
	2150859046:              {"ERROR_WSMAN_NETWORK_TIMEDOUT", nil, notAServer},
	codeShellClosed:         {"ERROR_WSMAN_SHELL_ALREADY_CLOSED", ErrShellGone, shellGone},
	codeCommandClosed:       {"ERROR_WSMAN_COMMAND_ALREADY_CLOSED", ErrShellGone, shellGone},
	codeNotInitialized:      {"ERROR_WINRS_SHELL_NOT_INITIALIZED", ErrShellGone, "The WinRM service is starting or shutting down."},
	2150859173:              {"ERROR_WSMAN_QUOTA_MAX_SHELLS", ErrQuota, "Shells that were not closed count until their idle timeout. " + limit("MaxShellsPerUser", "winrm/config/winrs", "60")},
	2150859174:              {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS", ErrQuota, limit("MaxConcurrentOperationsPerUser", "winrm/config/service", "3000")},
	2150859175:              {"ERROR_WSMAN_QUOTA_USER", ErrQuota, "The account sent too many requests in a short time. " + sheddingLoad},
	2150859176:              {"ERROR_WSMAN_QUOTA_SYSTEM", ErrQuota, "All accounts together sent too many requests in a short time. " + sheddingLoad},
	2150859179:              {"ERROR_WSMAN_QUOTA_MAX_SHELLUSERS", ErrQuota, limit("MaxConcurrentUsers", "winrm/config/winrs", "20")},
	2150859180:              {"ERROR_WSMAN_REMOTESHELLS_NOT_ALLOWED", nil, "Remote shells are disabled. To show the setting, run winrm get winrm/config/winrs; to allow them, Set-Item WSMan:\\localhost\\Shell\\AllowRemoteShellAccess $true."},
	2150859236:              {"ERROR_WSMAN_QUOTA_MAX_SHELLS_PPQ", ErrQuota, pluginLimit("MaxShellsPerUser")},
	2150859237:              {"ERROR_WSMAN_QUOTA_MAX_USERS_PPQ", ErrQuota, pluginLimit("MaxConcurrentUsers")},
	2150859238:              {"ERROR_WSMAN_QUOTA_MAX_PLUGINSHELLS_PPQ", ErrQuota, pluginLimit("MaxShells")},
	2150859239:              {"ERROR_WSMAN_QUOTA_MAX_PLUGINOPERATIONS_PPQ", ErrQuota, pluginLimit("MaxConcurrentOperations")},
	2150859240:              {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS_USER_PPQ", ErrQuota, pluginLimit("MaxConcurrentOperationsPerUser")},
	2150859241:              {"ERROR_WSMAN_QUOTA_MAX_COMMANDS_PER_SHELL_PPQ", ErrQuota, pluginLimit("MaxConcurrentCommandsPerShell")},
}
