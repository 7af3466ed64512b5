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
	WMI      bool   // the detail is an MSFT_WmiError instead of a WSManFault
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
	codeInvalidOptions       = 2150858809 // ERROR_WSMAN_INVALID_OPTIONS
	codeQuotaLimit           = 2150858815 // ERROR_WSMAN_QUOTA_LIMIT
	codeUnsupportedFeature   = 2150858818 // ERROR_WSMAN_UNSUPPORTED_FEATURE
	codeQuotaMaxShells       = 2150859173 // ERROR_WSMAN_QUOTA_MAX_SHELLS
	codeQuotaMaxOperations   = 2150859174 // ERROR_WSMAN_QUOTA_MAX_OPERATIONS
	codeQuotaMaxShellUsers   = 2150859179 // ERROR_WSMAN_QUOTA_MAX_SHELLUSERS
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

// TooManyShells says that the user has as many shells as a user may have by default.
func TooManyShells() *Fault { return tooManyShells(Quotas{}.orDefault().Shells) }

func tooManyShells(limit int) *Fault {
	return &Fault{
		Code: codeQuotaMaxShells, Sender: true, Subcode: "w:QuotaLimit",
		Reason: "The WS-Management service cannot process the request. The maximum number of concurrent shells for " +
			"this user has been exceeded. Close existing shells or raise the quota for this user. ",
		Message: fmt.Sprintf("The WS-Management service cannot process the request. This user is allowed a maximum "+
			"number of %d concurrent shells, which has been exceeded. Close existing shells or raise the quota for "+
			"this user. ", limit),
	}
}

// tooManyOperations says that the user has as many operations as a user may have. In WMI's form it is no QuotaLimit.
func tooManyOperations(wmi bool) *Fault {
	f := &Fault{
		Code: codeQuotaMaxOperations, Sender: true, Subcode: "w:QuotaLimit", WMI: wmi,
		Reason: "The WS-Management service cannot process the request. The maximum number of concurrent operations for " +
			"this user has been exceeded. Close existing operations for this user, or raise the quota for this user. ",
	}
	if wmi {
		f.Sender, f.Subcode = false, "w:InternalError"
	}
	return f
}

// tooManyUsers says that as many users have shells as may.
func tooManyUsers() *Fault {
	return &Fault{
		Code: codeQuotaMaxShellUsers, Sender: true, Subcode: "w:QuotaLimit",
		Reason: "The WS-Management service cannot process the request. The maximum number of users executing shell " +
			"operations has been exceeded. Retry after sometime or raise the quota for concurrent shell users. ",
	}
}

// tooManyConnections says that the service has as many connections as it may have. That it is an InternalError is in
// MS-WSMV 3.1.4.1.19; the code is not, and is the one for a service that is busy with others.
func tooManyConnections() *Fault {
	return &Fault{
		Code: codeQuotaLimit, Subcode: "w:InternalError",
		Reason: "The WS-Management service cannot process the request. The service is busy servicing other requests. Retry later. ",
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

func unsupportedFeature() *Fault {
	return &Fault{
		Code: codeUnsupportedFeature, Sender: true, Subcode: "w:UnsupportedFeature",
		Reason: "The WS-Management service does not support the feature that the request asks for. ",
	}
}

func invalidOptions() *Fault {
	return &Fault{
		Code: codeInvalidOptions, Sender: true, Subcode: "w:InvalidOptions", Detail: "NotSupported",
		Reason: "The WS-Management service cannot process the request because one or more of its options are not valid. ",
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
	if f.WMI {
		detail += f.wmiError(message)
	} else {
		detail += `<f:WSManFault xmlns:f="` + nsFault + `" Code="` + fmt.Sprint(f.Code) + `" Machine="` + escape(machine) +
			`"><f:Message>` + message + `</f:Message></f:WSManFault>`
	}
	return `<s:Fault><s:Code><s:Value>` + side + `</s:Value><s:Subcode><s:Value>` + f.Subcode +
		`</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">` + escape(f.Reason) +
		`</s:Text></s:Reason><s:Detail>` + detail + `</s:Detail></s:Fault>`
}

// wmiError is the detail of a fault as WMI tells it.
func (f *Fault) wmiError(message string) string {
	return `<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:b="` + wsmanURI + `/cimbinding.xsd"` +
		` xmlns:p="` + wmiURI + `" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode>` +
		`<p:Message xsi:type="cim:cimString">` + message + `</p:Message><p:MessageID xsi:type="cim:cimString">` +
		fmt.Sprintf("HRESULT 0x%08x", f.Code) + `</p:MessageID><p:error_Category xsi:type="cim:cimUnsignedInt">30</p:error_Category>` +
		`<p:error_Code xsi:type="cim:cimUnsignedInt">` + fmt.Sprint(f.Code) + `</p:error_Code>` +
		`<p:error_Type xsi:type="cim:cimString">HRESULT</p:error_Type></p:MSFT_WmiError>`
}
