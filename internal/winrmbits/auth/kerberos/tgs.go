// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/msgtype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// maxReferrals bounds the realms between the account's and the service's.
const maxReferrals = 6

// ticketFor asks for a ticket for a service, from realm to realm as the KDCs refer to others.
// Source: RFC 4120 section 3.3; RFC 6806 section 8.
func ticketFor(ctx context.Context, n *network, c *config.Config, tgt gssapi.Ticket, wanted principal, now time.Time) (gssapi.Ticket, error) {
	at := tgt.Realm
	for range maxReferrals {
		target := wanted
		if wanted.realm != "" && wanted.realm != at {
			target = granting(wanted.realm, at)
		}
		ticket, err := askTGS(ctx, n, c, tgt, at, target, now)
		if err != nil {
			return gssapi.Ticket{}, err
		}
		next, refers := isGranting(ticket.Ticket.SName)
		if !refers {
			return ticket, nil
		}
		if next == at {
			break
		}
		tgt, at = ticket, next
	}
	return gssapi.Ticket{}, fmt.Errorf("the KDC of realm %s refers to other realms, and none has %s", at, wanted.name.PrincipalNameString())
}

// askTGS asks a realm's KDC for one ticket.
func askTGS(ctx context.Context, n *network, c *config.Config, tgt gssapi.Ticket, realm string, wanted principal, now time.Time) (gssapi.Ticket, error) {
	r := newRequest(msgtype.KRB_TGS_REQ, canonicalize, realm, wanted.name, now)
	if err := r.authenticate(tgt, now); err != nil {
		return gssapi.Ticket{}, fmt.Errorf("make the request to the KDC: %w", err)
	}
	var reply messages.TGSRep
	if err := n.exchange(ctx, c, nil, r, &reply); err != nil {
		return gssapi.Ticket{}, err
	}
	answer := corrected(reply.KDCRepFields)
	part, err := openPart(answer.EncPart, tgt.Key, keyusage.TGS_REP_ENCPART_SESSION_KEY, errBadAnswer)
	if err != nil {
		return gssapi.Ticket{}, err
	}
	if part.Nonce != r.nonce || len(part.SName.NameString) == 0 || !part.SName.Equal(answer.Ticket.SName) {
		return gssapi.Ticket{}, errBadAnswer
	}
	return gssapi.Ticket{Client: answer.CName, Realm: answer.CRealm, Ticket: answer.Ticket, Key: part.Key, End: part.EndTime}, nil
}

// corrected corrects the names of an answer.
func corrected(answer messages.KDCRepFields) messages.KDCRepFields {
	answer.CRealm, answer.CName, answer.Ticket = gssapi.Text(answer.CRealm), gssapi.Correct(answer.CName), gssapi.CorrectTicket(answer.Ticket)
	return answer
}

// openPart decrypts the part of an answer that is for the client. An answer that the key does not decrypt is errOther.
func openPart(part types.EncryptedData, key types.EncryptionKey, usage uint32, errOther error) (messages.EncKDCRepPart, error) {
	var opened messages.EncKDCRepPart
	plain, err := gssapi.Decrypt(part, key, usage)
	if err != nil {
		return opened, fmt.Errorf("%w: %w", errOther, err)
	}
	if err := opened.Unmarshal(plain); err != nil {
		return opened, fmt.Errorf("read the KDC's reply: %w", err)
	}
	opened.SRealm, opened.SName = gssapi.Text(opened.SRealm), gssapi.Correct(opened.SName)
	return opened, nil
}

// errWrongKey is an answer of the KDC that the account's key does not decrypt: the password or the keytab is wrong.
var errWrongKey = errors.New("the KDC's reply is not encrypted with the key of this password or keytab")
