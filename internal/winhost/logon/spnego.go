package logon

import (
	"encoding/asn1"
	"errors"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// oidSPNEGO names the negotiation itself. Source: RFC 4178 4.2.
var oidSPNEGO = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}

// The states of a negotiation.
const (
	acceptComplete   = 0
	acceptIncomplete = 1
	reject           = 2
	requestMIC       = 3
	noState          = -1 // the optional field is not there
)

var errToken = errors.New("the SPNEGO token is malformed")

// negTokenInit is a client's offer.
type negTokenInit struct {
	mechanisms []asn1.ObjectIdentifier // what it knows, the best first
	list       []byte                  // the same as it came, in DER
	token      []byte                  // of the first mechanism
	mic        []byte
}

// negTokenResp is what follows, from either side.
type negTokenResp struct {
	state     int
	mechanism asn1.ObjectIdentifier // nil for none
	token     []byte                // nil for none
	mic       []byte                // nil for none
}

// application is the tag of a first token of GSS-API. Source: RFC 2743 3.1.
const application = casn1.Tag(0x60)

// isSPNEGO reports whether a first token of GSS-API is one of SPNEGO.
func isSPNEGO(token []byte) bool {
	s := cryptobyte.String(token)
	var body cryptobyte.String
	var oid asn1.ObjectIdentifier
	return s.ReadASN1(&body, application) && body.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidSPNEGO)
}

// explicit is the tag of the n-th field of a token.
func explicit(n uint8) casn1.Tag { return casn1.Tag(n).Constructed().ContextSpecific() }

// parseNegTokenInit reads a client's offer.
func parseNegTokenInit(token []byte) (*negTokenInit, error) {
	s := cryptobyte.String(token)
	var body, choice, fields, types, list cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !s.ReadASN1(&body, application) || !body.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidSPNEGO) ||
		!body.ReadASN1(&choice, explicit(0)) || !choice.ReadASN1(&fields, casn1.SEQUENCE) ||
		!fields.ReadASN1(&types, explicit(0)) || !s.Empty() || !body.Empty() || !choice.Empty() {
		return nil, errToken
	}
	t := &negTokenInit{list: types}
	if !types.ReadASN1(&list, casn1.SEQUENCE) || !types.Empty() || list.Empty() {
		return nil, errToken
	}
	for !list.Empty() {
		var mechanism asn1.ObjectIdentifier
		if !list.ReadASN1ObjectIdentifier(&mechanism) {
			return nil, errToken
		}
		t.mechanisms = append(t.mechanisms, mechanism)
	}
	if !fields.SkipOptionalASN1(explicit(1)) || // the flags mean nothing to Windows
		!readOptional(&fields, &t.token, 2) || !readOptional(&fields, &t.mic, 3) || !fields.Empty() {
		return nil, errToken
	}
	return t, nil
}

// parseNegTokenResp reads a later token.
func parseNegTokenResp(token []byte) (*negTokenResp, error) {
	s := cryptobyte.String(token)
	var choice, fields cryptobyte.String
	if !s.ReadASN1(&choice, explicit(1)) || !choice.ReadASN1(&fields, casn1.SEQUENCE) || !s.Empty() || !choice.Empty() {
		return nil, errToken
	}
	t := &negTokenResp{state: noState}
	var field cryptobyte.String
	var present bool
	if !fields.ReadOptionalASN1(&field, &present, explicit(0)) || present && (!field.ReadASN1Enum(&t.state) || !field.Empty()) {
		return nil, errToken
	}
	if !fields.ReadOptionalASN1(&field, &present, explicit(1)) ||
		present && (!field.ReadASN1ObjectIdentifier(&t.mechanism) || !field.Empty()) {
		return nil, errToken
	}
	if !readOptional(&fields, &t.token, 2) || !readOptional(&fields, &t.mic, 3) || !fields.Empty() {
		return nil, errToken
	}
	return t, nil
}

// readOptional reads the n-th field where it is there.
func readOptional(fields *cryptobyte.String, out *[]byte, n uint8) bool {
	var text cryptobyte.String
	var present bool
	if !fields.ReadOptionalASN1(&text, &present, explicit(n)) {
		return false
	}
	var octets cryptobyte.String
	if present && (!text.ReadASN1(&octets, casn1.OCTET_STRING) || !text.Empty()) {
		return false
	}
	*out = octets
	return true
}

// marshal writes a later token.
func (t negTokenResp) marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(t.state)) })
			if t.mechanism != nil {
				b.AddASN1(explicit(1), func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(t.mechanism) })
			}
			addOptional(b, 2, t.token)
			addOptional(b, 3, t.mic)
		})
	})
	return b.Bytes()
}

// addOptional writes the n-th field where there is one.
func addOptional(b *cryptobyte.Builder, n uint8, octets []byte) {
	if octets != nil {
		b.AddASN1(explicit(n), func(b *cryptobyte.Builder) { b.AddASN1OctetString(octets) })
	}
}
