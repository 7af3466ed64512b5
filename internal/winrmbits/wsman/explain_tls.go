// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// explainTLS explains a handshake that failed, and reports whether err is about one.
func (c *channel) explainTLS(e *connection.Error, err error) bool {
	var record tls.RecordHeaderError
	_, cause, found := strings.Cut(err.Error(), "tls: ") // crypto/tls has no type for most of its errors
	switch {
	case c.explainCertificate(e, err):
		e.Kind = connection.Untrusted
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		e.Kind = connection.NotWinRM
		e.Problem = "the host does not use TLS on this port."
		e.Remedy = "Set port to that of WinRM's https listener, usually 5986. On the host, winrm enumerate winrm/config/listener lists the listeners."
	case found:
		c.explainHandshake(e, cause)
	default:
		return false
	}
	return true
}

// explainHandshake explains two ends that do not agree.
func (c *channel) explainHandshake(e *connection.Error, cause string) {
	e.Kind = connection.Untrusted
	e.Problem = fmt.Sprintf("the TLS handshake failed: %s.", cause)
	minimum := "TLS 1.2 or later"
	if c.settings.TLSMinVersion == tls.VersionTLS13 {
		minimum = "TLS 1.3 (tls_min_version)"
	}
	e.Remedy = "The host must offer " + minimum + "." + c.method.Handshake
}

// explainCertificate explains a certificate that is not trusted, and reports whether err is about one.
func (c *channel) explainCertificate(e *connection.Error, err error) bool {
	var (
		unknown     x509.UnknownAuthorityError
		name        x509.HostnameError
		invalid     x509.CertificateInvalidError
		pin         *pinError
		verified    *tls.CertificateVerificationError
		description string
	)
	if errors.As(err, &verified) && len(verified.UnverifiedCertificates) > 0 {
		description = describeCertificate(verified.UnverifiedCertificates[0])
	}
	switch {
	case errors.As(err, &pin):
		e.Problem = fmt.Sprintf("the host's certificate does not match tls_fingerprint: expected %s, found %s.%s",
			pin.expected, pin.found, describeCertificate(pin.certificate))
		e.Remedy = "If the host has a new certificate, compare the found fingerprint with the one on the host, and set tls_fingerprint to it. Otherwise the connection is being intercepted."
	case errors.As(err, &name):
		e.Problem = fmt.Sprintf("the host's certificate is not valid for the name %s.%s", name.Host, description)
		e.Remedy = "Set host or tls_server_name to a name in the certificate."
	case errors.As(err, &unknown):
		e.Problem = "the host's certificate was issued by an authority that this machine does not trust." + description
		e.Remedy = "Set ca_file or ca_cert to the certificate of that authority (a self-signed certificate is its own authority), or " +
			"tls_fingerprint to the fingerprint of the host's certificate."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		explainValidity(e, invalid.Cert)
		e.Problem += description
	case errors.As(err, &invalid):
		e.Problem = fmt.Sprintf("the host's certificate is not valid: %s.%s", strings.TrimPrefix(invalid.Error(), "x509: "), description)
		e.Remedy = "Configure the https listener of the host with a valid certificate."
	default:
		return false
	}
	return true
}

// explainValidity explains a certificate that is expired or not valid yet: the host's own, or an authority's.
func explainValidity(e *connection.Error, c *x509.Certificate) {
	now := time.Now()
	if now.Before(c.NotBefore) {
		e.Problem = fmt.Sprintf("the certificate of %s is not valid before %s.", certificateNames(c), when(c.NotBefore))
	} else {
		e.Problem = fmt.Sprintf("the certificate of %s expired at %s.", certificateNames(c), when(c.NotAfter))
	}
	e.Remedy = fmt.Sprintf("Check the clock of the machine that runs Terraform, which shows %s. If it is correct, renew the certificate.", when(now))
}

func describeCertificate(c *x509.Certificate) string {
	return fmt.Sprintf(" The certificate is for %s, was issued by %s and is valid from %s until %s.",
		certificateNames(c), c.Issuer, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly))
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

func certificateNames(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return c.Subject.String()
	}
	return strings.Join(names, ", ")
}
