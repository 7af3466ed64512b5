package wsman

import (
	"encoding/xml"
	"strings"
	"testing"
)

// sent is a request as a service reads it.
type sent struct {
	XMLName xml.Name `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	Header  struct {
		To        string   `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing To"`
		ReplyTo   string   `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing ReplyTo>Address"`
		MessageID string   `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing MessageID"`
		Action    string   `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing Action"`
		Resource  string   `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd ResourceURI"`
		Size      string   `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd MaxEnvelopeSize"`
		Timeout   string   `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OperationTimeout"`
		Locale    *locale  `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd Locale"`
		Data      *locale  `xml:"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd DataLocale"`
		Options   []option `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OptionSet>Option"`
		Selectors []option `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd SelectorSet>Selector"`
	} `xml:"http://www.w3.org/2003/05/soap-envelope Header"`
	Body struct {
		Content string `xml:",innerxml"`
		Shell   *struct {
			Elements []element `xml:",any"`
		} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Shell"`
		Command string   `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell CommandLine>Command"`
		Send    *element `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Send>Stream"`
		Receive *element `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Receive>DesiredStream"`
		Signal  *element `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Signal"`
	} `xml:"http://www.w3.org/2003/05/soap-envelope Body"`
}

type locale struct {
	Must string `xml:"mustUnderstand,attr"`
	Lang string `xml:"lang,attr"`
}

type option struct {
	Name  string `xml:"Name,attr"`
	Value string `xml:",chardata"`
}

type element struct {
	XMLName xml.Name
	Name    string `xml:"Name,attr"`
	Command string `xml:"CommandId,attr"`
	End     string `xml:"End,attr"`
	Text    string `xml:",chardata"`
	Code    string `xml:"Code"`
}

const address01 = "https://web01.corp.example:5986/wsman"

// TestEveryEnvelopeHoldsWhatAServiceNeeds holds the common header to MS-WSMV 2.2.4 and 3.1.4.1.
func TestEveryEnvelopeHoldsWhatAServiceNeeds(t *testing.T) {
	e := envelopes{url: address01}
	const shellNS = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
	tests := []struct {
		verb, action, shell string
		envelope            envelope
		options             []option
	}{
		{
			"Create", "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create", "", e.create(),
			[]option{{"WINRS_NOPROFILE", "TRUE"}, {"WINRS_CODEPAGE", "65001"}},
		},
		{
			"Command", shellNS + "/Command", shellID, e.command(shellID, "powershell.exe"),
			[]option{{"WINRS_CONSOLEMODE_STDIN", "FALSE"}, {"WINRS_SKIP_CMD_SHELL", "FALSE"}},
		},
		{"Send", shellNS + "/Send", shellID, e.send(shellID, commandID, []byte("x")), nil},
		{"Receive", shellNS + "/Receive", shellID, e.receive(shellID, commandID), nil},
		{"Signal", shellNS + "/Signal", shellID, e.signal(shellID, commandID), nil},
		{"Delete", "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete", shellID, e.remove(shellID), nil},
	}
	ids := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.verb, func(t *testing.T) {
			m := read(t, tt.envelope)
			h := m.Header
			got := strings.Join([]string{h.To, h.ReplyTo, h.Action, h.Resource, h.Size, h.Timeout}, "\n")
			want := strings.Join([]string{
				address01, "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous", tt.action, shellNS + "/cmd", "153600", "PT20S",
			}, "\n")
			if got != want {
				t.Errorf("the header says\n%s\nwant\n%s", got, want)
			}
			if !strings.HasPrefix(h.MessageID, "uuid:") || ids[h.MessageID] {
				t.Errorf("the message's id %q is no new one", h.MessageID)
			}
			ids[h.MessageID] = true
			if tt.envelope.id != h.MessageID {
				t.Error("the answer is expected to another message")
			}
			// A host must not be made to understand a language: it would answer with UnsupportedFeature.
			for _, l := range []*locale{h.Locale, h.Data} {
				if l == nil || l.Must != "false" || l.Lang != "en-US" {
					t.Errorf("the language is %+v", l)
				}
			}
			var selectors []option
			if tt.shell != "" {
				selectors = []option{{"ShellId", tt.shell}}
			}
			equal(t, "selectors", h.Selectors, selectors)
			equal(t, "options", h.Options, tt.options)
			if tt.envelope.verb != tt.verb {
				t.Errorf("the log would call it %s", tt.envelope.verb)
			}
		})
	}
}

func TestTheBodyOfEachVerb(t *testing.T) {
	e := envelopes{url: address01}
	t.Run("Create asks for three streams and a short life, in the order of the schema", func(t *testing.T) {
		var got []string
		for _, element := range read(t, e.create()).Body.Shell.Elements {
			got = append(got, element.XMLName.Local+"="+element.Text)
		}
		if strings.Join(got, ", ") != "IdleTimeOut=PT180S, InputStreams=stdin, OutputStreams=stdout stderr" {
			t.Error(got)
		}
	})
	t.Run("Command keeps every character of its line", func(t *testing.T) {
		const line = `powershell.exe -Command "& {1 -lt 2}" ']]>' <![CDATA[ é 😀`
		if got := read(t, e.command(shellID, line)).Body.Command; got != line {
			t.Errorf("%q", got)
		}
	})
	t.Run("Send carries bytes and never the end of the stream", func(t *testing.T) {
		s := read(t, e.send(shellID, commandID, []byte{0, 0xFF, '<'})).Body.Send
		if s.Name != "stdin" || s.Command != commandID || s.End != "" || s.Text != "AP88" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("Receive names its command, without which a host answers with fault 87", func(t *testing.T) {
		if r := read(t, e.receive(shellID, commandID)).Body.Receive; r.Command != commandID || r.Text != "stdout stderr" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("Signal terminates", func(t *testing.T) {
		s := read(t, e.signal(shellID, commandID)).Body.Signal
		if s.Command != commandID || !strings.HasSuffix(strings.ToLower(s.Code), "/windows/shell/signal/terminate") {
			t.Errorf("%+v", s)
		}
	})
	t.Run("Delete has an empty body", func(t *testing.T) {
		if content := strings.TrimSpace(read(t, e.remove(shellID)).Body.Content); content != "" {
			t.Error(content)
		}
	})
	t.Run("the largest Send stays below the size that every host takes", func(t *testing.T) {
		if size := len(e.send(shellID, commandID, make([]byte, sendSize)).text); size > envelopeSize {
			t.Errorf("%d bytes", size)
		}
	})
}

func read(t *testing.T, e envelope) sent {
	t.Helper()
	var m sent
	if err := xml.Unmarshal([]byte(e.text), &m); err != nil {
		t.Fatalf("%v\n%s", err, e.text)
	}
	return m
}

func equal(t *testing.T, what string, got, want []option) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
}
