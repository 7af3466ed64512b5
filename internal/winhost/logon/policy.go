// SPDX-License-Identifier: MPL-2.0

// Package logon is a simulated Windows host's side of authentication: which schemes WinRM offers, what proves a client
// on a connection, and the sealing of its messages. It shares no code with the provider's own client.
//
// A [Policy] is what a host demands; each connection has a [Connection] of its own, because a security context begins and
// ends with a connection.
package logon

import (
	"encoding/asn1"
	"slices"
)

// Scheme is a way to prove a client, named as cmd/winhost's flag names it.
type Scheme string

// The schemes.
const (
	Basic       Scheme = "basic"       // the password itself, with every request
	NTLM        Scheme = "ntlm"        // inside of Negotiate
	Kerberos    Scheme = "kerberos"    // inside of Negotiate, or by its own name
	Certificate Scheme = "certificate" // of the client, mapped to a local account
)

// Schemes lists all schemes.
func Schemes() []Scheme { return []Scheme{Basic, NTLM, Kerberos, Certificate} }

// The names of the schemes in HTTP's headers.
const (
	nameBasic       = "Basic"
	nameNegotiate   = "Negotiate"
	nameKerberos    = "Kerberos"
	nameCertificate = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
)

// Options are what a host demands of its clients.
type Options struct {
	Schemes          []Scheme // that are offered
	AllowUnencrypted bool     // messages may travel readable over http. Source: MS-WSMV 2.2.4.36
	CBT              CBT
	Certificate      []byte // DER of the certificate that the host shows inside TLS; nil for a host without TLS
	Accounts         *Accounts
	Mechanisms       []Mechanism // of the schemes that Negotiate knows
	Mappings         []Mapping   // of client certificates
}

// Policy is what a host demands of its clients. It is safe for concurrent use.
type Policy struct {
	Options
	channel Channel
}

// New makes a policy. Mechanisms of schemes that are not offered are left out.
func New(o Options) *Policy {
	o.Mechanisms = slices.DeleteFunc(slices.Clone(o.Mechanisms), func(m Mechanism) bool {
		return !slices.Contains(o.Schemes, m.Scheme)
	})
	return &Policy{Options: o, channel: Channel{CBT: o.CBT, Binding: endpointBinding(o.Certificate)}}
}

// Connect begins a connection.
func (p *Policy) Connect() *Connection { return &Connection{policy: p} }

// offers reports whether a scheme is offered.
func (p *Policy) offers(s Scheme) bool { return slices.Contains(p.Schemes, s) }

// challenges are the WWW-Authenticate headers of a 401, one for each scheme; certificates have none.
func (p *Policy) challenges() []string {
	var list []string
	if len(p.Mechanisms) > 0 {
		list = append(list, nameNegotiate)
	}
	if slices.ContainsFunc(p.Mechanisms, of(Kerberos)) {
		list = append(list, nameKerberos)
	}
	if p.offers(Basic) {
		list = append(list, nameBasic+` realm="WSMAN"`)
	}
	return list
}

// Mechanism is a mechanism of GSS-API that Negotiate can choose, such as NTLM or Kerberos 5.
type Mechanism struct {
	Scheme Scheme
	OIDs   []asn1.ObjectIdentifier // that clients may call it in SPNEGO
	New    func(Channel) Context   // begins a context on a connection
}

// Context is the host's side of a security context. Its methods are called one at a time.
type Context interface {
	// Step takes the client's next token and returns the answer to it, nil for none. An error refuses the client; an
	// answer beside it holds the reason for the client, as a KRB-ERROR does.
	Step(token []byte) (answer []byte, err error)
	// Account is the local account that the client proved to be, "" until it did.
	Account() string
	// MIC protects the list of mechanisms of SPNEGO, and CheckMIC checks what the client did to protect it. What is
	// sealed afterwards begins as if neither had been.
	MIC(message []byte) ([]byte, error)
	CheckMIC(message, mic []byte) error
	// Seal protects a message: header is what stands before the sealed bytes in MS-WSMV 2.2.9.1.
	Seal(message []byte) (header, sealed []byte, err error)
	// Open returns the message that a client sealed. An error when it was not sealed with this context, or not as the
	// next message.
	Open(header, sealed []byte) (message []byte, err error)
}
