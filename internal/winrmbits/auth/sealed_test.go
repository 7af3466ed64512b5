// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// reversed is a sealer that hides nothing: its header is a mark, its ciphertext the message backwards.
type reversed struct{}

var errMark = errors.New("the mark is missing")

func (reversed) Seal(message []byte) (header, sealed []byte, err error) {
	return []byte("mark"), backwards(message), nil
}

func (reversed) Open(header, sealed []byte) ([]byte, error) {
	if string(header) != "mark" {
		return nil, errMark
	}
	return backwards(sealed), nil
}

func backwards(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[len(b)-1-i] = b[i]
	}
	return out
}

const sealedType = `multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"`

// framed is a sealed message as Windows sends it.
const framed = "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n" +
	"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=5\r\n" +
	"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n\x04\x00\x00\x00markolleh--Encrypted Boundary--\r\n"

func TestASealedMessageIsFramed(t *testing.T) {
	body, contentType, err := sealMessage(reversed{}, false, []byte("hello"))
	if err != nil || string(body) != framed || contentType != sealedType {
		t.Errorf("%q %s %v", body, contentType, err)
	}
}

func TestASealedReplyIsOpened(t *testing.T) {
	for name, body := range map[string]string{
		"as Windows sends it":                  framed,
		"a blank behind the dashes":            strings.ReplaceAll(framed, "--Encrypted", "-- Encrypted"),
		"no tabs":                              strings.ReplaceAll(framed, "\t", ""),
		"no line break at the end":             strings.TrimSuffix(framed, "\r\n"),
		"two line breaks at the end":           framed + "\r\n", // as Microsoft's OMI sends it
		"something behind the end":             framed + "<more/>",
		"the names in another case":            strings.ReplaceAll(strings.ReplaceAll(framed, "Content-Type", "content-type"), "Length", "length"),
		"unknown headers":                      strings.Replace(framed, "\tOriginal", "\tX-Other: 1\r\n\tOriginal", 1),
		"the message in another character set": strings.Replace(framed, "UTF-8", "UTF-16", 1),
	} {
		if message, err := openMessage(reversed{}, false, sealedType, []byte(body)); err != nil || string(message) != "hello" {
			t.Errorf("%s: %q %v", name, message, err)
		}
	}
}

// TestACiphertextMayHoldAnything has one that holds everything around it.
func TestACiphertextMayHoldAnything(t *testing.T) {
	for _, message := range []string{"", "\r\n", framed, framed + framed, "--Encrypted Boundary--\r\n", string(backwards([]byte("--Encrypted Boundary--\r\n")))} {
		body, contentType, err := sealMessage(reversed{}, false, []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := openMessage(reversed{}, false, contentType, body); err != nil || string(opened) != message {
			t.Errorf("%q is opened as %q, %v", message, opened, err)
		}
	}
}

func TestAReplyThatIsNotSealedAsItShouldBe(t *testing.T) {
	change := func(from, to string) string {
		t.Helper()
		changed := strings.Replace(framed, from, to, 1)
		if changed == framed {
			t.Fatalf("%q is not there", from)
		}
		return changed
	}
	for _, tt := range []struct{ name, contentType, body, says string }{
		{"readable SOAP", SOAP, "<s:Envelope/>", "not encrypted (content type \"application/soap+xml"},
		{"no content type", "", framed, "not encrypted (content type \"\")"},
		{"a content type that is none", ";;", framed, "not encrypted"},
		{"another scheme's", strings.Replace(sealedType, "SPNEGO", "CredSSP", 1), framed, "encrypted as \"application/HTTP-CredSSP"},
		{"no protocol", "multipart/encrypted", framed, "encrypted as \"\""},
		{"empty", sealedType, "", "parts of it are missing"},
		{"cut off before the token", sealedType, framed[:150], "parts of it are missing"},
		{"cut off in the token", sealedType, strings.TrimSuffix(framed, "--Encrypted Boundary--\r\n"), "does not end with its boundary"},
		{"something before it", sealedType, "<first/>\r\n" + framed, "does not begin with its boundary"},
		{"no length", sealedType, change(";Length=5", ""), "the length of the message is missing"},
		{"no original content", sealedType, change("OriginalContent", "Original"), "the length of the message is missing"},
		{"a length that is none", sealedType, change("Length=5", "Length=-5"), "not a number"},
		{"a length beyond all bounds", sealedType, change("Length=5", "Length=99999999999999999999"), "not a number"},
		{"another length", sealedType, change("Length=5", "Length=6"), "has 5 bytes instead of 6"},
		{"a header longer than the token", sealedType, change("\x04\x00\x00\x00", "\x0a\x00\x00\x00"), "longer than the token"},
		{"a header beyond all bounds", sealedType, change("\x04\x00\x00\x00", "\xff\xff\xff\xff"), "longer than the token"},
		{"no token", sealedType, change("\x04\x00\x00\x00markolleh", "abc"), "contains no message"},
		{"what the sealer refuses", sealedType, change("mark", "mask"), errMark.Error()},
		{"parts without an end", sealedType, "--Encrypted Boundary\r\n" + strings.Repeat("\tX: 1\r\n", 1000) + framed, "parts of it are missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message, err := openMessage(reversed{}, false, tt.contentType, []byte(tt.body))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q %v", message, err)
			}
		})
	}
}

func FuzzASealedReply(f *testing.F) {
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		message, err := openMessage(reversed{}, false, contentType, body)
		if err != nil {
			return
		}
		again, _, err := sealMessage(reversed{}, false, message)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := openMessage(reversed{}, false, sealedType, again); err != nil || !bytes.Equal(opened, message) {
			t.Errorf("%q came back as %q, %v", message, opened, err)
		}
	})
}
