// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"crypto"
	"crypto/md5" //nolint:gosec // what the protocol has
	"crypto/x509"
	"encoding/binary"
	"errors"
)

// CBT is CbtHardeningLevel: what a host does about channel binding tokens, on https only. Source: MS-WSMV 2.2.4.34.
type CBT string

// The levels.
const (
	CBTNone    CBT = "none"    // they are ignored
	CBTRelaxed CBT = "relaxed" // one that is there must be right
	CBTStrict  CBT = "strict"  // there must be one
)

// CBTs lists all levels.
func CBTs() []CBT { return []CBT{CBTNone, CBTRelaxed, CBTStrict} }

// errBinding refuses a client whose channel binding is another connection's, or missing.
var errBinding = errors.New("the channel binding does not fit the connection")

// Channel is what a context is bound to.
type Channel struct {
	CBT     CBT
	Binding []byte // MD5 of the connection's gss_channel_bindings, as NTLM and Kerberos carry it; nil without TLS
}

// Check judges the binding that a client sent; nothing, or 16 zeros, where it sent none.
func (c Channel) Check(binding []byte) error {
	none := len(bytes.Trim(binding, "\x00")) == 0
	switch {
	case c.Binding == nil, c.CBT == CBTNone, none && c.CBT != CBTStrict, bytes.Equal(binding, c.Binding):
		return nil
	default:
		return errBinding
	}
}

// endpointBinding is the hash of the channel binding of a host's certificate: MD5 of a gss_channel_bindings without
// addresses whose application data is tls-server-end-point. Source: RFC 5929 4.1, RFC 4121 4.1.1.2, MS-NLMP 2.2.2.1.
func endpointBinding(der []byte) []byte {
	if der == nil {
		return nil
	}
	hash := crypto.SHA256 // also of MD5 and SHA-1
	if certificate, err := x509.ParseCertificate(der); err == nil {
		switch certificate.SignatureAlgorithm {
		case x509.ECDSAWithSHA384, x509.SHA384WithRSA, x509.SHA384WithRSAPSS:
			hash = crypto.SHA384
		case x509.ECDSAWithSHA512, x509.SHA512WithRSA, x509.SHA512WithRSAPSS:
			hash = crypto.SHA512
		default:
		}
	}
	h := hash.New()
	h.Write(der)
	data := h.Sum([]byte("tls-server-end-point:"))
	bindings := make([]byte, 16, 20+len(data))                               // no addresses
	bindings = binary.LittleEndian.AppendUint32(bindings, uint32(len(data))) //nolint:gosec // it is short
	sum := md5.Sum(append(bindings, data...))                                //nolint:gosec // what the protocol has
	return sum[:]
}
