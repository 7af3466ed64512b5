package logon

import (
	"bytes"
	"encoding/asn1"
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

// mechanism finds the mechanism of a scheme that is offered.
func (p *Policy) mechanism(s Scheme) *Mechanism {
	for i, m := range p.Mechanisms {
		if m.Scheme == s {
			return &p.Mechanisms[i]
		}
	}
	return nil
}

// named finds the mechanism that an OID names.
func (p *Policy) named(oid asn1.ObjectIdentifier) *Mechanism {
	for i, m := range p.Mechanisms {
		if slices.ContainsFunc(m.OIDs, oid.Equal) {
			return &p.Mechanisms[i]
		}
	}
	return nil
}

// begin chooses a mechanism.
func (a *acceptance) begin(m *Mechanism) error {
	if m == nil {
		return errNoMechanism
	}
	a.inner = m.New(a.policy.channel)
	return nil
}

// step takes the client's next token.
func (a *acceptance) step(token []byte) (answer []byte, err error) {
	switch {
	case a.done:
		return nil, errOrder
	case a.inner == nil && a.name == nameNegotiate && bytes.HasPrefix(token, []byte(ntlmSignature)):
		err = a.begin(a.policy.mechanism(NTLM))
	case a.inner == nil && a.name == nameNegotiate && isSPNEGO(token):
		return a.negotiate(token)
	case a.inner == nil: // Kerberos, with or without its name
		err = a.begin(a.policy.mechanism(Kerberos))
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
	offer, err := parseNegTokenInit(token)
	if err != nil {
		return nil, err
	}
	a.spnego = &spnego{mechanisms: offer.list}
	for i, oid := range offer.mechanisms {
		m := a.policy.named(oid)
		if m == nil {
			continue
		}
		if err := a.begin(m); err != nil {
			return nil, err
		}
		reply := negTokenResp{state: acceptIncomplete, mechanism: oid}
		if i > 0 { // the token is of a mechanism that is not ours
			a.spnego.demanded = true
			reply.state = requestMIC
			return reply.marshal()
		}
		return a.proceed(offer.token, offer.mic, reply)
	}
	return nil, errNoMechanism
}

// goOn takes a later token of SPNEGO.
func (a *acceptance) goOn(token []byte) ([]byte, error) {
	resp, err := parseNegTokenResp(token)
	if err != nil {
		return nil, err
	}
	if resp.state == reject {
		return nil, errOrder
	}
	return a.proceed(resp.token, resp.mic, negTokenResp{state: acceptIncomplete})
}

// proceed hands a token to the mechanism and completes the reply.
func (a *acceptance) proceed(token, mic []byte, reply negTokenResp) ([]byte, error) {
	var failed error
	if len(token) > 0 {
		if a.inner.Account() != "" {
			return nil, errOrder
		}
		reply.token, failed = a.inner.Step(token)
	}
	if failed != nil {
		if reply.token == nil {
			return nil, failed
		}
		reply.state = reject
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
		if reply.mic, err = a.inner.MIC(s.mechanisms); err != nil {
			return err
		}
		s.sent = true
	} else if s.demanded && !s.received {
		return errMIC
	}
	if s.received || !s.demanded {
		reply.state, a.done = acceptComplete, true
	}
	return nil
}
