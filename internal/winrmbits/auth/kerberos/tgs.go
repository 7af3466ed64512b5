package kerberos

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// maxReferrals bounds the realms between the account's and the service's.
const maxReferrals = 6

// ticketFor asks for a ticket for a service, from realm to realm as the KDCs refer to others.
// Source: RFC 4120 section 3.3; RFC 6806 section 8.
func ticketFor(ctx context.Context, n *network, c *config.Config, tgt gssapi.Ticket, wanted principal) (gssapi.Ticket, error) {
	canonical := *c
	canonical.LibDefaults.Canonicalize = true // asks for referrals
	at := tgt.Realm
	for range maxReferrals {
		target := wanted
		if wanted.realm != "" && wanted.realm != at {
			target = granting(wanted.realm, at)
		}
		ticket, err := askTGS(ctx, n, &canonical, tgt, at, target)
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
func askTGS(ctx context.Context, n *network, c *config.Config, tgt gssapi.Ticket, realm string, wanted principal) (gssapi.Ticket, error) {
	request, err := messages.NewTGSReq(tgt.Client, tgt.Realm, realm, c, tgt.Ticket, tgt.Key, wanted.name, false)
	if err != nil {
		return gssapi.Ticket{}, fmt.Errorf("make the request to the KDC: %w", err)
	}
	var answer messages.TGSRep
	if err := n.exchange(ctx, c, realm, stagger, &request, &answer); err != nil {
		return gssapi.Ticket{}, err
	}
	part, err := openPart(answer.EncPart, tgt.Key, keyusage.TGS_REP_ENCPART_SESSION_KEY, errBadAnswer)
	if err != nil {
		return gssapi.Ticket{}, err
	}
	if part.Nonce != request.ReqBody.Nonce || len(part.SName.NameString) == 0 || !part.SName.Equal(answer.Ticket.SName) {
		return gssapi.Ticket{}, errBadAnswer
	}
	return gssapi.Ticket{Client: answer.CName, Realm: answer.CRealm, Ticket: answer.Ticket, Key: part.Key, End: part.EndTime}, nil
}

// openPart decrypts the part of an answer that is for the client. An answer that the key does not decrypt is errOther.
func openPart(part types.EncryptedData, key types.EncryptionKey, usage uint32, errOther error) (messages.EncKDCRepPart, error) {
	var opened messages.EncKDCRepPart
	plain, err := gssapi.Decrypt(part, key, usage)
	if err != nil {
		return opened, fmt.Errorf("%w: %w", errOther, err)
	}
	if err := opened.Unmarshal(plain); err != nil {
		return opened, fmt.Errorf("read the KDC's answer: %w", err)
	}
	return opened, nil
}

// errWrongKey is an answer of the KDC that the account's key does not decrypt: the password or the keytab is wrong.
var errWrongKey = errors.New("the KDC's answer is not encrypted with the key of this password or keytab")
