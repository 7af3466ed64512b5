// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// acceptance is a security context while it is agreed on: the tokens of a mechanism as they are, or inside of SPNEGO.
// The answer has the form of the question.
type acceptance struct {
	policy *Policy
	name   string  // of the scheme, as HTTP's headers have it
	inner  Context // of the mechanism; nil until it is chosen
	done   bool    // the client is proven
	spnego *spnego // nil for tokens as they are
}

// spnego is what has to be remembered of a negotiation.
type spnego struct {
	mechanisms []byte // the client's list, as it came: both sides' MICs are of it
	demanded   bool   // the list must be protected, because its first mechanism was not taken
	sent       bool   // our MIC
	received   bool   // theirs
}

// Errors of clients.
var (
	errNoMechanism = errors.New("the client knows no mechanism that is offered")
	errOrder       = errors.New("the token came out of order")
	errMIC         = errors.New("the list of mechanisms is not protected")
)

func newAcceptance(p *Policy, name string) *acceptance {
	for _, known := range []string{nameNegotiate, nameKerberos} {
		if strings.EqualFold(name, known) {
			name = known
		}
	}
	return &acceptance{policy: p, name: name}
}

// begin chooses the mechanism that is offered and fits.
func (a *acceptance) begin(fits func(Mechanism) bool) error {
	i := slices.IndexFunc(a.policy.Mechanisms, fits)
	if i < 0 {
		return errNoMechanism
	}
	a.inner = a.policy.Mechanisms[i].New(a.policy.channel)
	return nil
}

// of is for begin.
func of(s Scheme) func(Mechanism) bool { return func(m Mechanism) bool { return m.Scheme == s } }

// step takes the client's next token.
func (a *acceptance) step(token []byte) (answer []byte, err error) {
	switch {
	case a.done:
		return nil, errOrder
	case a.inner == nil && a.name == nameNegotiate && bytes.HasPrefix(token, []byte(ntlmSignature)):
		err = a.begin(of(NTLM))
	case a.inner == nil && a.name == nameNegotiate && isSPNEGO(token):
		return a.negotiate(token)
	case a.inner == nil: // Kerberos, with or without its name
		err = a.begin(of(Kerberos))
	case a.spnego != nil:
		return a.goOn(token)
	}
	if err != nil {
		return nil, err
	}
	answer, err = a.inner.Step(token)
	a.done = err == nil && a.inner.Account() != ""
	return answer, err
}

// negotiate takes SPNEGO's first token.
func (a *acceptance) negotiate(token []byte) ([]byte, error) {
	offer, mechanisms, err := parseNegTokenInit(token)
	if err != nil {
		return nil, err
	}
	a.spnego = &spnego{mechanisms: offer.List.Bytes}
	for i, oid := range mechanisms {
		if a.begin(func(m Mechanism) bool { return slices.ContainsFunc(m.OIDs, oid.Equal) }) != nil {
			continue
		}
		reply := negTokenResp{State: acceptIncomplete, Mechanism: oid}
		if i > 0 { // the token is of a mechanism that is not ours
			a.spnego.demanded = true
			reply.State = requestMIC
			return reply.marshal()
		}
		return a.proceed(offer.Token, offer.MIC, reply)
	}
	return nil, errNoMechanism
}

// goOn takes a later token of SPNEGO.
func (a *acceptance) goOn(token []byte) ([]byte, error) {
	resp, err := parseNegTokenResp(token)
	if err != nil {
		return nil, err
	}
	if resp.State == reject {
		return nil, errOrder
	}
	return a.proceed(resp.Token, resp.MIC, negTokenResp{State: acceptIncomplete})
}

// proceed hands a token to the mechanism and completes the reply.
func (a *acceptance) proceed(token, mic []byte, reply negTokenResp) ([]byte, error) {
	var failed error
	if len(token) > 0 {
		if a.inner.Account() != "" {
			return nil, errOrder
		}
		reply.Token, failed = a.inner.Step(token)
	}
	if failed != nil {
		if reply.Token == nil {
			return nil, failed
		}
		reply.State = reject
		answer, err := reply.marshal()
		return answer, errors.Join(failed, err)
	}
	if a.inner.Account() != "" {
		if err := a.protect(mic, &reply); err != nil {
			return nil, err
		}
	}
	return reply.marshal()
}

// protect exchanges the MICs of the list of mechanisms, where the client wants to or has to, and ends the negotiation.
// Source: RFC 4178 5, MS-SPNG 3.3.5.1.
func (a *acceptance) protect(mic []byte, reply *negTokenResp) (err error) {
	s := a.spnego
	if len(mic) > 0 {
		if err := a.inner.CheckMIC(s.mechanisms, mic); err != nil {
			return err
		}
		s.received = true
	}
	if (s.received || s.demanded) && !s.sent {
		if reply.MIC, err = a.inner.MIC(s.mechanisms); err != nil {
			return err
		}
		s.sent = true
	} else if s.demanded && !s.received {
		return errMIC
	}
	if s.received || !s.demanded {
		reply.State, a.done = acceptComplete, true
	}
	return nil
}
