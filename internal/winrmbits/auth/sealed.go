// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"
)

const (
	sealedProtocol = "application/HTTP-SPNEGO-session-encrypted" // of the scheme Negotiate
	boundary       = "Encrypted Boundary"
	maxPreamble    = 4 << 10 // bytes before the sealed message
	maxHeader      = 1 << 10 // bytes of the token before the ciphertext
)

// sealer protects messages. The header is the part of its token before the ciphertext.
type sealer interface {
	Seal(message []byte) (header, sealed []byte, err error)
	Open(header, sealed []byte) (message []byte, err error)
}

// sealMessage returns a message as WinRM carries it. Inside TLS that is the message itself, and over http two parts, of
// which the second is binary, without the blank lines of MIME and without a line break after the ciphertext. The TAB before
// each header is mandatory; what is read may lack it. Source: MS-WSMV 2.2.9.1.1.2.1 and 2.2.9.1.1.2.2.
func sealMessage(by sealer, https bool, message []byte) (body []byte, contentType string, err error) {
	if https {
		return message, SOAP, nil
	}
	header, sealed, err := by.Seal(message)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "--%s\r\n\tContent-Type: %s\r\n\tOriginalContent: type=%s;Length=%d\r\n", boundary, sealedProtocol, SOAP, len(message))
	fmt.Fprintf(&b, "--%s\r\n\tContent-Type: application/octet-stream\r\n", boundary)
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(header)))) //nolint:gosec // some tens
	b.Write(header)
	b.Write(sealed)
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes(), fmt.Sprintf("multipart/encrypted;protocol=%q;boundary=%q", sealedProtocol, boundary), nil
}

// openMessage returns the message in a reply. Over http a reply that is not sealed is an error.
func openMessage(by sealer, https bool, contentType string, body []byte) ([]byte, error) {
	if https {
		return body, nil
	}
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.EqualFold(kind, "multipart/encrypted") {
		return nil, fmt.Errorf("it is not encrypted (content type %q)", contentType)
	}
	if !strings.EqualFold(parameters["protocol"], sealedProtocol) {
		return nil, fmt.Errorf("it is encrypted as %q, not as %q", parameters["protocol"], sealedProtocol)
	}
	length, token, err := unframe(body)
	if err != nil {
		return nil, fmt.Errorf("its encryption can't be read: %w", err)
	}
	size := binary.LittleEndian.Uint32(token)
	if size > maxHeader || int(size) > len(token)-4 {
		return nil, errors.New("its encryption can't be read: its header is longer than the token")
	}
	message, err := by.Open(token[4:4+size], token[4+size:])
	if err != nil {
		return nil, err
	}
	if len(message) != length {
		return nil, fmt.Errorf("it has %d bytes instead of %d", len(message), length)
	}
	return message, nil
}

// unframe returns the length of the message and the token of at least 4 bytes. The ciphertext may hold anything, even a
// boundary: what surrounds it is cut off at both ends.
func unframe(body []byte) (length int, token []byte, err error) {
	length = -1
	rest, boundaries := body, 0
	for binaryPart := false; !binaryPart; {
		end := bytes.Index(rest[:min(len(rest), maxPreamble)], []byte("\r\n"))
		if end < 0 || len(body)-len(rest) > maxPreamble {
			return 0, nil, errors.New("parts of it are missing")
		}
		line := rest[:end]
		rest = rest[end+2:]
		text := strings.TrimSpace(string(line))
		switch name, value, _ := strings.Cut(text, ":"); {
		case isBoundary(text):
			boundaries++
		case boundaries == 0:
			return 0, nil, errors.New("it does not begin with its boundary")
		case boundaries == 1 && strings.EqualFold(name, "OriginalContent"):
			if length, err = originalLength(value); err != nil {
				return 0, nil, err
			}
		case boundaries == 2 && strings.EqualFold(name, "Content-Type") && strings.EqualFold(strings.TrimSpace(value), "application/octet-stream"):
			binaryPart = true
		}
	}
	token, found := cutClosing(rest)
	switch {
	case length < 0:
		return 0, nil, errors.New("the length of the message is missing")
	case !found:
		return 0, nil, errors.New("it does not end with its boundary")
	case len(token) < 4:
		return 0, nil, errors.New("it contains no message")
	}
	return length, token, nil
}

// cutClosing cuts off the last boundary with everything after it, which is not part of the message: Windows sends a line break, others
// none or two. Source: RFC 2046, 5.1.1 (epilogue).
func cutClosing(b []byte) ([]byte, bool) {
	end := bytes.LastIndex(b, []byte(boundary+"--"))
	if end < 0 {
		return nil, false
	}
	return bytes.CutSuffix(bytes.TrimSuffix(b[:end], []byte(" ")), []byte("--"))
}

// isBoundary reports whether a line is the boundary. Some services put a space after its dashes.
func isBoundary(line string) bool {
	rest, found := strings.CutPrefix(line, "--")
	return found && strings.TrimPrefix(rest, " ") == boundary
}

// originalLength reads the length of the message in type=...;charset=...;Length=n.
func originalLength(value string) (int, error) {
	for part := range strings.SplitSeq(value, ";") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(name, "Length") {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil {
			return 0, fmt.Errorf("its length %q is not a number", number)
		}
		return int(n), nil
	}
	return 0, errors.New("the length of the message is missing")
}
