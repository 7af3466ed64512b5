// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"crypto"
	"crypto/md5"      //nolint:gosec // the protocols'
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512" // for crypto.Hash
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
)

// endpoint is what binds a logon to the TLS channel under it, so that it can't be relayed: the hash of the host's certificate. It is
// nil without TLS. Source: RFC 5929, 4 (tls-server-end-point).
func endpoint(certificate *x509.Certificate) []byte {
	if certificate == nil {
		return nil
	}
	hash := bindingHash(certificate).New()
	_, _ = hash.Write(certificate.Raw)
	return append([]byte("tls-server-end-point:"), hash.Sum(nil)...)
}

// channelBinding is the MD5 of the GSS-API's structure with an endpoint, as NTLM and Kerberos carry it; nil for none.
// Source: MS-NLMP 2.2.2.1 (MsvAvChannelBindings); RFC 4121, 4.1.1.2.
func channelBinding(endpoint []byte) []byte {
	if endpoint == nil {
		return nil
	}
	b := make([]byte, 16, 20+len(endpoint))                        // no addresses of either side
	b = binary.LittleEndian.AppendUint32(b, uint32(len(endpoint))) //nolint:gosec // some tens
	sum := md5.Sum(append(b, endpoint...))                         //nolint:gosec // the protocols'
	return sum[:]
}

// bindingHash is the hash of the certificate's signature; SHA-256 replaces MD5, SHA-1 and a missing one.
func bindingHash(certificate *x509.Certificate) crypto.Hash {
	switch certificate.SignatureAlgorithm {
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return crypto.SHA512
	case x509.UnknownSignatureAlgorithm:
		return hashOfPSS(certificate.Raw)
	default:
		return crypto.SHA256
	}
}

// hashOfPSS returns the hash of a PSS signature, also of one whose salt is not as long as its hash: crypto/x509 does not know
// those. It is SHA-256 where there is no other. Source: RFC 4055, 2.1 and 3.1.
func hashOfPSS(certificate []byte) crypto.Hash {
	var signed struct {
		Content   asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	var parameters struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(certificate, &signed); err != nil || !signed.Algorithm.Algorithm.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}) {
		return crypto.SHA256
	}
	if _, err := asn1.Unmarshal(signed.Algorithm.Parameters.FullBytes, &parameters); err != nil {
		return crypto.SHA256
	}
	switch hash := parameters.Hash.Algorithm; {
	case hash.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}):
		return crypto.SHA384
	case hash.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}):
		return crypto.SHA512
	default:
		return crypto.SHA256
	}
}
