// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"encoding/asn1"
	"unicode"

	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// Names of accounts, services and realms are GeneralStrings, in which Active Directory, MIT and Heimdal have UTF-8. The encoder of
// go-krb5 refuses everything but ASCII, and its decoder takes every byte for a letter of Latin-1. So what holds names is encoded
// here, and names that the library has decoded are corrected. Its messages hold no other texts.

const tagGeneralString = 27 // Source: X.680 section 8.4

// Name is a principal's name as it is encoded. Source: RFC 4120 section 5.2.2.
type Name struct {
	Type    int32           `asn1:"explicit,tag:0"`
	Strings []asn1.RawValue `asn1:"explicit,tag:1"`
}

// NewName returns the encodable form of a name.
func NewName(n types.PrincipalName) Name {
	name := Name{Type: n.NameType}
	for _, s := range n.NameString {
		name.Strings = append(name.Strings, asn1.RawValue{Tag: tagGeneralString, Bytes: []byte(s)})
	}
	return name
}

// Field is the field with a tag of a message: what it holds is encoded already.
func Field(tag int, content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: content}
}

// Realm is the encodable form of a realm in the field with a tag.
func Realm(tag int, realm string) asn1.RawValue {
	text, _ := asn1.Marshal(asn1.RawValue{Tag: tagGeneralString, Bytes: []byte(realm)}) // any bytes can be encoded
	return Field(tag, text)
}

// Text corrects a text that go-krb5 has decoded.
func Text(decoded string) string {
	b := make([]byte, 0, len(decoded))
	for _, r := range decoded {
		if r > unicode.MaxLatin1 {
			return decoded
		}
		b = append(b, byte(r)) //nolint:gosec // checked above
	}
	return string(b)
}

// Correct corrects a name that go-krb5 has decoded.
func Correct(n types.PrincipalName) types.PrincipalName {
	corrected := types.PrincipalName{NameType: n.NameType}
	for _, s := range n.NameString {
		corrected.NameString = append(corrected.NameString, Text(s))
	}
	return corrected
}

// CorrectTicket corrects the names of a ticket that go-krb5 has decoded.
func CorrectTicket(t messages.Ticket) messages.Ticket {
	t.Realm, t.SName = Text(t.Realm), Correct(t.SName)
	return t
}

// ParseError decodes a KRB-ERROR.
func ParseError(b []byte) (e messages.KRBError, err error) {
	err = e.Unmarshal(b)
	e.CRealm, e.Realm, e.EText = Text(e.CRealm), Text(e.Realm), Text(e.EText)
	e.CName, e.SName = Correct(e.CName), Correct(e.SName)
	return e, err
}
