// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-krb5/krb5/iana/chksumtype"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// The flags of a context that a client asks for. Source: RFC 4121 section 4.1.1.1.
const (
	flagMutual       = 2
	flagReplay       = 4
	flagSequence     = 8
	flagConfidential = 16
	flagIntegrity    = 32

	clientFlags = flagMutual | flagReplay | flagSequence | flagConfidential | flagIntegrity
)

// bindingsLength is that of a hash of channel bindings: MD5.
const bindingsLength = 16

// ErrMutual is an answer of the host that does not prove that it is the service the ticket is for.
var ErrMutual = errors.New("the host did not prove its identity")

// HostError is what the host answered instead of a proof: a KRB-ERROR.
type HostError struct {
	Answer messages.KRBError
}

func (e *HostError) Error() string { return "the host refused the ticket: " + e.Answer.Error() }

// Ticket is a ticket for a service and what a client needs to use it.
type Ticket struct {
	Client types.PrincipalName
	Realm  string // the client's
	Ticket messages.Ticket
	Key    types.EncryptionKey
	End    time.Time
}

// Initiator is the client's half of the exchange that proves both sides.
type Initiator struct {
	ticket   Ticket
	time     time.Time
	micros   int
	sequence uint64
	subkey   types.EncryptionKey
}

// NewInitiator returns a client's half, and the token with the AP-REQ that it sends. The bindings are the hash of the
// channel bindings; nil: none. A ticket whose key is not of AES is a [WeakError].
func NewInitiator(ticket Ticket, bindings []byte, now time.Time) (*Initiator, []byte, error) {
	cipher, err := strong(ticket.Key)
	if err != nil {
		return nil, nil, err
	}
	subkey := types.EncryptionKey{KeyType: ticket.Key.KeyType, KeyValue: make([]byte, keyLength(cipher))}
	_, _ = rand.Read(subkey.KeyValue) // never fails
	var start [4]byte
	_, _ = rand.Read(start[:]) // never fails
	now = now.UTC()
	i := &Initiator{
		ticket: ticket, time: now.Truncate(time.Second), micros: now.Nanosecond() / int(time.Microsecond),
		sequence: uint64(binary.BigEndian.Uint32(start[:]) >> 2), subkey: subkey,
	}
	message, err := EncodeAPRequest(ticket, mutualRequired, Authenticator{
		Checksum: types.Checksum{CksumType: chksumtype.GSSAPI, Checksum: checksum(bindings)},
		Time:     now, Subkey: subkey, Sequence: uint32(i.sequence), //nolint:gosec // 30 bits
	}, keyusage.AP_REQ_AUTHENTICATOR)
	if err != nil {
		return nil, nil, fmt.Errorf("make the request to the host: %w", err)
	}
	token, err := frame(OIDKerberos, append(binary.BigEndian.AppendUint16(nil, uint16(APRequest)), message...))
	return i, token, err
}

// checksum is the authenticator's: channel bindings and flags. Source: RFC 4121 section 4.1.1.
func checksum(bindings []byte) []byte {
	sum := binary.LittleEndian.AppendUint32(nil, bindingsLength)
	sum = append(sum, make([]byte, bindingsLength)...)
	copy(sum[4:], bindings)
	return binary.LittleEndian.AppendUint32(sum, clientFlags)
}

// Finish takes the host's token and returns the context. Its errors are [ErrMutual] and [HostError].
func (i *Initiator) Finish(token []byte) (*Context, error) {
	proof, err := i.verify(token)
	var refused *HostError
	switch {
	case errors.As(err, &refused):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrMutual, err)
	}
	key, subkey := i.subkey, byte(0)
	if len(proof.Subkey.KeyValue) > 0 {
		key, subkey = proof.Subkey, flagSubkey
	}
	// Some encode the 32 bits as a negative number. Source: RFC 4120 section 5.5.2.
	receive := uint64(proof.SequenceNumber & math.MaxUint32)
	return newContext(key, subkey, i.sequence, receive)
}

// verify reads the host's proof, and checks that it is about this client's request.
func (i *Initiator) verify(token []byte) (proof messages.EncAPRepPart, err error) {
	id, message, err := Unframe(token)
	if err != nil {
		return proof, err
	}
	if id == KerberosError {
		answer, err := ParseError(message)
		if err != nil {
			return proof, err
		}
		return proof, &HostError{answer}
	}
	var reply messages.APRep
	if id != APReply {
		return proof, fmt.Errorf("its token is %#04x", uint16(id))
	}
	if err := reply.Unmarshal(message); err != nil {
		return proof, err
	}
	plain, err := Decrypt(reply.EncPart, i.ticket.Key, keyusage.AP_REP_ENCPART)
	if err == nil {
		err = proof.Unmarshal(plain)
	}
	if err == nil && (!proof.CTime.Equal(i.time) || proof.Cusec != i.micros) {
		err = errors.New("its response belongs to another request")
	}
	return proof, err
}
