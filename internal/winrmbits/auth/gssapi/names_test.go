// SPDX-License-Identifier: MPL-2.0

package gssapi

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-krb5/krb5/iana"
	"github.com/go-krb5/krb5/iana/chksumtype"
	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/iana/keyusage"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/google/go-cmp/cmp"
)

// TestNamesAreUTF8 has go-krb5 read a request, which takes every byte for a letter of Latin-1: corrected, it is what was meant.
func TestNamesAreUTF8(t *testing.T) {
	for _, name := range []string{"ops", "Müller", "Łukasz", "Борис", "山田", "\U0001F600"} {
		t.Run(name, func(t *testing.T) {
			key := types.EncryptionKey{KeyType: etypeID.AES256_CTS_HMAC_SHA1_96, KeyValue: bytes.Repeat([]byte{7}, 32)}
			ticket := Ticket{
				Client: types.NewPrincipalName(nametype.KRB_NT_PRINCIPAL, name), Realm: name + ".EXAMPLE", Key: key,
				Ticket: messages.Ticket{
					TktVNO: iana.PVNO, Realm: "CORP.EXAMPLE", SName: types.NewPrincipalName(nametype.KRB_NT_SRV_INST, "HTTP/"+name),
					EncPart: types.EncryptedData{EType: key.KeyType, KVNO: 2, Cipher: []byte("sealed")},
				},
			}
			made := Authenticator{
				Checksum: types.Checksum{CksumType: chksumtype.GSSAPI, Checksum: []byte("sum")}, Subkey: key, Sequence: 5,
				Time: time.Date(2026, 11, 30, 12, 0, 0, 1000, time.UTC),
			}
			b, err := EncodeAPRequest(ticket, mutualRequired, made, keyusage.AP_REQ_AUTHENTICATOR)
			if err != nil {
				t.Fatal(err)
			}
			var got messages.APReq
			if err := got.Unmarshal(b); err != nil {
				t.Fatal(err)
			}
			if err := got.DecryptAuthenticator(key); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ticket.Ticket, CorrectTicket(got.Ticket)); diff != "" {
				t.Errorf("the ticket (-want +got):\n%s", diff)
			}
			a := got.Authenticator
			a.CName, a.CRealm = Correct(a.CName), Text(a.CRealm)
			if diff := cmp.Diff(types.Authenticator{
				AVNO: iana.PVNO, CRealm: ticket.Realm, CName: ticket.Client, Cksum: made.Checksum, Cusec: 1, CTime: made.Time.Truncate(time.Second), SubKey: key, SeqNumber: 5,
			}, a); diff != "" {
				t.Errorf("the authenticator (-want +got):\n%s", diff)
			}
		})
	}
}
