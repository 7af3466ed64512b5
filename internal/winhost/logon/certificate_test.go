// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// authority issues certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	return authority{issue(t, template, template, &key.PublicKey, key), key}
}

func issue(t *testing.T, template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// client makes the certificate of a principal name, with a DNS name before it.
func (a authority) client(t *testing.T, name string, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if name != "" {
		var b cryptobyte.Builder
		b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(casn1.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte("web01.example")) })
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidUPN)
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					b.AddASN1(casn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(name)) })
				})
			})
		})
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: b.BytesOrPanic()}}
	}
	if change != nil {
		change(template)
	}
	return issue(t, template, a.certificate, &a.key.PublicKey, a.key)
}

func TestCertificatesAreMapped(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	find := func(username string) (Account, bool) {
		return Account{Name: username, Password: "right"}, username != "nobody"
	}
	mapping := func(subject, username string) Mapping {
		return Mapping{Issuer: ours.certificate, Subject: subject, Username: username, Password: "right"}
	}
	everyone := mapping("*@corp.example", "guest")
	outdated := mapping("anna@corp.example", "anna")
	outdated.Password = "old"
	tests := []struct {
		name     string
		client   *x509.Certificate
		mappings []Mapping
		want     string // "": access is denied
	}{
		{"by the whole name", ours.client(t, "anna@corp.example", nil), []Mapping{everyone, mapping("Anna@corp.example", "anna")}, "anna"},
		{"by its end", ours.client(t, "bob@corp.example", nil), []Mapping{everyone, mapping("anna@corp.example", "anna")}, "guest"},
		{"by its beginning", ours.client(t, "bob@corp.example", nil), []Mapping{mapping("bob*", "bob")}, "bob"},
		{"any", ours.client(t, "bob@corp.example", nil), []Mapping{mapping("*", "any")}, "any"},
		{"by two mappings alike", ours.client(t, "bob@corp.example", nil), []Mapping{everyone, everyone}, ""},
		{"by none", ours.client(t, "bob@other.example", nil), []Mapping{everyone}, ""},
		{"without a name", ours.client(t, "", nil), []Mapping{mapping("*", "any")}, ""},
		{"of another issuer", theirs.client(t, "bob@corp.example", nil), []Mapping{everyone}, ""},
		{"to nobody", ours.client(t, "bob@corp.example", nil), []Mapping{mapping("*", "nobody")}, ""},
		{"with an old password", ours.client(t, "anna@corp.example", nil), []Mapping{outdated}, ""},
		{"that expired", ours.client(t, "bob@corp.example", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), []Mapping{everyone}, ""},
		{"for another purpose", ours.client(t, "bob@corp.example", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}), []Mapping{everyone}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := New(Options{Schemes: []Scheme{Certificate}, Accounts: NewAccounts(find, 0), Mappings: test.mappings}).Connect()
			r := asks(nameCertificate)
			r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{test.client}}
			v := c.Judge(r)
			if v.Account != test.want || v.AccessDenied != (test.want == "") || (v.Outcome == Proven) != (test.want != "") {
				t.Errorf("the verdict is %+v, want %q", v, test.want)
			}
		})
	}
	c := New(Options{Schemes: []Scheme{Certificate}}).Connect()
	r := asks(nameCertificate)
	r.TLS = &tls.ConnectionState{HandshakeComplete: true}
	if v := c.Judge(r); v.Account != "" || v.AccessDenied || v.Outcome != Refused {
		t.Errorf("without a certificate: %+v", v)
	}
}
