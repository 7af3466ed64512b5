// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"math/big"
	"testing"
)

func TestChannelBindings(t *testing.T) {
	ours, theirs, zeros := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 16), make([]byte, 16)
	tests := []struct {
		name    string
		channel Channel
		binding []byte
		want    error
	}{
		{"none", Channel{CBTRelaxed, ours}, nil, nil},
		{"zeros", Channel{CBTRelaxed, ours}, zeros, nil},
		{"the right one", Channel{CBTRelaxed, ours}, ours, nil},
		{"a wrong one", Channel{CBTRelaxed, ours}, theirs, errBinding},
		{"a part of one", Channel{CBTRelaxed, ours}, ours[:15], errBinding},
		{"none, strict", Channel{CBTStrict, ours}, nil, errBinding},
		{"zeros, strict", Channel{CBTStrict, ours}, zeros, errBinding},
		{"the right one, strict", Channel{CBTStrict, ours}, ours, nil},
		{"a wrong one, ignored", Channel{CBTNone, ours}, theirs, nil},
		{"none on http", Channel{CBTStrict, nil}, nil, nil},
		{"one on http", Channel{CBTStrict, nil}, theirs, nil},
	}
	for _, test := range tests {
		if err := test.channel.Check(test.binding); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

// TestTheHashOfABinding follows RFC 5929 4.1: the hash of the certificate's signature, but SHA-256 at least.
func TestTheHashOfABinding(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := func(data []byte) []byte {
		text := append([]byte("tls-server-end-point:"), data...)
		sum := md5.Sum(append(append(make([]byte, 16), byte(len(text)), 0, 0, 0), text...))
		return sum[:]
	}
	hashes := map[x509.SignatureAlgorithm]func([]byte) []byte{
		x509.ECDSAWithSHA256: func(b []byte) []byte { h := sha256.Sum256(b); return h[:] },
		x509.ECDSAWithSHA384: func(b []byte) []byte { h := sha512.Sum384(b); return h[:] },
		x509.ECDSAWithSHA512: func(b []byte) []byte { h := sha512.Sum512(b); return h[:] },
	}
	for algorithm, hash := range hashes {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), SignatureAlgorithm: algorithm}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		if got := endpointBinding(der); !bytes.Equal(got, of(hash(der))) {
			t.Errorf("%v: %x", algorithm, got)
		}
	}
	if endpointBinding(nil) != nil {
		t.Error("plain http has a binding")
	}
}
