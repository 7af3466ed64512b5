// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-krb5/krb5/crypto"
	"github.com/go-krb5/krb5/iana"
	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/iana/flags"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/msgtype"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/iana/patype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/go-krb5/x/encoding/asn1"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	guide "github.com/winrmbits/terraform-provider-bits/internal/messages"
)

const cipherType = etypeID.AES256_CTS_HMAC_SHA1_96

// domain is a simulated domain of Active Directory: its accounts, and what its KDC answers. Tickets hold nothing. MIT's KDC judges
// the messages themselves; this one answers as Windows does where MIT's can't.
type domain struct {
	realm, netBIOS string
	accounts       map[string]*simulatedAccount // by the sAMAccountName in lower case
	elsewhere      map[string]string            // realm of a suffix that another domain of the forest has
	other          *domain                      // of the forest, found in DNS

	mu       sync.Mutex
	sessions map[string]types.EncryptionKey // of the ticket-granting tickets, by their ciphers
	proofs   int                            // that the KDCs have seen
	asked    []string                       // addresses
}

// simulatedAccount is an account of a domain.
type simulatedAccount struct {
	name, upn string
	password  string
	code      int32  // of its refusal; 0: it may log on
	status    uint32 // of Windows
	bare      bool   // the status is sent as Windows sends it, and not as Samba does
}

// newDomain returns CORP.EXAMPLE, with the account ops.
func newDomain() *domain {
	return &domain{
		realm: "CORP.EXAMPLE", netBIOS: "CORP",
		accounts: map[string]*simulatedAccount{"ops": {name: "ops", upn: "deploy.bits@company.com", password: password}},
		sessions: map[string]types.EncryptionKey{},
	}
}

// tickets returns the tickets of a process that reaches the domain's KDCs; silent ones take a connection and say nothing.
func (d *domain) tickets(silent ...string) *Tickets {
	tickets := NewTickets()
	tickets.network = &network{
		lookup: func(context.Context, string, string, string) (string, []*net.SRV, error) {
			if d.other != nil {
				return "", []*net.SRV{{Target: "other.", Port: 88}}, nil
			}
			return "", nil, &net.DNSError{Err: "no such host", Name: "_kerberos._tcp", IsNotFound: true}
		},
		dial: func(_ context.Context, _, address string) (net.Conn, error) {
			d.mu.Lock()
			d.asked = append(d.asked, address)
			d.mu.Unlock()
			here, there := net.Pipe()
			host, _, _ := net.SplitHostPort(address)
			go func() {
				defer func() { _ = there.Close() }()
				request, err := readMessage(there)
				if err != nil {
					return
				}
				for _, s := range silent {
					if s == host {
						_, _ = there.Read(make([]byte, 1)) // until the client hangs up
						return
					}
				}
				domain := d
				if host == "other" {
					domain = d.other
				}
				answer := domain.answer(request)
				_, _ = there.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(answer))), answer...))
			}()
			return here, nil
		},
	}
	return tickets
}

// readMessage reads one message of a connection to a KDC.
func readMessage(conn io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	request := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err := io.ReadFull(conn, request)
	return request, err
}

// settings are those of a host in the domain.
func (d *domain) settings(change func(*connection.Settings)) connection.Settings {
	s := connection.Settings{
		Host: web01, Auth: connection.AuthKerberos, Username: "ops", Password: bits.NewSecret(password),
		Kerberos: connection.Kerberos{Realm: d.realm, KDC: "dc01"},
	}
	if change != nil {
		change(&s)
	}
	return s
}

// answer answers a request.
func (d *domain) answer(request []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var as messages.ASReq
	if as.Unmarshal(request) == nil {
		return d.logOn(as)
	}
	var tgs messages.TGSReq
	if tgs.Unmarshal(request) == nil {
		return d.ticket(tgs)
	}
	return d.refuse(errorcode.KRB_ERR_GENERIC, "", nil)
}

// refuse returns a KRB-ERROR.
func (d *domain) refuse(code int32, clientRealm string, data []byte) []byte {
	answer := messages.NewKRBError(granting(d.realm, "").name, d.realm, code, "")
	answer.CRealm, answer.EData = clientRealm, data
	return must(answer.Marshal())
}

// logOn answers an AS-REQ.
func (d *domain) logOn(r messages.ASReq) []byte {
	if !strings.EqualFold(r.ReqBody.Realm, d.realm) && r.ReqBody.Realm != d.netBIOS {
		return d.refuse(errorcode.KDC_ERR_WRONG_REALM, d.realm, nil)
	}
	name := strings.ToLower(r.ReqBody.CName.PrincipalNameString())
	a := d.accounts[name]
	if r.ReqBody.CName.NameType == nametype.KRB_NT_ENTERPRISE {
		_, suffix, _ := strings.Cut(name, "@")
		if realm := d.elsewhere[suffix]; realm != "" {
			return d.refuse(errorcode.KDC_ERR_WRONG_REALM, realm, nil)
		}
		for _, candidate := range d.accounts {
			if strings.EqualFold(candidate.upn, name) && types.IsFlagSet(&r.ReqBody.KDCOptions, flags.Canonicalize) {
				a = candidate
			}
		}
	}
	switch {
	case a == nil:
		return d.refuse(errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN, "", nil)
	case a.code != 0:
		return d.refuse(a.code, "", a.extended())
	}
	salt := d.realm + a.name
	key := types.EncryptionKey{KeyType: cipherType, KeyValue: must(crypto.Aes256CtsHmacSha96{}.StringToKey(a.password, salt, "00001000"))}
	proven, shown := d.proof(r.PAData, key)
	switch {
	case !shown:
		hints := marshal(types.ETypeInfo2{{EType: cipherType, Salt: salt}})
		return d.refuse(errorcode.KDC_ERR_PREAUTH_REQUIRED, "", marshal(types.PADataSequence{{PADataType: patype.PA_ETYPE_INFO2, PADataValue: hints}}))
	case !proven:
		return d.refuse(errorcode.KDC_ERR_PREAUTH_FAILED, "", nil)
	}
	client := types.NewPrincipalName(nametype.KRB_NT_PRINCIPAL, a.name)
	answer := messages.ASRep{KDCRepFields: d.issue(client, granting(d.realm, "").name, r.ReqBody.Nonce, key, keyusage.AS_REP_ENCPART)}
	answer.MsgType = msgtype.KRB_AS_REP
	return must(answer.Marshal())
}

// proof judges the encrypted time in a request.
func (d *domain) proof(data types.PADataSequence, key types.EncryptionKey) (proven, shown bool) {
	for _, p := range data {
		if p.PADataType == patype.PA_ENC_TIMESTAMP {
			d.proofs++
			var sealed types.EncryptedData
			if err := sealed.Unmarshal(p.PADataValue); err != nil {
				return false, true
			}
			_, err := crypto.DecryptEncPart(sealed, key, keyusage.AS_REQ_PA_ENC_TIMESTAMP)
			return err == nil, true
		}
	}
	return false, false
}

// extended is what Windows adds to the refusal of an account. Source: MS-KILE 2.2.1 and 2.2.2; the list is Samba's, seen.
func (a *simulatedAccount) extended() []byte {
	if a.status == 0 {
		return nil
	}
	value := binary.LittleEndian.AppendUint32(nil, a.status)
	one := types.PAData{PADataType: 3, PADataValue: append(value, 0, 0, 0, 0, 1, 0, 0, 0)}
	if a.bare {
		return marshal(one)
	}
	return marshal(types.PADataSequence{one})
}

// ticket answers a TGS-REQ: every host of the domain has its service.
func (d *domain) ticket(r messages.TGSReq) []byte {
	var ap messages.APReq
	for _, p := range r.PAData {
		if p.PADataType == patype.PA_TGS_REQ {
			_ = ap.Unmarshal(p.PADataValue) // else no session has its cipher
		}
	}
	session, known := d.sessions[string(ap.Ticket.EncPart.Cipher)]
	if !known || ap.DecryptAuthenticator(session) != nil {
		return d.refuse(errorcode.KRB_AP_ERR_BAD_INTEGRITY, "", nil)
	}
	answer := messages.TGSRep{KDCRepFields: d.issue(ap.Authenticator.CName, r.ReqBody.SName, r.ReqBody.Nonce, session, keyusage.TGS_REP_ENCPART_SESSION_KEY)}
	answer.MsgType = msgtype.KRB_TGS_REP
	return must(answer.Marshal())
}

// issue makes a ticket, and the part of the answer that is for the client.
func (d *domain) issue(client, service types.PrincipalName, nonce int, key types.EncryptionKey, usage uint32) messages.KDCRepFields {
	session := types.EncryptionKey{KeyType: cipherType, KeyValue: make([]byte, 32)}
	_, _ = rand.Read(session.KeyValue)
	ticket := messages.Ticket{TktVNO: iana.PVNO, Realm: d.realm, SName: service, EncPart: types.EncryptedData{EType: cipherType, Cipher: []byte(rand.Text())}}
	d.sessions[string(ticket.EncPart.Cipher)] = session
	now := time.Now().UTC().Truncate(time.Second)
	part := messages.EncKDCRepPart{
		Key: session, LastReqs: []messages.LastReq{}, Nonce: nonce, Flags: types.NewKrbFlags(), AuthTime: now, EndTime: now.Add(10 * time.Hour),
		SRealm: d.realm, SName: service,
	}
	return messages.KDCRepFields{
		PVNO: iana.PVNO, CRealm: d.realm, CName: client, Ticket: ticket,
		EncPart: must(crypto.GetEncryptedData(must(part.Marshal()), key, usage, 0)),
	}
}

// marshal encodes a part of a message as the library does.
func marshal(v any) []byte {
	return must(asn1.Marshal(v, asn1.WithMarshalSlicePreserveTypes(true), asn1.WithMarshalSliceAllowStrings(true)))
}

// must is for what the simulation makes itself.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// failureOf returns the error of a ticket for a host.
func failureOf(t *testing.T, tickets *Tickets, s connection.Settings) *connection.Error {
	t.Helper()
	_, err := tickets.For(t.Context(), s)
	var failed *connection.Error
	if !errors.As(err, &failed) {
		t.Fatalf("no error of a connection: %v", err)
	}
	if failed.Remedy == "" {
		t.Errorf("without a remedy: %v", err)
	}
	if !guide.Explains(failed.Problem) {
		t.Errorf("the guide Troubleshooting has no row for %q", failed.Problem)
	}
	return failed
}
