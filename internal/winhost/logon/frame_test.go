// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"testing"
)

const sealedAs = `multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"`

// framed is a sealed message as MS-WSMV 2.2.9.1 has it, of a mechanism that does not seal.
const framed = "--Encrypted Boundary\r\n" +
	"\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n" +
	"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=5\r\n" +
	"--Encrypted Boundary\r\n" +
	"\tContent-Type: application/octet-stream\r\n" +
	"\x01\x00\x00\x00hhello--Encrypted Boundary--\r\n"

// established makes a connection with a context.
func established(t *testing.T) *Connection {
	t.Helper()
	c := policyOf(Kerberos, 1).Connect()
	if v := c.Judge(asks("Kerberos cGxlYXNl")); v.Account == "" {
		t.Fatalf("refused: %+v", v)
	}
	return c
}

func TestASealedMessageHasItsForm(t *testing.T) {
	c := established(t)
	message, sealed, err := c.Open(sealedAs, []byte(framed))
	if err != nil || !sealed || string(message) != "hello" {
		t.Fatalf("opened %q, %t, %v", message, sealed, err)
	}
	body, contentType, err := c.Seal([]byte("hello"))
	if err != nil || string(body) != framed || contentType != sealedAs {
		t.Errorf("sealed %q as %s: %v", body, contentType, err)
	}
	if message, sealed, err = c.Open("application/soap+xml;charset=UTF-8", []byte(framed)); err != nil || sealed || string(message) != framed {
		t.Errorf("of another type: %q, %t, %v", message, sealed, err)
	}
}

func TestASealedMessageOfAnotherForm(t *testing.T) {
	change := func(old, replacement string) string {
		return string(bytes.Replace([]byte(framed), []byte(old), []byte(replacement), 1))
	}
	for name, body := range map[string]string{
		"nothing":                    "",
		"no boundary":                change("--Encrypted Boundary\r\n", ""),
		"no end":                     change("--Encrypted Boundary--\r\n", ""),
		"an empty line":              change("\tContent-Type: application/octet-stream\r\n", "\tContent-Type: application/octet-stream\r\n\r\n"),
		"no tabulator":               change("\tOriginal", "Original"),
		"another length":             change("Length=5", "Length=6"),
		"a header longer than all":   change("\x01\x00\x00\x00h", "\xff\x00\x00\x00h"),
		"a header longer than allow": change("\x01\x00\x00\x00h", "\xff\xff\xff\xffh"),
		"a header without a length":  change("\x01\x00\x00\x00hhello", "\x01"),
		"more behind it":             framed + "x",
	} {
		if message, _, err := established(t).Open(sealedAs, []byte(body)); err == nil {
			t.Errorf("%s: opened %q", name, message)
		}
	}
	if _, _, err := established(t).Open(`multipart/encrypted;protocol="x";boundary="Encrypted Boundary"`, []byte(framed)); err == nil {
		t.Error("another protocol: opened")
	}
	if _, _, err := policyOf(NTLM, 1).Connect().Open(sealedAs, []byte(framed)); err == nil {
		t.Error("without a context: opened")
	}
}

// FuzzFrame has what is read written as it was.
func FuzzFrame(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		header, sealed, length, err := unframe(body)
		if err != nil {
			return
		}
		for _, protocol := range []string{"application/HTTP-SPNEGO-session-encrypted", "application/HTTP-Kerberos-session-encrypted"} {
			h, s, n, err := unframe(frame(protocol, header, sealed, length))
			if err != nil || !bytes.Equal(h, header) || !bytes.Equal(s, sealed) || n != length {
				t.Errorf("%q, %q, %d became %q, %q, %d: %v", header, sealed, length, h, s, n, err)
			}
		}
	})
}

// FuzzNegotiate has a client send any tokens: nothing breaks, and only the right word logs on.
func FuzzNegotiate(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a := newAcceptance(policyOf(NTLM, 2), nameNegotiate)
		for _, token := range [][]byte{first, second} {
			answer, err := a.step(token)
			if a.done && (err != nil || !bytes.Contains(second, []byte("please"))) {
				t.Errorf("let in: %v", err)
			}
			if a.spnego == nil || answer == nil {
				continue
			}
			if _, err := parseNegTokenResp(answer); err != nil {
				t.Errorf("the answer %x: %v", answer, err)
			}
		}
	})
}
