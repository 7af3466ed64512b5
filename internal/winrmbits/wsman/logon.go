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

// unauthenticated tells about a logon that ended without the host letting the client in.
func (l *lane) unauthenticated(ctx context.Context, request envelope, challenges []string, err error) error {
	var told *connection.Error
	switch {
	case errors.As(err, &told):
		return err
	case ctx.Err() != nil:
		return l.broken(ctx, request, err)
	case errors.Is(err, auth.ErrNotOffered):
		return l.notOffered(challenges, err)
	case errors.Is(err, auth.ErrRefused):
		return l.refusedCredential(err)
	}
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.NoLogon, Err: err,
		Problem: fmt.Sprintf("the logon failed: %s.", err),
		Remedy:  "Check that host and port lead to WinRM, with no proxy between that answers for it.",
	}
}

// refusedCredential is the error of a 401 to the complete credential.
func (l *lane) refusedCredential(err error) error {
	problem, remedy := l.method.Refused(l.settings)
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.Unauthorized, Err: errors.Join(&statusError{http.StatusUnauthorized}, err),
		Problem: problem, Remedy: remedy,
	}
}

// notOffered is the error of a host that does not offer the scheme. No weaker scheme is tried.
func (l *lane) notOffered(challenges []string, err error) error {
	offered, sent := "nothing", ""
	if names := auth.Offered(challenges); len(names) > 0 {
		offered = strings.Join(names, ", ")
	}
	if !errors.Is(err, auth.ErrRefused) {
		sent = " No password was sent."
	}
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.NoLogon, Err: err,
		Problem: fmt.Sprintf("the host does not take this logon: it offers %s, not %s.%s", offered, l.method.Name, sent),
		Remedy: fmt.Sprintf("See what the service takes with: winrm get winrm/config/service/auth; allow it there with:\n"+
			"    winrm set winrm/config/service/auth @{%s=\"true\"}\nor set auth to a scheme that the host offers.", l.method.Name),
	}
}

// forgetful tells about a host that asks for a logon again just after one.
func (l *lane) forgetful() error {
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.NoLogon, Err: &statusError{http.StatusUnauthorized},
		Problem: "the host let this client in and asked for the logon again at the next request of the same connection (HTTP 401).",
		Remedy:  "A logon belongs to a connection: something between, such as a proxy or a load balancer, may spread requests over several.",
	}
}

// endless tells about a host that goes on asking.
func (l *lane) endless() error {
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.NoLogon, Err: &statusError{http.StatusUnauthorized},
		Problem: fmt.Sprintf("the host has not let this client in after %d requests.", maxLegs),
		Remedy:  "Check that host and port lead to WinRM, with no proxy between that answers for it.",
	}
}

// unprotected tells about an answer that is not protected as the scheme demands. What the host has done of the request
// is not known.
func (l *lane) unprotected(request envelope, resp *http.Response, err error) error {
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.Unprotected, Err: &lost{verb: request.verb, err: err},
		Problem: fmt.Sprintf("the answer (HTTP %d) can't be trusted: %s.", resp.StatusCode, err),
		Remedy:  "Something between this machine and the host may have changed it. Use https, or a network that nobody tampers with.",
	}
}
