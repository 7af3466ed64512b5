// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"encoding/asn1"
	"errors"
)

// oidSPNEGO names the negotiation itself. Source: RFC 4178 4.2.
var oidSPNEGO = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}

// The states of a negotiation.
const (
	acceptComplete   = 0
	acceptIncomplete = 1
	reject           = 2
	requestMIC       = 3
)

var errToken = errors.New("the SPNEGO token is malformed")

// negTokenInit is a client's offer.
type negTokenInit struct {
	List  asn1.RawValue `asn1:"explicit,tag:0"`          // of the mechanisms it knows, the best first
	Flags asn1.RawValue `asn1:"explicit,tag:1,optional"` // which mean nothing to Windows
	Token []byte        `asn1:"explicit,tag:2,optional"` // of the first mechanism
	MIC   []byte        `asn1:"explicit,tag:3,optional"`
}

// negTokenResp is what follows, from either side.
type negTokenResp struct {
	State     asn1.Enumerated       `asn1:"explicit,tag:0,optional,default:-1"`
	Mechanism asn1.ObjectIdentifier `asn1:"explicit,tag:1,optional"`
	Token     []byte                `asn1:"explicit,tag:2,optional"`
	MIC       []byte                `asn1:"explicit,tag:3,optional"`
}

// parseGSS takes a first token of GSS-API apart: the mechanism it names, and what follows. Source: RFC 2743 3.1.
func parseGSS(token []byte) (mechanism asn1.ObjectIdentifier, rest []byte, err error) {
	var framed asn1.RawValue
	trailing, err := asn1.Unmarshal(token, &framed)
	if err != nil || len(trailing) > 0 || framed.Class != asn1.ClassApplication || framed.Tag != 0 {
		return nil, nil, errToken
	}
	rest, err = asn1.Unmarshal(framed.Bytes, &mechanism)
	return mechanism, rest, err
}

// isSPNEGO reports whether a first token of GSS-API is one of SPNEGO.
func isSPNEGO(token []byte) bool {
	mechanism, _, err := parseGSS(token)
	return err == nil && mechanism.Equal(oidSPNEGO)
}

// parseNegTokenInit reads a client's offer: the list of mechanisms also as it came, in DER.
func parseNegTokenInit(token []byte) (offer negTokenInit, mechanisms []asn1.ObjectIdentifier, err error) {
	_, body, err := parseGSS(token)
	if err != nil {
		return offer, nil, err
	}
	if rest, err := asn1.UnmarshalWithParams(body, &offer, "explicit,tag:0"); err != nil || len(rest) > 0 {
		return offer, nil, errToken
	}
	if rest, err := asn1.Unmarshal(offer.List.Bytes, &mechanisms); err != nil || len(rest) > 0 || len(mechanisms) == 0 {
		return offer, nil, errToken
	}
	return offer, mechanisms, nil
}

// parseNegTokenResp reads a later token.
func parseNegTokenResp(token []byte) (t negTokenResp, err error) {
	if rest, err := asn1.UnmarshalWithParams(token, &t, "explicit,tag:1"); err != nil || len(rest) > 0 {
		return t, errToken
	}
	return t, nil
}

// marshal writes a later token.
func (t negTokenResp) marshal() ([]byte, error) { return asn1.MarshalWithParams(t, "explicit,tag:1") }
