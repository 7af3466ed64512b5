package wsmansvc

import (
	"fmt"
	"strings"
)

// Fault is a SOAP fault of the WS-Management service, without the addressing of its message.
// Source of the codes: wsmerror.h; of the texts: what Windows hosts answer.
type Fault struct {
	Code     uint32 // of the WSManFault element
	Sender   bool   // the request is to blame; otherwise the receiver
	Subcode  string // with its prefix, such as w:TimedOut
	Reason   string
	Detail   string // of the wsman fault detail URI, its last part; "" when there is none
	Message  string // of the WSManFault element; "": the reason
	Provider string // the plug-in that refused, "" when the service did
	Path     string // of that plug-in
}

// The codes of the faults that this service answers with.
const (
	codeAccessDenied         = 5          // ERROR_ACCESS_DENIED
	codeNotSupported         = 50         // ERROR_NOT_SUPPORTED
	codeInvalidParameter     = 87         // ERROR_INVALID_PARAMETER
	codeBusy                 = 170        // ERROR_BUSY
	codeAborted              = 995        // ERROR_OPERATION_ABORTED
	codeInvalidHeader        = 2150858767 // ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER
	codeActionNotSupported   = 2150858771 // ERROR_WSMAN_ACTION_NOT_SUPPORTED
	codeOperationTimedOut    = 2150858793 // ERROR_WSMAN_OPERATION_TIMEDOUT
	codeEncodingLimit        = 2150858805 // ERROR_WSMAN_ENCODING_LIMIT
	codeInvalidURI           = 2150858811 // ERROR_WSMAN_INVALID_RESOURCE_URI
	codeSchemaValidation     = 2150858817 // ERROR_WSMAN_SCHEMA_VALIDATION_ERROR
	codeUnexpectedSelectors  = 2150858843 // ERROR_WSMAN_UNEXPECTED_SELECTORS
	codeQuotaMaxShells       = 2150859173 // ERROR_WSMAN_QUOTA_MAX_SHELLS
	codeFilenameExcedRange   = 2147942606 // HRESULT of ERROR_FILENAME_EXCED_RANGE
	pluginName, pluginPath   = "Shell cmd plugin", `%systemroot%\system32\winrscmd.dll`
	reasonSelectors          = "The WS-Management service cannot process the request because the request contained invalid selectors for the resource. "
	reasonTimedOut           = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
	reasonInvalidHeader      = "The WS-Management service cannot process the request. The request contains one or more invalid SOAP headers. "
	reasonSchema             = "The SOAP XML in the message does not match the corresponding XML schema definition. Change the XML and retry. "
	messageCommandNotFound   = "The Windows Remote Shell received a request to perform an operation on a command identifier that does not exist. Either the command has completed execution or the client specified an invalid command identifier. "
	messageShellNotFoundForm = "The request for the Windows Remote Shell with ShellId %s failed because the shell was not found on the server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide the correct ShellId or create a new shell and retry the operation. "
)

// OperationTimedOut says that nothing came within the OperationTimeout.
func OperationTimedOut() *Fault {
	return &Fault{Code: codeOperationTimedOut, Subcode: "w:TimedOut", Reason: reasonTimedOut}
}

// ShellNotFound says that there is no such shell, or not any more.
func ShellNotFound(id string) *Fault {
	return &Fault{
		Code: codeUnexpectedSelectors, Sender: true, Subcode: "w:InvalidSelectors", Reason: reasonSelectors,
		Detail: "UnexpectedSelectors", Message: fmt.Sprintf(messageShellNotFoundForm, id),
	}
}

// CommandNotFound says that the shell has no such command, or not any more.
func CommandNotFound() *Fault {
	return &Fault{
		Code: codeUnexpectedSelectors, Sender: true, Subcode: "w:InvalidSelectors", Reason: reasonSelectors,
		Detail: "UnexpectedSelectors", Message: messageCommandNotFound,
	}
}

// TooManyShells says that the user has as many shells as a user may have.
func TooManyShells() *Fault {
	return &Fault{
		Code: codeQuotaMaxShells, Sender: true, Subcode: "w:QuotaLimit",
		Reason: "The WS-Management service cannot process the request. The maximum number of concurrent shells for " +
			"this user has been exceeded. Close existing shells or raise the quota for this user. ",
		Message: fmt.Sprintf("The WS-Management service cannot process the request. This user is allowed a maximum "+
			"number of %d concurrent shells, which has been exceeded. Close existing shells or raise the quota for "+
			"this user. ", maxShellsPerUser),
	}
}

// Busy says that an earlier request to the same stream has not ended.
func Busy() *Fault {
	return &Fault{
		Code: codeBusy, Subcode: "w:InternalError", Reason: "The requested resource is in use. ",
		Provider: pluginName, Path: pluginPath,
	}
}

// Aborted says that the command or its shell was ended while the request waited.
func Aborted() *Fault {
	return &Fault{
		Code: codeAborted, Subcode: "w:InternalError",
		Reason:   "The I/O operation has been aborted because of either a thread exit or an application request. ",
		Provider: pluginName, Path: pluginPath,
	}
}

func chunkedNotSupported() *Fault {
	return &Fault{Code: codeNotSupported, Subcode: "w:InternalError", Reason: "The request is not supported. "}
}

func invalidParameter() *Fault {
	return &Fault{
		Code: codeInvalidParameter, Sender: true, Subcode: "w:InvalidParameter", Reason: "The parameter is incorrect. ",
		Detail: "InvalidValue", Provider: pluginName, Path: pluginPath,
	}
}

func commandLineTooLong() *Fault {
	return &Fault{
		Code: codeFilenameExcedRange, Subcode: "w:InternalError", Reason: "The filename or extension is too long. ",
		Provider: pluginName, Path: pluginPath,
	}
}

func invalidTimeout(value string) *Fault {
	return &Fault{
		Code: codeInvalidHeader, Sender: true, Subcode: "a:InvalidMessageInformationHeader", Reason: reasonInvalidHeader,
		Message: "The WS-Management service cannot process the request because it contains an invalid timeout field " +
			"in the header: " + value + ". ",
	}
}

func invalidMessageID() *Fault {
	return &Fault{
		Code: codeInvalidHeader, Sender: true, Subcode: "a:InvalidMessageInformationHeader", Reason: reasonInvalidHeader,
	}
}

func envelopeTooSmall() *Fault {
	return &Fault{
		Code: codeEncodingLimit, Sender: true, Subcode: "w:EncodingLimit", Detail: "MinimumEnvelopeLimit",
		Reason: "The WS-Management service cannot process the request because the MaxEnvelopeSize is too small: " +
			"8192 octets are the least. ",
	}
}

func schemaViolated() *Fault {
	return &Fault{Code: codeSchemaValidation, Sender: true, Subcode: "w:SchemaValidationError", Reason: reasonSchema}
}

func actionNotSupported(action string) *Fault {
	return &Fault{
		Code: codeActionNotSupported, Sender: true, Subcode: "a:ActionNotSupported",
		Reason: "The WS-Management action " + action + " that the request names is not supported by the service. ",
	}
}

func invalidResourceURI() *Fault {
	return &Fault{
		Code: codeInvalidURI, Sender: true, Subcode: "a:DestinationUnreachable", Detail: "InvalidResourceURI",
		Reason: "The WS-Management service cannot process the request. The resource URI is missing or it has an " +
			"incorrect format. ",
	}
}

// action is the address of the fault message: faults of the addressing layer have one of their own.
func (f *Fault) action() string {
	if strings.HasPrefix(f.Subcode, "a:") {
		return nsAddressing + "/fault"
	}
	return wsmanURI + "/fault"
}

// body writes the fault as Windows does.
func (f *Fault) body(machine string) string {
	side := "s:Receiver"
	if f.Sender {
		side = "s:Sender"
	}
	message := f.Message
	if message == "" {
		message = f.Reason
	}
	message = escape(message)
	if f.Provider != "" {
		message = `<f:ProviderFault provider="` + escape(f.Provider) + `" path="` + escape(f.Path) + `">` + message +
			`</f:ProviderFault>`
	}
	detail := ""
	if f.Detail != "" {
		detail = "<w:FaultDetail>" + wsmanURI + "/faultDetail/" + f.Detail + "</w:FaultDetail>"
	}
	return `<s:Fault><s:Code><s:Value>` + side + `</s:Value><s:Subcode><s:Value>` + f.Subcode +
		`</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">` + escape(f.Reason) +
		`</s:Text></s:Reason><s:Detail>` + detail + `<f:WSManFault xmlns:f="` + nsFault + `" Code="` +
		fmt.Sprint(f.Code) + `" Machine="` + escape(machine) + `"><f:Message>` + message +
		`</f:Message></f:WSManFault></s:Detail></s:Fault>`
}
