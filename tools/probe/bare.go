// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// identify is a message that every service answers and that changes nothing. Source: DSP0226.
const identify = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` +
	`xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>`

const maxRequests = 8 // of a logon

// askBare logs on, and sends a request without a credential and without a message over the same connection.
func askBare(ctx context.Context, a *asker) answer {
	b := &bare{settings: a.settings}
	defer b.close()
	logon, err := b.logOn(ctx) //nolint:bodyclose // post has closed it
	if err == nil && logon.StatusCode == http.StatusUnauthorized {
		err = errors.New("the logon was refused")
	}
	if err != nil {
		return fail(err)
	}
	after, err := b.post(ctx, "", auth.SOAP, nil) //nolint:bodyclose // post has closed it
	if err != nil {
		return fail(fmt.Errorf("send an empty request: %w", err))
	}
	return answer{
		status: answered, text: after.Status,
		evidence: []string{fmt.Sprintf("scheme %s, Identify HTTP %s, then HTTP %s", a.settings.Auth, logon.Status, after.Status)},
	}
}

// bare is one connection to the service.
type bare struct {
	settings connection.Settings
	conn     *http.ClientConn
}

func (b *bare) close() {
	if b.conn != nil {
		_ = b.conn.Close()
	}
}

// logOn opens the connection, and returns the answer to a message that was sent with the logon.
func (b *bare) logOn(ctx context.Context) (*http.Response, error) {
	transport, err := wsman.NewClient(nil).Transport(b.settings)
	if err != nil {
		return nil, err
	}
	var certificate *x509.Certificate
	protocol := "http"
	if b.settings.HTTPS {
		protocol = "https"
	}
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeDone: func(state tls.ConnectionState, _ error) {
		if len(state.PeerCertificates) > 0 {
			certificate = state.PeerCertificates[0]
		}
	}})
	if b.conn, err = transport.NewClientConn(traced, protocol, b.settings.Address()); err != nil {
		return nil, err
	}
	scheme, err := auth.NewSchemes().Begin(b.settings, certificate)
	if err != nil {
		return nil, err
	}
	return b.negotiate(ctx, scheme)
}

func (b *bare) negotiate(ctx context.Context, scheme auth.Scheme) (*http.Response, error) {
	var challenges []string
	for range maxRequests {
		header, err := scheme.Next(ctx, challenges)
		if err != nil {
			return nil, err
		}
		var body []byte
		contentType := auth.SOAP
		established := scheme.Established()
		if established {
			if body, contentType, err = scheme.Seal([]byte(identify)); err != nil {
				return nil, err
			}
		}
		resp, err := b.post(ctx, header, contentType, body)
		if err != nil {
			return nil, err
		}
		challenges = resp.Header.Values("WWW-Authenticate")
		if resp.StatusCode == http.StatusUnauthorized {
			continue
		}
		if err := scheme.Finish(challenges); err != nil || established {
			return resp, err
		}
		challenges = nil
	}
	return nil, fmt.Errorf("no logon after %d requests", maxRequests)
}

// post sends a request and reads the answer, whose body is closed then.
func (b *bare) post(ctx context.Context, header, contentType string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.settings.URL(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	if header != "" {
		req.Header.Set("Authorization", header)
	}
	resp, err := b.conn.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body) // else the connection ends with the body
	_ = resp.Body.Close()
	return resp, err
}
