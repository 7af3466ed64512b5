package logon

import (
	"encoding/asn1"
)

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
