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
	"github.com/go-krb5/krb5/iana/patype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/go-krb5/x/encoding/asn1"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// errBadAnswer is an answer to another request.
var errBadAnswer = errors.New("the KDC's answer is not for this request")

// skewError is a clock that differs from the KDC's by more than Kerberos allows.
type skewError struct {
	ahead time.Duration // of the KDC's clock
}

func (e *skewError) Error() string { return fmt.Sprintf("the KDC's clock is %s ahead", e.ahead) }

// logOn asks the KDC for a ticket-granting ticket, with at most one proof of the keys: one that is refused counts as a
// failed logon of the account. Source: RFC 4120 section 3.1.
func logOn(ctx context.Context, n *network, c *config.Config, client principal, k keys, now func() time.Time) (gssapi.Ticket, error) {
	offered := *c
	offered.LibDefaults.DefaultTktEnctypeIDs = k.types(client)
	request, err := messages.NewASReqForTGT(client.realm, &offered, client.name)
	if err != nil {
		return gssapi.Ticket{}, fmt.Errorf("make the request to the KDC: %w", err)
	}
	answer, err := askAS(ctx, n, c, stagger, request)
	var refusal messages.KRBError
	var key types.EncryptionKey
	if errors.As(err, &refusal) && refusal.ErrorCode == errorcode.KDC_ERR_PREAUTH_REQUIRED {
		var hints types.PADataSequence
		if err := hints.Unmarshal(refusal.EData); err != nil {
			return gssapi.Ticket{}, fmt.Errorf("read what the KDC wants: %w", err)
		}
		if key, err = keyFor(client, k, hints, 0); err != nil {
			return gssapi.Ticket{}, err
		}
		if err := prove(&request, key, now()); err != nil {
			return gssapi.Ticket{}, err
		}
		// Each KDC that has a wrong proof counts it.
		answer, err = askAS(ctx, n, c, alone, request)
	}
	if err != nil {
		return gssapi.Ticket{}, err
	}
	if key.KeyValue == nil || key.KeyType != answer.EncPart.EType {
		if key, err = keyFor(client, k, answer.PAData, answer.EncPart.EType); err != nil {
			return gssapi.Ticket{}, err
		}
	}
	return readAS(request, answer, key, now())
}

func askAS(ctx context.Context, n *network, c *config.Config, pause time.Duration, request messages.ASReq) (messages.ASRep, error) {
	var answer messages.ASRep
	err := n.exchange(ctx, c, request.ReqBody.Realm, pause, &request, &answer)
	return answer, err
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
			p = parameters{encryption: infos[i].EType, salt: cmp.Or(infos[i].Salt, p.salt), iterations: infos[i].S2KParams}
			break
		}
	}
	if gssapi.Weak(p.encryption) {
		return types.EncryptionKey{}, &gssapi.WeakError{Type: p.encryption}
	}
	return k.key(client, p)
}

// prove adds the time, encrypted with the account's key, to a request. Source: RFC 4120 section 5.2.7.2.
func prove(request *messages.ASReq, key types.EncryptionKey, now time.Time) error {
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
	request.PAData = append(request.PAData, types.PAData{PADataType: patype.PA_ENC_TIMESTAMP, PADataValue: value})
	return nil
}

// readAS decrypts and checks the answer. Source: RFC 4120 section 3.1.5.
func readAS(request messages.ASReq, answer messages.ASRep, key types.EncryptionKey, now time.Time) (gssapi.Ticket, error) {
	part, err := openPart(answer.EncPart, key, keyusage.AS_REP_ENCPART, errWrongKey)
	if err != nil {
		return gssapi.Ticket{}, err
	}
	body := request.ReqBody
	// Active Directory takes names in any case and answers with its own.
	if !sameName(answer.CName, body.CName) || !strings.EqualFold(answer.CRealm, body.Realm) || part.Nonce != body.Nonce ||
		!sameName(part.SName, body.SName) || !strings.EqualFold(part.SRealm, body.Realm) {
		return gssapi.Ticket{}, errBadAnswer
	}
	if ahead := part.AuthTime.Sub(now); ahead.Abs() > maxSkew {
		return gssapi.Ticket{}, &skewError{ahead}
	}
	return gssapi.Ticket{Client: answer.CName, Realm: answer.CRealm, Ticket: answer.Ticket, Key: part.Key, End: part.EndTime}, nil
}
