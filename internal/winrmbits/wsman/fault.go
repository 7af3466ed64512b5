// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Fault is what a WS-Management service answers instead of a result.
// Source: MS-WSMV 2.2.4.43 (WSManFault) and DSP0226.
type Fault struct {
	Code    uint32 // of WSManFault or MSFT_WmiError; 0 when the fault holds neither
	Subcode string // local name, such as InvalidSelectors
	Reason  string // in the host's language
	Message string // of the WSManFault, in the host's language
}

// Error returns the code and the host's words.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString("WinRM returned ")
	switch c, ok := codes[f.Code]; {
	case ok:
		fmt.Fprintf(&b, "the fault %s (%d)", c.name, f.Code)
	case f.Code != 0:
		fmt.Fprintf(&b, "the fault %d (0x%08X)", f.Code, f.Code)
	case f.Subcode != "":
		fmt.Fprintf(&b, "the fault %s", bits.Quotable(f.Subcode))
	default:
		b.WriteString("a fault")
	}
	if text := f.text(); text != "" {
		fmt.Fprintf(&b, ": %s", text)
	}
	return b.String()
}

// Is matches the classes of this package.
func (f *Fault) Is(target error) bool {
	class := codes[f.Code].class
	return class != nil && target == class
}

// Advice returns what an operator can do; "" where nothing is known.
func (f *Fault) Advice() string { return codes[f.Code].advice }

func (f *Fault) text() string {
	text := f.Message
	if text == "" {
		text = f.Reason
	}
	return strings.TrimSuffix(bits.Quotable(text), ".") // it becomes part of a sentence
}

// faultBody is the s:Fault element, in whatever prefixes.
type faultBody struct {
	Subcode string `xml:"Code>Subcode>Value"`
	Reason  string `xml:"Reason>Text"`
	WSMan   *struct {
		Code    string `xml:"Code,attr"`
		Message struct {
			Text     string `xml:",chardata"`
			Provider struct {
				Markup string `xml:",innerxml"`
			} `xml:"ProviderFault"`
		} `xml:"Message"`
	} `xml:"Detail>WSManFault"`
	WMI *struct {
		Code string `xml:"error_Code"`
		Text string `xml:"Message"`
	} `xml:"Detail>MSFT_WmiError"`
}

func (b *faultBody) fault() *Fault {
	f := &Fault{Reason: b.Reason, Subcode: b.Subcode[strings.LastIndexByte(b.Subcode, ':')+1:]}
	switch {
	case b.WSMan != nil:
		f.Code, f.Message = faultCode(b.WSMan.Code), b.WSMan.Message.Text
		if strings.TrimSpace(f.Message) == "" {
			f.Message = plainText(b.WSMan.Message.Provider.Markup)
		}
	case b.WMI != nil:
		f.Code, f.Message = faultCode(b.WMI.Code), b.WMI.Text
	}
	return f
}

// faultCode reads a code of 32 bits, signed or not. It is 0 for any other text: the words of the fault remain.
func faultCode(text string) uint32 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 0, 64)
	if err != nil {
		return 0
	}
	return uint32(n) //nolint:gosec // 32 bits, signed or not
}

// plainText drops the markup of a piece of XML.
func plainText(markup string) string {
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader(markup))
	for {
		token, err := d.Token()
		if err != nil {
			return strings.TrimSpace(b.String())
		}
		if text, ok := token.(xml.CharData); ok {
			b.Write(text)
		}
	}
}

// NotExecuted reports whether an error is a fault after which the service has executed nothing of the request.
func NotExecuted(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, ErrQuota) ||
		hasCode(err, codeUnexpectedSelectors, codeInvalidSelectors, codeShellClosed, codeCommandClosed, codeNotInitialized)
}

// hasCode reports whether an error is a fault of one of these codes.
func hasCode(err error, wanted ...uint32) bool {
	var f *Fault
	return errors.As(err, &f) && slices.Contains(wanted, f.Code)
}
