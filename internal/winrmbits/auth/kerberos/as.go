// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/msgtype"
	"github.com/go-krb5/krb5/iana/patype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/go-krb5/x/encoding/asn1"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// errBadAnswer is an answer to another request.
var errBadAnswer = errors.New("the KDC's reply does not match the request")

// skewError is a clock that differs from the KDC's by more than Kerberos allows.
type skewError struct {
	ahead time.Duration // of the KDC's clock
}

func (e *skewError) Error() string { return fmt.Sprintf("the KDC's clock is %s ahead", e.ahead) }

// realmError is a KDC that has another realm than the one that was asked for, and knows it by that name, too: a domain of Active
// Directory by its NetBIOS name.
type realmError struct {
	asked, right string
}

func (e *realmError) Error() string {
	return fmt.Sprintf("the realm %s is called %s", e.asked, e.right)
}

// logon asks KDCs for ticket-granting tickets of an account.
type logon struct {
	network *network
	config  *config.Config
	keys    keys
	now     func() time.Time
	proofs  *proofCount
}

// as logs on with the first of an account's possible names that its KDC knows.
func (l logon) as(ctx context.Context, names []principal) (gssapi.Ticket, error) {
	failed := &logonError{}
	for _, name := range names {
		ticket, err := l.referred(ctx, name)
		if err == nil {
			return ticket, nil
		}
		failed.client, failed.err = name, err
		if why, _ := refusedBy(err); why != errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN {
			break
		}
		failed.unknown = append(failed.unknown, name)
	}
	return gssapi.Ticket{}, failed
}

// refusedBy returns the code of a KDC's refusal, and the realm where the account is.
func refusedBy(err error) (code int32, realm string) {
	var answer messages.KRBError
	if !errors.As(err, &answer) {
		return errorcode.KDC_ERR_NONE, ""
	}
	return answer.ErrorCode, answer.CRealm
}

// referred asks the realm that an enterprise name belongs to, which the KDCs refer to. Source: RFC 6806 section 7.
func (l logon) referred(ctx context.Context, client principal) (gssapi.Ticket, error) {
	for range maxReferrals {
		ticket, err := l.one(ctx, client)
		code, realm := refusedBy(err)
		switch {
		case code != errorcode.KDC_ERR_WRONG_REALM || realm == "" || strings.EqualFold(realm, client.realm):
			return ticket, err
		case !client.enterprise():
			return gssapi.Ticket{}, &realmError{client.realm, realm}
		}
		client.realm = realm
	}
	return gssapi.Ticket{}, fmt.Errorf("the KDC of realm %s refers to other realms, and none has the account", client.realm)
}

// one asks a realm's KDC for a ticket-granting ticket, with at most one proof of the keys: one that is refused counts as a
// failed logon of the account. Source: RFC 4120 section 3.1.
func (l logon) one(ctx context.Context, client principal) (gssapi.Ticket, error) {
	options := uint32(renewableOK)
	if client.enterprise() {
		options |= canonicalize
	}
	r := newRequest(msgtype.KRB_AS_REQ, options, client.realm, granting(client.realm, "").name, l.now())
	r.client, r.types = client.name, l.keys.types(client)
	answer, err := l.ask(ctx, nil, r)
	var refusal messages.KRBError
	var key types.EncryptionKey
	if errors.As(err, &refusal) && refusal.ErrorCode == errorcode.KDC_ERR_PREAUTH_REQUIRED {
		var hints types.PADataSequence
		if err := hints.Unmarshal(refusal.EData); err != nil {
			return gssapi.Ticket{}, fmt.Errorf("read the requirements of the KDC: %w", err)
		}
		if key, err = keyFor(client, l.keys, hints, 0); err != nil {
			return gssapi.Ticket{}, err
		}
		if err := prove(&r, key, l.now()); err != nil {
			return gssapi.Ticket{}, err
		}
		// Each KDC that has a wrong proof counts it.
		answer, err = l.ask(ctx, l.proofs, r)
	}
	if err != nil {
		return gssapi.Ticket{}, err
	}
	if key.KeyValue == nil || key.KeyType != answer.EncPart.EType {
		if key, err = keyFor(client, l.keys, answer.PAData, answer.EncPart.EType); err != nil {
			return gssapi.Ticket{}, err
		}
	}
	return readAS(r, answer, key, l.now())
}

func (l logon) ask(ctx context.Context, proofs *proofCount, r request) (messages.KDCRepFields, error) {
	var answer messages.ASRep
	err := l.network.exchange(ctx, l.config, proofs, r, &answer)
	return corrected(answer.KDCRepFields), err
}

// keyFor returns the account's key as the KDC describes it; an encryption type of 0 is the first of the description
// that the client uses.
func keyFor(client principal, k keys, hints types.PADataSequence, encryption int32) (types.EncryptionKey, error) {
	p := parameters{encryption: encryption, salt: client.name.GetSalt(client.realm)}
	for _, hint := range hints {
		if hint.PADataType != patype.PA_ETYPE_INFO2 {
			continue
		}
		var infos types.ETypeInfo2
		if err := infos.Unmarshal(hint.PADataValue); err != nil {
			return types.EncryptionKey{}, fmt.Errorf("read the KDC's encryption types: %w", err)
		}
		i := slices.IndexFunc(infos, func(info types.ETypeInfo2Entry) bool {
			return !gssapi.Weak(info.EType) && (encryption == 0 || encryption == info.EType)
		})
		if i >= 0 {
			p = parameters{encryption: infos[i].EType, salt: cmp.Or(gssapi.Text(infos[i].Salt), p.salt), iterations: infos[i].S2KParams}
			break
		}
	}
	if gssapi.Weak(p.encryption) {
		return types.EncryptionKey{}, &gssapi.WeakError{Type: p.encryption}
	}
	return k.key(client, p)
}

// prove adds the time, encrypted with the account's key, to a request. Source: RFC 4120 section 5.2.7.2.
func prove(r *request, key types.EncryptionKey, now time.Time) error {
	now = now.UTC()
	stamp, err := asn1.Marshal(types.PAEncTSEnc{PATimestamp: now.Truncate(time.Second), PAUSec: now.Nanosecond() / int(time.Microsecond)},
		asn1.WithMarshalSlicePreserveTypes(true), asn1.WithMarshalSliceAllowStrings(true))
	if err != nil {
		return fmt.Errorf("encode the proof for the KDC: %w", err)
	}
	sealed, err := crypto.GetEncryptedData(stamp, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP, 0)
	if err != nil {
		return fmt.Errorf("encrypt the proof for the KDC: %w", err)
	}
	value, err := sealed.Marshal()
	if err != nil {
		return fmt.Errorf("encode the proof for the KDC: %w", err)
	}
	r.data = append(r.data, types.PAData{PADataType: patype.PA_ENC_TIMESTAMP, PADataValue: value})
	return nil
}

// readAS decrypts and checks the answer. Source: RFC 4120 section 3.1.5; RFC 6806 section 6 for a name that the KDC replaces.
func readAS(r request, answer messages.KDCRepFields, key types.EncryptionKey, now time.Time) (gssapi.Ticket, error) {
	part, err := openPart(answer.EncPart, key, keyusage.AS_REP_ENCPART, errWrongKey)
	if err != nil {
		return gssapi.Ticket{}, err
	}
	replaced := r.options&canonicalize != 0
	service, grants := isGranting(part.SName)
	if part.Nonce != r.nonce || !grants || !replaced && !sameName(answer.CName, r.client) || part.SRealm != answer.CRealm {
		return gssapi.Ticket{}, errBadAnswer
	}
	// Active Directory takes names in any case and answers with its own.
	if !strings.EqualFold(answer.CRealm, r.realm) || !strings.EqualFold(service, r.realm) {
		return gssapi.Ticket{}, &realmError{r.realm, answer.CRealm}
	}
	if ahead := part.AuthTime.Sub(now); ahead.Abs() > maxSkew {
		return gssapi.Ticket{}, &skewError{ahead}
	}
	return gssapi.Ticket{Client: answer.CName, Realm: answer.CRealm, Ticket: answer.Ticket, Key: part.Key, End: part.EndTime}, nil
}
