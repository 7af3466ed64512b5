// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"encoding/asn1"
	"errors"
	"fmt"
)

// The object identifiers of mechanisms.
var (
	oidSPNEGO   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 2}
	OIDKerberos = asn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
	// OIDMicrosoft is Kerberos, too: a digit was lost in Windows 2000. Source: MS-SPNG section 3.1.5.
	OIDMicrosoft = asn1.ObjectIdentifier{1, 2, 840, 48018, 1, 2, 2}
)

// The states of a negotiation. Source: RFC 4178 section 4.2.2.
const (
	Completed = 0
	NoState   = -1 // the field is absent
)

// offered are the mechanisms that a client offers: Kerberos alone, so that an attacker can't make it choose a weaker one.
var offered = []asn1.ObjectIdentifier{OIDKerberos}

// negTokenInit is the first token of a negotiation.
type negTokenInit struct {
	Mechanisms []asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	Token      []byte                  `asn1:"explicit,tag:2"` // of the first mechanism
}

// NegTokenResp is every later token of a negotiation. All of its fields may be absent.
type NegTokenResp struct {
	State     asn1.Enumerated       `asn1:"explicit,tag:0,optional,default:-1"`
	Mechanism asn1.ObjectIdentifier `asn1:"explicit,tag:1,optional"`
	Token     []byte                `asn1:"explicit,tag:2,optional"`
	MIC       []byte                `asn1:"explicit,tag:3,optional"` // of the list of mechanisms
}

// NegTokenInit returns the first token of a negotiation, with Kerberos' own first token in it.
func NegTokenInit(token []byte) ([]byte, error) {
	body, err := asn1.MarshalWithParams(negTokenInit{offered, token}, "explicit,tag:0")
	if err != nil {
		return nil, fmt.Errorf("encode a token: %w", err)
	}
	return frame(oidSPNEGO, body)
}

// MechanismList encodes what a MIC of a negotiation signs.
func MechanismList() ([]byte, error) { return asn1.Marshal(offered) }

// ParseNegTokenResp decodes a later token of a negotiation.
func ParseNegTokenResp(b []byte) (t NegTokenResp, err error) {
	if len(b) > MaxToken {
		return t, errors.New("the SPNEGO token is too large")
	}
	_, err = asn1.UnmarshalWithParams(b, &t, "explicit,tag:1")
	return t, err
}
