// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"crypto/rand"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/patype"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// The options of a request. Source: RFC 4120 section 5.4.1; RFC 6806 section 3.
const (
	renewableOK  = 1 << 4
	canonicalize = 1 << 16 // the KDC may answer with another name, and refer to other realms
)

// lifetime is that of the tickets that are requested: the KDC has a limit of its own.
const lifetime = 24 * time.Hour

// request is a KDC-REQ: an AS-REQ or a TGS-REQ.
type request struct {
	kind    int // of message, which is the tag, too
	options uint32
	client  types.PrincipalName // of an AS-REQ
	service types.PrincipalName
	realm   string
	nonce   int
	until   time.Time
	types   []int32
	data    []types.PAData
}

// newRequest returns a request for a ticket of a realm's KDC.
func newRequest(kind int, options uint32, realm string, service types.PrincipalName, now time.Time) request {
	var nonce [4]byte
	_, _ = rand.Read(nonce[:]) // never fails
	return request{
		kind: kind, options: options, realm: realm, service: service, until: now.UTC().Add(lifetime).Truncate(time.Second),
		nonce: int(binary.BigEndian.Uint32(nonce[:]) & math.MaxInt32), types: gssapi.EncryptionTypes(),
	}
}

// encodedRequest is how a KDC-REQ is encoded. Source: RFC 4120 section 5.4.1.
type encodedRequest struct {
	Version int            `asn1:"explicit,tag:1"`
	Type    int            `asn1:"explicit,tag:2"`
	Data    []types.PAData `asn1:"explicit,optional,tag:3"`
	Body    asn1.RawValue
}

type encodedBody struct {
	Options asn1.BitString `asn1:"explicit,tag:0"`
	Client  gssapi.Name    `asn1:"explicit,optional,tag:1"`
	Realm   asn1.RawValue
	Service gssapi.Name `asn1:"explicit,tag:3"`
	Until   time.Time   `asn1:"generalized,explicit,tag:5"`
	Nonce   int         `asn1:"explicit,tag:7"`
	Types   []int32     `asn1:"explicit,tag:8"`
}

func (r request) body() ([]byte, error) {
	b := encodedBody{
		Options: gssapi.Flags(r.options), Realm: gssapi.Realm(2, r.realm), Service: gssapi.NewName(r.service), Until: r.until, Nonce: r.nonce, Types: r.types,
	}
	if len(r.client.NameString) > 0 {
		b.Client = gssapi.NewName(r.client)
	}
	return asn1.Marshal(b)
}

// Marshal encodes the request.
func (r request) Marshal() ([]byte, error) {
	body, err := r.body()
	if err != nil {
		return nil, err
	}
	return asn1.MarshalWithParams(encodedRequest{Version: iana.PVNO, Type: r.kind, Data: r.data, Body: gssapi.Field(4, body)},
		fmt.Sprintf("application,explicit,tag:%d", r.kind))
}

// authenticate adds the ticket-granting ticket, and the proof that it is this client's, to a TGS-REQ.
// Source: RFC 4120 section 5.4.1 (PA-TGS-REQ).
func (r *request) authenticate(tgt gssapi.Ticket, now time.Time) error {
	body, err := r.body()
	if err != nil {
		return err
	}
	cipher, err := crypto.GetEtype(tgt.Key.KeyType)
	if err != nil {
		return err
	}
	sum, err := cipher.GetChecksumHash(tgt.Key.KeyValue, body, keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR_CHKSUM)
	if err != nil {
		return err
	}
	value, err := gssapi.EncodeAPRequest(tgt, 0, gssapi.Authenticator{
		Checksum: types.Checksum{CksumType: cipher.GetHashID(), Checksum: sum}, Time: now,
	}, keyusage.TGS_REQ_PA_TGS_REQ_AP_REQ_AUTHENTICATOR)
	r.data = []types.PAData{{PADataType: patype.PA_TGS_REQ, PADataValue: value}}
	return err
}
