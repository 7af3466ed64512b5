// Package logon is a simulated Windows host's side of authentication: which schemes WinRM offers, what proves a client
// on a connection, and the sealing of its messages. It shares no code with the provider's own client.
//
// A [Policy] is what a host demands; each connection has a [Connection] of its own, because a security context begins and
// ends with a connection.
package logon

import (
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
