// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// The namespaces and addresses of MS-WSMV.
const (
	nsAddressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	nsTransfer   = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
	nsEnum       = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
	nsEventing   = "http://schemas.xmlsoap.org/ws/2004/08/eventing"
	nsSOAP       = "http://www.w3.org/2003/05/soap-envelope"
	nsWSMan      = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
	nsWSMV       = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
	nsShell      = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
	nsFault      = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
	nsIdentify   = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
	wsmanURI     = "http://schemas.dmtf.org/wbem/wsman/1/wsman"
	anonymousURI = nsAddressing + "/role/anonymous"
	cmdURI       = nsShell + "/cmd"
	stateURI     = nsShell + "/CommandState/"
	wmiURI       = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
)

// Verb is what a request asks for.
type Verb string

// The verbs that the service knows. A request whose verb is unknown has none.
const (
	Identify Verb = "Identify"
	Create   Verb = "Create"
	Command  Verb = "Command"
	Send     Verb = "Send"
	Receive  Verb = "Receive"
	Signal   Verb = "Signal"
	Delete   Verb = "Delete"

	Get       Verb = "Get"
	Enumerate Verb = "Enumerate"
)

// actions are the actions of the verbs.
var actions = map[string]Verb{
	nsTransfer + "/Create": Create,
	nsShell + "/Command":   Command,
	nsShell + "/Send":      Send,
	nsShell + "/Receive":   Receive,
	nsShell + "/Signal":    Signal,
	nsTransfer + "/Delete": Delete,
	nsTransfer + "/Get":    Get,
	nsEnum + "/Enumerate":  Enumerate,
}

// Limits of the service. Source: MS-WSMV 2.2.4.10 and 2.2.4.42.
const (
	maxEnvelope    = 500 << 10        // MaxEnvelopeSizekb
	minEnvelope    = 8192             // octets, MS-WSMV 3.1.4.1.7
	maxTimeout     = 60 * time.Second // MaxTimeoutms
	maxMessageID   = 2 << 10
	maxCommandLine = 32767 // characters, CreateProcess
)

// request is one message as it came, whatever prefixes its namespaces have.
type request struct {
	XMLName xml.Name `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	Header  struct {
		Action      string     `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing Action"`
		To          string     `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing To"`
		MessageID   string     `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing MessageID"`
		ResourceURI string     `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd ResourceURI"`
		MaxEnvelope string     `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd MaxEnvelopeSize"`
		Timeout     *string    `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OperationTimeout"`
		Selectors   []Variable `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd SelectorSet>Selector"`
		Options     []option   `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OptionSet>Option"`
		Locale      struct {
			MustUnderstand string `xml:"http://www.w3.org/2003/05/soap-envelope mustUnderstand,attr"`
		} `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd Locale"`
	} `xml:"http://www.w3.org/2003/05/soap-envelope Header"`
	Body struct {
		Identify    *struct{}    `xml:"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd Identify"`
		Shell       *shellBody   `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Shell"`
		CommandLine *commandBody `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell CommandLine"`
		Send        *sendBody    `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Send"`
		Receive     *receiveBody `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Receive"`
		Signal      *signalBody  `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Signal"`
		Enumerate   *struct {
			Optimize *struct{} `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OptimizeEnumeration"`
		} `xml:"http://schemas.xmlsoap.org/ws/2004/09/enumeration Enumerate"`
	} `xml:"http://www.w3.org/2003/05/soap-envelope Body"`

	timeout  time.Duration // how long the answer may take
	envelope int           // how large the answer may be, in bytes
	shellID  string
	client   string // address
}

// Variable is an element with a name and a text: a variable of the environment, a selector, an option.
type Variable struct {
	Name  string `xml:"Name,attr"`
	Value string `xml:",chardata"`
}

// option is a wish of a client, and whether it is an error not to know it.
type option struct {
	Name       string `xml:"Name,attr"`
	MustComply string `xml:"MustComply,attr"`
	Value      string `xml:",chardata"`
}

// options are those that the service knows.
var options = []string{
	"WINRS_NOPROFILE", "WINRS_CODEPAGE", "WINRS_CONSOLEMODE_STDIN", "WINRS_SKIP_CMD_SHELL", "WSMAN_CMDSHELL_OPTION_KEEPALIVE",
}

// isTrue reads an xs:boolean, as leniently as Windows does.
func isTrue(text string) bool {
	text = strings.TrimSpace(text)
	return text == "1" || strings.EqualFold(text, "true")
}

type shellBody struct {
	Environment      []Variable `xml:"Environment>Variable"`
	WorkingDirectory string     `xml:"WorkingDirectory"`
	IdleTimeOut      *string    `xml:"IdleTimeOut"`
	InputStreams     string     `xml:"InputStreams"`
	OutputStreams    string     `xml:"OutputStreams"`
}

type commandBody struct {
	CommandID string   `xml:"CommandId,attr"`
	Command   string   `xml:"Command"`
	Arguments []string `xml:"Arguments"`
}

type sendBody struct {
	Streams []struct {
		Name      string `xml:"Name,attr"`
		CommandID string `xml:"CommandId,attr"`
		End       string `xml:"End,attr"`
		Data      string `xml:",chardata"`
	} `xml:"Stream"`
}

type receiveBody struct {
	DesiredStream struct {
		CommandID string `xml:"CommandId,attr"`
		Names     string `xml:",chardata"`
	} `xml:"DesiredStream"`
}

type signalBody struct {
	CommandID string `xml:"CommandId,attr"`
	Code      string `xml:"Code"`
}

// parseRequest reads a message. A request that is not even an envelope still returns one, empty, with the fault.
func parseRequest(text []byte) (*request, *Fault) {
	r := &request{timeout: maxTimeout, envelope: maxEnvelope}
	if err := xml.Unmarshal(text, r); err != nil {
		return &request{timeout: maxTimeout, envelope: maxEnvelope}, schemaViolated
	}
	for _, s := range []*string{
		&r.Header.Action, &r.Header.To, &r.Header.MessageID, &r.Header.ResourceURI, &r.Header.MaxEnvelope,
	} {
		*s = strings.TrimSpace(*s)
	}
	for _, s := range r.Header.Selectors {
		if s.Name == "ShellId" {
			r.shellID = strings.TrimSpace(s.Value)
		}
	}
	if r.Body.Identify != nil {
		return r, nil
	}
	return r, r.check()
}

// verb returns what the request asks for.
func (r *request) verb() Verb {
	if r.Body.Identify != nil {
		return Identify
	}
	return actions[r.Header.Action]
}

// check reads the headers that bound the answer.
func (r *request) check() *Fault {
	if r.Header.MessageID == "" || len(r.Header.MessageID) > maxMessageID {
		return invalidMessageID()
	}
	if r.Header.Timeout != nil {
		value := strings.TrimSpace(*r.Header.Timeout)
		d, err := machine.ParseDuration(value)
		if err != nil || d < 0 {
			return invalidTimeout(value)
		}
		r.timeout = min(d, maxTimeout)
	}
	if fault := r.checkEnvelopeSize(); fault != nil {
		return fault
	}
	if isTrue(r.Header.Locale.MustUnderstand) { // MS-WSMV 3.1.4.1.8
		return unsupportedFeature
	}
	for _, o := range r.Header.Options {
		if isTrue(o.MustComply) && !slices.Contains(options, o.Name) {
			return invalidOptions
		}
	}
	return nil
}

// checkEnvelopeSize reads how large the answer may be.
func (r *request) checkEnvelopeSize() *Fault {
	if r.Header.MaxEnvelope == "" {
		return nil
	}
	n, err := strconv.ParseUint(r.Header.MaxEnvelope, 10, 32)
	switch {
	case err != nil:
		return schemaViolated
	case n < minEnvelope:
		return envelopeTooSmall
	}
	r.envelope = min(int(n), maxEnvelope)
	return nil
}

// option returns an option's value.
func (r *request) option(name string) string {
	for _, o := range r.Header.Options {
		if o.Name == name {
			return strings.TrimSpace(o.Value)
		}
	}
	return ""
}

// commandLine joins a command and its arguments as the shell's plug-in does.
func (c *commandBody) commandLine() string {
	return strings.Join(append([]string{c.Command}, c.Arguments...), " ")
}

// input returns what is to be written to stdin, to which command, and whether it ends there.
func (s *sendBody) input() (commandID string, data []byte, end bool, err error) {
	for _, stream := range s.Streams {
		if stream.Name != "stdin" {
			return "", nil, false, fmt.Errorf("%q is not an input stream", stream.Name)
		}
		piece, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(stream.Data), ""))
		if err != nil {
			return "", nil, false, fmt.Errorf("decode stdin: %w", err)
		}
		commandID = stream.CommandID
		data = append(data, piece...)
		end = end || isTrue(stream.End)
	}
	return commandID, data, end, nil
}
