package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// keyPair makes a PEM certificate and its key.
func keyPair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// certificate makes a PEM certificate.
func certificate(t *testing.T) string {
	t.Helper()
	cert, _ := keyPair(t)
	return cert
}

var (
	kerberosObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"config": tftypes.String, "realm": tftypes.String, "kdc": tftypes.String, "keytab": tftypes.String, "ccache": tftypes.String, "spn": tftypes.String,
	}}
	hostObject = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"address": tftypes.String, "port": tftypes.Number, "https": tftypes.Bool, "auth": tftypes.String, "username": tftypes.String,
		"password": tftypes.String, "spn": tftypes.String, "run_as": tftypes.String,
	}}
)

// object fills in null for what is absent. It panics for a value without an attribute.
func object(typ tftypes.Object, v values) tftypes.Value {
	all := maps.Clone(v)
	if all == nil {
		all = values{}
	}
	for name, t := range typ.AttributeTypes {
		if _, ok := v[name]; !ok {
			all[name] = tftypes.NewValue(t, nil)
		}
	}
	return tftypes.NewValue(typ, map[string]tftypes.Value(all))
}

func kerberos(v values) tftypes.Value { return object(kerberosObject, v) }

// entriesOf makes the map hosts of pairs of keys and entries; an entry of nil says nothing.
func entriesOf(pairs ...any) tftypes.Value {
	entries := map[string]tftypes.Value{}
	for i := 0; i < len(pairs); i += 2 {
		entry, _ := pairs[i+1].(values)
		entries[pairs[i].(string)] = object(hostObject, entry)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: hostObject}, entries)
}

// unknown is a value of an attribute of the provider that is not known yet.
func unknown(t *testing.T, attribute string) tftypes.Value {
	t.Helper()
	return tftypes.NewValue(newRig(t).provider.AttributeTypes[attribute], tftypes.UnknownValue)
}
