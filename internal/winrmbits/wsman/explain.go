package wsman

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// errConnectTimeout is the cause of a context that ended because connecting took too long.
var errConnectTimeout = errors.New("the time set in connect_timeout is over")

// lost is an exchange that broke: what the host has done of it is not known.
type lost struct {
	verb string
	err  error
}

func (l *lost) Error() string { return fmt.Sprintf("%s: the connection broke: %v", l.verb, l.err) }

func (l *lost) Unwrap() []error { return []error{ErrConnectionLost, l.err} }

// broken is an exchange without an answer.
func (l *lane) broken(ctx context.Context, request envelope, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w (%w)", err, context.Cause(ctx))
	}
	return &lost{verb: request.verb, err: err}
}

// explain tells an operator why a shell could not be opened.
func (l *lane) explain(ctx context.Context, err error) error {
	var told *connection.Error
	if errors.As(err, &told) {
		return told
	}
	e := &connection.Error{Host: l.settings.Address(), Err: err}
	var (
		fault *Fault
		dns   *net.DNSError
		dial  *net.OpError
		slow  net.Error
	)
	late := errors.Is(context.Cause(ctx), errConnectTimeout) || errors.As(err, &slow) && slow.Timeout()
	switch {
	case errors.As(err, &fault):
		l.explainFault(e, fault)
	case ctx.Err() != nil && !late:
		return fmt.Errorf("open a shell on %s: %w", l.settings.Address(), context.Cause(ctx))
	case l.explainTLS(e, err):
	case errors.As(err, &dns):
		e.Kind = connection.Unreachable
		e.Problem = fmt.Sprintf("the name %s could not be resolved: %s.", dns.Name, dns.Err)
		e.Remedy = "Check the spelling of host, and whether the machine that runs Terraform asks the right name server."
	case errors.Is(err, syscall.ECONNREFUSED):
		l.explainClosed(e)
	case late && l.connected():
		e.Kind = connection.Silent
		e.Problem = fmt.Sprintf("the host accepted the connection and did not answer within %s.", l.settings.ConnectTimeout)
		e.Remedy = "Check that WinRM listens there (winrm enumerate winrm/config/listener) and that the host is not overloaded. connect_timeout sets how long to wait."
	case late:
		e.Kind = connection.Unreachable
		e.Problem = fmt.Sprintf("no connection could be made within %s.", l.settings.ConnectTimeout)
		e.Remedy = "Check that the host is up, the route to it, and that a firewall lets this port through. connect_timeout sets how long to try."
	case errors.As(err, &dial) && dial.Op == "dial":
		e.Kind = connection.Unreachable
		e.Problem = fmt.Sprintf("no connection could be made: %s.", dial.Err)
		e.Remedy = "Check the address of the host and the route to it."
	case errors.Is(err, ErrConnectionLost):
		e.Kind = connection.NotWinRM
		e.Problem = "the host closed the connection without an answer."
		if strings.Contains(err.Error(), "malformed HTTP") { // of net/http, which has no error of its own for it
			e.Problem = "what the host answers is not HTTP."
		}
		e.Remedy = "Check that WinRM listens on this port, and whether https fits it: 5986 is https, 5985 is http."
	default:
		e.Kind, e.Problem = connection.NotWinRM, err.Error()+"."
	}
	return e
}

// explainClosed tells about a port on which nothing listens.
func (l *lane) explainClosed(e *connection.Error) {
	e.Kind = connection.Unreachable
	e.Problem = fmt.Sprintf("nothing listens on port %d.", l.settings.Port)
	e.Remedy = "Check that WinRM is on (Enable-PSRemoting) and which ports its listeners have (winrm enumerate winrm/config/listener)."
	if l.settings.HTTPS {
		e.Remedy = "That is how Windows comes: it has no https listener. On the host, with a certificate for its name in the machine's store, make one:\n" +
			"    winrm quickconfig -transport:https\n" +
			"and let the firewall pass the port. List the listeners with: winrm enumerate winrm/config/listener.\n" +
			"Or set https = false: over http, port 5985, auth = \"negotiate\" seals every message."
	}
}

// explainFault tells about a shell that the service did not open.
func (l *lane) explainFault(e *connection.Error, f *Fault) {
	e.Problem, e.Remedy = f.Error()+".", f.Advice()
	switch {
	case f.Code == codeAccessDenied, f.Code == codeAccessDeniedHR, f.Subcode == "AccessDenied":
		e.Kind = connection.Forbidden
		e.Remedy = fmt.Sprintf("The host knows %s, and does not let it open a shell: it must be a member of Administrators or be allowed by "+
			"winrm configSDDL default. A local administrator other than the built-in one needs LocalAccountTokenFilterPolicy = 1.", l.settings.Username)
		if l.method.Forbidden != "" {
			e.Remedy = l.method.Forbidden
		}
	case errors.Is(f, ErrQuota):
		e.Kind = connection.Quota
	case f.Code == codeActionNotSupported, f.Code == codeInvalidURI:
		e.Kind = connection.NotWinRM
	default:
		e.Kind = connection.NoAgent
	}
}

// refused tells about an answer that WinRM itself, or whatever answers there, gives without a SOAP message. Sealed says
// that the request held a sealed one, instead of a readable one or a step of the logon.
func (l *lane) refused(request envelope, resp *http.Response, sealed bool) error {
	e := &connection.Error{Host: l.settings.Address(), Kind: connection.NotWinRM, Err: &statusError{resp.StatusCode}}
	switch resp.StatusCode {
	case http.StatusBadRequest:
		e.Problem = "the host could not read the request (HTTP 400)."
		e.Remedy = "Check that host and port lead to WinRM: 5986 is https, 5985 is http."
		if sealed { // nothing of it was done, and the next connection has a new context
			e.Err = &lost{verb: request.verb, err: e.Err}
			e.Problem += " Over http that is what WinRM answers to a sealed message that it can't open, because it was sealed for another connection."
			e.Remedy = "A proxy or load balancer on the way, which moves requests between connections, breaks the sealing: reach the host without it, or over https."
		}
	case http.StatusForbidden:
		e.Kind, e.Problem = connection.Forbidden, "the host answered HTTP 403."
		e.Remedy = "WinRM itself does not answer so: a proxy, or a rule of http.sys on the host, stands in the way."
	case http.StatusNotFound:
		e.Problem = "something answers there, but it has no /wsman (HTTP 404)."
		e.Remedy = "Check the port: WinRM's https listener is usually 5986; winrm enumerate winrm/config/listener lists them with their URL prefix."
	case http.StatusLengthRequired:
		e.Problem = "the host wants to know the length of a request, which this client always tells (HTTP 411)."
		e.Remedy = "A proxy or gateway on the way makes chunks of requests: reach the host without it."
	case http.StatusRequestEntityTooLarge:
		e.Kind, e.Problem = connection.Quota, fmt.Sprintf("the host takes no request of %d bytes (HTTP 413).", len(request.text))
		e.Remedy = codes[codeEnvelopeLimit].advice
	case http.StatusServiceUnavailable:
		e.Kind, e.Problem = connection.Unreachable, "the WinRM service does not run behind its port, or takes no more requests (HTTP 503)."
		e.Remedy = "Start it with: Start-Service WinRM. After a start of the host it may take two minutes by itself."
	default:
		e.Problem = fmt.Sprintf("the host answered HTTP %d instead of a message of WinRM.", resp.StatusCode)
		e.Remedy = "Check that host and port lead to WinRM and not to a proxy or another service."
	}
	if resp.StatusCode >= http.StatusInternalServerError { // of a proxy, perhaps, that lost the host's own answer
		e.Err = &lost{verb: request.verb, err: e.Err}
	}
	return e
}

// notWinRM tells about an answer that is no SOAP message. What the host has done of the request is not known.
func (l *lane) notWinRM(request envelope, resp *http.Response, err error) error {
	// Source: MS-WSMV 3.1.4.1.29.1, and what clients of real hosts report.
	if !l.settings.HTTPS && resp.StatusCode == http.StatusInternalServerError && resp.ContentLength == 0 {
		return &connection.Error{
			Host: l.settings.Address(), Kind: connection.Forbidden, Err: err,
			Problem: "the host answered HTTP 500 and nothing else, as WinRM does to messages in clear text, which it refuses unless AllowUnencrypted is set.",
			Remedy: "Set https = true, or auth = \"ntlm\" or \"kerberos\", which seal the messages. For a test only, the host takes clear text after:\n" +
				"    winrm set winrm/config/service @{AllowUnencrypted=\"true\"}",
		}
	}
	return &connection.Error{
		Host: l.settings.Address(), Kind: connection.NotWinRM, Err: &lost{verb: request.verb, err: err},
		Problem: fmt.Sprintf("the answer (HTTP %d, %s) is no message of WinRM.", resp.StatusCode, contentType(resp)),
		Remedy:  "Check that host and port lead to WinRM and not to a proxy or another service.",
	}
}

func contentType(resp *http.Response) string {
	if t := resp.Header.Get("Content-Type"); t != "" {
		return t
	}
	return "without a content type"
}

// statusError is an HTTP status that carries no message.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("HTTP status %d", e.status) }
