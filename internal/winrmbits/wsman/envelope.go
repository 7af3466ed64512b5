package wsman

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/masterzen/winrm"
	"github.com/masterzen/winrm/soap"
)

// The constants of every session.
const (
	operationTimeout = "PT20S"  // how long the service holds a Receive that has no output
	idleTimeout      = "PT180S" // after which the service ends a shell that nobody uses
	envelopeSize     = 153600   // what every supported host takes
	sendSize         = 96 << 10 // raw bytes of one Send: base64 and its envelope stay below envelopeSize

	shellURI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
	replyTo  = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
)

// envelope is a request and how its answer is recognised.
type envelope struct {
	verb string // for logs and errors
	id   string // its MessageID, which the answer relates to; "" when the builder does not tell
	text string
}

// envelopes builds the requests to one service. Send, Receive, Signal and Delete are the library's; Create and
// Command are built here, because the library fixes WINRS_CONSOLEMODE_STDIN to TRUE (the shell then converts what
// is sent to console input), has no idle timeout, and does not escape a command.
type envelopes struct {
	url     string
	variant Variant
}

// parameters are made anew for every request: the library shares and changes its defaults.
func (envelopes) parameters() *winrm.Parameters {
	return winrm.NewParameters(operationTimeout, "en-US", envelopeSize)
}

func (e envelopes) create() envelope {
	id := "uuid:" + uuid.NewString()
	m := soap.NewMessage()
	e.header(m, id).
		Action("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create").
		AddOption(soap.NewHeaderOption("WINRS_NOPROFILE", "TRUE")).
		AddOption(soap.NewHeaderOption("WINRS_CODEPAGE", "65001")).
		Build()
	shell := m.CreateBodyElement("Shell", soap.DOM_NS_WIN_SHELL)
	// In the order of the schema: MS-WSMV 2.2.4.37.
	for _, element := range [][2]string{{"IdleTimeOut", e.variant.idle()}, {"InputStreams", "stdin"}, {"OutputStreams", "stdout stderr"}} {
		m.CreateElement(shell, element[0], soap.DOM_NS_WIN_SHELL).SetContent(element[1])
	}
	return envelope{verb: "Create", id: id, text: m.String()}
}

func (e envelopes) command(shell, command string) envelope {
	id := "uuid:" + uuid.NewString()
	m := soap.NewMessage()
	e.header(m, id).
		Action("http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command").
		ShellId(shell).
		AddOption(soap.NewHeaderOption("WINRS_CONSOLEMODE_STDIN", e.variant.consoleStdin())).
		AddOption(soap.NewHeaderOption("WINRS_SKIP_CMD_SHELL", "FALSE")).
		Build()
	line := m.CreateBodyElement("CommandLine", soap.DOM_NS_WIN_SHELL)
	m.CreateElement(line, "Command", soap.DOM_NS_WIN_SHELL).SetContent(escape(command))
	return envelope{verb: "Command", id: id, text: m.String()}
}

func (e envelopes) header(m *soap.SoapMessage, id string) *soap.SoapHeader {
	return m.Header().To(e.url).ReplyTo(replyTo).MaxEnvelopeSize(envelopeSize).Id(id).Locale("en-US").
		Timeout(operationTimeout).ResourceURI(shellURI)
}

func (e envelopes) send(shell, command string, input []byte) envelope {
	return envelope{verb: "Send", text: winrm.NewSendInputRequest(e.url, shell, command, input, false, e.parameters()).String()}
}

func (e envelopes) receive(shell, command string) envelope {
	return envelope{verb: "Receive", text: winrm.NewGetOutputRequest(e.url, shell, command, "stdout stderr", e.parameters()).String()}
}

func (e envelopes) signal(shell, command string) envelope {
	return envelope{verb: "Signal", text: winrm.NewSignalRequest(e.url, shell, command, e.parameters()).String()}
}

func (e envelopes) remove(shell string) envelope {
	return envelope{verb: "Delete", text: winrm.NewDeleteShellRequest(e.url, shell, e.parameters()).String()}
}

// escape makes a text safe as the content of an element.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

// reply is an answer, in whatever prefixes.
type reply struct {
	XMLName xml.Name `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	Header  struct {
		RelatesTo string `xml:"RelatesTo"`
	} `xml:"Header"`
	Body struct {
		Fault   *faultBody `xml:"Fault"`
		Created struct {
			Selectors []struct {
				Name  string `xml:"Name,attr"`
				Value string `xml:",chardata"`
			} `xml:"ReferenceParameters>SelectorSet>Selector"`
		} `xml:"ResourceCreated"`
		Shell struct {
			ID string `xml:"ShellId"`
		} `xml:"Shell"`
		Command struct {
			ID string `xml:"CommandId"`
		} `xml:"CommandResponse"`
		Received *received `xml:"ReceiveResponse"`
	} `xml:"Body"`
}

// received is what a Receive brings.
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
		return 0, fmt.Errorf("read the exit code %q: it is no number of 32 bits", text)
	}
	return int(int32(n)), nil //nolint:gosec // the upper half is negative
}

// parse reads an answer. A fault comes back as the error.
func parse(request envelope, text []byte) (*reply, error) {
	var r reply
	if err := xml.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w", request.verb, err)
	}
	if r.Body.Fault != nil {
		return nil, r.Body.Fault.fault()
	}
	if request.id != "" && r.Header.RelatesTo != "" && !strings.EqualFold(r.Header.RelatesTo, request.id) {
		return nil, fmt.Errorf("read the answer to %s: it answers another message", request.verb)
	}
	return &r, nil
}

// shellID is the id of a created shell: old services tell it only as a selector, new ones twice.
func (r *reply) shellID() string {
	for _, s := range r.Body.Created.Selectors {
		if s.Name == "ShellId" {
			return s.Value
		}
	}
	return r.Body.Shell.ID
}
