// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
)

// maxAge is how far the time in a client's proof may be from the host's. Source: MS-NLMP 3.1.1.1.
const maxAge = 36 * time.Hour

// NTLMOptions are what the mechanism needs to know.
type NTLMOptions struct {
	Computer string   // NetBIOS name, which is the domain of local accounts
	Names    []string // that clients may call the host by
	Accounts *Accounts
	Now      func() time.Time
}

// NewNTLM makes NTLM a mechanism of Negotiate.
func NewNTLM(o NTLMOptions) Mechanism {
	return Mechanism{
		Scheme: NTLM,
		OIDs:   []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 311, 2, 2, 10}}, // MS-NLMP 1.9
		New:    func(c Channel) Context { return &ntlmContext{options: o, channel: c} },
	}
}

// Errors of clients.
var (
	errWeak     = errors.New("the client wants less protection than the host demands")
	errAge      = errors.New("the proof is too old or too new")
	errNTLMMIC  = errors.New("the messages of the logon were changed on their way")
	errTarget   = errors.New("the client meant another service")
	errUnsealed = errors.New("no protection was agreed on")
)

// demandedFlags are the flags without which a client is refused: the default of "Network security: Minimum session
// security for NTLM SSP based servers".
const demandedFlags = flagExtended | flag128

// supportedFlags are the flags that a client may ask for.
const supportedFlags = demandedFlags | flagUnicode | flagOEM | flagSign | flagSeal | flagKeyExchange | flag56 | flagVersion

// ntlmContext is a security context.
type ntlmContext struct {
	options NTLMOptions
	channel Channel

	negotiated, challenged []byte // the messages
	nonce                  []byte
	flags                  uint32
	account                string
	in, out                *flow // nil unless messages are protected
}

// Step takes the client's first message, then its last.
func (c *ntlmContext) Step(token []byte) (answer []byte, err error) {
	switch {
	case c.account != "":
		return nil, errOrder
	case c.challenged == nil:
		return c.challenge(token)
	default:
		return nil, c.authenticate(token)
	}
}

// Account is who the client is.
func (c *ntlmContext) Account() string { return c.account }

// challenge answers the client's first message. Source: MS-NLMP 3.2.5.1.1.
func (c *ntlmContext) challenge(token []byte) ([]byte, error) {
	flags, err := parseNegotiate(token)
	if err != nil {
		return nil, err
	}
	if flags&demandedFlags != demandedFlags {
		return nil, errWeak
	}
	switch { // Unicode counts where both are offered
	case flags&flagUnicode != 0:
		flags &^= flagOEM
	case flags&flagOEM == 0:
		return nil, errWeak
	}
	c.flags = flags&supportedFlags | flagRequestTarget | flagNTLM | flagAlwaysSign | flagTargetServer | flagTargetInfo
	c.nonce = make([]byte, 8)
	_, _ = rand.Read(c.nonce)
	name, dns := encodeUTF16(c.options.Computer), encodeUTF16(strings.ToLower(c.options.Computer))
	c.negotiated = slices.Clone(token)
	c.challenged = marshalChallenge(c.flags, c.nonce, c.options.Computer, []avPair{
		{avDomain, name},
		{avComputer, name},
		{avDNSDomain, dns},
		{avDNSComputer, dns},
		{avTimestamp, appendTime(nil, c.options.Now())},
	})
	return c.challenged, nil
}

// authenticate checks the proof. Source: MS-NLMP 3.2.5.1.2 and 3.3.2.
func (c *ntlmContext) authenticate(token []byte) error {
	message, err := parseAuthenticate(token)
	if err != nil {
		return err
	}
	answer, err := parseResponse(message.response)
	if err != nil {
		return err
	}
	var key []byte
	username := message.user
	if message.domain != "" {
		username = message.domain + `\` + message.user
	}
	account, err := c.options.Accounts.Try(username, func(password string) bool {
		owner := ownerKey(password, message.user, message.domain)
		key = hmacMD5(owner, answer.proof)
		return hmac.Equal(answer.proof, hmacMD5(owner, c.nonce, answer.client))
	})
	if err != nil {
		return err
	}
	flags := c.flags & message.flags
	if flags&demandedFlags != demandedFlags || flags&(flagUnicode|flagOEM) == 0 {
		return errWeak
	}
	if flags&flagKeyExchange != 0 && flags&(flagSign|flagSeal) != 0 {
		if len(message.sessionKey) != len(key) {
			return errNTLMMessage
		}
		key = crypt(key, message.sessionKey)
	}
	if err := c.examine(token, message, answer, key); err != nil {
		return err
	}
	if flags&flagSign != 0 && flags&flagSeal != 0 {
		c.in, c.out = newFlow(key, flags, fromClient), newFlow(key, flags, fromServer)
	}
	c.account = account
	return nil
}

// examine checks what the proof holds besides the password.
func (c *ntlmContext) examine(token []byte, message *authenticate, answer *response, key []byte) error {
	if age := c.options.Now().Sub(answer.time); age > maxAge || age < -maxAge {
		return errAge
	}
	if flags := answer.info[avFlags]; len(flags) == 4 && binary.LittleEndian.Uint32(flags)&avFlagMIC != 0 {
		if message.mic == nil {
			return errNTLMMIC
		}
		blank := slices.Clone(token)
		clear(blank[micAt:micEnd])
		if !hmac.Equal(message.mic, hmacMD5(key, c.negotiated, c.challenged, blank)) {
			return errNTLMMIC
		}
	}
	if c.channel.CBT == CBTStrict && c.channel.Binding != nil {
		if target := decodeUTF16(answer.info[avTargetName]); target != "" && !c.isService(target) {
			return errTarget
		}
	}
	return c.channel.Check(answer.info[avChannelBindings])
}

// isService reports whether a service principal name is one of the host's WinRM: HTTP.sys checks names where channel
// bindings are hardened.
func (c *ntlmContext) isService(target string) bool {
	class, name, _ := strings.Cut(target, "/")
	named := func(known string) bool { return strings.EqualFold(known, name) }
	return slices.Contains([]string{"HTTP", "WSMAN", "HOST"}, strings.ToUpper(class)) &&
		slices.ContainsFunc(append([]string{c.options.Computer}, c.options.Names...), named)
}

// MIC signs for SPNEGO, which begins the key stream again.
func (c *ntlmContext) MIC(message []byte) ([]byte, error) {
	if c.out == nil {
		return nil, errUnsealed
	}
	mic := c.out.sign(message)
	c.out.restart()
	return mic, nil
}

// CheckMIC checks a signature of SPNEGO, which begins the key stream again.
func (c *ntlmContext) CheckMIC(message, mic []byte) error {
	if c.in == nil {
		return errUnsealed
	}
	err := c.in.check(message, mic)
	c.in.restart()
	return err
}

// Seal protects an answer.
func (c *ntlmContext) Seal(message []byte) (header, sealed []byte, err error) {
	if c.out == nil {
		return nil, nil, errUnsealed
	}
	header, sealed = c.out.seal(message)
	return header, sealed, nil
}

// Open opens a message.
func (c *ntlmContext) Open(header, sealed []byte) ([]byte, error) {
	if c.in == nil {
		return nil, errUnsealed
	}
	return c.in.open(header, sealed)
}
