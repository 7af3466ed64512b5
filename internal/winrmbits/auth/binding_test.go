// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"
)

// TestTheBindingsHashIsThatOfTheSignature has PSS signatures whose salt is not as long as their hash, as openssl's rsa_pss_saltlen
// makes them.
func TestTheBindingsHashIsThatOfTheSignature(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		algorithm x509.SignatureAlgorithm
		salt      byte // 0: as it is
		want      crypto.Hash
	}{
		{"RSA with SHA-256", x509.SHA256WithRSA, 0, crypto.SHA256},
		{"RSA with SHA-384", x509.SHA384WithRSA, 0, crypto.SHA384},
		{"PSS with SHA-384", x509.SHA384WithRSAPSS, 0, crypto.SHA384},
		{"PSS with SHA-256 and another salt", x509.SHA256WithRSAPSS, 20, crypto.SHA256},
		{"PSS with SHA-384 and another salt", x509.SHA384WithRSAPSS, 32, crypto.SHA384},
		{"PSS with SHA-512 and another salt", x509.SHA512WithRSAPSS, 32, crypto.SHA512},
	} {
		t.Run(tt.name, func(t *testing.T) {
			template := &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: tt.algorithm}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			if tt.salt != 0 {
				salt := []byte{0xa2, 3, 2, 1} // [2] INTEGER, of the parameters
				der = bytes.ReplaceAll(der, append(salt, byte(tt.want.Size())), append(salt[:4:4], tt.salt))
			}
			certificate, err := x509.ParseCertificate(der)
			if err != nil || (certificate.SignatureAlgorithm == x509.UnknownSignatureAlgorithm) != (tt.salt != 0) {
				t.Fatalf("%v, %v", certificate.SignatureAlgorithm, err)
			}
			if got := bindingHash(certificate); got != tt.want {
				t.Errorf("%s", got)
			}
		})
	}
	if got := hashOfPSS([]byte("no certificate")); got != crypto.SHA256 {
		t.Errorf("%s of none", got)
	}
}
