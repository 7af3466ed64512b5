// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// errConnectTimeout is the cause of a context that ended because connecting took too long.
var errConnectTimeout = errors.New("connect_timeout was exceeded")

// lostError is an exchange without an answer: it is unknown what the host has done.
type lostError struct {
	verb string
	err  error
}

func (e *lostError) Error() string { return fmt.Sprintf("%s: the connection broke: %v", e.verb, e.err) }

func (e *lostError) Unwrap() []error { return []error{ErrConnectionLost, e.err} }

// connectionLost is the error of an exchange without an answer.
func connectionLost(ctx context.Context, request envelope, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w (%w)", err, context.Cause(ctx))
	}
	return &lostError{verb: request.verb, err: err}
}

// explain returns the error of a shell that could not be opened, with its remedy.
func (c *channel) explain(ctx context.Context, err error) error {
	var explained *connection.Error
	if errors.As(err, &explained) {
		return explained
	}
	e := &connection.Error{Host: c.settings.Address(), Err: err}
	var fault *Fault
	var slow net.Error
	over := errors.Is(context.Cause(ctx), errConnectTimeout)
	late := over && (errors.Is(err, errConnectTimeout) || errors.Is(err, context.Canceled)) || errors.As(err, &slow) && slow.Timeout()
	switch {
	case errors.As(err, &fault):
		c.explainFault(e, fault)
	case ctx.Err() != nil && !over:
		return fmt.Errorf("open a shell on %s: %w", c.settings.Address(), context.Cause(ctx))
	case c.explainTLS(e, err):
	case c.explainDial(e, err, late):
	case errors.Is(err, ErrConnectionLost):
		e.Kind = connection.NotWinRM
		e.Problem = "the host closed the connection without a response."
		e.Remedy = "Check that WinRM listens on this port and that https matches it: port 5986 is https, port 5985 is http."
		switch {
		case strings.Contains(err.Error(), "malformed HTTP"): // of net/http, which has no error of its own for it
			e.Problem = "the response is not HTTP."
		case dialFailureOf(runtime.GOOS, err) == reset:
			e.Problem, e.Remedy = "the connection was reset before the host responded.", resetRemedy
		}
	default:
		e.Kind, e.Problem = connection.NotWinRM, withoutPeriod(err.Error())+"."
	}
	return e
}

// explainFault explains a shell that the service did not open.
func (c *channel) explainFault(e *connection.Error, f *Fault) {
	e.Problem, e.Remedy = f.Error()+".", f.Advice()
	switch {
	case f.Code == codeAccessDenied, f.Code == codeAccessDeniedHR, f.Subcode == "AccessDenied":
		e.Kind = connection.Forbidden
		e.Remedy = strings.TrimSpace("The account "+c.settings.Username) + " logged on but may not open a shell: add it to Administrators, or grant it " +
			"Execute with winrm configSDDL default. A local administrator other than the built-in one also needs LocalAccountTokenFilterPolicy = 1."
		if c.method.Forbidden != "" {
			e.Remedy = c.method.Forbidden
		}
	case errors.Is(f, ErrQuota):
		e.Kind = connection.Quota
	case f.Code == codeActionNotSupported, f.Code == codeInvalidURI:
		e.Kind = connection.NotWinRM
	default:
		e.Kind = connection.NoAgent
	}
}

// statuses explain answers with an HTTP status and without a SOAP message, of WinRM or of whatever listens there.
var statuses = map[int]connection.Error{
	http.StatusBadRequest: {
		Kind: connection.NotWinRM, Problem: "the host rejected the request as malformed (HTTP 400).",
		Remedy: "Check that host and port belong to WinRM: port 5986 is https, port 5985 is http.",
	},
	http.StatusForbidden: {
		Kind: connection.Forbidden, Problem: "the host returned HTTP 403.",
		Remedy: "WinRM does not return this status: a proxy, or a rule of http.sys on the host, blocks the request. Connect without it, or allow the request there.",
	},
	http.StatusNotFound: {
		Kind: connection.NotWinRM, Problem: "the server on this port has no /wsman (HTTP 404).",
		Remedy: "Check the port: WinRM usually uses 5986 for https. On the host, winrm enumerate winrm/config/listener shows the ports and URL prefixes.",
	},
	http.StatusLengthRequired: {
		Kind: connection.NotWinRM, Problem: "the host requires a Content-Length, which the provider always sends (HTTP 411).",
		Remedy: "A proxy or gateway changes the encoding of requests to chunked: connect to the host without it.",
	},
	http.StatusRequestEntityTooLarge: {
		Kind: connection.Quota, Problem: "the request is too large for the host (HTTP 413).", Remedy: tooLarge,
	},
	http.StatusServiceUnavailable: {
		Kind: connection.Unreachable, Problem: "a device in front of the host returned HTTP 503, as proxies and load balancers do for a host that they can't reach.",
		Remedy: "Check that the host is up and how the proxy or load balancer sees it, or connect to the host directly.",
	},
}

// stopped explains a 503 of Windows' own HTTP server, behind which WinRM listens.
var stopped = connection.Error{
	Kind: connection.Unreachable, Problem: "the WinRM service is not running, or accepts no more requests (HTTP 503).",
	Remedy: "On the host, run Start-Service WinRM. After a boot, WinRM can take two minutes to start.",
}

// ofWindows reports whether Windows' HTTP server sent an answer.
func ofWindows(resp *http.Response) bool {
	return strings.HasPrefix(resp.Header.Get("Server"), "Microsoft-HTTPAPI")
}

// notJudged are the statuses of a server that has not looked at the credential of a request.
var notJudged = map[int]bool{http.StatusNotFound: true, http.StatusTooManyRequests: true, http.StatusServiceUnavailable: true}

// mayBeLost reports whether something on the way may have answered with a status, after the host has executed the request or not.
func mayBeLost(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusRequestTimeout || notJudged[status]
}

// unexpectedStatus is the error of an answer without a SOAP message. sealed reports that the request held a sealed one,
// instead of a readable one or a step of the logon.
func (c *channel) unexpectedStatus(request envelope, resp *http.Response, sealed bool) error {
	e, known := statuses[resp.StatusCode]
	if !known {
		e.Kind = connection.NotWinRM
		e.Problem = fmt.Sprintf("the host returned HTTP %d instead of a WinRM message.", resp.StatusCode)
		e.Remedy = "Check that host and port belong to WinRM and not to a proxy or another service."
	}
	if resp.StatusCode == http.StatusServiceUnavailable && ofWindows(resp) {
		e = stopped
	}
	e.Host, e.Err = c.settings.Address(), &statusError{status: resp.StatusCode}
	switch {
	case headerTooLong(resp):
		e.Kind = connection.NoLogon
		e.Problem = fmt.Sprintf("the host rejected the request (HTTP %d) because its logon header has %d bytes.", resp.StatusCode, authorizationOf(resp))
		e.Remedy = "The Kerberos ticket is too large because the account is in many groups: use an account in fewer groups. " +
			"Or raise the limits of http.sys on the host (16384 bytes by default), and restart it:\n" +
			`    reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxFieldLength /t REG_DWORD /d 65534` + "\n" +
			`    reg add HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters /v MaxRequestBytes /t REG_DWORD /d 131072`
	case sealed && resp.StatusCode == http.StatusBadRequest: // nothing of it was done, and the next connection has a new context
		e.Err = &lostError{verb: request.verb, err: e.Err}
		e.Problem += " Over http, WinRM returns this for a message that was encrypted for another connection."
		e.Remedy = "A proxy or load balancer that moves requests between connections breaks the message encryption: connect without it, or use https."
	case mayBeLost(resp.StatusCode):
		e.Err = &lostError{verb: request.verb, err: e.Err}
		if c.recognised.Load() && !ofWindows(resp) {
			lostOnTheWay(&e)
		}
	}
	return &e
}

// longHeader is the size, in bytes, from which a logon may be too large for a server: 8 KB is Apache's limit, 16 KB that of Windows.
// Sources: LimitRequestFieldSize, httpd.apache.org; "Http.sys registry settings for Windows", learn.microsoft.com.
const longHeader = 8000

// headerTooLong reports whether a request was refused for the size of its logon. Windows answers 400.
// Source: "HTTP 400 Bad Request (Request Header too long)", learn.microsoft.com.
func headerTooLong(resp *http.Response) bool {
	refused := resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusRequestHeaderFieldsTooLarge
	return refused && authorizationOf(resp) > longHeader
}

// authorizationOf returns the size of the logon in the request that was answered.
func authorizationOf(resp *http.Response) int {
	if resp.Request == nil {
		return 0
	}
	return len(resp.Request.Header.Get("Authorization"))
}

// notSOAP is the error of an answer that is not a SOAP message. It is unknown what the host has done.
func (c *channel) notSOAP(request envelope, resp *http.Response, err error) error {
	// Source: MS-WSMV 3.1.4.1.29.1, and what clients of real hosts report.
	if !c.settings.HTTPS && resp.StatusCode == http.StatusInternalServerError && resp.ContentLength == 0 {
		return &connection.Error{
			Host: c.settings.Address(), Kind: connection.Forbidden, Err: err,
			Problem: "the host returned an empty HTTP 500, as WinRM does when it rejects unencrypted messages (AllowUnencrypted is false).",
			Remedy: "Set https = true, or auth = \"ntlm\" or \"kerberos\", which encrypt messages over http. For a test only, allow unencrypted messages on the host:\n" +
				"    Set-Item WSMan:\\localhost\\Service\\AllowUnencrypted $true -Force",
		}
	}
	err = errors.Join(&statusError{resp.StatusCode, contentType(resp)}, err)
	e := &connection.Error{
		Host: c.settings.Address(), Kind: connection.NotWinRM, Err: &lostError{verb: request.verb, err: err},
		Problem: fmt.Sprintf("the response (HTTP %d, %s) is not a WinRM message.", resp.StatusCode, contentType(resp)),
		Remedy:  "Check that host and port belong to WinRM and not to a proxy or another service.",
	}
	if c.recognised.Load() {
		lostOnTheWay(e)
	}
	return e
}

// lostOnTheWay makes e the error of an exchange with WinRM that something between spoilt.
func lostOnTheWay(e *connection.Error) {
	var status *statusError
	e.Kind = connection.Lost
	switch {
	case !errors.As(e.Err, &status):
		e.Problem = "the connection broke before the host responded."
	case status.status == http.StatusBadRequest: // its own explanation is better
		return
	case isSOAP(status.contentType):
		e.Problem = fmt.Sprintf("the response (HTTP %d) was truncated or changed in transit.", status.status)
	default:
		e.Problem = fmt.Sprintf("a device in front of the host responded instead of it (%s).", status)
	}
	e.Remedy = "Find the proxy, load balancer or firewall that closes connections or responds instead of the host, and connect without it."
}

func contentType(resp *http.Response) string {
	if t := resp.Header.Get("Content-Type"); t != "" {
		return bits.Quotable(t)
	}
	return "no content type"
}

// statusError is an HTTP status that carries no message.
type statusError struct {
	status      int
	contentType string // "" where the status says enough
}

func (e *statusError) Error() string {
	if e.contentType == "" {
		return fmt.Sprintf("HTTP %d", e.status)
	}
	return fmt.Sprintf("HTTP %d, %s", e.status, e.contentType)
}
