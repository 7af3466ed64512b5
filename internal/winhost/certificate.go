// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// lifetime is how long a network's certificates are valid, in both directions: clocks of tests may be set.
const lifetime = 30 * 24 * time.Hour

// clientName is the principal name that the hosts map to the administrator.
const clientName = "administrator@localhost"

// authority is a certificate authority that has issued one certificate, for all hosts of a network.
type authority struct {
	pem  string
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	host tls.Certificate
}

// newAuthority makes an authority and a certificate for the loopback and for the address that is listened on.
func newAuthority(listen net.IP) (*authority, error) {
	now := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of the certificate authority: %w", err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Simulated Windows hosts"},
		NotBefore: now.Add(-lifetime), NotAfter: now.Add(lifetime),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	a := &authority{key: key, pem: encodePEM("CERTIFICATE", der)}
	if a.root, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-lifetime), NotAfter: now.Add(lifetime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if listen != nil && !listen.IsUnspecified() && !listen.IsLoopback() {
		leaf.IPAddresses = append(leaf.IPAddresses, listen)
	}
	if a.host, err = a.issue(leaf); err != nil {
		return nil, err
	}
	return a, nil
}

// issue signs a certificate with a new key.
func (a *authority) issue(leaf *x509.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the key of %s: %w", leaf.Subject.CommonName, err)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.root, &key.PublicKey, a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate of %s: %w", leaf.Subject.CommonName, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// pemPair is a certificate and its key as clients have them.
type pemPair struct{ certificate, key string }

// client issues a client certificate for a principal name, valid until then.
func (a *authority) client(name string, until time.Time) (pemPair, error) {
	upn, err := logon.AlternateName(name)
	if err != nil {
		return pemPair{}, err
	}
	issued, err := a.issue(&x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: name},
		NotBefore: until.Add(-2 * lifetime), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		ExtraExtensions: []pkix.Extension{upn},
	})
	if err != nil {
		return pemPair{}, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(issued.PrivateKey)
	if err != nil {
		return pemPair{}, fmt.Errorf("write the key of %s: %w", name, err)
	}
	return pemPair{encodePEM("CERTIFICATE", issued.Certificate[0]), encodePEM("PRIVATE KEY", key)}, nil
}

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
