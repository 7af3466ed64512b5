// Package auth proves who the client is and protects its messages: one [Scheme] for each connection, because a
// security context belongs to a connection.
package auth

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/kerberos"
)

// SOAP is the content type of a message that is not sealed.
const SOAP = "application/soap+xml;charset=UTF-8"

// The ways a logon ends without the client being let in, for errors.Is.
var (
	// ErrRefused is a 401 after everything was said that proves the client: the credential is not accepted.
	ErrRefused = errors.New("the credential was refused")
	// ErrNotOffered is a host that does not take the scheme. Nothing that holds the credential was sent.
	ErrNotOffered = errors.New("the host does not offer the scheme")
)

// Scheme is an authentication scheme on one connection: its security context begins and ends with it. Its methods are
// called one at a time, in the order of the exchanges; after an error of any of them the connection is closed.
type Scheme interface {
	// Next gives the Authorization header of the next request, "" for none. The challenges are the WWW-Authenticate
	// headers of the 401 that answered the request before; nil before the first and once a request was let in. An
	// error ends the logon: [ErrRefused], [ErrNotOffered], a *connection.Error that tells all, or that what the host
	// said is no answer to what was sent.
	Next(ctx context.Context, challenges []string) (header string, err error)
	// Established reports, after Next, whether the request may carry a message. Until then it goes without a body.
	Established() bool
	// Finish takes the WWW-Authenticate headers of the first answer that is no 401. It is an error when they do not
	// prove the host where the scheme demands it, or when the host lets in who has not proven to be anybody.
	Finish(challenges []string) error
	// Seal protects a message and gives the content type of what is to be sent.
	Seal(message []byte) (sealed []byte, contentType string, err error)
	// Open gives the message that a reply holds. A reply that is not protected as the scheme demands is an error.
	Open(contentType string, body []byte) ([]byte, error)
}

// Chosen is the scheme that settings mean: negotiate is Kerberos where that is configured, and then nothing else, otherwise NTLM.
func Chosen(s connection.Settings) connection.Auth {
	switch {
	case s.Auth != connection.AuthNegotiate:
		return s.Auth
	case s.Kerberos != connection.Kerberos{}:
		return connection.AuthKerberos
	default:
		return connection.AuthNTLM
	}
}

// Check finds what keeps a scheme from being used with these settings at all. Nothing is dialled for it.
func Check(s connection.Settings) error {
	switch Chosen(s) {
	case connection.AuthNTLM:
		return nil
	case connection.AuthKerberos:
		return kerberos.Check(s) //nolint:wrapcheck // it says all
	case connection.AuthCertificate:
		return checkCertificate(s)
	case connection.AuthBasic:
		return checkBasic(s)
	default:
		return fmt.Errorf("authentication scheme %q is not known", s.Auth)
	}
}

// Schemes begins schemes on connections, and has what those of one process share: the tickets of Kerberos. It is safe for
// concurrent use.
type Schemes struct {
	tickets *kerberos.Tickets
}

// NewSchemes gives schemes that share nothing with others.
func NewSchemes() *Schemes { return &Schemes{tickets: kerberos.NewTickets()} }

// Begin begins the configured scheme on a connection; the certificate is the host's, nil without TLS.
func (b *Schemes) Begin(s connection.Settings, certificate *x509.Certificate) (Scheme, error) {
	if err := Check(s); err != nil {
		return nil, err
	}
	switch Chosen(s) {
	case connection.AuthBasic:
		return newBasic(s), nil
	case connection.AuthCertificate:
		return mutual{}, nil
	case connection.AuthKerberos:
		return newKerberos(s, b.tickets, certificate), nil
	default:
		return newNTLM(s, certificate), nil
	}
}

// Challenge is what a host calls a scheme that it offers.
func Challenge(scheme connection.Auth) string {
	switch scheme {
	case connection.AuthBasic:
		return "Basic"
	case connection.AuthCertificate:
		return "Certificate"
	default:
		return "Negotiate"
	}
}

// Offers reports whether WWW-Authenticate headers offer a scheme.
func Offers(challenges []string, scheme string) bool {
	for _, offered := range Offered(challenges) {
		if strings.EqualFold(offered, scheme) {
			return true
		}
	}
	return false
}

// Offered gives the names of the schemes that WWW-Authenticate headers offer.
func Offered(challenges []string) []string {
	var names []string
	for _, challenge := range challenges {
		for part := range strings.SplitSeq(challenge, ",") {
			if fields := strings.Fields(part); len(fields) > 0 && !strings.Contains(fields[0], "=") { // else a parameter
				names = append(names, fields[0])
			}
		}
	}
	return names
}
