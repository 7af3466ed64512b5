// SPDX-License-Identifier: MPL-2.0

package ntlm

import (
	"crypto/md5" //nolint:gosec // the protocol's
	"crypto/rc4" //nolint:gosec // the protocol's
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
)

// signatureSize is the length of a message's signature in bytes.
const signatureSize = 16

// Session protects the messages of a connection in both directions. Each message has its number, so that both sides must
// take them in the order in which they were sealed. Source: 3.4.
type Session struct {
	out, in direction
}

func newSession(key []byte) *Session {
	return &Session{out: newDirection(key, "client-to-server"), in: newDirection(key, "server-to-client")}
}

// Seal encrypts a message and signs it. It never fails.
func (s *Session) Seal(message []byte) (signature, sealed []byte, err error) {
	sealed = make([]byte, len(message))
	s.out.cipher.XORKeyStream(sealed, message)
	return s.out.sign(message), sealed, nil
}

// Open decrypts a message that follows its signature, and checks the signature and the sequence number.
func (s *Session) Open(signature, sealed []byte) ([]byte, error) {
	if len(signature) != signatureSize {
		return nil, fmt.Errorf("its signature has %d bytes instead of %d", len(signature), signatureSize)
	}
	if binary.LittleEndian.Uint32(signature[12:]) != s.in.number {
		return nil, errors.New("its sequence number is wrong")
	}
	message := make([]byte, len(sealed))
	s.in.cipher.XORKeyStream(message, sealed)
	if subtle.ConstantTimeCompare(s.in.sign(message), signature) != 1 {
		return nil, errors.New("its signature is wrong")
	}
	return message, nil
}

// direction is the state of one of the two.
type direction struct {
	signing []byte
	cipher  *rc4.Cipher
	number  uint32 // of the next message
}

// newDirection derives the keys. Source: 3.4.5.2, 3.4.5.3.
func newDirection(key []byte, name string) direction {
	derive := func(use string) []byte {
		h := md5.New() //nolint:gosec // the protocol's
		_, _ = h.Write(key)
		_, _ = h.Write([]byte("session key to " + name + " " + use + " key magic constant\x00"))
		return h.Sum(nil)
	}
	return direction{signing: derive("signing"), cipher: stream(derive("sealing"))}
}

// sign returns the signature of the next message, whose text went through the cipher just before. Source: 3.4.4.2.
func (d *direction) sign(message []byte) []byte {
	number := binary.LittleEndian.AppendUint32(nil, d.number)
	d.number++
	checksum := mac(d.signing, number, message)[:8]
	d.cipher.XORKeyStream(checksum, checksum)
	return append(append([]byte{1, 0, 0, 0}, checksum...), number...)
}
