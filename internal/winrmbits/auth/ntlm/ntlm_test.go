// SPDX-License-Identifier: MPL-2.0

package ntlm

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// infoText is the target information of the published challenge.
const infoText = "02000c0044006f006d00610069006e00" +
	"01000c0053006500720076006500720000000000"

// The published values. Source: MS-NLMP 4.2.1 and 4.2.4.
var (
	published = Client{User: "User", Domain: "Domain", Password: bits.NewSecret("Password"), Workstation: "COMPUTER"}

	serverNonce = unhex("0123456789abcdef")
	sessionKey  = bytes.Repeat([]byte{0x55}, 16)
	responseKey = unhex("0c868a403bfd7a93a3001ef22ef02e3f")
	baseKey     = unhex("8de40ccadbc14a82f15cb0ad0de95ca3")
	proof       = unhex("68cd0ab851e51c96aabc927bebef6a1c")
	temp        = unhex("01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000" + infoText + "00000000")
	challenge   = unhex("4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef" +
		"00000000000000002400240044000000" +
		"060070170000000f530065007200760065007200" + infoText)
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func TestTheResponseIsThePublishedOne(t *testing.T) {
	hash := passwordHash(published.User, published.Domain, published.Password)
	if !bytes.Equal(hash, responseKey) {
		t.Errorf("NTOWFv2 is %x", hash)
	}
	response, base := respond(hash, serverNonce, temp)
	if !bytes.Equal(response, append(proof[:len(proof):len(proof)], temp...)) {
		t.Errorf("the response is %x", response)
	}
	if !bytes.Equal(base, baseKey) {
		t.Errorf("the session base key is %x", base)
	}
	if key := encrypt(base, sessionKey); !bytes.Equal(key, unhex("c5dad2544fc9799094ce1ce90bc9d03e")) {
		t.Errorf("the encrypted session key is %x", key)
	}
}

func TestASealedMessageIsThePublishedOne(t *testing.T) {
	signature, sealed, _ := newSession(sessionKey).Seal(wide("Plaintext"))
	if !bytes.Equal(sealed, unhex("54e50165bf1936dc996020c1811b0f06fb5f")) {
		t.Errorf("the sealed message is %x", sealed)
	}
	if !bytes.Equal(signature, unhex("010000007fb38ec5c55d497600000000")) {
		t.Errorf("the signature is %x", signature)
	}
}

// answered takes the client through a logon on a challenge.
func answered(t *testing.T, c Client, challenge []byte) (message []byte, session *Session) {
	t.Helper()
	c.Negotiate()
	message, session, err := c.answer(challenge, temp[16:24], sessionKey, time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return message, session
}

// field returns a field of an authenticate message by the offset of its descriptor.
func field(message []byte, at int) []byte {
	size, offset := int(binary.LittleEndian.Uint16(message[at:])), int(binary.LittleEndian.Uint32(message[at+4:]))
	return message[offset : offset+size]
}

func TestThePublishedChallengeIsAnswered(t *testing.T) {
	c := published
	c.Target = "HTTP/Server"
	message, session := answered(t, c, challenge)
	for at, want := range map[int][]byte{28: wide("Domain"), 36: wide("User"), 44: wide("COMPUTER"), 12: make([]byte, 24)} {
		if got := field(message, at); !bytes.Equal(got, want) {
			t.Errorf("the field at %d is %x", at, got)
		}
	}
	response := field(message, 20)
	info, err := parsePairs(response[44:])
	if err != nil {
		t.Fatal(err)
	}
	want := pairs{
		{2, wide("Domain")},
		{1, wide("Server")},
		{avFlags, []byte{2, 0, 0, 0}},
		{avChannelBindings, make([]byte, 16)},
		{avTargetName, wide("HTTP/Server")},
	}
	if diff := cmp.Diff(want, info, cmp.AllowUnexported(pair{})); diff != "" {
		t.Errorf("the client's challenge holds (-want +got):\n%s", diff)
	}
	if !bytes.Equal(response[16:44], temp[:28]) { // with the time and the nonce
		t.Errorf("the client's challenge begins with %x", response[16:44])
	}
	expected, _ := respond(responseKey, serverNonce, response[16:])
	if !bytes.Equal(response, expected) {
		t.Error("the response proves another challenge")
	}
	if _, sealed, _ := session.Seal(wide("Plaintext")); !bytes.Equal(sealed, unhex("54e50165bf1936dc996020c1811b0f06fb5f")) {
		t.Errorf("sealed with another key: %x", sealed)
	}
}

// challengeWith is a challenge with target information and flags.
func challengeWith(flags uint32, info []byte) []byte {
	b := bytes.Clone(challenge[:56])
	binary.LittleEndian.PutUint32(b[20:], flags)
	binary.LittleEndian.PutUint16(b[12:], 0)
	binary.LittleEndian.PutUint16(b[40:], uint16(len(info)))
	binary.LittleEndian.PutUint32(b[44:], uint32(len(b)))
	return append(b, info...)
}

func TestTheHostsTimeIsAnsweredAndItsWordsOfOursAreReplaced(t *testing.T) {
	info := pairs{
		{avTimestamp, []byte("12345678")}, {avFlags, []byte{1, 0, 0, 0}}, {avTargetName, wide("HTTP/evil")}, {avChannelBindings, []byte("evil")},
		{avComputerName, wide("WEB01")}, {99, []byte("later")},
	}
	c := published
	c.Domain, c.Target, c.Binding = ".", "HTTP/web01", bytes.Repeat([]byte{7}, 16)
	message, _ := answered(t, c, challengeWith(wanted|flagTargetInfo, info.marshal()))
	response := field(message, 20)
	if !bytes.Equal(response[24:32], []byte("12345678")) {
		t.Errorf("the time is %q", response[24:32])
	}
	if got := text(field(message, 28)); got != "WEB01" {
		t.Errorf("the domain is %q", got)
	}
	got, err := parsePairs(response[44:])
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[uint16][]byte{avFlags: {3, 0, 0, 0}, avTargetName: wide("HTTP/web01"), avChannelBindings: c.Binding, 99: []byte("later")} {
		if !bytes.Equal(got.find(id), want) {
			t.Errorf("pair %d is %x", id, got.find(id))
		}
	}
	if len(got) != len(info) {
		t.Errorf("%d pairs", len(got))
	}
}

// TestTheAnswerSaysWhatBothSidesAgreeTo has a host that agrees to what is demanded, and to something that was not asked for.
func TestTheAnswerSaysWhatBothSidesAgreeTo(t *testing.T) {
	const identify = 1 << 20
	message, _ := answered(t, published, challengeWith(demanded|flagTargetInfo|identify, pairs{}.marshal()))
	if got := binary.LittleEndian.Uint32(message[60:]); got != demanded|flagTargetInfo {
		t.Errorf("the flags are %#x", got)
	}
	if !bytes.Equal(message[64:72], make([]byte, 8)) {
		t.Errorf("a version that was not negotiated: %x", message[64:72])
	}
	message, _ = answered(t, published, challenge)
	if got := binary.LittleEndian.Uint32(message[60:]); got&flagVersion == 0 || !bytes.Equal(message[64:72], version) {
		t.Errorf("flags %#x, version %x", got, message[64:72])
	}
}

func TestAHostThatWantsLessIsRefused(t *testing.T) {
	for _, d := range demands {
		c := published
		c.Negotiate()
		message, session, err := c.Authenticate(challengeWith((wanted|flagTargetInfo)&^d.flag, pairs{}.marshal()))
		if err == nil || message != nil || session != nil || !strings.Contains(err.Error(), "does not support "+d.name) {
			t.Errorf("without %s: %v", d.name, err)
		}
	}
}

func TestAChallengeThatIsNone(t *testing.T) {
	good := challengeWith(wanted|flagTargetInfo, pairs{}.marshal())
	change := func(at int, b ...byte) []byte {
		changed := bytes.Clone(good)
		copy(changed[at:], b)
		return changed
	}
	for _, tt := range []struct {
		name      string
		challenge []byte
		says      string
	}{
		{"empty", nil, "not an NTLM message"},
		{"something else", bytes.Repeat([]byte("x"), 100), "not an NTLM message"},
		{"cut off", good[:47], "not an NTLM message"},
		{"the client's own message", change(8, 1), "not an NTLM challenge"},
		{"too long", append(bytes.Clone(good), make([]byte, maxMessage)...), "more than 8192 bytes"},
		{"target information beyond the end", change(40, 0xff, 0xff), "outside the message"},
		{"target information beyond all bounds", change(44, 0xff, 0xff, 0xff, 0xff), "outside the message"},
		{"target information without an end", challengeWith(wanted|flagTargetInfo, []byte{1, 0}), "truncated"},
		{"a pair that is longer than what is left", challengeWith(wanted|flagTargetInfo, []byte{1, 0, 9, 0, 0, 0, 0, 0}), "truncated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := published
			c.Negotiate()
			if _, _, err := c.Authenticate(tt.challenge); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
	c := published
	if _, _, err := c.Authenticate(good); err == nil {
		t.Error("a challenge was answered before anything was said")
	}
}

func TestWhatWasNotSealedForThisPlaceIsNotOpened(t *testing.T) {
	pair := func() (host, client *Session) {
		client, host = newSession(sessionKey), newSession(sessionKey)
		host.in, host.out = host.out, host.in
		return host, client
	}
	token := func(s *Session, message string) []byte {
		signature, sealed, _ := s.Seal([]byte(message))
		return append(signature, sealed...)
	}
	open := func(s *Session, token []byte) ([]byte, error) {
		end := min(signatureSize, len(token))
		return s.Open(token[:end], token[end:])
	}
	for _, tt := range []struct {
		name string
		say  func(host *Session) []byte
		says string
	}{
		{"nothing", func(*Session) []byte { return nil }, "has 0 bytes instead of 16"},
		{"less than a signature", func(h *Session) []byte { return token(h, "")[:15] }, "has 15 bytes instead of 16"},
		{"the second before the first", func(h *Session) []byte { token(h, "first"); return token(h, "second") }, "sequence number"},
		{"a changed text", func(h *Session) []byte { b := token(h, "first"); b[16] ^= 1; return b }, "signature is wrong"},
		{"a changed signature", func(h *Session) []byte { b := token(h, "first"); b[4] ^= 1; return b }, "signature is wrong"},
		{"another version of the signature", func(h *Session) []byte { b := token(h, "first"); b[0] = 2; return b }, "signature is wrong"},
		{"a text that was cut", func(h *Session) []byte { b := token(h, "first"); return b[:len(b)-1] }, "signature is wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host, client := pair()
			if _, err := open(client, tt.say(host)); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
	host, client := pair()
	for _, message := range []string{"first", "", "third"} {
		if opened, err := open(client, token(host, message)); err != nil || string(opened) != message {
			t.Errorf("%q %v", opened, err)
		}
	}
}

func FuzzAChallenge(f *testing.F) {
	f.Fuzz(func(t *testing.T, challenge []byte) {
		c := published
		c.Negotiate()
		message, session, err := c.Authenticate(challenge)
		if err != nil {
			return
		}
		if len(message) > 3*maxMessage || session == nil || !bytes.HasPrefix(message, []byte(signature)) {
			t.Errorf("%d bytes", len(message))
		}
	})
}
