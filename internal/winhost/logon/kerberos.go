// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	encodingasn1 "encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/go-krb5/krb5/asn1tools"
	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana"
	"github.com/go-krb5/krb5/iana/asn1apptag"
	"github.com/go-krb5/krb5/iana/chksumtype"
	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/flags"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/msgtype"
	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/go-krb5/x/encoding/asn1"
)

var (
	oidKerberos  = encodingasn1.ObjectIdentifier{1, 2, 840, 113554, 1, 2, 2}
	oidMicrosoft = encodingasn1.ObjectIdentifier{1, 2, 840, 48018, 1, 2, 2} // the same. Source: MS-SPNG 3.1.5
)

const (
	maxSkew       = 5 * time.Minute
	bindingLength = 16 // MD5
	minEncrypted  = 28 // bytes that hold anything: a confounder and a checksum
)

// KerberosOptions describe the service.
type KerberosOptions struct {
	Keytab *keytab.Keytab
	Now    func() time.Time
	// Account finds the local account that a client is, by its name and realm; "" refuses it.
	Account func(name, realm string) string
}

// LoadKeytab reads a keytab.
func LoadKeytab(path string) (*keytab.Keytab, error) {
	k, err := keytab.Load(path)
	if err != nil {
		return nil, fmt.Errorf("read the keytab %s: %w", path, err)
	}
	return k, nil
}

// NewKerberos returns Kerberos 5 as a mechanism of Negotiate: the service that a keytab makes the host, and the sealing of messages.
// Sources: RFC 4120, RFC 4121, MS-KILE.
func NewKerberos(o KerberosOptions) Mechanism {
	return Mechanism{
		Scheme: Kerberos, OIDs: []encodingasn1.ObjectIdentifier{oidKerberos, oidMicrosoft},
		New: func(c Channel) Context { return &kerberosContext{options: o, channel: c} },
	}
}

// kerberosContext is the host's side of one context.
type kerberosContext struct {
	options KerberosOptions
	channel Channel
	account string
	*kerberosSession
}

// Account is for Context.
func (a *kerberosContext) Account() string { return a.account }

var errAPReq = errors.New("not an AP-REQ")

// Step takes the AP-REQ and answers with an AP-REP, or a KRB-ERROR.
func (a *kerberosContext) Step(token []byte) ([]byte, error) {
	message, err := unframeAPReq(token)
	if err != nil {
		return nil, err
	}
	var request messages.APReq
	if err := request.Unmarshal(message); err != nil {
		return nil, fmt.Errorf("%w: %w", errAPReq, err)
	}
	if code := a.judge(&request); code != errorcode.KDC_ERR_NONE {
		return a.refuse(&request, code)
	}
	seen := request.Authenticator
	binding, wants, err := parseChecksum(seen.Cksum)
	if err != nil {
		return nil, err
	}
	if err := a.channel.Check(binding); err != nil {
		return nil, err
	}
	account := a.options.Account(seen.CName.PrincipalNameString(), seen.CRealm)
	if account == "" {
		return nil, errors.New("the client is not an account of this host")
	}
	key := request.Ticket.DecryptedEncPart.Key
	if a.kerberosSession, err = newKerberosSession(key, uint64(seen.SeqNumber&0xFFFFFFFF)); err != nil {
		return nil, err
	}
	a.account = account
	if !wants || !types.IsFlagSet(&request.APOptions, flags.APOptionMutualRequired) {
		return nil, errors.New("the client wants no proof of the host")
	}
	return a.reply(key, seen)
}

// judge opens a ticket and its authenticator, and returns the code of an error, 0 for none.
func (a *kerberosContext) judge(r *messages.APReq) int32 {
	if len(r.Ticket.EncPart.Cipher) < minEncrypted || len(r.EncryptedAuthenticator.Cipher) < minEncrypted ||
		len(r.Ticket.SName.NameString) == 0 {
		return errorcode.KRB_AP_ERR_BAD_INTEGRITY
	}
	if err := r.Ticket.DecryptEncPart(a.options.Keytab, &r.Ticket.SName); err != nil {
		return errorcode.KRB_AP_ERR_MODIFIED // as Windows answers a ticket for another key
	}
	ticket, now := r.Ticket.DecryptedEncPart, a.options.Now()
	if err := r.DecryptAuthenticator(ticket.Key); err != nil {
		return errorcode.KRB_AP_ERR_BAD_INTEGRITY
	}
	switch {
	case !r.Authenticator.CName.Equal(ticket.CName), r.Authenticator.CRealm != ticket.CRealm:
		return errorcode.KRB_AP_ERR_BADMATCH
	case now.Sub(r.Authenticator.CTime).Abs() > maxSkew:
		return errorcode.KRB_AP_ERR_SKEW
	case now.After(ticket.EndTime.Add(maxSkew)):
		return errorcode.KRB_AP_ERR_TKT_EXPIRED
	default:
		return errorcode.KDC_ERR_NONE
	}
}

// parseChecksum reads the authenticator's checksum: the channel binding, and whether the host is to prove itself.
// Source: RFC 4121 4.1.1.
func parseChecksum(sum types.Checksum) (binding []byte, mutual bool, err error) {
	const flagMutual = 2
	if sum.CksumType != chksumtype.GSSAPI || len(sum.Checksum) < 4+bindingLength+4 ||
		binary.LittleEndian.Uint32(sum.Checksum) != bindingLength {
		return nil, false, errors.New("the authenticator has no checksum of GSS-API")
	}
	return sum.Checksum[4 : 4+bindingLength], binary.LittleEndian.Uint32(sum.Checksum[4+bindingLength:])&flagMutual != 0, nil
}

// reply proves the host: it knows the ticket's key, and chooses the key that protects the messages.
func (a *kerberosContext) reply(key types.EncryptionKey, seen types.Authenticator) ([]byte, error) {
	part, err := asn1.Marshal(messages.EncAPRepPart{
		CTime: seen.CTime, Cusec: seen.Cusec, Subkey: a.subkey, SequenceNumber: int64(a.send), //nolint:gosec // 30 bits
	}, asn1.WithMarshalSlicePreserveTypes(true), asn1.WithMarshalSliceAllowStrings(true))
	if err != nil {
		return nil, fmt.Errorf("encode the proof of the host: %w", err)
	}
	sealed, err := crypto.GetEncryptedData(asn1tools.AddASNAppTag(part, asn1apptag.EncAPRepPart), key, keyusage.AP_REP_ENCPART, 0)
	if err != nil {
		return nil, fmt.Errorf("encrypt the proof of the host: %w", err)
	}
	text, err := asn1.Marshal(messages.APRep{PVNO: iana.PVNO, MsgType: msgtype.KRB_AP_REP, EncPart: sealed},
		asn1.WithMarshalSlicePreserveTypes(true), asn1.WithMarshalSliceAllowStrings(true))
	if err != nil {
		return nil, fmt.Errorf("encode the proof of the host: %w", err)
	}
	return frameKerberos(tokenReply, asn1tools.AddASNAppTag(text, asn1apptag.APREP))
}

// refuse returns a KRB-ERROR with the reason.
func (a *kerberosContext) refuse(r *messages.APReq, code int32) ([]byte, error) {
	answer := messages.NewKRBError(r.Ticket.SName, r.Ticket.Realm, code, "")
	answer.STime = a.options.Now().UTC().Truncate(time.Second)
	text, err := answer.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode a refusal: %w", err)
	}
	token, err := frameKerberos(tokenError, text)
	return token, errors.Join(answer, err)
}

// The messages that a token can hold. Source: RFC 4121 4.1.
var (
	tokenRequest = []byte{0x01, 0x00}
	tokenReply   = []byte{0x02, 0x00}
	tokenError   = []byte{0x03, 0x00}
)

// frameKerberos puts the frame of GSS-API around a message.
func frameKerberos(id, message []byte) ([]byte, error) {
	oid, err := encodingasn1.Marshal(oidKerberos)
	if err != nil {
		return nil, fmt.Errorf("encode a token: %w", err)
	}
	return asn1tools.AddASNAppTag(bytes.Join([][]byte{oid, id, message}, nil), 0), nil
}

// unframeAPReq returns the AP-REQ of a token.
func unframeAPReq(token []byte) ([]byte, error) {
	oid, rest, err := parseGSS(token)
	if err != nil || !oid.Equal(oidKerberos) && !oid.Equal(oidMicrosoft) || !bytes.HasPrefix(rest, tokenRequest) {
		return nil, errAPReq
	}
	return rest[len(tokenRequest):], nil
}
