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
	Completed = 0
	NoState   = -1 // the field is absent
)

const frameTag = asn1.Tag(0x60) // [APPLICATION 0], constructed

func explicit(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

var errNotSPNEGO = errors.New("not a SPNEGO token")

// NegTokenResp is every later token of a negotiation.
type NegTokenResp struct {
	State     int
	Mechanism encodingasn1.ObjectIdentifier // nil: none
	Token     []byte                        // nil: none
	MIC       []byte                        // of the list of mechanisms; nil: none
}

// NegTokenInit returns the first token of a negotiation, with the frame of GSS-API around it. It holds Kerberos' own first token.
func NegTokenInit(token []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(frameTag, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(OIDSPNEGO)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { addMechanisms(b) })
				b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(token) })
			})
		})
	})
	return built(&b)
}

// MechanismList encodes what a MIC of a negotiation signs.
func MechanismList() ([]byte, error) {
	var b cryptobyte.Builder
	addMechanisms(&b)
	return built(&b)
}

// addMechanisms adds the mechanisms that a client offers: Kerberos alone, so that an attacker can't make it choose a weaker one.
func addMechanisms(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(OIDKerberos) })
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
	if !list.ReadOptionalASN1OctetString(&t.Token, nil, explicit(2)) || !list.ReadOptionalASN1OctetString(&t.MIC, nil, explicit(3)) {
		return t, errNotSPNEGO
	}
	return t, nil
}
