// SPDX-License-Identifier: MPL-2.0

package ntlm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

const (
	signature = "NTLMSSP\x00"

	maxMessage = 8 << 10 // bytes of a challenge: those of Windows have some hundreds
	micOffset  = 72
	headerSize = micOffset + 16 // of the authenticate message
)

// The negotiation flags. Source: 2.2.2.5.
const (
	flagUnicode       = 1 << 0
	flagRequestTarget = 1 << 2
	flagSign          = 1 << 4
	flagSeal          = 1 << 5
	flagNTLM          = 1 << 9
	flagAlwaysSign    = 1 << 15
	flagExtended      = 1 << 19
	flagTargetInfo    = 1 << 23
	flagVersion       = 1 << 25
	flag128           = 1 << 29
	flagKeyExchange   = 1 << 30
	flag56            = 1 << 31

	// wanted is what the client can do, and demanded what the host must agree to.
	wanted   = demanded | flagRequestTarget | flagAlwaysSign | flagVersion | flag56
	demanded = flagUnicode | flagSign | flagSeal | flagNTLM | flagExtended | flag128 | flagKeyExchange
)

// demands names what the host must agree to.
var demands = []struct {
	flag uint32
	name string
}{
	{flagUnicode, "Unicode"},
	{flagSign, "signing"},
	{flagSeal, "sealing"},
	{flagNTLM, "NTLM"},
	{flagExtended, "extended session security"},
	{flag128, "keys of 128 bits"},
	{flagKeyExchange, "a key exchange"},
	{flagTargetInfo, "target information, which NTLMv2 needs"},
}

// version is the revision of NTLM without a version of Windows. Source: 2.2.2.10.
var version = []byte{0, 0, 0, 0, 0, 0, 0, 15}

// The pairs of target information. Source: 2.2.2.1.
const (
	avEnd             = 0
	avComputerName    = 1
	avFlags           = 6
	avTimestamp       = 7
	avTargetName      = 9
	avChannelBindings = 10

	flagMIC = 2 // of avFlags
)

// negotiateMessage is the first message. Source: 2.2.1.1.
func negotiateMessage() []byte {
	b := binary.LittleEndian.AppendUint32([]byte(signature), 1)
	b = binary.LittleEndian.AppendUint32(b, wanted)
	b = append(b, make([]byte, 16)...) // no domain and no workstation
	return append(b, version...)
}

// challengeMessage is what the host answers. Source: 2.2.1.2.
type challengeMessage struct {
	flags uint32 // what both sides agree to
	nonce [8]byte
	info  pairs
}

func parseChallenge(b []byte) (challengeMessage, error) {
	const fixed = 48 // without the version, which may be missing
	var m challengeMessage
	switch {
	case len(b) > maxMessage:
		return m, fmt.Errorf("it has more than %d bytes", maxMessage)
	case len(b) < fixed, !bytes.HasPrefix(b, []byte(signature)):
		return m, errors.New("it is not an NTLM message")
	case binary.LittleEndian.Uint32(b[8:]) != 2:
		return m, errors.New("it is not an NTLM challenge")
	}
	flags := binary.LittleEndian.Uint32(b[20:])
	for _, d := range demands {
		if flags&d.flag == 0 {
			return m, fmt.Errorf("it does not support %s", d.name)
		}
	}
	m.flags = flags & (wanted | flagTargetInfo)
	copy(m.nonce[:], b[24:])
	size, offset := int(binary.LittleEndian.Uint16(b[40:])), binary.LittleEndian.Uint32(b[44:])
	if offset > maxMessage || int(offset)+size > len(b) {
		return m, errors.New("its target information is outside the message")
	}
	var err error
	m.info, err = parsePairs(b[offset : int(offset)+size])
	return m, err
}

// authenticate is what the client answers to a challenge. Source: 2.2.1.3.
type authenticate struct {
	flags                     uint32
	domain, user, workstation string
	response, key             []byte
}

// marshal returns the message with zeros for its integrity code.
func (m authenticate) marshal() []byte {
	// The response of LAN Manager is zeros, because the NTLMv2 response holds the time: 3.1.5.1.2.
	lm := make([]byte, 24)
	payload := [][]byte{wide(m.domain), wide(m.user), wide(m.workstation), lm, m.response, m.key}
	b := binary.LittleEndian.AppendUint32([]byte(signature), 3)
	for _, i := range []int{3, 4, 0, 1, 2, 5} { // the header names the responses first
		size := uint16(len(payload[i])) //nolint:gosec // a challenge is bounded, and so are names
		b = binary.LittleEndian.AppendUint16(b, size)
		b = binary.LittleEndian.AppendUint16(b, size)
		b = binary.LittleEndian.AppendUint32(b, uint32(headerSize+len(slices.Concat(payload[:i]...)))) //nolint:gosec // as above
	}
	b = binary.LittleEndian.AppendUint32(b, m.flags)
	if m.flags&flagVersion != 0 {
		b = append(b, version...)
	} else {
		b = append(b, make([]byte, len(version))...)
	}
	b = append(b, make([]byte, headerSize-micOffset)...)
	return append(b, slices.Concat(payload...)...)
}

// pairs are target information, in the host's order.
type pairs []pair

type pair struct {
	id    uint16
	value []byte
}

func parsePairs(b []byte) (pairs, error) {
	var p pairs
	for len(b) >= 4 {
		id, size := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if b = b[4:]; id == avEnd {
			return p, nil
		}
		if size > len(b) {
			break
		}
		p, b = append(p, pair{id, b[:size]}), b[size:]
	}
	return nil, errors.New("its target information is truncated")
}

// find returns the value of a pair; nil where there is none.
func (p pairs) find(id uint16) []byte {
	for _, known := range p {
		if known.id == id {
			return known.value
		}
	}
	return nil
}

// set returns the pairs with one value for an id.
func (p pairs) set(id uint16, value []byte) pairs {
	others := slices.DeleteFunc(slices.Clone(p), func(known pair) bool { return known.id == id })
	return append(others, pair{id, value})
}

func (p pairs) marshal() []byte {
	var b []byte
	for _, known := range append(slices.Clone(p), pair{id: avEnd}) {
		b = binary.LittleEndian.AppendUint16(b, known.id)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(known.value))) //nolint:gosec // a challenge is bounded, and so are names
		b = append(b, known.value...)
	}
	return b
}

// flagsWithMIC adds to the host's flags that the answer has an integrity code.
func flagsWithMIC(value []byte) []byte {
	var flags uint32
	if len(value) == 4 {
		flags = binary.LittleEndian.Uint32(value)
	}
	return binary.LittleEndian.AppendUint32(nil, flags|flagMIC)
}
