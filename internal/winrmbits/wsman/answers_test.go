// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// style is how a service writes its envelopes. The bodies of these tests are written with Windows' prefixes.
type style struct {
	prefixes map[string]string // of other services; nil: Windows' own
}

var (
	windows = style{}
	foreign = style{prefixes: map[string]string{
		"s": "SOAP-ENV", "a": "wsa", "x": "wst", "w": "wsman", "rsp": "sh", "f": "flt", "p": "wmi", "n": "ns0",
	}}
)

var prefix = regexp.MustCompile(`(</?|xmlns:| )(s|a|x|w|rsp|f|p|n)([:=])`)

// envelope puts a body into the answer to a message. Shaped like the answers of Windows Server 2012 R2 to 2022.
func (s style) envelope(relatesTo, body string) string {
	text := `<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"` +
		` xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"` +
		` xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"` +
		` xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"` +
		` xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>` +
		`<a:Action>urn:an-answer</a:Action><a:MessageID>uuid:5C1E74B0-8A6F-4B70-A7E8-6B1F0B0F4C11</a:MessageID>` +
		`<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>` +
		`<a:RelatesTo>` + relatesTo + `</a:RelatesTo></s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
	if s.prefixes == nil {
		return text
	}
	return prefix.ReplaceAllStringFunc(text, func(found string) string {
		m := prefix.FindStringSubmatch(found)
		return m[1] + s.prefixes[m[2]] + m[3]
	})
}

// createdBody is the answer to Create of a current host, which sends the id twice.
func createdBody() string {
	return selectorBody() + `<rsp:Shell><rsp:ShellId>` + shellID + `</rsp:ShellId><rsp:Owner>ops</rsp:Owner>` +
		`<rsp:ClientIP>198.51.100.7</rsp:ClientIP><rsp:IdleTimeOut>PT180.000S</rsp:IdleTimeOut>` +
		`<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>`
}

// selectorBody is the answer to Create of an old host.
func selectorBody() string {
	return `<x:ResourceCreated><a:Address>https://web01:5986/wsman</a:Address><a:ReferenceParameters>` +
		`<w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd</w:ResourceURI><w:SelectorSet>` +
		`<w:Selector Name="ShellId">` + shellID + `</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>`
}

// stream is one element of a Receive's answer.
func stream(name, command string, content []byte) string {
	return fmt.Sprintf(`<rsp:Stream Name=%q CommandId=%q>%s</rsp:Stream>`, name, command, base64.StdEncoding.EncodeToString(content))
}

// receivedBody is the answer to Receive: streams, and how the command is.
func receivedBody(streams string, done bool, exitCode string) string {
	state := "Running"
	if done {
		state = "Done"
		for _, name := range []string{"stdout", "stderr"} {
			streams += fmt.Sprintf(`<rsp:Stream Name=%q CommandId=%q End="true"></rsp:Stream>`, name, commandID)
		}
	}
	if exitCode != "" {
		exitCode = "<rsp:ExitCode>" + exitCode + "</rsp:ExitCode>"
	}
	return fmt.Sprintf(`<rsp:ReceiveResponse>%s<rsp:CommandState CommandId=%q`+
		` State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/%s">%s</rsp:CommandState></rsp:ReceiveResponse>`,
		streams, commandID, state, exitCode)
}

// wording is what a fault says.
type wording struct {
	side, subcode, reason, detail string
}

func (f wording) String() string {
	return `<s:Fault><s:Code><s:Value>s:` + f.side + `</s:Value><s:Subcode><s:Value>` + f.subcode +
		`</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">` + f.reason + `</s:Text></s:Reason><s:Detail>` +
		f.detail + `</s:Detail></s:Fault>`
}

// wsmanFault is the detail that most faults have.
func wsmanFault(code, message string) string {
	return `<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="` + code +
		`" Machine="web01"><f:Message>` + message + `</f:Message></f:WSManFault>`
}

// faulty is a fault of a code as an answer.
func faulty(code string) answer {
	return answer{body: wording{"Receiver", "w:InternalError", "Something is wrong. ", wsmanFault(code, "Something is wrong. ")}.String()}
}

// nothingYet is the answer to a Receive for which no output came in time.
func nothingYet() answer {
	const words = "The service could not complete the operation within its time.  "
	return answer{body: wording{"Receiver", "w:TimedOut", words, wsmanFault("2150858793", words)}.String()}
}

// wmiError is a fault's detail that holds no WSManFault: some quotas have that form.
func wmiError(code, message string) string {
	return strings.NewReplacer("CODE", code, "MESSAGE", message).Replace(
		`<p:MSFT_WmiError xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/microsoft/windows/wmi/MSFT_WmiError"` +
			` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="http://schemas.dmtf.org/wbem/wscim/1/common">` +
			`<p:CIMStatusCode xsi:type="n:cimUnsignedInt">27</p:CIMStatusCode><p:Message xsi:type="n:cimString">MESSAGE</p:Message>` +
			`<p:MessageID xsi:type="n:cimString">HRESULT 0x803381a6</p:MessageID>` +
			`<p:error_Category xsi:type="n:cimUnsignedInt">30</p:error_Category>` +
			`<p:error_Code xsi:type="n:cimUnsignedInt">CODE</p:error_Code></p:MSFT_WmiError>`)
}

// identityOf is the answer to Identify of a service.
func identityOf(vendor, version string) string {
	return `<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>` +
		`<wsmid:IdentifyResponse xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">` +
		`<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion><wsmid:ProductVendor>` + vendor +
		`</wsmid:ProductVendor><wsmid:ProductVersion>` + version + `</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>`
}
