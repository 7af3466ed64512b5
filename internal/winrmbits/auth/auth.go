// SPDX-License-Identifier: MPL-2.0

// Package auth proves who the client is and protects its messages: one [Scheme] for each connection, because a
// security context belongs to a connection.
package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/kerberos"
)

// SOAP is the content type of a message that is not sealed.
const SOAP = "application/soap+xml;charset=UTF-8"

// The ways a logon fails, for errors.Is.
var (
	// ErrRefused is a 401 after everything was sent that proves the client: the credential is not accepted.
	ErrRefused = errors.New("the credential was refused")
	// ErrNotOffered is a host that does not offer the scheme. Unless the error is ErrRefused, too, nothing that holds the
	// credential was sent.
	ErrNotOffered = errors.New("the host does not offer the scheme")
)

// Scheme is an authentication scheme on one connection: its security context begins and ends with it. Its methods are
// called one at a time, in the order of the exchanges; after an error of any of them the connection is closed.
type Scheme interface {
	// Next returns the Authorization header of the next request, "" for none. The challenges are the WWW-Authenticate
	// headers of the 401 that answered the request before; nil before the first and once a request was accepted. An
	// error ends the logon: [ErrRefused], [ErrNotOffered], a complete *connection.Error, or an error that describes an
	// invalid token of the host.
	Next(ctx context.Context, challenges []string) (header string, err error)
	// Established reports, after Next, whether the request may carry a message. Until then it has no body.
	Established() bool
	// Finish takes the WWW-Authenticate headers of the first answer that is not a 401. It returns an error when they do
	// not prove the host's identity where the scheme demands it, or when the host accepts a client that proved nothing.
	Finish(challenges []string) error
	// Seal protects a message, and returns the content type of the result.
	Seal(message []byte) (sealed []byte, contentType string, err error)
	// Open returns the message in a reply. A reply that is not protected as the scheme demands is an error.
	Open(contentType string, body []byte) ([]byte, error)
}

// Method is what a scheme is before any connection is made: each scheme of [connection.Auth] is one, in a file of its own.
type Method struct {
	Name string // in WWW-Authenticate and in winrm/config/service/auth

	// TLS changes the configuration of a connection to what the scheme needs; nil: nothing.
	TLS func(s connection.Settings, config *tls.Config) error
	// Refused describes a refused credential.
	Refused   func(s connection.Settings) (problem, remedy string)
	Forbidden string // the remedy when the account may not open a shell; "" where there is nothing special
	Handshake string // what a failed TLS handshake may be about, besides TLS itself

	check      func(s connection.Settings) error
	begin      func(b *Schemes, s connection.Settings, certificate *x509.Certificate) Scheme
	credential func(s connection.Settings) connection.Settings // nil: user name and password
}

var methods = map[connection.Auth]Method{
	connection.AuthBasic:       basicMethod,
	connection.AuthCertificate: certificateMethod,
	connection.AuthKerberos:    kerberosMethod,
	connection.AuthNTLM:        ntlmMethod,
}

// MethodOf returns the method of the scheme that settings mean. It returns an error where these settings can't be used
// with it at all. Nothing is dialed.
func MethodOf(s connection.Settings) (Method, error) {
	m, ok := methods[s.Scheme()]
	if !ok {
		return m, fmt.Errorf("authentication scheme %q is not known", s.Auth)
	}
	return m, m.check(s)
}

// CredentialOf returns settings that hold nothing but the credential of a connection: equal ones are the same credential.
func CredentialOf(s connection.Settings) connection.Settings {
	credential := connection.Settings{Auth: s.Scheme(), Username: s.Username, Password: s.Password}
	if m := methods[credential.Auth]; m.credential != nil {
		credential = m.credential(s)
		credential.Auth = s.Scheme()
	}
	return credential
}

// Schemes begins schemes on connections, and holds what the connections of one process share: Kerberos tickets. It is
// safe for concurrent use.
type Schemes struct {
	tickets *kerberos.Tickets
}

// NewSchemes returns schemes that share nothing with others.
func NewSchemes() *Schemes { return &Schemes{tickets: kerberos.NewTickets()} }

// Begin begins the configured scheme on a connection; the certificate is the host's, nil without TLS.
func (b *Schemes) Begin(s connection.Settings, certificate *x509.Certificate) (Scheme, error) {
	m, err := MethodOf(s)
	if err != nil {
		return nil, err
	}
	return m.begin(b, s, certificate), nil
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

// Offered returns the names of the schemes that WWW-Authenticate headers offer.
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
