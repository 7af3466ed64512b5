// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ParseTLSVersion returns 1.2 or 1.3 as crypto/tls has them.
func ParseTLSVersion(s string) (uint16, error) {
	switch s {
	case "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf("%q is not supported: expected one of [\"1.2\" \"1.3\"]", s)
}

const (
	sha1Digits   = 40
	sha256Digits = 64

	// fingerprintCommands print SHA-256 fingerprints, on the host and from elsewhere.
	fingerprintCommands = "On the host, this command prints the fingerprint of each certificate:\n" +
		"    Get-ChildItem Cert:\\LocalMachine\\My | ForEach-Object { [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($_.RawData)).Replace('-', '') + ' ' + $_.Subject }\n" +
		"On another machine, this command prints the fingerprint of the certificate that the host presents:\n" +
		"    openssl s_client -connect HOST:5986 </dev/null | openssl x509 -noout -fingerprint -sha256\n" +
		"Both must be the same"
)

// ParseFingerprint accepts a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons between the bytes.
func ParseFingerprint(s string) (string, error) {
	digits := strings.ToLower(strings.ReplaceAll(s, ":", ""))
	if _, err := hex.DecodeString(digits); err == nil {
		switch len(digits) {
		case sha256Digits:
			return digits, nil
		case sha1Digits:
			return "", errors.New("this is the SHA-1 thumbprint that Windows shows: expected the SHA-256 fingerprint. " + fingerprintCommands)
		}
	}
	return "", errors.New("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons between the bytes. " + fingerprintCommands)
}

// CheckKeyPair returns an error when ClientKey is not that of ClientCertificate. One of them may be missing.
func (s Settings) CheckKeyPair() error {
	if s.ClientCertificate == "" || s.ClientKey.Reveal() == "" {
		return nil
	}
	if _, err := tls.X509KeyPair([]byte(s.ClientCertificate), []byte(s.ClientKey.Reveal())); err != nil {
		return fmt.Errorf("client_key does not belong to client_cert: %s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	return nil
}

// ParseProxy accepts the URL of an HTTP proxy. An error does not quote it.
func ParseProxy(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("expected the URL of an HTTP proxy, such as http://proxy.corp.example:3128")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("the URL of a proxy has no path, query or fragment")
	}
	return text, nil
}
