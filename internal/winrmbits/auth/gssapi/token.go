// SPDX-License-Identifier: MPL-2.0

// Package gssapi has the tokens of GSS-API for Kerberos and what protects messages with them: SPNEGO around them, the
// exchange of AP-REQ and AP-REP that proves both sides, and sealed messages. It does no I/O and keeps no clock.
//
// Sources: RFC 4120 (Kerberos), RFC 4121 (its GSS-API mechanism), RFC 4178 (SPNEGO).
package gssapi

import (
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxToken bounds a token that is parsed, in bytes. A ticket holds the user's groups; Windows' own limit is 48,000
// (MaxTokenSize, learn.microsoft.com).
const MaxToken = 64 << 10

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
	tagAPReply  = 15
	tagKRBError = 30
)

// frame puts the frame of GSS-API, [APPLICATION 0], around a message of a mechanism. Source: RFC 2743 section 3.1.
func frame(mechanism asn1.ObjectIdentifier, message []byte) ([]byte, error) {
	oid, err := asn1.Marshal(mechanism)
	if err != nil {
		return nil, fmt.Errorf("encode a token: %w", err)
	}
	return asn1.Marshal(asn1.RawValue{Class: asn1.ClassApplication, IsCompound: true, Bytes: append(oid, message...)})
}

// Unframe returns the message in a token of Kerberos. It accepts answers without a frame, too, which SSPI sends to
// clients that ask for DCE style.
func Unframe(token []byte) (TokenID, []byte, error) {
	if len(token) > MaxToken {
		return 0, nil, errors.New("the token is too large")
	}
	var framed asn1.RawValue
	if _, err := asn1.Unmarshal(token, &framed); err != nil || framed.Class != asn1.ClassApplication {
		return 0, nil, errors.New("not a GSS-API token")
	}
	switch framed.Tag {
	case tagAPReply:
		return APReply, token, nil
	case tagKRBError:
		return KerberosError, token, nil
	}
	var oid asn1.ObjectIdentifier
	message, err := asn1.Unmarshal(framed.Bytes, &oid)
	if err != nil || framed.Tag != 0 || len(message) < 2 {
		return 0, nil, errors.New("not a GSS-API token")
	}
	if !oid.Equal(OIDKerberos) && !oid.Equal(OIDMicrosoft) {
		return 0, nil, errors.New("a GSS-API token that is not for Kerberos: " + oid.String())
	}
	return TokenID(binary.BigEndian.Uint16(message)), message[2:], nil
}
