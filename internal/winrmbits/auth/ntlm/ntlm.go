// SPDX-License-Identifier: MPL-2.0

// Package ntlm is the client's side of NTLMv2, as Windows Vista and later speak it: extended session security, 128 bits,
// key exchange, a message integrity code, and always signing and sealing. A host that demands less is refused.
// Source: MS-NLMP, learn.microsoft.com/openspecs; the comments have its section numbers.
package ntlm

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the protocol's
	"crypto/rand"
	"crypto/rc4" //nolint:gosec // the protocol's
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/md4" //nolint:gosec,staticcheck // the protocol's

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Client is one logon. The fields that identify the client are sent to the host unchanged.
type Client struct {
	User        string
	Domain      string // "." means accounts of the host itself; "" leaves the choice to the host
	Password    bits.Secret
	Workstation string // of the client, for the host's log
	Target      string // service principal name of the host's service
	Binding     []byte // MD5 of the channel's bindings; nil without TLS

	negotiated []byte
}

// Negotiate returns the first message. It holds nothing of the client but its capabilities.
func (c *Client) Negotiate() []byte {
	c.negotiated = negotiateMessage()
	return c.negotiated
}

// Authenticate answers the host's challenge, and returns what protects the messages from then on.
func (c *Client) Authenticate(challenge []byte) ([]byte, *Session, error) {
	var nonce [8]byte
	var key [16]byte
	_, _ = rand.Read(nonce[:]) // it never fails
	_, _ = rand.Read(key[:])
	return c.answer(challenge, nonce[:], key[:], time.Now())
}

func (c *Client) answer(challenge, nonce, key []byte, now time.Time) ([]byte, *Session, error) {
	if c.negotiated == nil {
		return nil, nil, errors.New("an answer to a challenge before anything was negotiated")
	}
	theirs, err := parseChallenge(challenge)
	if err != nil {
		return nil, nil, fmt.Errorf("the NTLM challenge of the host is invalid: %w", err)
	}
	domain := c.Domain
	if domain == "." {
		domain = text(theirs.info.find(avComputerName))
	}
	hash := passwordHash(c.User, domain, c.Password)
	response, base := respond(hash, theirs.nonce[:], c.clientChallenge(theirs.info, nonce, now))
	m := authenticate{
		flags: theirs.flags, domain: domain, user: c.User, workstation: c.Workstation,
		response: response, key: encrypt(base, key),
	}
	message := m.marshal()
	copy(message[micOffset:], mac(key, c.negotiated, challenge, message))
	return message, newSession(key), nil
}

// clientChallenge is what the response proves besides the password: time, nonce, the host's names, the service that is
// meant, and the channel. Source: 2.2.2.7, 3.1.5.1.2.
func (c *Client) clientChallenge(info pairs, nonce []byte, now time.Time) []byte {
	stamp := info.find(avTimestamp)
	if len(stamp) != 8 {
		stamp = filetime(now)
	}
	binding := c.Binding
	if binding == nil {
		binding = make([]byte, md5.Size) // there is no channel to bind to
	}
	info = info.set(avFlags, flagsWithMIC(info.find(avFlags)))
	info = info.set(avChannelBindings, binding)
	info = info.set(avTargetName, wide(c.Target))

	b := append([]byte{1, 1, 0, 0, 0, 0, 0, 0}, stamp...)
	b = append(b, nonce...)
	b = append(b, 0, 0, 0, 0)
	b = append(b, info.marshal()...)
	return append(b, 0, 0, 0, 0)
}

// passwordHash is NTOWFv2. Source: 3.3.2.
func passwordHash(user, domain string, password bits.Secret) []byte {
	h := md4.New() //nolint:gosec // the protocol's
	_, _ = h.Write(wide(password.Reveal()))
	return mac(h.Sum(nil), wide(strings.ToUpper(user)+domain))
}

// respond returns the NTLMv2 response and the session's base key. Source: 3.3.2.
func respond(hash, serverNonce, clientChallenge []byte) (response, base []byte) {
	proof := mac(hash, serverNonce, clientChallenge)
	return append(proof[:len(proof):len(proof)], clientChallenge...), mac(hash, proof)
}

// mac is HMAC-MD5 of everything that follows the key.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		_, _ = h.Write(p)
	}
	return h.Sum(nil)
}

// encrypt is RC4 with a key that is used once.
func encrypt(key, plain []byte) []byte {
	cipher := stream(key)
	out := make([]byte, len(plain))
	cipher.XORKeyStream(out, plain)
	return out
}

// stream is RC4's stream of a key of 16 bytes.
func stream(key []byte) *rc4.Cipher {
	cipher, err := rc4.NewCipher(key) //nolint:gosec // the protocol's
	if err != nil {
		panic(err) // only the length could be wrong
	}
	return cipher
}

// wide is a text in UTF-16, little-endian.
func wide(s string) []byte {
	b, _ := binary.Append(nil, binary.LittleEndian, utf16.Encode([]rune(s))) // the size of numbers is known
	return b
}

// text reads UTF-16, little-endian.
func text(b []byte) string {
	units := make([]uint16, len(b)/2)
	_, _ = binary.Decode(b, binary.LittleEndian, units) // there are as many bytes
	return string(utf16.Decode(units))
}

// filetime is a time in units of 100 ns since 1601.
func filetime(t time.Time) []byte {
	const epoch = 11644473600                                                                            // seconds from 1601 to 1970
	return binary.LittleEndian.AppendUint64(nil, uint64((t.Unix()+epoch)*1e7+int64(t.Nanosecond()/100))) //nolint:gosec // after 1601
}
