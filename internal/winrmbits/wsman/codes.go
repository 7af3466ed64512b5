package wsman

import "errors"

// The classes of faults that a caller acts on, for errors.Is.
var (
	ErrShellGone      = errors.New("the shell or its command is gone")
	ErrQuota          = errors.New("a quota of WinRM is used up")
	ErrBusy           = errors.New("the service is still busy with the request before")
	ErrConnectionLost = errors.New("the connection broke")
)

// The fault codes that this client itself acts on.
const (
	codeBusy             = 170
	codeOperationAborted = 995
	codeTimedOut         = 2150858793
	codeAccessDenied     = 5
	codeAccessDeniedHR   = 2147942405
)

// code is what is known of a fault code.
type code struct {
	name   string
	class  error  // nil: none that a caller acts on
	advice string // what an operator can do; "" where the text of the fault says enough
}

const (
	shellsAdvice  = "Sessions that were not closed count until their idle timeout. See the limit with: winrm get winrm/config/winrs; raise it with: winrm set winrm/config/winrs @{MaxShellsPerUser=\"60\"}."
	usersAdvice   = "See the limit with: winrm get winrm/config/winrs; raise it with: winrm set winrm/config/winrs @{MaxConcurrentUsers=\"20\"}."
	opsAdvice     = "See the limit with: winrm get winrm/config/service; raise it with: winrm set winrm/config/service @{MaxConcurrentOperationsPerUser=\"3000\"}."
	pluginAdvice  = "The limit stands in the plug-in's own quotas: see Get-ChildItem WSMan:\\localhost\\Plugin\\*\\Quotas on the host."
	loadAdvice    = "The host sheds load: try again later, or with a lower -parallelism."
	shellGone     = "The session's shell ended on the host: by a restart of the service or the host, by its idle timeout, or by an administrator."
	envelopeWords = "See the limit with: winrm get winrm/config; it is MaxEnvelopeSizekb."
)

// codes are the faults of WinRM. Source: "WS-Management error codes" (wsmerror.h) and MS-WSMV, learn.microsoft.com.
var codes = map[uint32]code{
	codeAccessDenied:     {name: "ERROR_ACCESS_DENIED"},
	codeAccessDeniedHR:   {name: "E_ACCESSDENIED"},
	50:                   {name: "ERROR_NOT_SUPPORTED"},
	87:                   {name: "ERROR_INVALID_PARAMETER"},
	codeBusy:             {"ERROR_BUSY", ErrBusy, ""},
	codeOperationAborted: {"ERROR_OPERATION_ABORTED", ErrShellGone, shellGone},
	2147942402:           {name: "ERROR_FILE_NOT_FOUND", advice: "The host has no such program on its PATH: is Windows PowerShell there?"},
	2147942606:           {name: "ERROR_FILENAME_EXCED_RANGE"},
	2147943418:           {"ERROR_KEY_DELETED", ErrShellGone, "The profile of the account was unloaded under the shell."},
	2150858767:           {name: "ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER"},
	2150858770:           {name: "ERROR_WSMAN_DESTINATION_UNREACHABLE"},
	codeTimedOut:         {name: "ERROR_WSMAN_OPERATION_TIMEDOUT"},
	2150858805:           {name: "ERROR_WSMAN_ENCODING_LIMIT", advice: envelopeWords},
	2150858813:           {"ERROR_WSMAN_INVALID_SELECTORS", ErrShellGone, shellGone},
	2150858815:           {"ERROR_WSMAN_QUOTA_LIMIT", ErrQuota, loadAdvice},
	2150858817:           {name: "ERROR_WSMAN_SCHEMA_VALIDATION_ERROR"},
	2150858823:           {name: "ERROR_WSMAN_MAX_ENVELOPE_SIZE", advice: envelopeWords},
	2150858824:           {name: "ERROR_WSMAN_MAX_ENVELOPE_SIZE_EXCEEDED", advice: envelopeWords},
	2150858825:           {name: "ERROR_WSMAN_SERVER_ENVELOPE_LIMIT", advice: envelopeWords},
	2150858843:           {"ERROR_WSMAN_UNEXPECTED_SELECTORS", ErrShellGone, shellGone},
	2150859046:           {name: "ERROR_WSMAN_NETWORK_TIMEDOUT"},
	2150859082:           {"ERROR_WSMAN_SHELL_ALREADY_CLOSED", ErrShellGone, shellGone},
	2150859087:           {"ERROR_WSMAN_COMMAND_ALREADY_CLOSED", ErrShellGone, shellGone},
	2150859118:           {"ERROR_WINRS_SHELL_NOT_INITIALIZED", ErrShellGone, "The WinRM service is starting or shutting down."},
	2150859173:           {"ERROR_WSMAN_QUOTA_MAX_SHELLS", ErrQuota, shellsAdvice},
	2150859174:           {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS", ErrQuota, opsAdvice},
	2150859175:           {"ERROR_WSMAN_QUOTA_USER", ErrQuota, loadAdvice},
	2150859176:           {"ERROR_WSMAN_QUOTA_SYSTEM", ErrQuota, loadAdvice},
	2150859179:           {"ERROR_WSMAN_QUOTA_MAX_SHELLUSERS", ErrQuota, usersAdvice},
	2150859180:           {name: "ERROR_WSMAN_REMOTESHELLS_NOT_ALLOWED", advice: "Remote shells are switched off: see winrm get winrm/config/winrs; allow them with: winrm set winrm/config/winrs @{AllowRemoteShellAccess=\"true\"}."},
	2150859236:           {"ERROR_WSMAN_QUOTA_MAX_SHELLS_PPQ", ErrQuota, pluginAdvice},
	2150859237:           {"ERROR_WSMAN_QUOTA_MAX_USERS_PPQ", ErrQuota, pluginAdvice},
	2150859238:           {"ERROR_WSMAN_QUOTA_MAX_PLUGINSHELLS_PPQ", ErrQuota, pluginAdvice},
	2150859239:           {"ERROR_WSMAN_QUOTA_MAX_PLUGINOPERATIONS_PPQ", ErrQuota, pluginAdvice},
	2150859240:           {"ERROR_WSMAN_QUOTA_MAX_OPERATIONS_USER_PPQ", ErrQuota, pluginAdvice},
	2150859241:           {"ERROR_WSMAN_QUOTA_MAX_COMMANDS_PER_SHELL_PPQ", ErrQuota, pluginAdvice},
}
