package auth

import (
	"crypto"
	"crypto/md5"      //nolint:gosec // the protocols'
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512" // for crypto.Hash
	"crypto/x509"
	"encoding/binary"
)

// channelBinding binds a logon to the TLS channel under it, so that it can't be relayed: the MD5 of the GSS-API's
// structure, which NTLM and Kerberos carry, with the hash of the host's certificate. It is nil without TLS.
// Source: RFC 5929, 4 (tls-server-end-point); MS-NLMP 2.2.2.1 (MsvAvChannelBindings); RFC 4121, 4.1.1.2.
func channelBinding(certificate *x509.Certificate) []byte {
	if certificate == nil {
		return nil
	}
	hash := bindingHash(certificate.SignatureAlgorithm).New()
	_, _ = hash.Write(certificate.Raw)
	data := append([]byte("tls-server-end-point:"), hash.Sum(nil)...)
	b := make([]byte, 16, 20+len(data))                        // no addresses of either side
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data))) //nolint:gosec // some tens
	sum := md5.Sum(append(b, data...))                         //nolint:gosec // the protocols'
	return sum[:]
}

// bindingHash is the hash of the certificate's signature; SHA-256 replaces MD5, SHA-1 and a missing one.
func bindingHash(signed x509.SignatureAlgorithm) crypto.Hash {
	switch signed {
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return crypto.SHA512
	default:
		return crypto.SHA256
	}
}
