// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"fmt"
	"strings"
)

// Fault is a SOAP fault of the WS-Management service, without the addressing of its message.
// Source of the codes: wsmerror.h; of the texts: what Windows hosts answer.
type Fault struct {
	Code    uint32 // of the WSManFault element
	Sender  bool   // the request is to blame; otherwise the receiver
	Subcode string // with its prefix, such as w:TimedOut
	Reason  string
	Detail  string // of the wsman fault detail URI, its last part; "" when there is none
	Message string // of the WSManFault element; "": the reason
	Plugin  bool   // the shell plug-in refused, and not the service
	WMI     bool   // the detail is an MSFT_WmiError instead of a WSManFault
}

// The texts of Windows, which end with a blank.
const (
	reasonSelectors = "The WS-Management service cannot process the request because the request contained invalid selectors for the resource. "
	reasonTimedOut  = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
	reasonHeader    = "The WS-Management service cannot process the request. The request contains one or more invalid SOAP headers. "
	reasonSchema    = "The SOAP XML in the message does not match the corresponding XML schema definition. Change the XML and retry. "
	reasonShells    = "The WS-Management service cannot process the request. The maximum number of concurrent shells for this user has " +
		"been exceeded. Close existing shells or raise the quota for this user. "
	reasonOps = "The WS-Management service cannot process the request. The maximum number of concurrent operations for this user " +
		"has been exceeded. Close existing operations for this user, or raise the quota for this user. "
	reasonUsers = "The WS-Management service cannot process the request. The maximum number of users executing shell operations has " +
		"been exceeded. Retry after sometime or raise the quota for concurrent shell users. "
	reasonBusy     = "The WS-Management service cannot process the request. The service is busy servicing other requests. Retry later. "
	reasonAborted  = "The I/O operation has been aborted because of either a thread exit or an application request. "
	reasonFeature  = "The WS-Management service does not support the feature that the request asks for. "
	reasonOptions  = "The WS-Management service cannot process the request because one or more of its options are not valid. "
	reasonEnvelope = "The WS-Management service cannot process the request because the MaxEnvelopeSize is too small: 8192 octets are " +
		"the least. "
	reasonURI = "The WS-Management service cannot process the request. The resource URI is missing or it has an incorrect format. "

	messageCommandNotFound = "The Windows Remote Shell received a request to perform an operation on a command identifier that does not " +
		"exist. Either the command has completed execution or the client specified an invalid command identifier. "
	messageShellNotFound = "The request for the Windows Remote Shell with ShellId %s failed because the shell was not found on the " +
		"server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. Provide the correct " +
		"ShellId or create a new shell and retry the operation. "
	messageTooManyShells = "The WS-Management service cannot process the request. This user is allowed a maximum number of %d " +
		"concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. "
	messageTimeout = "The WS-Management service cannot process the request because it contains an invalid timeout field in the " +
		"header: %s. "
)

// sender is a fault of the request, whose detail may be "".
func sender(code uint32, subcode, detail, reason string) *Fault {
	return &Fault{Code: code, Sender: true, Subcode: subcode, Detail: detail, Reason: reason}
}

// receiver is a fault of the service.
func receiver(code uint32, reason string) *Fault {
	return &Fault{Code: code, Subcode: "w:InternalError", Reason: reason}
}

// explained adds a message of its own to a fault.
func (f *Fault) explained(message string, args ...any) *Fault {
	f.Message = fmt.Sprintf(message, args...)
	return f
}

// ofPlugin makes a fault the shell plug-in's.
func (f *Fault) ofPlugin() *Fault {
	f.Plugin = true
	return f
}

// OperationTimedOut is the fault of a request that got nothing within its OperationTimeout: ERROR_WSMAN_OPERATION_TIMEDOUT.
func OperationTimedOut() *Fault {
	return &Fault{Code: 2150858793, Subcode: "w:TimedOut", Reason: reasonTimedOut}
}

// ShellNotFound is the fault of a shell that does not exist, or no longer: ERROR_WSMAN_UNEXPECTED_SELECTORS.
func ShellNotFound(id string) *Fault {
	return sender(2150858843, "w:InvalidSelectors", "UnexpectedSelectors", reasonSelectors).explained(messageShellNotFound, id)
}

// CommandNotFound is the fault of a command that does not exist in its shell, or no longer.
func CommandNotFound() *Fault {
	return sender(2150858843, "w:InvalidSelectors", "UnexpectedSelectors", reasonSelectors).explained(messageCommandNotFound)
}

// TooManyShells is the fault of a user who has as many shells as Windows allows by default.
func TooManyShells() *Fault { return tooManyShells(Quotas{}.orDefault().Shells) }

// tooManyShells is ERROR_WSMAN_QUOTA_MAX_SHELLS.
func tooManyShells(limit int) *Fault {
	return sender(2150859173, "w:QuotaLimit", "", reasonShells).explained(messageTooManyShells, limit)
}

// tooManyOperations is ERROR_WSMAN_QUOTA_MAX_OPERATIONS. In WMI's form it is not a QuotaLimit.
func tooManyOperations(wmi bool) *Fault {
	if wmi {
		return &Fault{Code: 2150859174, Subcode: "w:InternalError", Reason: reasonOps, WMI: true}
	}
	return sender(2150859174, "w:QuotaLimit", "", reasonOps)
}

// The faults that are always the same, by their names in wsmerror.h and winerror.h. MS-WSMV 3.1.4.1.19 has the InternalError of
// tooManyConnections, but no code: this is the one for a service that is busy with others.
var (
	tooManyUsers        = sender(2150859179, "w:QuotaLimit", "", reasonUsers)                             // QUOTA_MAX_SHELLUSERS
	tooManyConnections  = receiver(2150858815, reasonBusy)                                                // QUOTA_LIMIT
	unsupportedFeature  = sender(2150858818, "w:UnsupportedFeature", "", reasonFeature)                   // UNSUPPORTED_FEATURE
	invalidOptions      = sender(2150858809, "w:InvalidOptions", "NotSupported", reasonOptions)           // INVALID_OPTIONS
	envelopeTooSmall    = sender(2150858805, "w:EncodingLimit", "MinimumEnvelopeLimit", reasonEnvelope)   // ENCODING_LIMIT
	schemaViolated      = sender(2150858817, "w:SchemaValidationError", "", reasonSchema)                 // SCHEMA_VALIDATION_ERROR
	invalidResourceURI  = sender(2150858811, "a:DestinationUnreachable", "InvalidResourceURI", reasonURI) // INVALID_RESOURCE_URI
	accessDenied        = sender(5, "w:AccessDenied", "", "Access is denied. ")                           // ACCESS_DENIED
	chunkedNotSupported = receiver(50, "The request is not supported. ")                                  // NOT_SUPPORTED
	invalidParameter    = sender(87, "w:InvalidParameter", "InvalidValue", "The parameter is incorrect. ").ofPlugin()
	commandLineTooLong  = receiver(2147942606, "The filename or extension is too long. ").ofPlugin() // FILENAME_EXCED_RANGE
)

// Busy is the fault of a request whose predecessor on the same stream has not ended: ERROR_BUSY.
func Busy() *Fault { return receiver(170, "The requested resource is in use. ").ofPlugin() }

// Aborted is the fault of a request whose command or shell ended while it waited: ERROR_OPERATION_ABORTED.
func Aborted() *Fault { return receiver(995, reasonAborted).ofPlugin() }

// invalidMessageID is ERROR_WSMAN_INVALID_MESSAGE_INFORMATION_HEADER, as is invalidTimeout.
func invalidMessageID() *Fault {
	return sender(2150858767, "a:InvalidMessageInformationHeader", "", reasonHeader)
}

func invalidTimeout(value string) *Fault { return invalidMessageID().explained(messageTimeout, value) }

// actionNotSupported is ERROR_WSMAN_ACTION_NOT_SUPPORTED.
func actionNotSupported(action string) *Fault {
	reason := "The WS-Management action " + action + " that the request names is not supported by the service. "
	return sender(2150858771, "a:ActionNotSupported", "", reason)
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
	if f.Plugin {
		message = `<f:ProviderFault provider="Shell cmd plugin" path="%systemroot%\system32\winrscmd.dll">` + message + `</f:ProviderFault>`
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

// wmiError is the detail of a fault in WMI's form.
func (f *Fault) wmiError(message string) string {
	return `<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:b="` + wsmanURI + `/cimbinding.xsd"` +
		` xmlns:p="` + wmiURI + `" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode>` +
		`<p:Message xsi:type="cim:cimString">` + message + `</p:Message><p:MessageID xsi:type="cim:cimString">` +
		fmt.Sprintf("HRESULT 0x%08x", f.Code) + `</p:MessageID><p:error_Category xsi:type="cim:cimUnsignedInt">30</p:error_Category>` +
		`<p:error_Code xsi:type="cim:cimUnsignedInt">` + fmt.Sprint(f.Code) + `</p:error_Code>` +
		`<p:error_Type xsi:type="cim:cimString">HRESULT</p:error_Type></p:MSFT_WmiError>`
}
