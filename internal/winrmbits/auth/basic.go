// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// basic sends user name and password with every request, which only TLS protects. They are in
// a function, because fmt prints an unexported field without calling its methods.
// Source: RFC 7617.
type basic struct {
	unsealed
	authorization func() string
}

func newBasic(_ *Schemes, s connection.Settings, _ *x509.Certificate) Scheme {
	return basic{authorization: func() string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(s.Username+":"+s.Password.Reveal()))
	}}
}

var basicMethod = Method{
	Name:  "Basic",
	check: checkBasic,
	begin: newBasic,
	Refused: func(s connection.Settings) (problem, remedy string) {
		return refusedAccount(s), "Check username and password. Basic works with local accounts only."
	},
}

// refusedAccount describes a refused credential that belongs to a user name.
func refusedAccount(s connection.Settings) string {
	problem := fmt.Sprintf("the host refused the credential of %s (HTTP 401).", s.Username)
	if s.UsesKerberos() { // the KDC has accepted the password
		return problem
	}
	return problem + s.PasswordHint()
}

func checkBasic(s connection.Settings) error {
	if s.HTTPS || s.AllowUnencrypted {
		return nil
	}
	return needsTLS(s, "Basic authentication would send the password in clear text over http. Nothing was sent.",
		"Set https = true, or auth = \"negotiate\". With allow_unencrypted = true the password is sent anyway, readable on the network.")
}

// needsTLS is the error of settings that would use a scheme outside of TLS.
func needsTLS(s connection.Settings, problem, remedy string) error {
	return &connection.Error{Kind: connection.NoLogon, Host: s.Address(), Problem: problem, Remedy: remedy}
}

func (b basic) Next(_ context.Context, challenges []string) (string, error) {
	if len(challenges) > 0 && !Offers(challenges, basicMethod.Name) {
		return "", errors.Join(ErrRefused, ErrNotOffered)
	}
	if challenges != nil {
		return "", ErrRefused
	}
	return b.authorization(), nil
}

// unsealed is the part of schemes that prove the client with every request and leave the messages to TLS.
type unsealed struct{}

func (unsealed) Established() bool { return true }

func (unsealed) Finish([]string) error { return nil }

func (unsealed) Seal(message []byte) ([]byte, string, error) { return message, SOAP, nil }

func (unsealed) Open(_ string, body []byte) ([]byte, error) { return body, nil }
