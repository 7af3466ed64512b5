// Package auth proves who the client is and protects its messages: one [Scheme] for each connection, because a
// security context belongs to a connection.
package auth

import (
	"fmt"
	"net/http"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// SOAP is the content type of a message that is not sealed.
const SOAP = "application/soap+xml;charset=UTF-8"

// Scheme is an authentication scheme on one connection. Its methods are called for one exchange at a time.
type Scheme interface {
	// Authorize adds to a request what proves the client's identity.
	Authorize(req *http.Request)
	// Seal protects a message and gives the content type of what is to be sent.
	Seal(message []byte) (sealed []byte, contentType string, err error)
	// Open gives the message that a reply holds. A reply that is not protected as the scheme demands is an error.
	Open(contentType string, body []byte) ([]byte, error)
}

// New gives the configured scheme for a connection. It is an error when the connection would not protect what the
// scheme sends.
func New(s connection.Settings) (Scheme, error) {
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
	return basic{authorize: func(req *http.Request) { req.SetBasicAuth(s.Username, s.Password.Reveal()) }}, nil
}

// basic sends user name and password with every request: TLS alone protects them and the messages. It holds them in
// a function, because fmt prints an unexported field without asking its methods.
// Source: RFC 7617.
type basic struct {
	authorize func(*http.Request)
}

func (b basic) Authorize(req *http.Request) { b.authorize(req) }

func (basic) Seal(message []byte) ([]byte, string, error) { return message, SOAP, nil }

func (basic) Open(_ string, body []byte) ([]byte, error) { return body, nil }
