// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// ntlmSignature begins every message. Source: MS-NLMP 2.2.
const ntlmSignature = "NTLMSSP\x00"

// The types of messages.
const (
	typeNegotiate    = 1
	typeChallenge    = 2
	typeAuthenticate = 3
)

// The flags of a negotiation that count here. Source: MS-NLMP 2.2.2.5.
const (
	flagUnicode       = 0x00000001
	flagOEM           = 0x00000002
	flagRequestTarget = 0x00000004
	flagSign          = 0x00000010
	flagSeal          = 0x00000020
	flagNTLM          = 0x00000200
	flagAlwaysSign    = 0x00008000
	flagTargetServer  = 0x00020000
	flagExtended      = 0x00080000 // extended session security
	flagTargetInfo    = 0x00800000
	flagVersion       = 0x02000000
	flag128           = 0x20000000
	flagKeyExchange   = 0x40000000
	flag56            = 0x80000000
)

// The ids of the pairs of a target info. Source: MS-NLMP 2.2.2.1.
const (
	avEnd             = 0
	avComputer        = 1 // NetBIOS name
	avDomain          = 2 // NetBIOS name
	avDNSComputer     = 3
	avDNSDomain       = 4
	avFlags           = 6
	avTimestamp       = 7
	avTargetName      = 9
	avChannelBindings = 10
)

// avFlagMIC marks messages that the client protected.
const avFlagMIC = 2

// The places of fixed fields.
const (
	negotiateFlagsAt = 12
	negotiateMin     = 16
	challengeSize    = 56
	authFlagsAt      = 60
	authMin          = 64
	micAt, micEnd    = 72, 88
)

var errNTLMMessage = errors.New("the NTLM message is malformed")

// ntlmVersion is that of Windows Server 2022, in both senses: of the system and of NTLM. Source: MS-NLMP 2.2.2.10.
var ntlmVersion = []byte{10, 0, 0x7c, 0x4f, 0, 0, 0, 15}

// isMessage reports whether a message has a type and a length at least.
func isMessage(b []byte, messageType uint32, length int) bool {
	return len(b) >= length && bytes.HasPrefix(b, []byte(ntlmSignature)) && binary.LittleEndian.Uint32(b[8:]) == messageType
}

// parseNegotiate returns the flags of a client's first message.
func parseNegotiate(b []byte) (flags uint32, err error) {
	if !isMessage(b, typeNegotiate, negotiateMin) {
		return 0, errNTLMMessage
	}
	return binary.LittleEndian.Uint32(b[negotiateFlagsAt:]), nil
}

// authenticate is a client's last message.
type authenticate struct {
	flags      uint32
	domain     string
	user       string
	response   []byte // NTLMv2 or v1
	sessionKey []byte // encrypted
	mic        []byte // nil when there is no room for it before the payload
}

// parseAuthenticate reads a client's last message.
func parseAuthenticate(b []byte) (*authenticate, error) {
	if !isMessage(b, typeAuthenticate, authMin) {
		return nil, errNTLMMessage
	}
	first := len(b) // byte of the payload
	field := func(at int) ([]byte, bool) {
		length, offset := int(binary.LittleEndian.Uint16(b[at:])), int64(binary.LittleEndian.Uint32(b[at+4:]))
		if length == 0 {
			return nil, true
		}
		if offset < authMin || offset+int64(length) > int64(len(b)) {
			return nil, false
		}
		first = min(first, int(offset))
		return b[offset:][:length], true
	}
	var fields [6][]byte // LM response, NT response, domain, user, workstation, session key
	for i := range fields {
		var ok bool
		if fields[i], ok = field(12 + 8*i); !ok {
			return nil, errNTLMMessage
		}
	}
	a := &authenticate{
		flags: binary.LittleEndian.Uint32(b[authFlagsAt:]), response: fields[1],
		sessionKey: fields[5],
	}
	decode := decodeUTF16
	if a.flags&flagUnicode == 0 {
		decode = decodeOEM
	}
	a.domain, a.user = decode(fields[2]), decode(fields[3])
	if first >= micEnd {
		a.mic = b[micAt:micEnd]
	}
	return a, nil
}

// response is an NTLMv2 response. Source: MS-NLMP 2.2.2.7 and 2.2.2.8.
type response struct {
	proof  []byte
	client []byte // what the proof is of, besides the challenge
	time   time.Time
	info   map[uint16][]byte
}

// The places in an NTLMv2 response.
const (
	proofSize   = 16
	timeAt      = proofSize + 8
	pairsAt     = proofSize + 28
	responseMin = pairsAt + 4
	maxPairs    = 64
)

// parseResponse reads a response; one of NTLMv1 is an error.
func parseResponse(b []byte) (*response, error) {
	if len(b) < responseMin || b[proofSize] != 1 || b[proofSize+1] != 1 {
		return nil, errNTLMMessage
	}
	r := &response{proof: b[:proofSize], client: b[proofSize:], time: readTime(b[timeAt:]), info: map[uint16][]byte{}}
	for rest := b[pairsAt:]; len(r.info) < maxPairs; {
		if len(rest) < 4 {
			return nil, errNTLMMessage
		}
		id, length := binary.LittleEndian.Uint16(rest), int(binary.LittleEndian.Uint16(rest[2:]))
		if id == avEnd {
			return r, nil
		}
		if length > len(rest)-4 {
			return nil, errNTLMMessage
		}
		r.info[id] = rest[4:][:length]
		rest = rest[4+length:]
	}
	return nil, errNTLMMessage
}

// avPair is one of a target info.
type avPair struct {
	id    uint16
	value []byte
}

// challenge writes the host's message.
func marshalChallenge(flags uint32, nonce []byte, target string, info []avPair) []byte {
	name := encodeUTF16(target)
	if flags&flagUnicode == 0 {
		name = []byte(target)
	}
	var pairs []byte
	for _, p := range append(slices.Clone(info), avPair{id: avEnd}) {
		pairs = binary.LittleEndian.AppendUint16(pairs, p.id)
		pairs = binary.LittleEndian.AppendUint16(pairs, short(p.value))
		pairs = append(pairs, p.value...)
	}
	b := make([]byte, 0, challengeSize+len(name)+len(pairs))
	b = append(b, ntlmSignature...)
	b = binary.LittleEndian.AppendUint32(b, typeChallenge)
	b = appendField(b, name, challengeSize)
	b = binary.LittleEndian.AppendUint32(b, flags)
	b = append(b, nonce...)
	b = append(b, make([]byte, 8)...)
	b = appendField(b, pairs, challengeSize+uint32(short(name)))
	b = append(b, ntlmVersion...)
	return append(append(b, name...), pairs...)
}

func appendField(b, value []byte, offset uint32) []byte {
	b = binary.LittleEndian.AppendUint16(b, short(value))
	b = binary.LittleEndian.AppendUint16(b, short(value))
	return binary.LittleEndian.AppendUint32(b, offset)
}

// short is a length in two bytes: the host's own names have no more.
func short(b []byte) uint16 { return uint16(len(b)) } //nolint:gosec // see above

func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// decodeOEM reads a code page of the host: its characters beyond ASCII are in no account's name.
func decodeOEM(b []byte) string { return strings.ToValidUTF8(string(b), "\ufffd") }

func encodeUTF16(s string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// epoch is where Windows' time begins, in seconds before Unix' does; its unit is 100 ns. Source: FILETIME.
const epoch = 11644473600

func appendTime(b []byte, t time.Time) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64((t.Unix()+epoch)*1e7+int64(t.Nanosecond()/100))) //nolint:gosec // after 1601
}

func readTime(b []byte) time.Time {
	ticks := binary.LittleEndian.Uint64(b)
	return time.Unix(int64(ticks/1e7)-epoch, int64(ticks%1e7)*100) //nolint:gosec // it fits
}
