// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
)

// guid finds the ids that differ from one run to the next.
var guid = regexp.MustCompile(`[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}`)

// The beginnings of Windows' messages, by their prefixes.
const (
	s = ` xmlns:s="http://www.w3.org/2003/05/soap-envelope"`
	a = ` xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"`
	x = ` xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"`
	e = ` xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing"`
	n = ` xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"`
	w = ` xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"`
	p = ` xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"`
	r = ` xmlns:rsp="` + shellNS + `"`
)

// windows is a whole message of Windows', with GUID for every id.
func windows(prefixes, action, body string) string {
	return `<s:Envelope xml:lang="en-US"` + prefixes + `><s:Header><a:Action>` + action +
		`</a:Action><a:MessageID>uuid:GUID</a:MessageID>` +
		`<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>` +
		`<a:RelatesTo>uuid:GUID</a:RelatesTo></s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

// stream is one piece of output.
func stream(name, more string) string {
	return `<rsp:Stream Name="` + name + `" CommandId="GUID"` + more + `</rsp:Stream>`
}

func state(rest string) string {
	return `<rsp:CommandState CommandId="GUID" State="` + shellNS + `/CommandState/` + rest + `</rsp:CommandState>`
}

// fault is a fault message of the wsman layer.
func fault(side, subcode, reason, detail string) string {
	return windows(s+a+x+e+n+w+p, "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
		`<s:Fault><s:Code><s:Value>s:`+side+`</s:Value><s:Subcode><s:Value>w:`+subcode+`</s:Value></s:Subcode></s:Code>`+
			`<s:Reason><s:Text xml:lang="en-US">`+reason+`</s:Text></s:Reason><s:Detail>`+detail+
			`</f:WSManFault></s:Detail></s:Fault>`)
}

const (
	details   = `<w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/`
	faultHead = `<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="`
	plugin    = `<f:ProviderFault provider="Shell cmd plugin" path="%systemroot%\system32\winrscmd.dll">`
	selectors = "The WS-Management service cannot process the request because the request contained invalid selectors " +
		"for the resource. "
	timedOut = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
)

// TestAnswersAreShapedAsThoseOfWindows compares whole messages. They follow exchanges with Windows Server 2012 R2 to
// 2022 that jborean93/pypsrp publishes (tests/tests_pypsrp/responses).
func TestAnswersAreShapedAsThoseOfWindows(t *testing.T) {
	shellBody := func(inner string) string {
		return `<x:ResourceCreated><a:Address>https://web01:5986/wsman</a:Address><a:ReferenceParameters>` +
			`<w:ResourceURI>` + shellNS + `/cmd</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">GUID</w:Selector>` +
			`</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated><rsp:Shell` + r + `><rsp:ShellId>GUID</rsp:ShellId>` +
			`<rsp:ResourceUri>` + shellNS + `/cmd</rsp:ResourceUri><rsp:Owner>ops</rsp:Owner>` +
			`<rsp:ClientIP>192.0.2.7</rsp:ClientIP>` + inner + `<rsp:InputStreams>stdin</rsp:InputStreams>` +
			`<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>` +
			`<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>`
	}
	const nobody = "00000000-0000-4000-8000-000000000000"
	tests := []struct {
		name string
		ask  func(rig *rig) answer
		want string
	}{
		{
			name: "Create returns the shell twice, with its default idle time",
			ask:  func(rig *rig) answer { return rig.post(createMessage("")) },
			want: windows(s+a+x+w+r+p, transferNS+"/CreateResponse", shellBody(`<rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>`)),
		},
		{
			name: "Create repeats what was asked for",
			ask: func(rig *rig) answer {
				return rig.post(createMessage(`<sh:WorkingDirectory>C:\t</sh:WorkingDirectory><sh:IdleTimeOut>PT180S</sh:IdleTimeOut>` +
					`<sh:Environment><sh:Variable Name="a&lt;&quot;">b&amp;</sh:Variable></sh:Environment>`))
			},
			want: windows(s+a+x+w+r+p, transferNS+"/CreateResponse", shellBody(
				`<rsp:Environment><rsp:Variable Name="a&lt;&quot;">b&amp;</rsp:Variable></rsp:Environment>`+
					`<rsp:WorkingDirectory>C:\t</rsp:WorkingDirectory><rsp:IdleTimeOut>PT180.000S</rsp:IdleTimeOut>`)),
		},
		{
			name: "Command gives an id",
			ask:  func(rig *rig) answer { return rig.post(commandMessage(rig.open(""), "hi")) },
			want: windows(s+a+x+w+r+p, shellNS+"/CommandResponse",
				`<rsp:CommandResponse><rsp:CommandId>GUID</rsp:CommandId></rsp:CommandResponse>`),
		},
		{
			name: "Receive of a command that has ended closes both streams",
			ask: func(rig *rig) answer {
				shell, command := rig.begin("both")
				synctest.Wait()
				return rig.post(receiveMessage(shell, command))
			},
			want: windows(s+a+w+r+p, shellNS+"/ReceiveResponse", `<rsp:ReceiveResponse>`+
				stream("stdout", `>b3V0IA0K`)+stream("stderr", `>ZXJyIA0K`)+
				stream("stdout", ` End="true">`)+stream("stderr", ` End="true">`)+
				state(`Done"><rsp:ExitCode>1</rsp:ExitCode>`)+`</rsp:ReceiveResponse>`),
		},
		{
			name: "Receive of a command that runs has no exit code",
			ask: func(rig *rig) answer {
				shell := rig.open("")
				return rig.post(receiveMessage(shell, rig.start(shell, "hi, then wait")))
			},
			want: windows(s+a+w+r+p, shellNS+"/ReceiveResponse",
				`<rsp:ReceiveResponse>`+stream("stdout", `>aGk=`)+state(`Running">`)+`</rsp:ReceiveResponse>`),
		},
		{
			name: "Send",
			ask: func(rig *rig) answer {
				shell := rig.open("")
				return rig.post(sendMessage(shell, rig.start(shell, "cat"), "x", ` End="False"`))
			},
			want: windows(s+a+x+w+r+p, shellNS+"/SendResponse", `<rsp:SendResponse/>`),
		},
		{
			name: "Signal",
			ask: func(rig *rig) answer {
				shell := rig.open("")
				return rig.post(signalMessage(shell, rig.start(shell, "wait"), "ctrl_c"))
			},
			want: windows(s+a+x+w+r+p, shellNS+"/SignalResponse", `<rsp:SignalResponse/>`),
		},
		{
			name: "Delete",
			ask:  func(rig *rig) answer { return rig.post(deleteMessage(rig.open(""))) },
			want: windows(s+a+w+p, transferNS+"/DeleteResponse", ``),
		},
		{
			name: "a Receive that brought nothing",
			ask: func(rig *rig) answer {
				shell := rig.open("")
				return rig.post(receiveMessage(shell, rig.start(shell, "wait")))
			},
			want: fault("Receiver", "TimedOut", timedOut,
				faultHead+`2150858793" Machine="web01"><f:Message>`+timedOut+`</f:Message>`),
		},
		{
			name: "an unknown command",
			ask:  func(rig *rig) answer { return rig.post(receiveMessage(rig.open(""), nobody)) },
			want: fault("Sender", "InvalidSelectors", selectors, details+`UnexpectedSelectors</w:FaultDetail>`+
				faultHead+`2150858843" Machine="web01"><f:Message>The Windows Remote Shell received a request to perform an `+
				`operation on a command identifier that does not exist. Either the command has completed execution or the `+
				`client specified an invalid command identifier. </f:Message>`),
		},
		{
			name: "an unknown shell",
			ask:  func(rig *rig) answer { return rig.post(deleteMessage(nobody)) },
			want: fault("Sender", "InvalidSelectors", selectors, details+`UnexpectedSelectors</w:FaultDetail>`+
				faultHead+`2150858843" Machine="web01"><f:Message>The request for the Windows Remote Shell with ShellId GUID `+
				`failed because the shell was not found on the server. Possible causes are: the specified ShellId is `+
				`incorrect or the shell no longer exists on the server. Provide the correct ShellId or create a new shell and `+
				`retry the operation. </f:Message>`),
		},
		{
			name: "a Receive for no command",
			ask:  func(rig *rig) answer { return rig.post(receiveMessage(rig.open(""), "")) },
			want: fault("Sender", "InvalidParameter", "The parameter is incorrect. ", details+`InvalidValue</w:FaultDetail>`+
				faultHead+`87" Machine="web01"><f:Message>`+plugin+`The parameter is incorrect. </f:ProviderFault></f:Message>`),
		},
		{
			name: "a command line that is too long",
			ask:  func(rig *rig) answer { return rig.post(commandMessage(rig.open(""), strings.Repeat("x", 32768))) },
			want: fault("Receiver", "InternalError", "The filename or extension is too long. ",
				faultHead+`2147942606" Machine="web01"><f:Message>`+plugin+`The filename or extension is too long. `+
					`</f:ProviderFault></f:Message>`),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := test.ask(newRig(t))
				if fault := strings.Contains(test.want, "<s:Fault>"); (got.status == http.StatusInternalServerError) != fault || !fault && got.status != http.StatusOK {
					t.Errorf("status %d", got.status)
				}
				if kind := got.header.Get("Content-Type"); kind != "application/soap+xml;charset=UTF-8" {
					t.Errorf("content type %q", kind)
				}
				if body := guid.ReplaceAllString(got.body, "GUID"); body != test.want {
					t.Errorf("got\n%s\nwant\n%s", body, test.want)
				}
			})
		})
	}
}
