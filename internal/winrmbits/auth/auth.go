// Package auth proves who the client is and protects its messages: one [Scheme] for each connection, because a
// security context belongs to a connection.
package auth

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// SOAP is the content type of a message that is not sealed.
const SOAP = "application/soap+xml;charset=UTF-8"

// ErrRefused is a 401 after everything was said that proves the client: the credential is not accepted.
var ErrRefused = errors.New("the credential was refused")

// Scheme is an authentication scheme on one connection: its security context begins and ends with it. Its methods are
// called one at a time, in the order of the exchanges.
type Scheme interface {
	// Next gives the Authorization header of the next request, "" for none. The challenges are the WWW-Authenticate
	// headers of the 401 that answered the request before; nil before the first and once a request was let in. An
	// error ends the logon: [ErrRefused], or what the host offers is no answer to what was sent.
	Next(ctx context.Context, challenges []string) (header string, err error)
	// Established reports whether a message can be sealed. Until then requests go without a body.
	Established() bool
	// Finish takes the WWW-Authenticate headers of the answer that let the client in. It is an error when they do not
	// prove the host where the scheme demands it.
	Finish(challenges []string) error
	// Seal protects a message and gives the content type of what is to be sent.
	Seal(message []byte) (sealed []byte, contentType string, err error)
	// Open gives the message that a reply holds. A reply that is not protected as the scheme demands is an error.
	Open(contentType string, body []byte) ([]byte, error)
}

// New gives the configured scheme for a connection; the certificate is the host's, nil without TLS. It is an error
// when the connection would not protect what the scheme sends.
func New(s connection.Settings, _ *x509.Certificate) (Scheme, error) {
	if s.Auth != connection.AuthBasic {
		return nil, fmt.Errorf("authentication scheme %q is not known", s.Auth)
	}
	if !s.HTTPS {
		return nil, &connection.Error{
			Kind: connection.Unauthorized, Host: s.Address(),
			Problem: "Basic authentication would send the password in clear text over http. Nothing was sent.",
			Remedy:  "Set https = true: Basic is used inside TLS only.",
		}
	}
	return basic{authorization: func() string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.Username+":"+s.Password.Reveal()))
	}}, nil
}

// basic sends user name and password with every request: TLS alone protects them and the messages. It holds them in
// a function, because fmt prints an unexported field without asking its methods.
// Source: RFC 7617.
type basic struct {
	authorization func() string
}

func (b basic) Next(_ context.Context, challenges []string) (string, error) {
	if challenges != nil {
		return "", ErrRefused
	}
	return b.authorization(), nil
}

func (basic) Established() bool { return true }

func (basic) Finish([]string) error { return nil }

func (basic) Seal(message []byte) ([]byte, string, error) { return message, SOAP, nil }

func (basic) Open(_ string, body []byte) ([]byte, error) { return body, nil }
