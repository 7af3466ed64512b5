// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const (
	identifyTimeout = 5 * time.Second
	maxIdentity     = 64 << 10 // bytes of an answer

	identifyText = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` +
		`xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>`
	microsoft = "Microsoft Corporation"
)

// identity is what a WS-Management service reports of itself without a logon. Source: DSP0226, Identify.
type identity struct {
	Vendor  string `xml:"Body>IdentifyResponse>ProductVendor"`
	Version string `xml:"Body>IdentifyResponse>ProductVersion"`
	Speaks  string `xml:"Body>IdentifyResponse>ProtocolVersion"`
}

// withIdentity adds to a failure that looks as if another service than WinRM answered what that service is: it is asked,
// without a credential. Other failures cost no request.
func (c *channel) withIdentity(ctx context.Context, err error) error {
	var failed *connection.Error
	if !errors.As(err, &failed) || !isAmbiguous(failed) || ctx.Err() != nil {
		return err
	}
	who, identifyErr := c.identify(ctx)
	switch {
	case identifyErr != nil:
		failed.Problem += " It does not respond to a WS-Management Identify request either."
	case strings.EqualFold(who.Vendor, microsoft) && errors.Is(failed, ErrConnectionLost):
		lostOnTheWay(failed)
		failed.Problem += fmt.Sprintf(" WS-Management Identify returned WinRM (%s), so host and port are correct.", who.Version)
	case strings.EqualFold(who.Vendor, microsoft):
		failed.Problem += fmt.Sprintf(" WS-Management Identify returned WinRM (%s), "+
			"so host and port are correct: the request is blocked or changed in transit.", who.Version)
	default:
		failed.Problem += fmt.Sprintf(" WS-Management Identify returned %s %s, which is not WinRM.", who.Vendor, who.Version)
	}
	return failed
}

// isAmbiguous reports whether the answer was HTTP, and not one of WinRM.
func isAmbiguous(failed *connection.Error) bool {
	var status *statusError
	ofHTTP := errors.As(failed.Err, &status)
	lost := errors.Is(failed.Err, ErrConnectionLost)
	return failed.Kind == connection.NotWinRM && (ofHTTP || lost) || failed.Kind == connection.Unreachable && ofHTTP && lost ||
		hasCode(failed.Err, codeActionNotSupported, codeInvalidURI)
}

// identify asks a service what it is, over a connection of its own and without a credential.
func (c *channel) identify(ctx context.Context) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	var who identity
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.settings.URL(), strings.NewReader(identifyText))
	if err != nil {
		return who, fmt.Errorf("identify: %w", err)
	}
	req.Header.Set("Content-Type", "application/soap+xml;charset=UTF-8")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("WSMANIDENTIFY", "unauthenticated") // MS-WSMV 3.1.4.1.23
	conn, err := c.transport.NewClientConn(ctx, req.URL.Scheme, c.settings.Address())
	if err != nil {
		return who, fmt.Errorf("identify: %w", err)
	}
	defer func() { _ = conn.Close() }()
	resp, err := conn.RoundTrip(req)
	if err != nil {
		return who, fmt.Errorf("identify: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxIdentity))
	if err == nil {
		err = xml.Unmarshal(text, &who)
	}
	if err == nil && (resp.StatusCode != http.StatusOK || who.Speaks == "") {
		err = &statusError{status: resp.StatusCode}
	}
	if err != nil {
		return who, fmt.Errorf("identify: %w", err)
	}
	who.Vendor, who.Version = bits.Quotable(who.Vendor), bits.Quotable(who.Version)
	return who, nil
}
