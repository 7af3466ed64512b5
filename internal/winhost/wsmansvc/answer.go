// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// answer is what a request gets: an action and the text of the body, with the prefixes that Windows uses.
type answer struct {
	action   string
	prefixes string // the prefixes that are declared, in order
	body     string
	fault    bool
}

// namespaces are the prefixes of Windows' own messages.
var namespaces = map[rune]string{
	's': nsSOAP, 'a': nsAddressing, 'x': nsTransfer, 'e': nsEventing, 'n': nsEnum, 'w': nsWSMan, 'r': nsShell,
	'p': nsWSMV,
}

// xmlText escapes what Windows escapes.
var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#xD;")

func escape(s string) string { return xmlText.Replace(s) }

// newID returns a GUID as Windows writes it.
func newID() string { return strings.ToUpper(uuid.NewString()) }

// envelope writes the whole message.
func (a answer) envelope(relatesTo string) []byte {
	var b strings.Builder
	b.WriteString(`<s:Envelope xml:lang="en-US"`)
	for _, prefix := range a.prefixes {
		name := string(prefix)
		if prefix == 'r' {
			name = "rsp"
		}
		fmt.Fprintf(&b, ` xmlns:%s="%s"`, name, namespaces[prefix])
	}
	fmt.Fprintf(&b, `><s:Header><a:Action>%s</a:Action><a:MessageID>uuid:%s</a:MessageID><a:To>%s</a:To>`,
		a.action, newID(), anonymousURI)
	if relatesTo != "" {
		fmt.Fprintf(&b, `<a:RelatesTo>%s</a:RelatesTo>`, escape(relatesTo))
	}
	fmt.Fprintf(&b, `</s:Header><s:Body>%s</s:Body></s:Envelope>`, a.body)
	return []byte(b.String())
}

// faultAnswer wraps a fault.
func faultAnswer(f *Fault, machine string) answer {
	return answer{action: f.action(), prefixes: "saxenwp", body: f.body(machine), fault: true}
}

// identity is the answer to Identify, which has an empty header.
func identity(version string) []byte {
	return fmt.Appendf(nil, `<s:Envelope xml:lang="en-US" xmlns:s="%s"><s:Header/><s:Body>`+
		`<wsmid:IdentifyResponse xmlns:wsmid="%s"><wsmid:ProtocolVersion>%s</wsmid:ProtocolVersion>`+
		`<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>`+
		`<wsmid:ProductVersion>%s</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>`,
		nsSOAP, nsIdentify, nsWSMan, escape(version))
}

// created is the answer to Create. The new shell's run time and inactivity are zero.
func (s *shell) created(address string) answer {
	return answer{action: nsTransfer + "/CreateResponse", prefixes: "saxwrp", body: fmt.Sprintf(
		`<x:ResourceCreated><a:Address>%s</a:Address><a:ReferenceParameters>`+
			`<w:ResourceURI>%s</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">%s</w:Selector></w:SelectorSet>`+
			`</a:ReferenceParameters></x:ResourceCreated>`, escape(address), cmdURI, s.id) + s.describe("", 0, 0)}
}

// describe writes a shell, with more elements behind its client. Source of the order: MS-WSMV 2.2.4.37.
func (s *shell) describe(more string, runTime, inactivity time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rsp:Shell xmlns:rsp="%s"><rsp:ShellId>%s</rsp:ShellId>`+
		`<rsp:ResourceUri>%s</rsp:ResourceUri><rsp:Owner>%s</rsp:Owner><rsp:ClientIP>%s</rsp:ClientIP>%s`,
		nsShell, s.id, cmdURI, escape(s.user), escape(s.client), more)
	if len(s.environment) > 0 {
		b.WriteString(`<rsp:Environment>`)
		for _, v := range s.environment {
			fmt.Fprintf(&b, `<rsp:Variable Name="%s">%s</rsp:Variable>`, escape(v.Name), escape(v.Value))
		}
		b.WriteString(`</rsp:Environment>`)
	}
	if s.directory != "" {
		fmt.Fprintf(&b, `<rsp:WorkingDirectory>%s</rsp:WorkingDirectory>`, escape(s.directory))
	}
	fmt.Fprintf(&b, `<rsp:IdleTimeOut>%s</rsp:IdleTimeOut><rsp:InputStreams>%s</rsp:InputStreams>`+
		`<rsp:OutputStreams>%s</rsp:OutputStreams><rsp:ShellRunTime>%s</rsp:ShellRunTime>`+
		`<rsp:ShellInactivity>%s</rsp:ShellInactivity></rsp:Shell>`,
		formatDuration(s.idle), escape(s.inputs), escape(s.outputs), age(runTime), age(inactivity))
	return b.String()
}

// shellAnswer is the short answer to one of the shell's verbs.
func shellAnswer(verb Verb, body string) answer {
	return answer{action: nsShell + "/" + string(verb) + "Response", prefixes: "saxwrp", body: body}
}

// deleted is the answer to Delete.
func deleted() answer { return answer{action: nsTransfer + "/DeleteResponse", prefixes: "sawp"} }

// received writes output as Windows does: each piece a stream of its own, and at the end of the command an empty one
// for each stream, marked as its end.
func received(commandID string, out output) answer {
	var b strings.Builder
	b.WriteString(`<rsp:ReceiveResponse>`)
	for _, p := range out.pieces {
		fmt.Fprintf(&b, `<rsp:Stream Name="%s" CommandId="%s">%s</rsp:Stream>`,
			p.stream, commandID, base64.StdEncoding.EncodeToString(p.data))
	}
	if out.done {
		for _, stream := range []string{stdout, stderr} {
			fmt.Fprintf(&b, `<rsp:Stream Name="%s" CommandId="%s" End="true"></rsp:Stream>`, stream, commandID)
		}
		fmt.Fprintf(&b, `<rsp:CommandState CommandId="%s" State="%sDone"><rsp:ExitCode>%d</rsp:ExitCode>`+
			`</rsp:CommandState>`, commandID, stateURI, out.exitCode)
	} else {
		fmt.Fprintf(&b, `<rsp:CommandState CommandId="%s" State="%sRunning"></rsp:CommandState>`, commandID, stateURI)
	}
	b.WriteString(`</rsp:ReceiveResponse>`)
	return answer{action: nsShell + "/ReceiveResponse", prefixes: "sawrp", body: b.String()}
}

// formatDuration writes a timeout as WinRM does: PT7200.000S.
func formatDuration(d time.Duration) string { return fmt.Sprintf("PT%.3fS", d.Seconds()) }
