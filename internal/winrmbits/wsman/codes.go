// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"fmt"
)

// The classes of faults that a caller acts on, for errors.Is. A fault of no class is final: asked again, the service
// answers the same.
var (
	ErrShellGone      = errors.New("the shell or its command is gone")                  // a new shell may work
	ErrQuota          = errors.New("a quota of WinRM is used up")                       // nothing was done; later it may be
	ErrBusy           = errors.New("the service is still busy with the request before") // nothing was done; later it may be
	ErrConnectionLost = errors.New("the connection broke")                              // what was done is not known
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
	forbidden    = "The host knows the account, and does not let it do this: it must be a member of Administrators, or be allowed by winrm configSDDL default."
	mangled      = "The service can't read the request as it was sent. A proxy or gateway on the way may have changed it; without one this is a bug of the provider."
	shellGone    = "The session's shell ended on the host: by a restart of the service or the host, by its idle timeout, or by an administrator."
	tooLarge     = "The service's limit is MaxEnvelopeSizekb in winrm/config, 500 by default and at least 150 for this client. See it with: winrm get winrm/config; raise it with: winrm set winrm/config @{MaxEnvelopeSizekb=\"500\"}."
	notAServer   = "This is the fault of a Windows client of WinRM, not of a service: an intermediary forwards requests, and can't reach the host."
	notWindows   = "The service there offers no remote shell, as WinRM of Windows does: check that host and port lead to Windows and not to another WS-Management service, such as a server's own management board."
	sheddingLoad = "The host sheds load. Try again later or with a lower -parallelism, and see what limits it with: winrm get winrm/config/service."
)

// limit is the advice for a quota that is one setting.
func limit(setting, path, more string) string {
	return fmt.Sprintf("The quota is %s in %s. See it with: winrm get %s; raise it with: winrm set %s @{%s=\"%s\"}.", setting, path, path, path, setting, more)
}

// pluginLimit is the advice for a quota that a plug-in of the service has for itself.
func pluginLimit(setting string) string {
	return fmt.Sprintf("The quota is %s in the quotas of a plug-in, below winrm/config/plugin. See it with: winrm enumerate winrm/config/plugin; "+
		"raise it with: Set-Item WSMan:\\localhost\\Plugin\\<plug-in>\\Quotas\\%s, and Restart-Service WinRM.", setting, setting)
}

// codes are the faults of WinRM. Source: "WS-Management error codes" (wsmerror.h) and MS-WSMV, learn.microsoft.com.
var codes = map[uint32]code{
	codeAccessDenied:        {"ERROR_ACCESS_DENIED", nil, forbidden},
	50:                      {"ERROR_NOT_SUPPORTED", nil, "The service takes no request in chunks, which this client does not send: a proxy or gateway on the way makes them."},
	87:                      {"ERROR_INVALID_PARAMETER", nil, mangled},
	codeBusy:                {"ERROR_BUSY", ErrBusy, "The host's shell does not read what was sent before: PowerShell may be slow to start there, or hang."},
	codeOperationAborted:    {"ERROR_OPERATION_ABORTED", ErrShellGone, shellGone},
	2147942402:              {"ERROR_FILE_NOT_FOUND", nil, "The host has no such program on its PATH, where Windows PowerShell should be."},
	codeAccessDeniedHR:      {"E_ACCESSDENIED", nil, forbidden},
	2147942606:              {"ERROR_FILENAME_EXCED_RANGE", nil, "The host takes no command line of this length. " + mangled},
	2147943418:              {"ERROR_KEY_DELETED", ErrShellGone, "The profile of the account was unloaded under the shell, as when its last session on the host ends."},
	2150858767:              {"ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER", nil, mangled},
	2150858770:              {"ERROR_WSMAN_DESTINATION_UNREACHABLE", nil, notAServer},
	codeActionNotSupported:  {"ERROR_WSMAN_ACTION_NOT_SUPPORTED", nil, notWindows},
	codeTimedOut:            {"ERROR_WSMAN_OPERATION_TIMEDOUT", nil, "The service could not do this in the time it was given: the host may be overloaded."},
	2150858805:              {"ERROR_WSMAN_ENCODING_LIMIT", nil, tooLarge},
	codeInvalidURI:          {"ERROR_WSMAN_INVALID_RESOURCE_URI", nil, notWindows},
	codeInvalidSelectors:    {"ERROR_WSMAN_INVALID_SELECTORS", ErrShellGone, shellGone},
	2150858815:              {"ERROR_WSMAN_QUOTA_LIMIT", ErrQuota, "The service is busy servicing other requests. " + limit("MaxConcurrentOperationsPerUser", "winrm/config/service", "3000") + " MaxConnections is there, too."},
	2150858817:              {"ERROR_WSMAN_SCHEMA_VALIDATION_ERROR", nil, mangled},
	2150858823:              {"ERROR_WSMAN_MAX_ENVELOPE_SIZE", nil, tooLarge},
	2150858824:              {"ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED", nil, tooLarge},
	codeEnvelopeLimit:       {"ERROR_WSMAN_SERVER_ENVELOPE_LIMIT", nil, tooLarge},
	codeUnexpectedSelectors: {"ERROR_WSMAN_UNEXPECTED_SELECTORS", ErrShellGone, shellGone},
	2150859046:              {"ERROR_WSMAN_NETWORK_TIMEDOUT", nil, notAServer},
	codeShellClosed:         {"ERROR_WSMAN_SHELL_ALREADY_CLOSED", ErrShellGone, shellGone},
	codeCommandClosed:       {"ERROR_WSMAN_COMMAND_ALREADY_CLOSED", ErrShellGone, shellGone},
	codeNotInitialized:      {"ERROR_WINRS_SHELL_NOT_INITIALIZED", ErrShellGone, "The WinRM service is starting or shutting down."},
	2150859173:              {"ERROR_WSMAN_QUOTA_MAX_SHELLS", ErrQuota, "Sessions that were not closed count until their idle timeout. " + limit("MaxShellsPerUser", "winrm/config/winrs", "60")},
	2150859174:              {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS", ErrQuota, limit("MaxConcurrentOperationsPerUser", "winrm/config/service", "3000")},
	2150859175:              {"ERROR_WSMAN_QUOTA_USER", ErrQuota, "The quota is the requests that one account may send in a time. " + sheddingLoad},
	2150859176:              {"ERROR_WSMAN_QUOTA_SYSTEM", ErrQuota, "The quota is the requests that all accounts together may send in a time. " + sheddingLoad},
	2150859179:              {"ERROR_WSMAN_QUOTA_MAX_SHELLUSERS", ErrQuota, limit("MaxConcurrentUsers", "winrm/config/winrs", "20")},
	2150859180:              {"ERROR_WSMAN_REMOTESHELLS_NOT_ALLOWED", nil, "Remote shells are switched off. See it with: winrm get winrm/config/winrs; allow them with: winrm set winrm/config/winrs @{AllowRemoteShellAccess=\"true\"}."},
	2150859236:              {"ERROR_WSMAN_QUOTA_MAX_SHELLS_PPQ", ErrQuota, pluginLimit("MaxShellsPerUser")},
	2150859237:              {"ERROR_WSMAN_QUOTA_MAX_USERS_PPQ", ErrQuota, pluginLimit("MaxConcurrentUsers")},
	2150859238:              {"ERROR_WSMAN_QUOTA_MAX_PLUGINSHELLS_PPQ", ErrQuota, pluginLimit("MaxShells")},
	2150859239:              {"ERROR_WSMAN_QUOTA_MAX_PLUGINOPERATIONS_PPQ", ErrQuota, pluginLimit("MaxConcurrentOperations")},
	2150859240:              {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS_USER_PPQ", ErrQuota, pluginLimit("MaxConcurrentOperationsPerUser")},
	2150859241:              {"ERROR_WSMAN_QUOTA_MAX_COMMANDS_PER_SHELL_PPQ", ErrQuota, pluginLimit("MaxConcurrentCommandsPerShell")},
}
