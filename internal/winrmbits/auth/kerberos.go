// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/kerberos"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/sspi"
)

// negotiateKerberos is Kerberos in the scheme Negotiate, with SPNEGO around its token, which offers nothing else.
//
// One request without a message proves the client, and its answer the host; messages travel after that alone, sealed
// over http and as they are inside TLS. Source: MS-WSMV 2.2.9.1.1, RFC 4559, RFC 4178.
type negotiateKerberos struct {
	settings  connection.Settings
	tickets   *kerberos.Tickets
	channel   []byte                                                                               // what the context is bound to; nil without TLS
	windows   func(ctx context.Context, spn string, endpoint []byte) (sspi.Session, []byte, error) // nil: no logon as this account
	initiator initiator                                                                            // nil until the token was sent
	context   secured                                                                              // nil until the host is proven
}

// initiator is the client's half of the exchange that proves both sides, after its token was sent.
type initiator interface {
	Finish(answer []byte) (secured, error)
}

// secured is what follows from such an exchange.
type secured interface {
	sealer
	VerifySignature(message, mic []byte) error
}

var kerberosMethod = Method{
	Name:  negotiate,
	check: kerberos.Check,
	begin: newKerberos,
	credential: func(s connection.Settings) connection.Settings {
		s.Kerberos.SPN = "" // of a host's service
		return connection.Settings{Username: s.Username, Password: s.Password, Kerberos: s.Kerberos}
	},
	Refused: refusedNegotiate,
}

func newKerberos(b *Schemes, s connection.Settings, certificate *x509.Certificate) Scheme {
	k := &negotiateKerberos{settings: s, tickets: b.tickets, channel: endpoint(certificate)}
	if s.AsThisAccount() {
		k.windows = sspi.Begin
	}
	return k
}

func (k *negotiateKerberos) Next(ctx context.Context, challenges []string) (string, error) {
	switch {
	case k.context != nil && challenges == nil:
		return "", nil
	case k.initiator != nil:
		return "", k.refused(challenges)
	}
	begin := k.withTicket
	if k.windows != nil {
		begin = k.withWindows
	}
	initiator, message, err := begin(ctx)
	if err != nil {
		return "", err
	}
	negotiation, err := gssapi.NegTokenInit(message)
	if err != nil {
		return "", err
	}
	k.initiator = initiator
	return header(negotiation), nil
}

// withTicket begins with a ticket that this client got from a KDC.
func (k *negotiateKerberos) withTicket(ctx context.Context) (initiator, []byte, error) {
	ticket, err := k.tickets.For(ctx, k.settings)
	if err != nil {
		return nil, nil, err
	}
	own, message, err := gssapi.NewInitiator(ticket, channelBinding(k.channel), k.tickets.Now())
	return ownInitiator{own}, message, err
}

// ownInitiator is one of package gssapi.
type ownInitiator struct{ *gssapi.Initiator }

func (i ownInitiator) Finish(answer []byte) (secured, error) {
	context, err := i.Initiator.Finish(answer)
	if err != nil {
		return nil, err
	}
	return ownContext{context}, nil
}

// ownContext is one of package gssapi.
type ownContext struct{ *gssapi.Context }

func (c ownContext) Open(header, sealed []byte) ([]byte, error) {
	return c.Context.Open(slices.Concat(header, sealed))
}

// refused is the error of a 401 to the ticket. The ticket is not used again: the host's key may be a new one.
func (k *negotiateKerberos) refused(challenges []string) error {
	k.tickets.Forget(k.settings)
	if !Offers(challenges, negotiate) {
		return ErrNotOffered
	}
	reason := error(nil)
	if answer, err := token(challenges); err == nil {
		_, reason = k.prove(answer)
	}
	return k.unproven(reason)
}

// unproven is the error of a host that did not take the ticket, or proved nothing.
func (k *negotiateKerberos) unproven(reason error) error {
	var ofWindows *sspi.Error
	if errors.As(reason, &ofWindows) {
		return explainWindows(k.settings, reason)
	}
	return k.tickets.Refused(k.settings, reason)
}

func (k *negotiateKerberos) Established() bool { return k.context != nil }

// Finish verifies the host's proof.
func (k *negotiateKerberos) Finish(challenges []string) error {
	if k.initiator == nil {
		return errors.New("the host accepted the client without a logon")
	}
	answer, err := token(challenges)
	if err != nil {
		return k.unproven(fmt.Errorf("%w: %w", gssapi.ErrMutual, err))
	}
	if k.context, err = k.prove(answer); err != nil {
		return k.unproven(err)
	}
	return nil
}

// prove reads the host's answer to the token: one of SPNEGO, or Kerberos' own.
func (k *negotiateKerberos) prove(answer []byte) (secured, error) {
	response, err := gssapi.ParseNegTokenResp(answer)
	if err != nil {
		return k.initiator.Finish(answer)
	}
	var context secured
	if response.Token != nil {
		if context, err = k.initiator.Finish(response.Token); err != nil {
			return nil, err
		}
	}
	switch {
	case context == nil:
		return nil, fmt.Errorf("%w: its response has no proof", gssapi.ErrMutual)
	case response.State != gssapi.Completed && response.State != gssapi.NoState:
		return nil, fmt.Errorf("%w: the negotiation is not complete", gssapi.ErrMutual)
	case response.MIC != nil:
		list, err := gssapi.MechanismList()
		if err != nil {
			return nil, err
		}
		if err := context.VerifySignature(list, response.MIC); err != nil {
			return nil, fmt.Errorf("%w: %w", gssapi.ErrMutual, err)
		}
	}
	return context, nil
}

func (k *negotiateKerberos) Seal(message []byte) ([]byte, string, error) {
	return sealMessage(k.context, k.settings.HTTPS, message)
}

func (k *negotiateKerberos) Open(contentType string, body []byte) ([]byte, error) {
	return openMessage(k.context, k.settings.HTTPS, contentType, body)
}
