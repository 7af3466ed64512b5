package auth

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// mutual leaves the proof to the TLS handshake, in which the client shows its certificate: only its name is sent, with
// every request. Source: MS-WSMV 2.2.9.2, DSP0226 (security profiles).
type mutual struct{}

func checkCertificate(s connection.Settings) error {
	if s.HTTPS {
		return nil
	}
	return &connection.Error{
		Kind: connection.NoLogon, Host: s.Address(),
		Problem: "a client certificate is shown in the TLS handshake, and there is none over http. Nothing was sent.",
		Remedy:  "Set https = true.",
	}
}

func (mutual) Next(_ context.Context, challenges []string) (string, error) {
	if challenges != nil {
		return "", ErrRefused
	}
	return "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual", nil
}

func (mutual) Established() bool { return true }

func (mutual) Finish([]string) error { return nil }

func (mutual) Seal(message []byte) ([]byte, string, error) { return message, SOAP, nil }

func (mutual) Open(_ string, body []byte) ([]byte, error) { return body, nil }
