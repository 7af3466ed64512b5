// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/crypto/etype"
	"github.com/go-krb5/krb5/types"
)

// kerberosSession protects the messages of an established context. Source: RFC 4121 4.2.
type kerberosSession struct {
	cipher        etype.EType
	subkey        types.EncryptionKey // the host's choice
	send, receive uint64              // sequence numbers
}

const (
	headerLength = 16

	usageAcceptorSeal  = 22
	usageAcceptorSign  = 23
	usageInitiatorSeal = 24
	usageInitiatorSign = 25

	flagAcceptor = 1
	flagSealed   = 2
	flagSubkey   = 4
)

var errKerberosMessage = errors.New("the message is not one of this context, or not the next")

// newKerberosSession chooses a key as strong as the ticket's.
func newKerberosSession(ticket types.EncryptionKey, receive uint64) (*kerberosSession, error) {
	cipher, err := crypto.GetEtype(ticket.KeyType)
	if err != nil {
		return nil, fmt.Errorf("the ticket's key: %w", err)
	}
	subkey, err := types.GenerateEncryptionKey(cipher)
	if err != nil {
		return nil, fmt.Errorf("choose a key: %w", err)
	}
	var start [4]byte
	_, _ = rand.Read(start[:]) // never fails
	return &kerberosSession{cipher: cipher, subkey: subkey, send: uint64(binary.BigEndian.Uint32(start[:]) >> 2), receive: receive}, nil
}

// tail is what Windows moves from the end of a token to its front: the encrypted header and the checksum.
func (s *kerberosSession) tail() int { return headerLength + s.cipher.GetHMACBitLength()/8 }

// Seal is for Context: tokens with EC 0 and RRC 28 (with AES and SHA-1), as clients with MIT's library take them.
func (s *kerberosSession) Seal(message []byte) (header, sealed []byte, err error) {
	head := []byte{0x05, 0x04, flagAcceptor | flagSealed | flagSubkey, 0xFF, 0, 0, 0, 0}
	head = binary.BigEndian.AppendUint64(head, s.send)
	_, encrypted, err := s.cipher.EncryptMessage(s.subkey.KeyValue, append(bytes.Clone(message), head...), usageAcceptorSeal)
	if err != nil {
		return nil, nil, fmt.Errorf("seal a message: %w", err)
	}
	s.send++
	tail := s.tail()
	binary.BigEndian.PutUint16(head[6:], uint16(tail)) //nolint:gosec // at most 40
	at, confounder := len(encrypted)-tail, s.cipher.GetConfounderByteSize()
	return bytes.Join([][]byte{head, encrypted[at:], encrypted[:confounder]}, nil), encrypted[confounder:at], nil
}

// Open is for Context.
func (s *kerberosSession) Open(header, sealed []byte) ([]byte, error) {
	token := append(bytes.Clone(header), sealed...)
	if len(token) < headerLength+s.tail()+s.cipher.GetConfounderByteSize() ||
		!bytes.Equal(token[:4], []byte{0x05, 0x04, flagSealed | flagSubkey, 0xFF}) ||
		binary.BigEndian.Uint64(token[8:]) != s.receive {
		return nil, errKerberosMessage
	}
	extra, rotation := int(binary.BigEndian.Uint16(token[4:])), int(binary.BigEndian.Uint16(token[6:]))
	body := token[headerLength:]
	rotation %= len(body)
	plain, err := s.cipher.DecryptMessage(s.subkey.KeyValue, append(bytes.Clone(body[rotation:]), body[:rotation]...), usageInitiatorSeal)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKerberosMessage, err)
	}
	head := bytes.Clone(token[:headerLength])
	head[6], head[7] = 0, 0
	if !bytes.HasSuffix(plain, head) || len(plain) < headerLength+extra {
		return nil, errKerberosMessage
	}
	s.receive++
	return plain[:len(plain)-headerLength-extra], nil
}

// MIC is for Context.
func (s *kerberosSession) MIC(message []byte) ([]byte, error) {
	token := []byte{0x04, 0x04, flagAcceptor | flagSubkey, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	token = binary.BigEndian.AppendUint64(token, s.send)
	sum, err := s.cipher.GetChecksumHash(s.subkey.KeyValue, append(bytes.Clone(message), token...), usageAcceptorSign)
	if err != nil {
		return nil, fmt.Errorf("sign a message: %w", err)
	}
	s.send++
	return append(token, sum...), nil
}

// CheckMIC is for Context.
func (s *kerberosSession) CheckMIC(message, mic []byte) error {
	if len(mic) < headerLength || !bytes.Equal(mic[:8], []byte{0x04, 0x04, flagSubkey, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}) ||
		binary.BigEndian.Uint64(mic[8:]) != s.receive ||
		!s.cipher.VerifyChecksum(s.subkey.KeyValue, append(bytes.Clone(message), mic[:headerLength]...), mic[headerLength:], usageInitiatorSign) {
		return errKerberosMessage
	}
	s.receive++
	return nil
}
