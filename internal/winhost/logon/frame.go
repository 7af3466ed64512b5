// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"regexp"
	"strconv"
)

// The parts of a sealed message. Source: MS-WSMV 2.2.9.1.
const (
	sealedType    = "multipart/encrypted"
	protocolForm  = "application/HTTP-%s-session-encrypted" // SPNEGO, or Kerberos where that is the scheme
	boundary      = "Encrypted Boundary"
	originalType  = "application/soap+xml;charset=UTF-8"
	octetsType    = "application/octet-stream"
	maxSealHeader = 1 << 10 // of a signature or the front of a token
)

var errFrame = errors.New("the message is not framed as a sealed one is")

// frameStart is the text before the sealed bytes, in this very form: it is not MIME that a parser would accept.
var frameStart = regexp.MustCompile(`^--` + boundary + `\r\n` +
	`\tContent-Type: application/HTTP-(?:SPNEGO|Kerberos)-session-encrypted\r\n` +
	`\tOriginalContent: type=application/soap\+xml;charset=UTF-8;Length=([0-9]{1,9})\r\n` +
	`--` + boundary + `\r\n` +
	`\tContent-Type: ` + octetsType + `\r\n`)

// frameEnd is what stands after them.
const frameEnd = "--" + boundary + "--\r\n"

// sealedProtocol returns the protocol of a sealed message's type, "" for a message that is not sealed.
func sealedProtocol(contentType string) (string, error) {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || media != sealedType {
		return "", nil //nolint:nilerr // a message of any other type is a message as it is
	}
	protocol := parameters["protocol"]
	for _, name := range []string{"SPNEGO", nameKerberos} {
		if protocol == fmt.Sprintf(protocolForm, name) && parameters["boundary"] == boundary {
			return protocol, nil
		}
	}
	return "", errFrame
}

// unframe takes a sealed message apart; length is that of the message inside.
func unframe(body []byte) (header, sealed []byte, length int, err error) {
	start := frameStart.FindSubmatchIndex(body)
	if start == nil || !bytes.HasSuffix(body[start[1]:], []byte(frameEnd)) {
		return nil, nil, 0, errFrame
	}
	length, err = strconv.Atoi(string(body[start[2]:start[3]]))
	if err != nil {
		return nil, nil, 0, errFrame
	}
	rest := bytes.TrimSuffix(body[start[1]:], []byte(frameEnd))
	if len(rest) < 4 {
		return nil, nil, 0, errFrame
	}
	n := binary.LittleEndian.Uint32(rest)
	rest = rest[4:]
	if n > maxSealHeader || int(n) > len(rest) {
		return nil, nil, 0, errFrame
	}
	return rest[:n], rest[n:], length, nil
}

// frame puts a sealed message together.
func frame(protocol string, header, sealed []byte, length int) []byte {
	b := fmt.Appendf(nil, "--%s\r\n\tContent-Type: %s\r\n\tOriginalContent: type=%s;Length=%d\r\n--%s\r\n\tContent-Type: %s\r\n",
		boundary, protocol, originalType, length, boundary, octetsType)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(header))) //nolint:gosec // it is short
	b = append(append(b, header...), sealed...)
	return append(b, frameEnd...)
}

// Open returns the message that a body holds and reports whether it was sealed: then the answer has to be, too. An error
// when it was not sealed on this connection, or not as its next message.
func (c *Connection) Open(contentType string, body []byte) (message []byte, sealed bool, err error) {
	protocol, err := sealedProtocol(contentType)
	if err != nil {
		return nil, true, err
	}
	if protocol == "" {
		return body, false, nil
	}
	if c.context == nil || !c.context.done {
		return nil, true, errOrder
	}
	header, octets, length, err := unframe(body)
	if err != nil {
		return nil, true, err
	}
	if message, err = c.context.inner.Open(header, octets); err != nil {
		return nil, true, err
	}
	if len(message) != length {
		return nil, true, errFrame
	}
	c.protocol = protocol
	return message, true, nil
}

// Seal protects an answer as the message was that it answers.
func (c *Connection) Seal(message []byte) (body []byte, contentType string, err error) {
	if c.context == nil || !c.context.done {
		return nil, "", errOrder
	}
	header, sealed, err := c.context.inner.Seal(message)
	if err != nil {
		return nil, "", fmt.Errorf("seal an answer: %w", err)
	}
	return frame(c.protocol, header, sealed, len(message)),
		fmt.Sprintf("%s;protocol=%q;boundary=%q", sealedType, c.protocol, boundary), nil
}
