package gssapi

import (
	encodingasn1 "encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The object identifiers of mechanisms.
var (
	OIDSPNEGO   = encodingasn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	OIDKerberos = encodingasn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
	// OIDMicrosoft is Kerberos, too: a digit was lost in Windows 2000. Source: MS-SPNG section 3.1.5.
	OIDMicrosoft = encodingasn1.ObjectIdentifier{1, 2, 840, 48018, 1, 2, 2}
)

// The states of a negotiation. Source: RFC 4178 section 4.2.2.
const (
	Completed  = 0
	Incomplete = 1
	Rejected   = 2
	RequestMIC = 3
	NoState    = -1 // the field is absent
)

const (
	frameTag = asn1.Tag(0x60) // [APPLICATION 0], constructed
)

func explicit(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

var errNotSPNEGO = errors.New("not a SPNEGO token")

// Mechanisms are those that a client offers: Kerberos alone, so that an attacker can't make it choose a weaker one.
func Mechanisms() []encodingasn1.ObjectIdentifier {
	return []encodingasn1.ObjectIdentifier{OIDKerberos}
}

// NegTokenInit is the first token of a negotiation.
type NegTokenInit struct {
	Mechanisms []encodingasn1.ObjectIdentifier
	Token      []byte // of the first mechanism; nil: none
}

// NegTokenResp is every later token of a negotiation.
type NegTokenResp struct {
	State     int
	Mechanism encodingasn1.ObjectIdentifier // nil: none
	Token     []byte                        // nil: none
	MIC       []byte                        // of the list of mechanisms; nil: none
}

// Marshal encodes the token with the frame of GSS-API around it.
func (t NegTokenInit) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(frameTag, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(OIDSPNEGO)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { addMechanisms(b, t.Mechanisms) })
				addOctets(b, 2, t.Token)
			})
		})
	})
	return built(&b)
}

// MechanismList encodes what a MIC of a negotiation signs.
func MechanismList(mechanisms []encodingasn1.ObjectIdentifier) ([]byte, error) {
	var b cryptobyte.Builder
	addMechanisms(&b, mechanisms)
	return built(&b)
}

func addMechanisms(b *cryptobyte.Builder, mechanisms []encodingasn1.ObjectIdentifier) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, m := range mechanisms {
			b.AddASN1ObjectIdentifier(m)
		}
	})
}

func addOctets(b *cryptobyte.Builder, tag uint8, octets []byte) {
	if octets != nil {
		b.AddASN1(explicit(tag), func(b *cryptobyte.Builder) { b.AddASN1OctetString(octets) })
	}
}

func built(b *cryptobyte.Builder) ([]byte, error) {
	text, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode a token: %w", err)
	}
	return text, nil
}

// ParseNegTokenResp decodes a later token of a negotiation. All of its fields may be absent.
func ParseNegTokenResp(b []byte) (NegTokenResp, error) {
	t := NegTokenResp{State: NoState}
	s := cryptobyte.String(b)
	var list, field cryptobyte.String
	var present bool
	if len(b) > MaxToken || !s.ReadASN1(&list, explicit(1)) || !list.ReadASN1(&list, asn1.SEQUENCE) {
		return t, errNotSPNEGO
	}
	if !list.ReadOptionalASN1(&field, &present, explicit(0)) || present && !field.ReadASN1Enum(&t.State) {
		return t, errNotSPNEGO
	}
	if !list.ReadOptionalASN1(&field, &present, explicit(1)) || present && !field.ReadASN1ObjectIdentifier(&t.Mechanism) {
		return t, errNotSPNEGO
	}
	if !readOctets(&list, 2, &t.Token) || !readOctets(&list, 3, &t.MIC) {
		return t, errNotSPNEGO
	}
	return t, nil
}

// readOctets reads an optional octet string; nil: it is absent.
func readOctets(s *cryptobyte.String, tag uint8, out *[]byte) bool {
	var field, octets cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&field, &present, explicit(tag)) {
		return false
	}
	if present {
		if !field.ReadASN1(&octets, asn1.OCTET_STRING) {
			return false
		}
		*out = append([]byte{}, octets...)
	}
	return true
}
