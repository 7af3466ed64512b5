// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/crypto/etype"
	"github.com/go-krb5/krb5/types"
)

// The parts of a token for a message. Source: RFC 4121 section 4.2.6.
const (
	headerLength = 16

	flagByAcceptor = 1 // the acceptor made it
	flagSealed     = 2 // it is encrypted
	flagSubkey     = 4 // with the key that the acceptor chose
)

// The key usages. Source: RFC 4121 section 2.
const (
	usageAcceptorSeal  = 22
	usageAcceptorSign  = 23
	usageInitiatorSeal = 24
)

var (
	// ErrSequence is a message that is not the next of the other side: one was lost, repeated or reordered.
	ErrSequence = errors.New("the message is out of sequence")
	// ErrIntegrity is a message that is not from the other side, or that was changed.
	ErrIntegrity = errors.New("the integrity check of the message failed")
)

// Context is the client's side of an established security context: its key, and the counts of the messages in both directions.
// Its methods are called one at a time.
type Context struct {
	cipher        etype.EType
	key           func() []byte // fmt prints no function
	subkey        byte          // flagSubkey when the key is the acceptor's, else 0
	send, receive uint64        // sequence numbers of the next messages
}

// newContext makes the context of a client. Only AES is accepted, see [Weak].
func newContext(key types.EncryptionKey, subkey byte, send, receive uint64) (*Context, error) {
	cipher, err := strong(key)
	if err != nil {
		return nil, err
	}
	value := key.KeyValue
	return &Context{cipher: cipher, key: func() []byte { return value }, subkey: subkey, send: send, receive: receive}, nil
}

// Seal encrypts a message. The header is what SSPI calls the security trailer: the token up to the first byte of the
// encrypted message, whose length is the message's. Both together are a wrap token with EC 0 and RRC 28, which moves
// everything that is not the message to the front: what MIT Kerberos sends Windows for others.
// Source: RFC 4121 section 4.2.4.
func (c *Context) Seal(message []byte) (header, sealed []byte, err error) {
	head := make([]byte, headerLength, headerLength+2*len(message))
	head[0], head[1], head[2], head[3] = 0x05, 0x04, flagSealed|c.subkey, 0xFF
	binary.BigEndian.PutUint64(head[8:], c.send)
	plain := make([]byte, 0, len(message)+headerLength)
	plain = append(append(plain, message...), head...)
	_, encrypted, err := c.cipher.EncryptMessage(c.key(), plain, usageInitiatorSeal)
	if err != nil {
		return nil, nil, fmt.Errorf("encrypt a message: %w", err)
	}
	c.send++
	rotation := headerLength + c.cipher.GetHMACBitLength()/8
	binary.BigEndian.PutUint16(head[6:], uint16(rotation)) //nolint:gosec // at most 40
	token := append(head, rotate(encrypted, rotation)...)  //nolint:gocritic // head is of this token alone
	split := headerLength + rotation + c.cipher.GetConfounderByteSize()
	return token[:split], token[split:], nil
}

// Open decrypts a wrap token of the host, with whatever extra count and rotation. The message has to be the next.
func (c *Context) Open(token []byte) ([]byte, error) {
	const known = flagByAcceptor | flagSealed | flagSubkey
	if len(token) < headerLength || token[0] != 0x05 || token[1] != 0x04 || token[3] != 0xFF {
		return nil, errors.New("the message has no wrap token header")
	}
	if token[2]&flagSealed == 0 {
		return nil, errors.New("the message is signed but not encrypted")
	}
	if token[2]&known != flagByAcceptor|flagSealed|c.subkey {
		return nil, fmt.Errorf("%w: its flags are %#x", ErrIntegrity, token[2])
	}
	extra, rotation := int(binary.BigEndian.Uint16(token[4:])), int(binary.BigEndian.Uint16(token[6:]))
	message, err := c.decrypt(token, rotation)
	if err != nil && extra > 0 {
		// Windows rotates by the extra count, too. Source: MS-KILE section 3.4.5.4.1.
		message, err = c.decrypt(token, rotation+extra)
	}
	if err != nil {
		return nil, err
	}
	if len(message) < extra+headerLength {
		return nil, fmt.Errorf("%w: it is shorter than its header requires", ErrIntegrity)
	}
	head := bytes.Clone(token[:headerLength])
	head[6], head[7] = 0, 0
	if !bytes.Equal(message[len(message)-headerLength:], head) {
		return nil, fmt.Errorf("%w: its header was changed", ErrIntegrity)
	}
	if number := binary.BigEndian.Uint64(token[8:]); number != c.receive {
		return nil, fmt.Errorf("%w: its sequence number is %d, and %d is expected", ErrSequence, number, c.receive)
	}
	c.receive++
	return message[:len(message)-headerLength-extra], nil
}

// decrypt undoes the rotation of a token and decrypts what follows its header.
func (c *Context) decrypt(token []byte, rotation int) ([]byte, error) {
	return decrypt(c.cipher, c.key(), rotate(token[headerLength:], -rotation), usageAcceptorSeal)
}

// VerifySignature checks the host's signature of a message: a MIC token.
// Source: RFC 4121 section 4.2.6.1.
func (c *Context) VerifySignature(message, token []byte) error {
	want := []byte{0x04, 0x04, flagByAcceptor | c.subkey, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	if len(token) < headerLength || !bytes.Equal(token[:len(want)], want) {
		return errors.New("the signature has no MIC token header")
	}
	if !c.cipher.VerifyChecksum(c.key(), append(bytes.Clone(message), token[:headerLength]...), token[headerLength:], usageAcceptorSign) {
		return ErrIntegrity
	}
	if number := binary.BigEndian.Uint64(token[8:]); number != c.receive {
		return fmt.Errorf("%w: its sequence number is %d, and %d is expected", ErrSequence, number, c.receive)
	}
	c.receive++ // signatures and sealed messages have one count
	return nil
}

// rotate moves the last n bytes to the front, or the first -n to the end.
func rotate(b []byte, n int) []byte {
	if len(b) == 0 {
		return b
	}
	n = ((n % len(b)) + len(b)) % len(b)
	return append(bytes.Clone(b[len(b)-n:]), b[:len(b)-n]...)
}

// decrypt decrypts what is long enough to be encrypted: the library panics at anything shorter.
func decrypt(cipher etype.EType, key, encrypted []byte, usage uint32) ([]byte, error) {
	if len(encrypted) < cipher.GetConfounderByteSize()+cipher.GetHMACBitLength()/8 {
		return nil, fmt.Errorf("%w: it is too short", ErrIntegrity)
	}
	plain, err := cipher.DecryptMessage(key, encrypted, usage)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIntegrity, err)
	}
	return plain, nil
}

// Decrypt decrypts a part of a Kerberos message that came from elsewhere, with a key of AES.
func Decrypt(part types.EncryptedData, key types.EncryptionKey, usage uint32) ([]byte, error) {
	cipher, err := strong(key)
	if err != nil {
		return nil, err
	}
	if part.EType != key.KeyType {
		return nil, fmt.Errorf("%w: it is encrypted with %s, and the key is for %s", ErrIntegrity, EncryptionType(part.EType), EncryptionType(key.KeyType))
	}
	return decrypt(cipher, key.KeyValue, part.Cipher, usage)
}

// strong returns the encryption type of an AES key.
func strong(key types.EncryptionKey) (etype.EType, error) {
	if Weak(key.KeyType) {
		return nil, &WeakError{Type: key.KeyType}
	}
	cipher, err := crypto.GetEtype(key.KeyType)
	if err != nil {
		return nil, fmt.Errorf("the encryption type of a key: %w", err)
	}
	if len(key.KeyValue) != keyLength(cipher) {
		return nil, fmt.Errorf("a key of %s has %d bytes", EncryptionType(key.KeyType), len(key.KeyValue))
	}
	return cipher, nil
}
