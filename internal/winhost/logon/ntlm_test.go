// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bodgit/ntlmssp"
)

// noon is when the tests' logons happen.
var noon = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

// errAny is any refusal.
var errAny = errors.New("any")

// ntlmRig is a host, and a client of another project.
type ntlmRig struct {
	options NTLMOptions
	channel Channel

	user, domain, password string
	level                  int // of LAN Manager: below 3 means NTLMv1
	bindings               *ntlmssp.ChannelBindings
	negotiated             func([]byte) // changes the client's messages on their way
	authenticated          func([]byte)
	later                  time.Duration // when the client proves itself
}

func newNTLMRig() *ntlmRig {
	r := &ntlmRig{user: "Anna", domain: "WEB01", password: "right", level: 3}
	r.options = NTLMOptions{Computer: "WEB01", Names: []string{"192.0.2.1"}, Now: func() time.Time { return noon }}
	r.options.Accounts = NewAccounts(func(username string) (Account, bool) {
		name := strings.TrimPrefix(strings.ToLower(username), `web01\`)
		return Account{Name: "anna", Password: "right"}, name == "anna" || name == "anna@web01"
	}, 0)
	return r
}

// logOn runs the exchange and returns both ends of the context.
func (r *ntlmRig) logOn(t *testing.T) (Context, *ntlmssp.Client, error) {
	t.Helper()
	options := []func(*ntlmssp.Client) error{
		ntlmssp.SetUserInfo(r.user, r.password), ntlmssp.SetDomain(r.domain), ntlmssp.SetCompatibilityLevel(3),
	}
	if r.level < 3 {
		options[2] = ntlmssp.SetCompatibilityLevel(1)
	}
	client, err := ntlmssp.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	now := noon
	r.options.Now = func() time.Time { return now }
	host := NewNTLM(r.options).New(r.channel)
	first, err := client.Authenticate(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Clone(first)
	if r.negotiated != nil {
		r.negotiated(sent)
	}
	asked, err := host.Step(sent)
	if err != nil {
		return host, client, err
	}
	if host.Account() != "" {
		t.Error("the client has an account before it proved it")
	}
	last, err := client.Authenticate(asked, r.bindings)
	if err != nil {
		t.Fatal(err)
	}
	if r.authenticated != nil {
		r.authenticated(last)
	}
	now = now.Add(r.later)
	_, err = host.Step(last)
	return host, client, err
}

// without clears a flag in a client's first message.
func without(flag uint32) func([]byte) {
	return func(b []byte) {
		binary.LittleEndian.PutUint32(b[negotiateFlagsAt:], binary.LittleEndian.Uint32(b[negotiateFlagsAt:])&^flag)
	}
}

func TestNTLMLogon(t *testing.T) {
	right := &ntlmssp.ChannelBindings{ApplicationData: []byte("tls-server-end-point:here")}
	elsewhere := &ntlmssp.ChannelBindings{ApplicationData: []byte("tls-server-end-point:elsewhere")}
	on := func(level CBT) Channel {
		data := append(make([]byte, 16), 25, 0, 0, 0)
		sum := md5.Sum(append(data, right.ApplicationData...))
		return Channel{CBT: level, Binding: sum[:]}
	}
	tests := []struct {
		name   string
		change func(r *ntlmRig)
		want   error
	}{
		{"the right password", func(*ntlmRig) {}, nil},
		{"a name without its domain", func(r *ntlmRig) { r.domain = "" }, nil},
		{"a name in another case", func(r *ntlmRig) { r.user = "ANNA" }, nil},
		{"a principal name", func(r *ntlmRig) { r.user, r.domain = "anna@web01", "" }, nil},
		{"a wrong password", func(r *ntlmRig) { r.password = "wrong" }, errAny},
		{"an unknown user", func(r *ntlmRig) { r.user = "bob" }, errAny},
		{"another domain", func(r *ntlmRig) { r.domain = "CORP" }, errAny},
		{"nobody", func(r *ntlmRig) { r.user, r.domain, r.password = "", "", "" }, errNTLMMessage},
		{"NTLMv1", func(r *ntlmRig) { r.level = 1 }, errNTLMMessage},
		{"weak keys", func(r *ntlmRig) { r.negotiated = without(flag128) }, errWeak},
		{"no extended session security", func(r *ntlmRig) { r.negotiated = without(flagExtended) }, errWeak},
		{"no character set", func(r *ntlmRig) { r.negotiated = without(flagUnicode | flagOEM) }, errWeak},
		{"names in an OEM code page, in messages that were changed on their way", func(r *ntlmRig) {
			r.negotiated = func(b []byte) { without(flagUnicode)(b); b[negotiateFlagsAt] |= flagOEM }
		}, errNTLMMIC}, // after the proof, which is of the names
		{"a first message that was changed on its way", func(r *ntlmRig) { r.negotiated = without(flag56) }, errNTLMMIC},
		{"a last message that was changed on its way", func(r *ntlmRig) {
			r.authenticated = func(b []byte) { b[authFlagsAt+3] ^= flag56 >> 24 }
		}, errNTLMMIC},
		{"less protection in the end", func(r *ntlmRig) {
			r.authenticated = func(b []byte) { b[authFlagsAt+3] ^= flag128 >> 24 }
		}, errWeak},
		{"a proof that is a day and a half old", func(r *ntlmRig) { r.later = maxAge }, nil},
		{"a proof that is older", func(r *ntlmRig) { r.later = maxAge + time.Second }, errAge},
		{"a proof from the future", func(r *ntlmRig) { r.later = -maxAge - time.Second }, errAge},
		{"bound to the channel", func(r *ntlmRig) { r.channel, r.bindings = on(CBTStrict), right }, nil},
		{"not bound where that is demanded", func(r *ntlmRig) { r.channel = on(CBTStrict) }, errAny},
		{"bound to another channel", func(r *ntlmRig) { r.channel, r.bindings = on(CBTRelaxed), elsewhere }, errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newNTLMRig()
			test.change(r)
			host, _, err := r.logOn(t)
			switch {
			case test.want == nil && (err != nil || host.Account() != "anna"):
				t.Errorf("the client is %q: %v", host.Account(), err)
			case test.want != nil && (err == nil || host.Account() != ""):
				t.Errorf("the client is %q", host.Account())
			case test.want != nil && test.want != errAny && !errors.Is(err, test.want): //nolint:errorlint // a mark
				t.Errorf("refused because %v, want %v", err, test.want)
			}
		})
	}
}

func TestMessagesOutOfOrder(t *testing.T) {
	host, client, err := newNTLMRig().logOn(t)
	if err != nil {
		t.Fatal(err)
	}
	first, err := client.Authenticate(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Step(first); !errors.Is(err, errOrder) {
		t.Errorf("a first message at the end: %v", err)
	}
	begun := NewNTLM(newNTLMRig().options).New(Channel{})
	for range 2 {
		_, err = begun.Step(first)
	}
	if !errors.Is(err, errNTLMMessage) {
		t.Errorf("a first message twice: %v", err)
	}
	if _, _, err := begun.Seal(nil); !errors.Is(err, errUnsealed) {
		t.Errorf("sealed before the end: %v", err)
	}
}

// seal protects a message as the client.
func seal(t *testing.T, client *ntlmssp.Client, text string) (header, sealed []byte) {
	t.Helper()
	sealed, header, err := client.SecuritySession().Wrap([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return header, sealed
}

func TestSealedMessages(t *testing.T) {
	host, client, err := newNTLMRig().logOn(t)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := newNTLMRig().logOn(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "", strings.Repeat("three", 1000)} {
		header, sealed := seal(t, client, text)
		if _, err := other.Open(header, sealed); !errors.Is(err, errSignature) {
			t.Errorf("on another connection: %v", err)
		}
		got, err := host.Open(header, sealed)
		if err != nil || string(got) != text {
			t.Fatalf("%q: %v", got, err)
		}
		header, sealed, err = host.Seal([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err = client.SecuritySession().Unwrap(sealed, header); err != nil || string(got) != text {
			t.Fatalf("the client: %q, %v", got, err)
		}
	}
}

func TestASealedMessageThatIsNotTheNext(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, host Context, client *ntlmssp.Client) (header, sealed []byte){
		"one that came before": func(t *testing.T, host Context, client *ntlmssp.Client) ([]byte, []byte) {
			t.Helper()
			header, sealed := seal(t, client, "one")
			if _, err := host.Open(header, sealed); err != nil {
				t.Fatal(err)
			}
			return header, sealed
		},
		"one that comes later": func(t *testing.T, _ Context, client *ntlmssp.Client) ([]byte, []byte) {
			t.Helper()
			seal(t, client, "one")
			return seal(t, client, "two")
		},
		"one that was changed": func(t *testing.T, _ Context, client *ntlmssp.Client) ([]byte, []byte) {
			t.Helper()
			header, sealed := seal(t, client, "one")
			sealed[0] ^= 1
			return header, sealed
		},
		"one whose signature was cut": func(t *testing.T, _ Context, client *ntlmssp.Client) ([]byte, []byte) {
			t.Helper()
			header, sealed := seal(t, client, "one")
			return header[:15], sealed
		},
	} {
		t.Run(name, func(t *testing.T) {
			host, client, err := newNTLMRig().logOn(t)
			if err != nil {
				t.Fatal(err)
			}
			header, sealed := change(t, host, client)
			if _, err := host.Open(header, sealed); !errors.Is(err, errSignature) {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

func TestAServiceIsTheHosts(t *testing.T) {
	c := &ntlmContext{options: newNTLMRig().options}
	for target, want := range map[string]bool{
		"HTTP/192.0.2.1": true, "wsman/web01": true, "HOST/WEB01": true,
		"HTTP/192.0.2.2": false, "cifs/web01": false, "web01": false, "": false,
	} {
		if got := c.isService(target); got != want {
			t.Errorf("%q: %t", target, got)
		}
	}
}

// published are the values of MS-NLMP 4.2.4.
const published = "4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000100010005c0000001000" +
	"1000d8000000358288e20501280a0000000f44006f006d00610069006e00550073006500720043004f004d0050005500540045005200" +
	"86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc927bebef6a1c010100000000000000000000" +
	"00000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c00530065007200760065007200" +
	"0000000000000000c5dad2544fc9799094ce1ce90bc9d03e"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestThePublishedValues(t *testing.T) {
	message, err := parseAuthenticate(unhex(t, published))
	if err != nil {
		t.Fatal(err)
	}
	if message.user != "User" || message.domain != "Domain" || message.mic != nil {
		t.Errorf("the message is of %s\\%s, MIC %x", message.domain, message.user, message.mic)
	}
	answer, err := parseResponse(message.response)
	if err != nil {
		t.Fatal(err)
	}
	if got := decodeUTF16(answer.info[avComputer]); got != "Server" {
		t.Errorf("the target is %q", got)
	}
	owner := ownerKey("Password", "User", "Domain")
	key := hmacMD5(owner, answer.proof)
	random := bytes.Repeat([]byte{0x55}, 16)
	sealer := newFlow(random, message.flags, fromClient)
	plain := encodeUTF16("Plaintext")
	header, sealed := sealer.seal(plain)
	for _, value := range []struct {
		what, want string
		got        []byte
	}{
		{"NTOWFv2", "0c868a403bfd7a93a3001ef22ef02e3f", owner},
		{"the proof", "68cd0ab851e51c96aabc927bebef6a1c", hmacMD5(owner, unhex(t, "0123456789abcdef"), answer.client)},
		{"the session base key", "8de40ccadbc14a82f15cb0ad0de95ca3", key},
		{"the session key", hex.EncodeToString(random), crypt(key, message.sessionKey)},
		{"the sealing key", "59f600973cc4960a25480a7c196e4c58", sealer.sealKey},
		{"the signing key", "4788dc861b4782f35d43fd98fe1a2d39", sealer.signKey},
		{"the sealed message", "54e50165bf1936dc996020c1811b0f06fb5f", sealed},
		{"its signature", "010000007fb38ec5c55d497600000000", header},
	} {
		if got := hex.EncodeToString(value.got); got != value.want {
			t.Errorf("%s is %s, want %s", value.what, got, value.want)
		}
	}
}
