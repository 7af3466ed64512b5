// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// tlsConfig returns what certificates of the host a connection accepts.
func tlsConfig(s connection.Settings, method auth.Method) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion: max(s.TLSMinVersion, tls.VersionTLS12),
		NextProtos: []string{"http/1.1"},
		ServerName: s.TLSServerName,

		InsecureSkipVerify: s.Insecure, //nolint:gosec // the operator's choice
	}
	if s.CACert != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(s.CACert)) {
			return nil, errors.New("the CA certificate holds no certificate in PEM form")
		}
	}
	if s.TLSFingerprint != "" {
		config.InsecureSkipVerify = true // the one certificate is trusted, whoever issued it
		config.VerifyConnection = pinned(s.TLSFingerprint)
	}
	if method.TLS != nil {
		return config, method.TLS(s, config)
	}
	return config, nil
}

// pinned accepts the certificate of one fingerprint.
func pinned(fingerprint string) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		found := sha256.Sum256(state.PeerCertificates[0].Raw)
		if text := hex.EncodeToString(found[:]); text != fingerprint {
			return &pinError{expected: fingerprint, found: text, certificate: state.PeerCertificates[0]}
		}
		return nil
	}
}

// pinError is a certificate that is not the one of tls_fingerprint.
type pinError struct {
	expected, found string
	certificate     *x509.Certificate
}

func (e *pinError) Error() string {
	return fmt.Sprintf("the certificate's SHA-256 fingerprint is %s instead of %s", e.found, e.expected)
}
