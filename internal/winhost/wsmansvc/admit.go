// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// soapType is the type of a message that is not sealed.
const soapType = "application/soap+xml;charset=UTF-8"

// connectionKey is the key of a connection's side of authentication.
type connectionKey struct{}

// connection is what counts per connection: what the client is, and whether it is one too many.
type connection struct {
	*logon.Connection

	overLimit bool
}

// ConnContext is for [http.Server.ConnContext].
func (s *Service) ConnContext(ctx context.Context, _ net.Conn) context.Context {
	over := s.connections.Add(1) > int64(s.Quotas.Connections)
	return context.WithValue(ctx, connectionKey{}, connection{s.Policy.Connect(), over})
}

// ConnState is for [http.Server.ConnState]: a connection counts until it is closed.
func (s *Service) ConnState(_ net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		s.connections.Add(-1)
	}
}

// client is who sent a request and what it holds.
type client struct {
	logon.Verdict

	connection connection
	message    []byte
	sealed     bool // so the answer has to be
	malformed  bool // what was sealed can't be opened
	readable   bool // the message travels in clear text, and that is not allowed
}

// admit reports who sends a request and opens its message. Nothing is counted yet.
func (s *Service) admit(r *http.Request, body []byte) client {
	c := client{message: body}
	var known bool
	if c.connection, known = r.Context().Value(connectionKey{}).(connection); !known {
		c.connection.Connection = s.Policy.Connect()
	}
	c.Verdict = c.connection.Judge(r)
	if c.Account == "" {
		return c
	}
	var err error
	c.message, c.sealed, err = c.connection.Open(r.Header.Get("Content-Type"), body)
	c.malformed = err != nil
	c.readable = !c.sealed && len(body) > 0 && !c.connection.Readable(r.TLS)
	return c
}

// refuse is the 401 of a request that is refused whatever it proves. Its credential counts as a wrong one.
func (s *Service) refuse(r *http.Request, c client) reply {
	if r.Header.Get("Authorization") != "" && (c.Account != "" || c.Outcome == logon.Refused) {
		s.Meter.FailedLogons.Add(1)
	}
	return reply{status: http.StatusUnauthorized, challenges: c.connection.Refuse(logon.Refused).Challenges}
}

// count records a credential.
func (s *Service) count(o logon.Outcome) {
	switch o {
	case logon.Proven:
		s.Meter.Logons.Add(1)
	case logon.Refused:
		s.Meter.FailedLogons.Add(1)
	case logon.Pending:
	}
}

// authenticated carries a request out for a client that may come in, unless there is a fault already.
//
// A message in clear text where that is not allowed gets a 500 without a body, as clients of real hosts report: any
// answer would be in clear text, too. Source of the rule: MS-WSMV 3.1.4.1.29.1.
func (s *Service) authenticated(r *http.Request, c client, req *request, fault *Fault) reply {
	if strings.EqualFold(r.Header.Get("WSMANIDENTIFY"), "unauthenticated") && req.verb() == Identify && fault == nil {
		return reply{status: http.StatusOK, body: identity("OS: 0.0.0 SP: 0.0 Stack: 3.0")}
	}
	s.count(c.Outcome)
	answer := reply{status: http.StatusOK, challenges: c.Challenges}
	switch {
	case c.AccessDenied:
		fault = accessDenied
	case c.Account == "":
		answer.status = http.StatusUnauthorized
		return answer
	case c.malformed:
		answer.status = http.StatusBadRequest
		return answer
	case c.readable:
		answer.status = http.StatusInternalServerError
		return answer
	case len(c.message) == 0: // as clients send to agree on a security context
		return answer
	case req.verb() == Identify && fault == nil:
		answer.body = identity("OS: " + s.OS + " SP: 0.0 Stack: 3.0")
		return s.seal(c, answer)
	}
	if c.connection.overLimit && fault == nil {
		fault = tooManyConnections
	}
	answer.status, answer.body = s.carryOut(r, req, c.Account, fault)
	return s.seal(c, answer)
}

// carryOut performs the request, unless there is a fault already, and writes the envelope.
func (s *Service) carryOut(r *http.Request, req *request, user string, fault *Fault) (status int, envelope []byte) {
	var a answer
	if fault == nil {
		a, fault = s.perform(r, req, user)
	}
	status = http.StatusOK
	if fault != nil {
		a, status = faultAnswer(fault, machineName(r)), http.StatusInternalServerError
	}
	return status, a.envelope(req.Header.MessageID)
}

// seal protects an answer as its question was.
func (s *Service) seal(c client, answer reply) reply {
	if !c.sealed {
		return answer
	}
	var err error
	if answer.body, answer.contentType, err = c.connection.Seal(answer.body); err != nil {
		return reply{status: http.StatusInternalServerError}
	}
	return answer
}
