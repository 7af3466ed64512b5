// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// logonFailed is the error of a logon after which the client is not authenticated.
func (c *channel) logonFailed(ctx context.Context, request envelope, challenges []string, err error) error {
	var explained *connection.Error
	switch {
	case errors.As(err, &explained):
		return err
	case ctx.Err() != nil:
		return connectionLost(ctx, request, err)
	case errors.Is(err, auth.ErrNotOffered):
		return c.notOffered(challenges, err)
	case errors.Is(err, auth.ErrRefused):
		return c.refusedCredential(err)
	}
	return &connection.Error{
		Host: c.settings.Address(), Kind: connection.NoLogon, Err: err,
		Problem: fmt.Sprintf("the logon failed: %s.", err),
		Remedy:  "Check that host and port belong to WinRM, and that no proxy responds instead of it.",
	}
}

// refusedCredential is the error of a 401 to the complete credential.
func (c *channel) refusedCredential(err error) error {
	problem, remedy := c.method.Refused(c.settings)
	return &connection.Error{
		Host: c.settings.Address(), Kind: connection.Unauthorized, Err: errors.Join(&statusError{status: http.StatusUnauthorized}, err),
		Problem: problem, Remedy: remedy,
	}
}

// notOffered is the error of a host that does not offer the scheme. No weaker scheme is tried.
func (c *channel) notOffered(challenges []string, err error) error {
	offered, sent := "none", ""
	if names := auth.Offered(challenges); len(names) > 0 {
		offered = strings.Join(names, ", ")
	}
	if !errors.Is(err, auth.ErrRefused) {
		sent = " No password was sent."
	}
	return &connection.Error{
		Host: c.settings.Address(), Kind: connection.NoLogon, Err: err,
		Problem: fmt.Sprintf("the host does not accept %s authentication: it offers %s.%s", c.method.Name, offered, sent),
		Remedy: fmt.Sprintf("Set auth to a scheme that the host offers, or allow this one on the host (winrm get winrm/config/service/auth "+
			"shows the allowed schemes):\n    Set-Item WSMan:\\localhost\\Service\\Auth\\%s $true -Force", c.method.Name),
	}
}

// logonForgotten is the error of a host that asks for another logon just after one.
func (c *channel) logonForgotten(request envelope) error {
	var err error = &statusError{status: http.StatusUnauthorized}
	if !c.settings.HTTPS { // anything on the way can say so, and the host may have executed the message
		err = &lostError{verb: request.verb, err: err}
	}
	return &connection.Error{
		Host: c.settings.Address(), Kind: connection.NoLogon, Err: err,
		Problem: "the host accepted the logon, and then required another one on the same connection (HTTP 401).",
		Remedy:  "A proxy or load balancer probably spreads the requests over several connections, and a logon belongs to one: connect to the host without it.",
	}
}

// unprotected is the error of an answer that is not protected as the scheme demands. It is unknown what the host has done.
func (c *channel) unprotected(request envelope, resp *http.Response, err error) error {
	return &connection.Error{
		Host: c.settings.Address(), Kind: connection.Unprotected, Err: &lostError{verb: request.verb, err: err},
		Problem: fmt.Sprintf("the response (HTTP %d) can't be trusted: %s.", resp.StatusCode, err),
		Remedy:  "It may have been changed in transit. Use https, or a network that you trust.",
	}
}
