// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"strings"
	"testing"
	"unicode/utf16"
)

// inUTF16 is what ">" of PowerShell 5.1 writes, in one byte order or the other.
func inUTF16(text string, order binary.AppendByteOrder) string {
	encoded := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = order.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

func derOf(t *testing.T, text string) string {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("%q is not PEM", text)
	}
	return string(block.Bytes)
}

func onWindows(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

// damaged has some characters in the middle of a block replaced.
func damaged(text, with string) string {
	middle := len(text) / 2
	return text[:middle] + with + text[middle+len(with):]
}

// TestCertificatesAsToolsWriteThem reads each form to the same PEM.
func TestCertificatesAsToolsWriteThem(t *testing.T) {
	first, key := keyPair(t)
	second, _ := keyPair(t)
	for name, test := range map[string]struct{ content, want string }{
		"PEM":                       {first + second, first + second},
		"line breaks of Windows":    {onWindows(first + second), first + second},
		"a byte order mark":         {"\ufeff" + onWindows(first), first},
		"UTF-16 of PowerShell":      {inUTF16(onWindows(first+second), binary.LittleEndian), first + second},
		"UTF-16, the other order":   {inUTF16(first, binary.BigEndian), first},
		"DER of Export-Certificate": {derOf(t, first), first},
		"attributes of a bag":       {"Bag Attributes\n    localKeyID: 01\nsubject=CN = web01\n" + first + "Bag Attributes\n" + second, first + second},
		"a key beside it":           {key + first, first},
	} {
		if got, err := ParseCertificates(test.content); err != nil || got != test.want {
			t.Errorf("%s is read as %q, %v", name, got, err)
		}
	}
}

func TestCertificatesThatCantBeRead(t *testing.T) {
	first, key := keyPair(t)
	second, _ := keyPair(t)
	for name, test := range map[string]struct{ content, want string }{
		"a block that is not base64":     {damaged(first, "!!!!") + second, "certificate 1 of 2 can't be read: its PEM block is damaged"},
		"a block of other bytes":         {first + damaged(second, "AAAAAAAA"), "certificate 2 of 2 can't be read: "},
		"a block without an end":         {first + second[:len(second)/2], "certificate 2 of 2 can't be read: its PEM block is damaged"},
		"a key":                          {key, `contains a block "-----BEGIN PRIVATE KEY-----" and no certificate`},
		"a certificate with trust":       {strings.ReplaceAll(first, "CERTIFICATE", "TRUSTED CERTIFICATE"), `"-----BEGIN TRUSTED CERTIFICATE-----"`},
		"PKCS #7":                        {"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n", `"-----BEGIN PKCS7-----"`},
		"a binary key":                   {derOf(t, key), "perhaps a .p7b or .pfx file"},
		"base64 without its first line":  {base64.StdEncoding.EncodeToString([]byte(derOf(t, first))), "has no line"},
		"half a code unit":               {inUTF16(first[:100], binary.LittleEndian) + "x", "damaged"},
		"a text":                         {"hunter2", "certutil -encode"},
		"nothing but a byte order mark":  {"\ufeff", "it contains no certificate"},
		"the name of a file for its own": {`C:\ca.pem`, "it contains no certificate"},
	} {
		got, err := ParseCertificates(test.content)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
}

func TestKeysAsToolsWriteThem(t *testing.T) {
	certificate, key := keyPair(t)
	for name, content := range map[string]string{
		"line breaks of Windows": onWindows(key), "a byte order mark": "\ufeff" + key, "UTF-16": inUTF16(key, binary.LittleEndian),
		"after its certificate": certificate + key, "after parameters": "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key,
	} {
		if got, err := ParseKey(content); err != nil || got != key {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseKey(damaged(key, "AAAAAAAA")); err == nil || !strings.Contains(err.Error(), "it is damaged") || strings.Contains(err.Error(), "AAAA") {
		t.Errorf("a damaged key: %v", err)
	}
}
