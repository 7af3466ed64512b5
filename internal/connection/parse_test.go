// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// keyPair makes a PEM certificate and its key.
func keyPair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
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

// read makes one shape of the functions Parse....
func read[T any](parse func(string) (T, error)) func(string) (any, error) {
	return func(s string) (any, error) { return parse(s) }
}

func TestSettingsAreRead(t *testing.T) {
	cert, key := keyPair(t)
	print256 := strings.Repeat("0a", 32)
	for _, test := range []struct {
		name  string
		parse func(string) (any, error)
		text  string
		want  any
	}{
		{"a switch", read(ParseBool), "1", true},
		{"a port", read(ParsePort), "65535", 65535},
		{"a duration", read(ParseDuration), "1m30s", 90 * time.Second},
		{"a text", read(ParseText), "x", "x"},
		{"an account of a domain", read(ParseUsername), `CORP\svc`, `CORP\svc`},
		{"an account with a space in its name", read(ParseUsername), `CORP\build agent`, `CORP\build agent`},
		{"an IPv4 address with a port", read(ParseHost), "10.0.0.5:5986", "10.0.0.5:5986"},
		{"a name that is a number", read(ParseHost), "4711", "4711"},
		{"a name with an underscore", read(ParseHost), "build_01.corp.example.", "build_01.corp.example."},
		{"a name in another script", read(ParseHost), "bücher01", "bücher01"},
		{"several KDCs", read(ParseKDCs), "dc01.corp.example, 10.0.0.5:8088,[2001:db8::1]:88", "dc01.corp.example,10.0.0.5:8088,[2001:db8::1]:88"},
		{"a scheme", read(ParseAuth), "kerberos", AuthKerberos},
		{"the account of the calls", read(ParseRunAs), "user", RunAsUser},
		{"a service", read(ParseSPN), "HTTP/web01", "HTTP/web01"},
		{"a host with a port", read(ParseHost), "Web01:88", "Web01:88"},
		{"certificates", read(ParseCertificates), cert + cert, cert + cert},
		{"a version of TLS", read(ParseTLSVersion), "1.3", uint16(tls.VersionTLS13)},
		{"a fingerprint with colons", read(ParseFingerprint), strings.TrimSuffix(strings.Repeat("0A:", 32), ":"), print256},
		{"a fingerprint without", read(ParseFingerprint), print256, print256},
		{"a key", read(ParseKey), key, key},
		{"a proxy", read(ParseProxy), "http://u:p@proxy:3128/", "http://u:p@proxy:3128/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := test.parse(test.text); err != nil || got != test.want {
				t.Errorf("%q is %v, %v; want %v", test.text, got, err, test.want)
			}
		})
	}
}

func TestWrongSettingsAreRefused(t *testing.T) {
	for _, test := range []struct {
		name        string
		parse       func(string) (any, error)
		texts, want string // texts are separated by |
	}{
		{"a switch", read(ParseBool), "maybe", "neither true nor false"},
		{"a port", read(ParsePort), "0|-1|65536|x", "is not a port: expected 1 to 65535"},
		{"a duration", read(ParseDuration), "30|0s|-1s|soon", "a number above 0 with a unit"},
		{"a user name", read(ParseUsername), "a:b", "colon"},
		{"no user name", read(ParseUsername), "", "empty"},
		{"a user name with a line break", read(ParseUsername), "ops\r|ops\r\n|\nops|o\tps", "contains a line break or another control character"},
		{"a user name with a space around it", read(ParseUsername), " ops|ops ", "begins or ends with a space"},
		{"a path with a line break", read(ParseLine), "/run/ca.pem\n", "contains a line break"},
		{"a path with a space after it", read(ParseLine), "/run/ca.pem ", "begins or ends with a space"},
		{"no path", read(ParseLine), "", "empty"},
		{"a service with a line break", read(ParseSPN), "HTTP/web01\n", "contains a line break"},
		{"an address with a number too large", read(ParseHost), "192.168.1.300|192.168.1.300:5986|10.0.5|10.0.0.1.|1.2.3.4.5", "is not an IPv4 address: expected four numbers from 0 to 255"},
		{"several hosts", read(ParseHost), "web01,web02|web01;web02", "use for_each"},
		{"what no host has", read(ParseHost), "web*|$(hostname)|web01\n|'web01'", "is not a host: expected a name or address"},
		{"a name with an empty part", read(ParseHost), "web01..corp.example|.corp.example", "no two dots in a row"},
		{"a scheme", read(ParseAuth), "credssp|NTLM", `["negotiate" "ntlm" "kerberos" "certificate" "basic"]`},
		{"an account", read(ParseRunAs), "root", `["system" "user"]`},
		{"a service", read(ParseSPN), "web01|/web01|HTTP/", "HTTP/web01.corp.example"},
		{"a URL for a host", read(ParseHost), "http://u:hunter2@web01|web01/hunter2|hunter2@web01|web01?hunter2", "without scheme"},
		{"a text", read(ParseText), "", "empty"},
		{"a KDC without a name", read(ParseKDCs), "dc01,|,", "a host can't be empty"},
		{"no host", read(ParseHost), "|:5986", "a host can't be empty"},
		{"two words for a host", read(ParseHost), "web 01", `"web 01" is not a host`},
		{"a host with no port", read(ParseHost), "web01:|web01:http|web01:65536", "1 to 65535"},
		{"an IPv6 address", read(ParseHost), "2001:db8::1:x:5986|[web01]:5986", "[2001:db8::1]:5986"},
		{"certificates", read(ParseCertificates), "hunter2", "BEGIN CERTIFICATE"},
		{"a version of TLS", read(ParseTLSVersion), "1.1|3", `["1.2" "1.3"]`},
		{"a SHA-1 thumbprint", read(ParseFingerprint), strings.Repeat("AB", 20), "SHA-1"},
		{"a fingerprint", read(ParseFingerprint), "ab|zz", "64 hexadecimal digits"},
		{"a key", read(ParseKey), "hunter2", "BEGIN PRIVATE KEY"},
		{"an encrypted key", read(ParseKey), "-----BEGIN ENCRYPTED PRIVATE KEY-----hunter2", "passphrase"},
		{"a proxy", read(ParseProxy), "socks5://u:hunter2@proxy|http://u:hunter2@%zz", "HTTP proxy"},
		{"a proxy with a path", read(ParseProxy), "http://u:hunter2@proxy/x|http://u:hunter2@proxy?x", "no path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for text := range strings.SplitSeq(test.texts, "|") {
				got, err := test.parse(text)
				if err == nil {
					t.Fatalf("%q is %v", text, got)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Errorf("the error holds what may be secret: %v", err)
				}
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("%q: %v; want %q in it", text, err, test.want)
				}
			}
		})
	}
}
