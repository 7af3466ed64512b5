// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// clientCertificate leaves the proof to the TLS handshake, in which the client presents its certificate: each request
// only names the scheme. Source: MS-WSMV 2.2.9.2, DSP0226 (security profiles).
type clientCertificate struct{ unsealed }

var certificateMethod = Method{
	Name:  "Certificate",
	check: checkCertificate,
	begin: func(*Schemes, connection.Settings, *x509.Certificate) Scheme { return clientCertificate{} },
	TLS:   presentCertificate,
	credential: func(s connection.Settings) connection.Settings {
		return connection.Settings{ClientCertificate: s.ClientCertificate, ClientKey: s.ClientKey}
	},
	Refused: func(connection.Settings) (problem, remedy string) {
		return "the host refused the client certificate (HTTP 401).",
			"Check that the host maps the certificate to a local account (winrm enumerate winrm/config/service/certmapping), trusts its issuer, " +
				"and allows certificates:\n    Set-Item WSMan:\\localhost\\Service\\Auth\\Certificate $true -Force"
	},
	Forbidden: "The client certificate is not mapped to an account that may open a shell. The issuer and principal name of the certificate select the " +
		"mapping (winrm enumerate winrm/config/service/certmapping). Its account must be local, enabled and a member of Administrators, and " +
		"the mapping must have its current password.",
	Handshake: " The host's machine store must also trust the issuer of client_cert.",
}

// presentCertificate configures the certificate that the handshake presents.
func presentCertificate(s connection.Settings, config *tls.Config) error {
	own, err := tls.X509KeyPair([]byte(s.ClientCertificate), []byte(s.ClientKey.Reveal()))
	if err != nil {
		return fmt.Errorf("the client certificate: %w", err)
	}
	config.Certificates = []tls.Certificate{own}
	// WinRM asks for the certificate once it has read the request: by a renegotiation, which TLS 1.3 no longer has, and
	// crypto/tls can't answer what TLS 1.3 has instead. Source: golang/go issue 40521; RFC 8446, 4.6.2.
	config.MaxVersion = tls.VersionTLS12
	config.Renegotiation = tls.RenegotiateOnceAsClient
	return nil
}

func checkCertificate(s connection.Settings) error {
	if s.HTTPS {
		return nil
	}
	return needsTLS(s, "a client certificate requires TLS. Nothing was sent.", "Set https = true.")
}

func (clientCertificate) Next(_ context.Context, challenges []string) (string, error) {
	if challenges != nil {
		return "", ErrRefused
	}
	return "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual", nil
}
