// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana"
	"github.com/go-krb5/krb5/iana/asn1apptag"
	"github.com/go-krb5/krb5/iana/msgtype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// mutualRequired is the option of an AP-REQ that asks the host for a proof. Source: RFC 4120 section 5.5.1.
const mutualRequired = 1 << 29

// encodedTicket is how a ticket is encoded. Source: RFC 4120 section 5.3.
type encodedTicket struct {
	Version int `asn1:"explicit,tag:0"`
	Realm   asn1.RawValue
	Service Name                `asn1:"explicit,tag:2"`
	Sealed  types.EncryptedData `asn1:"explicit,tag:3"`
}

// encodedAuthenticator is how an authenticator is encoded. Source: RFC 4120 section 5.5.1.
type encodedAuthenticator struct {
	Version  int `asn1:"explicit,tag:0"`
	Realm    asn1.RawValue
	Client   Name                `asn1:"explicit,tag:2"`
	Checksum types.Checksum      `asn1:"explicit,tag:3"`
	Micros   int                 `asn1:"explicit,tag:4"`
	Time     time.Time           `asn1:"generalized,explicit,tag:5"`
	Subkey   types.EncryptionKey `asn1:"explicit,optional,tag:6"`
	Sequence int64               `asn1:"explicit,optional,tag:7"`
}

// encodedAPRequest is how an AP-REQ is encoded. Source: RFC 4120 section 5.5.1.
type encodedAPRequest struct {
	Version       int            `asn1:"explicit,tag:0"`
	Type          int            `asn1:"explicit,tag:1"`
	Options       asn1.BitString `asn1:"explicit,tag:2"`
	Ticket        asn1.RawValue
	Authenticator types.EncryptedData `asn1:"explicit,tag:4"`
}

// Authenticator is what a client proves with that a ticket is its own.
type Authenticator struct {
	Checksum types.Checksum
	Time     time.Time
	Subkey   types.EncryptionKey // of the client's choice; the zero value: none
	Sequence uint32              // 0: none
}

// EncodeAPRequest encodes an AP-REQ. The usage is that of the key which encrypts the authenticator.
func EncodeAPRequest(t Ticket, options uint32, a Authenticator, usage uint32) ([]byte, error) {
	plain, err := asn1.MarshalWithParams(encodedAuthenticator{
		Version: iana.PVNO, Realm: Realm(1, t.Realm), Client: NewName(t.Client), Checksum: a.Checksum,
		Micros: a.Time.Nanosecond() / int(time.Microsecond), Time: a.Time.UTC().Truncate(time.Second), Subkey: a.Subkey, Sequence: int64(a.Sequence),
	}, application(asn1apptag.Authenticator))
	if err != nil {
		return nil, fmt.Errorf("encode an authenticator: %w", err)
	}
	sealed, err := crypto.GetEncryptedData(plain, t.Key, usage, 0)
	if err != nil {
		return nil, fmt.Errorf("encrypt an authenticator: %w", err)
	}
	ticket, err := encodeTicket(t.Ticket)
	if err != nil {
		return nil, err
	}
	request, err := asn1.MarshalWithParams(encodedAPRequest{
		Version: iana.PVNO, Type: msgtype.KRB_AP_REQ, Options: Flags(options), Ticket: Field(3, ticket), Authenticator: sealed,
	}, application(asn1apptag.APREQ))
	if err != nil {
		return nil, fmt.Errorf("encode an AP-REQ: %w", err)
	}
	return request, nil
}

func encodeTicket(t messages.Ticket) ([]byte, error) {
	ticket, err := asn1.MarshalWithParams(encodedTicket{Version: t.TktVNO, Realm: Realm(1, t.Realm), Service: NewName(t.SName), Sealed: t.EncPart},
		application(asn1apptag.Ticket))
	if err != nil {
		return nil, fmt.Errorf("encode a ticket: %w", err)
	}
	return ticket, nil
}

// Flags are the encodable form of 32 flags, the first in the highest bit. Source: RFC 4120 section 5.2.8.
func Flags(flags uint32) asn1.BitString {
	return asn1.BitString{Bytes: binary.BigEndian.AppendUint32(nil, flags), BitLength: 32}
}

// application is the parameter of encoding/asn1 for a message of Kerberos.
func application(tag int) string { return fmt.Sprintf("application,explicit,tag:%d", tag) }
