// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/types"
)

// sample is a context whose key and counts are known.
func sample(t testing.TB) *Context {
	t.Helper()
	c, err := newContext(types.EncryptionKey{KeyType: etypeID.AES256_CTS_HMAC_SHA1_96, KeyValue: bytes.Repeat([]byte{7}, 32)}, flagSubkey, 100, 200)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hostToken seals a message as a host that fills in extra bytes and rotates by as many as it says, and more.
func hostToken(t testing.TB, c *Context, message string, extra, rotation, more int) []byte {
	t.Helper()
	head := []byte{0x05, 0x04, flagByAcceptor | flagSealed | flagSubkey, 0xFF, 0, 0, 0, 0}
	binary.BigEndian.PutUint16(head[4:], uint16(extra))
	head = binary.BigEndian.AppendUint64(head, c.receive)
	plain := append(append([]byte(message), make([]byte, extra)...), head...)
	_, encrypted, err := c.cipher.EncryptMessage(c.key(), plain, usageAcceptorSeal)
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint16(head[6:], uint16(rotation))
	return append(head, rotate(encrypted, rotation+more)...)
}

// TestEveryFormOfATokenIsOpened has hosts that fill in and rotate differently: RFC 4121 section 4.2.5 leaves it to them.
func TestEveryFormOfATokenIsOpened(t *testing.T) {
	tests := []struct{ extra, rotation, more int }{
		{0, 0, 0}, {0, 28, 0}, {0, 12, 0}, {16, 0, 0}, {16, 28, 0}, {0, 1000, 0}, {300, 28, 0},
		{16, 28, 16}, // as MS-KILE section 3.4.5.4.1 has it
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("EC %d RRC %d and %d", tt.extra, tt.rotation, tt.more), func(t *testing.T) {
			c := sample(t)
			for _, message := range []string{"<a/>", ""} {
				got, err := c.Open(hostToken(t, c, message, tt.extra, tt.rotation, tt.more))
				if err != nil || string(got) != message {
					t.Errorf("%q %v", got, err)
				}
			}
		})
	}
}

func TestATokenThatIsNotTheHostsIsRefused(t *testing.T) {
	own, sealed, err := sample(t).Seal([]byte("<a/>"))
	if err != nil {
		t.Fatal(err)
	}
	good := hostToken(t, sample(t), "<a/>", 0, 28, 0)
	flags := func(f byte) []byte {
		changed := bytes.Clone(good)
		changed[2] = f
		return changed
	}
	tests := map[string]struct {
		token []byte
		want  error // nil: any
	}{
		"nothing":                           {nil, nil},
		"a header alone":                    {good[:headerLength], ErrIntegrity},
		"a header and a little":             {good[:headerLength+20], ErrIntegrity},
		"what this side sealed":             {append(own, sealed...), ErrIntegrity},
		"with the key of the ticket":        {flags(flagByAcceptor | flagSealed), ErrIntegrity},
		"a kind that is not known":          {append([]byte{0x06}, good[1:]...), nil},
		"of a host that counts differently": {hostToken(t, &Context{cipher: sample(t).cipher, key: sample(t).key, subkey: flagSubkey, receive: 7}, "<a/>", 0, 28, 0), ErrSequence},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := sample(t).Open(tt.token); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%q %v", got, err)
			}
		})
	}
	c := sample(t)
	c.receive = 200
	if got, err := c.Open(good); err != nil || string(got) != "<a/>" {
		t.Errorf("the good one: %q %v", got, err)
	}
}

func TestAKeyThatIsNotOfAESIsNoContext(t *testing.T) {
	_, err := newContext(types.EncryptionKey{KeyType: etypeID.RC4_HMAC, KeyValue: make([]byte, 16)}, flagSubkey, 0, 0)
	var weak *WeakError
	if !errors.As(err, &weak) || weak.Type != etypeID.RC4_HMAC {
		t.Errorf("%v", err)
	}
	if _, err := newContext(types.EncryptionKey{KeyType: etypeID.AES256_CTS_HMAC_SHA1_96, KeyValue: make([]byte, 16)}, flagSubkey, 0, 0); err == nil {
		t.Error("a key of half its length is taken")
	}
}

// TestAContextPrintsNoKey prints a context in every way.
func TestAContextPrintsNoKey(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		if printed := fmt.Sprintf(verb, *sample(t)); bytes.Contains([]byte(printed), []byte("7 7 7 7")) || bytes.Contains([]byte(printed), []byte("07070707")) {
			t.Errorf("%s: %s", verb, printed)
		}
	}
}

// FuzzOpen has a host send any bytes for a sealed message.
func FuzzOpen(f *testing.F) {
	for _, form := range [][3]int{{0, 0, 0}, {0, 28, 0}, {16, 28, 16}} {
		f.Add(hostToken(f, sample(f), "<a/>", form[0], form[1], form[2]))
	}
	f.Fuzz(func(t *testing.T, token []byte) {
		c := sample(t)
		if message, err := c.Open(token); err == nil && string(message) != "<a/>" {
			t.Errorf("%q was never sealed", message)
		}
		if err := c.VerifySignature([]byte("x"), token); err == nil {
			t.Error("nothing was ever signed")
		}
	})
}
