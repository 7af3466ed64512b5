package gssapi

import (
	encodingasn1 "encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// TokenID is the kind of Kerberos message in a token. Source: RFC 4121 section 4.1.
type TokenID uint16

// The messages that make a context.
const (
	APRequest     TokenID = 0x0100
	APReply       TokenID = 0x0200
	KerberosError TokenID = 0x0300 // KRB-ERROR
)

// The application tags of messages that come without a frame. Source: RFC 4120 section 5.10.
const (
	tagAPReply  = asn1.Tag(0x6F)
	tagKRBError = asn1.Tag(0x7E)
)

// Frame puts the frame of GSS-API around a message of Kerberos.
func Frame(id TokenID, message []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(frameTag, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(OIDKerberos)
		b.AddUint16(uint16(id))
		b.AddBytes(message)
	})
	return built(&b)
}

// Unframe returns the message in a token of Kerberos. It accepts answers without a frame, too, which SSPI sends to
// clients that ask for DCE style.
func Unframe(token []byte) (TokenID, []byte, error) {
	if len(token) > MaxToken {
		return 0, nil, errors.New("the token is too large")
	}
	s := cryptobyte.String(token)
	switch {
	case s.PeekASN1Tag(tagAPReply):
		return APReply, token, nil
	case s.PeekASN1Tag(tagKRBError):
		return KerberosError, token, nil
	}
	var framed cryptobyte.String
	var oid encodingasn1.ObjectIdentifier
	var id uint16
	if !s.ReadASN1(&framed, frameTag) || !framed.ReadASN1ObjectIdentifier(&oid) || !framed.ReadUint16(&id) {
		return 0, nil, errors.New("not a token of GSS-API")
	}
	if !oid.Equal(OIDKerberos) && !oid.Equal(OIDMicrosoft) {
		return 0, nil, errors.New("a token of GSS-API that is not of Kerberos: " + oid.String())
	}
	return TokenID(id), framed, nil
}
