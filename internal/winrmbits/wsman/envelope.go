// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/masterzen/winrm/soap"
)

// The constants of every session.
const (
	operationTimeout = "PT20S"  // how long the service holds a Receive that has no output
	idleTimeout      = "PT180S" // after which the service ends an unused shell
	envelopeSize     = 153600   // what every supported host accepts
	sendSize         = 96 << 10 // raw bytes of one Send: base64 and its envelope stay below envelopeSize

	shellActions = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
	replyTo      = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
	unspecified  = "http://schemas.xmlsoap.org/ws/2004/08/addressing/id/unspecified" // of a message whose id could not be read
)

// envelope is a request and how its answer is recognised.
type envelope struct {
	verb string // for logs and errors
	id   string // its MessageID, which the answer relates to
	text string
}

// envelopes builds the requests to one service. The library's builders of whole requests are not used: they set
// WINRS_CONSOLEMODE_STDIN to TRUE (the shell then converts what is sent to console input), set no idle timeout, do not
// escape a command, and do not return the id of the message.
type envelopes struct{ url string }

// child is an element in the body of a request.
type child struct {
	name       string
	attributes [][2]string
	content    string // markup
}

// create opens a shell for a run of this program; "" is none.
func (e envelopes) create(run string) envelope {
	// In the order of the schema: MS-WSMV 2.2.4.37.
	var body []child
	if run != "" {
		body = append(body, child{name: "Environment", content: `<rsp:Variable Name="` + runVariable + `">` + run + `</rsp:Variable>`})
	}
	body = append(body,
		child{name: "IdleTimeOut", content: idleTimeout},
		child{name: "InputStreams", content: "stdin"},
		child{name: "OutputStreams", content: "stdout stderr"},
	)
	return e.build("Create", "", "Shell", body, [2]string{"WINRS_NOPROFILE", "TRUE"}, [2]string{"WINRS_CODEPAGE", "65001"})
}

func (e envelopes) command(shell, command string) envelope {
	return e.build("Command", shell, "CommandLine", []child{{name: "Command", content: escape(command)}},
		[2]string{"WINRS_CONSOLEMODE_STDIN", "FALSE"}, [2]string{"WINRS_SKIP_CMD_SHELL", "FALSE"})
}

func (e envelopes) send(shell, command string, input []byte) envelope {
	stream := child{
		name:       "Stream",
		attributes: [][2]string{{"Name", "stdin"}, {"CommandId", command}},
		content:    base64.StdEncoding.EncodeToString(input),
	}
	return e.build("Send", shell, "Send", []child{stream})
}

func (e envelopes) receive(shell, command string) envelope {
	stream := child{name: "DesiredStream", attributes: [][2]string{{"CommandId", command}}, content: "stdout stderr"}
	return e.build("Receive", shell, "Receive", []child{stream})
}

func (e envelopes) remove(shell string) envelope { return e.build("Delete", shell, "", nil) }

// enumerate lists shells, in one answer. Its resource is that of all kinds of shells: Windows refuses that of text shells
// (MS-WSMV 3.1.4.8.2 and the product behaviour to it; DSP0226 8.2.3).
func (e envelopes) enumerate() envelope {
	m, request := e.message("Enumerate", shellActions[:len(shellActions)-1], "")
	m.CreateBodyElement("Enumerate", soap.DOM_NS_ENUM).SetContent("<w:OptimizeEnumeration/><w:MaxElements>1000</w:MaxElements>")
	request.text = m.String()
	return request
}

// message begins a request to a resource: it lacks a body, and the request its text.
func (e envelopes) message(verb, resource, shell string, options ...[2]string) (*soap.SoapMessage, envelope) {
	id := "uuid:" + uuid.NewString()
	m := soap.NewMessage()
	header := m.Header().To(e.url).ReplyTo(replyTo).MaxEnvelopeSize(envelopeSize).Id(id).Locale("en-US").
		Timeout(operationTimeout).ResourceURI(resource).Action(action(verb)).ShellId(shell)
	for _, o := range options {
		header.AddOption(soap.NewHeaderOption(o[0], o[1]))
	}
	header.Build()
	return m, envelope{verb: verb, id: id}
}

// build builds a request to a shell ("" for none): its body is an element with children, or empty.
func (e envelopes) build(verb, shell, name string, children []child, options ...[2]string) envelope {
	m, request := e.message(verb, shellActions+"cmd", shell, options...)
	if name == "" {
		m.NewBody()
		request.text = m.String()
		return request
	}
	parent := m.CreateBodyElement(name, soap.DOM_NS_WIN_SHELL)
	for _, c := range children {
		element := m.CreateElement(parent, c.name, soap.DOM_NS_WIN_SHELL).SetContent(c.content)
		for _, a := range c.attributes {
			element.SetAttr(a[0], a[1])
		}
	}
	request.text = m.String()
	return request
}

// action is the WS-Addressing action of a verb: a shell is created and deleted by WS-Transfer, and listed by WS-Enumeration.
func action(verb string) string {
	switch verb {
	case "Create", "Delete":
		return "http://schemas.xmlsoap.org/ws/2004/09/transfer/" + verb
	case "Enumerate":
		return "http://schemas.xmlsoap.org/ws/2004/09/enumeration/" + verb
	}
	return shellActions + verb
}

// escape makes a text safe as the content of an element.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

// reply is an answer, in whatever prefixes.
type reply struct {
	XMLName   xml.Name   `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	RelatesTo string     `xml:"Header>RelatesTo"`
	Fault     *faultBody `xml:"Body>Fault"`
	Selectors []struct {
		Name  string `xml:"Name,attr"`
		Value string `xml:",chardata"`
	} `xml:"Body>ResourceCreated>ReferenceParameters>SelectorSet>Selector"`
	Shell    string        `xml:"Body>Shell>ShellId"`
	Command  string        `xml:"Body>CommandResponse>CommandId"`
	Received *received     `xml:"Body>ReceiveResponse"`
	Listed   []ListedShell `xml:"Body>EnumerateResponse>Items>Shell"`
}

// received is the answer to a Receive.
type received struct {
	Streams []struct {
		Name    string `xml:"Name,attr"`
		Command string `xml:"CommandId,attr"`
		Content string `xml:",chardata"`
	} `xml:"Stream"`
	State *struct {
		Command  string `xml:"CommandId,attr"`
		State    string `xml:"State,attr"`
		ExitCode string `xml:"ExitCode"`
	} `xml:"CommandState"`
}

// exitCode reads the exit code of an ended command: the same one comes as -1 from some hosts and as 4294967295 from
// others.
func exitCode(text string) (int, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
		return 0, fmt.Errorf("read the exit code %q: it is not a 32-bit number", text)
	}
	return int(int32(n)), nil //nolint:gosec // the upper half is negative
}

// parse reads the answer to a request. A fault is returned as the error.
func parse(request envelope, text []byte) (*reply, error) {
	var r reply
	if start := bytes.TrimLeft(text, "\ufeff \t\r\n"); !bytes.HasPrefix(start, []byte("<")) {
		return nil, fmt.Errorf("read the response to %s: it is not XML", request.verb)
	}
	if err := xml.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the response to %s: %w", request.verb, err)
	}
	if to := r.RelatesTo; to != "" && to != unspecified && !strings.EqualFold(to, request.id) {
		return nil, fmt.Errorf("read the response to %s: it belongs to another request", request.verb)
	}
	if r.Fault != nil {
		return nil, r.Fault.fault()
	}
	return &r, nil
}

// shellID is the id of a created shell: old services send it only as a selector, new ones twice.
func (r *reply) shellID() string {
	for _, s := range r.Selectors {
		if s.Name == "ShellId" {
			return s.Value
		}
	}
	return r.Shell
}
