// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // what the protocol has
	"crypto/rc4" //nolint:gosec // what the protocol has
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/crypto/md4" //nolint:staticcheck,gosec // what the protocol has
)

// hmacMD5 is HMAC_MD5 of the joined parts.
func hmacMD5(key []byte, parts ...[]byte) []byte {
	h := hmac.New(md5.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// ownerKey is NTOWFv2. Source: MS-NLMP 3.3.2.
func ownerKey(password, user, domain string) []byte {
	h := md4.New() //nolint:gosec // what the protocol has
	h.Write(encodeUTF16(password))
	return hmacMD5(h.Sum(nil), encodeUTF16(strings.ToUpper(user)+domain))
}

// crypt is RC4K: RC4 with a key of its own.
func crypt(key, b []byte) []byte {
	out := make([]byte, len(b))
	stream(key).XORKeyStream(out, b)
	return out
}

// stream begins RC4.
func stream(key []byte) *rc4.Cipher {
	c, err := rc4.NewCipher(key) //nolint:gosec // what the protocol has
	if err != nil {
		panic(err) // a key is a hash of 16 bytes
	}
	return c
}

// The directions, as the keys' names tell them apart. Source: MS-NLMP 3.4.5.
const (
	fromClient = "client-to-server"
	fromServer = "server-to-client"
)

// flow protects the messages of one direction. Source: MS-NLMP 3.4, with extended session security.
type flow struct {
	signKey, sealKey []byte
	exchanged        bool // a key was, so checksums are encrypted
	cipher           *rc4.Cipher
	sequence         uint32
}

func newFlow(sessionKey []byte, flags uint32, direction string) *flow {
	derive := func(key []byte, purpose string) []byte {
		text := "session key to " + direction + " " + purpose + " key magic constant\x00"
		sum := md5.Sum(append(bytes.Clone(key), text...)) //nolint:gosec // what the protocol has
		return sum[:]
	}
	f := &flow{
		signKey: derive(sessionKey, "signing"), sealKey: derive(sessionKey, "sealing"),
		exchanged: flags&flagKeyExchange != 0,
	}
	f.restart()
	return f
}

// restart begins the key stream again, but not the sequence, as Windows does after the MIC of SPNEGO.
func (f *flow) restart() { f.cipher = stream(f.sealKey) }

// sign returns the signature of the next message, which has been through the cipher already.
func (f *flow) sign(message []byte) []byte {
	sequence := binary.LittleEndian.AppendUint32(nil, f.sequence)
	f.sequence++
	checksum := hmacMD5(f.signKey, sequence, message)[:8]
	if f.exchanged {
		f.cipher.XORKeyStream(checksum, checksum)
	}
	return append(append([]byte{1, 0, 0, 0}, checksum...), sequence...)
}

// seal encrypts the next message and signs it.
func (f *flow) seal(message []byte) (signed, sealed []byte) {
	sealed = make([]byte, len(message))
	f.cipher.XORKeyStream(sealed, message)
	return f.sign(message), sealed
}

var errSignature = errors.New("the signature is not that of the next message on this connection")

// open decrypts the next message and checks its signature.
func (f *flow) open(signed, sealed []byte) ([]byte, error) {
	message := make([]byte, len(sealed))
	f.cipher.XORKeyStream(message, sealed)
	return message, f.check(message, signed)
}

// check checks the signature of the next message, which has been through the cipher already.
func (f *flow) check(message, signed []byte) error {
	if !hmac.Equal(signed, f.sign(message)) {
		return errSignature
	}
	return nil
}
