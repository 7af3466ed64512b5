// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/ntlm"
)

const (
	negotiate    = "Negotiate"
	maxChallenge = 16 << 10 // characters of a token in a header
)

// negotiateNTLM is NTLMv2 in the scheme Negotiate, without SPNEGO around its messages, as Windows takes it from others.
//
// Over http the messages are sealed, and the first is sent once the host has accepted the logon. Inside TLS they are not
// sealed, and the first is sent with the last request of the logon: that works with hosts that forget a logon after each request, too.
// Source: MS-WSMV 2.2.9.1.1, RFC 4559.
type negotiateNTLM struct {
	client  ntlm.Client
	started bool
	session *ntlm.Session // nil until the challenge was answered
	https   bool

	authenticated bool
}

var ntlmMethod = Method{
	Name:    negotiate,
	check:   func(connection.Settings) error { return nil },
	begin:   newNTLM,
	Refused: refusedNegotiate,
}

// refusedNegotiate describes a refused credential. Windows reports no reason, which would help an attacker.
func refusedNegotiate(s connection.Settings) (problem, remedy string) {
	remedy = "Check username and password: write a domain account as DOMAIN\\name or name@domain, and a local one as name. The account may also be " +
		"locked, disabled or expired: only the host's Security log has the reason (event 4625, Sub Status)."
	if s.HTTPS {
		remedy += " With CbtHardeningLevel Strict, the host also refuses logons through a proxy that terminates TLS."
	}
	return refusedAccount(s), remedy
}

func newNTLM(_ *Schemes, s connection.Settings, certificate *x509.Certificate) Scheme {
	domain, user := account(s.Username)
	return &negotiateNTLM{https: s.HTTPS, client: ntlm.Client{
		User: user, Domain: domain, Password: s.Password, Workstation: workstation(),
		Target: "HTTP/" + s.Host, Binding: channelBinding(endpoint(certificate)),
	}}
}

// account splits DOMAIN\name. A name@domain is the user name as a whole, without a domain.
func account(username string) (domain, user string) {
	if domain, user, found := strings.Cut(username, `\`); found {
		return domain, user
	}
	return "", username
}

// workstation returns this machine's NetBIOS name, for the host's log.
func workstation() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	name, _, _ = strings.Cut(name, ".")
	return strings.ToUpper(name[:min(len(name), 15)])
}

func (n *negotiateNTLM) Next(_ context.Context, challenges []string) (string, error) {
	switch {
	case n.authenticated && challenges == nil:
		return "", nil
	case !n.started:
		n.started = true
		return header(n.client.Negotiate()), nil
	case n.session != nil:
		return "", ErrRefused
	}
	challenge, err := token(challenges)
	if err != nil {
		return "", err
	}
	answer, session, err := n.client.Authenticate(challenge)
	if err != nil {
		return "", err
	}
	n.session = session
	return header(answer), nil
}

func (n *negotiateNTLM) Established() bool { return n.authenticated || n.https && n.session != nil }

func (n *negotiateNTLM) Finish([]string) error {
	if n.session == nil {
		return errors.New("the host accepted the client without a logon")
	}
	n.authenticated = true
	return nil
}

func (n *negotiateNTLM) Seal(message []byte) ([]byte, string, error) {
	return sealMessage(n.session, n.https, message)
}

func (n *negotiateNTLM) Open(contentType string, body []byte) ([]byte, error) {
	return openMessage(n.session, n.https, contentType, body)
}

// header is the Authorization header of a token.
func header(token []byte) string { return negotiate + " " + base64.StdEncoding.EncodeToString(token) }

// token returns the host's token among its challenges.
func token(challenges []string) ([]byte, error) {
	if !Offers(challenges, negotiate) {
		return nil, ErrNotOffered
	}
	for _, challenge := range challenges {
		scheme, text, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		if !strings.EqualFold(scheme, negotiate) || strings.TrimSpace(text) == "" {
			continue
		}
		if len(text) > maxChallenge {
			return nil, fmt.Errorf("the token of the host has more than %d characters", maxChallenge)
		}
		token, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("the token of the host can't be read: %w", err)
		}
		return token, nil
	}
	return nil, errors.New("the host offers Negotiate without a token")
}
