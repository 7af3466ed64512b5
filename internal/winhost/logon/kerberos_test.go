// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

const realm = "CORP.EXAMPLE"

// now is when everything here happens.
var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// keysOf makes a keytab of a service.
func keysOf(t testing.TB, password string) *keytab.Keytab {
	t.Helper()
	k := keytab.New()
	if err := k.AddEntry("HTTP/web01", realm, password, now, 1, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		t.Fatal(err)
	}
	return k
}

// request is a client's token for a service with these keys.
func request(t testing.TB, keys *keytab.Keytab, name string, binding []byte, at time.Time) []byte {
	t.Helper()
	client, service := types.NewPrincipalName(1, name), types.NewPrincipalName(2, "HTTP/web01")
	ticket, key, err := messages.NewTicket(client, realm, service, realm, types.NewKrbFlags(), keys, etypeID.AES256_CTS_HMAC_SHA1_96, 1,
		now, now, now.Add(time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := gssapi.NewInitiator(gssapi.Ticket{Client: client, Realm: realm, Ticket: ticket, Key: key}, binding, at)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// host begins the host's side of a context.
func host(keys *keytab.Keytab, c Channel) Context {
	return NewKerberos(KerberosOptions{Keytab: keys, Now: func() time.Time { return now }, Account: func(name, in string) string {
		if name == "ops" && in == realm {
			return "ops"
		}
		return ""
	}}).New(c)
}

func TestKerberosLogon(t *testing.T) {
	right, wrong := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 16)
	own := keysOf(t, "the host's")
	tests := []struct {
		name    string
		channel Channel
		token   []byte
		letIn   bool
		code    int32 // of the KRB-ERROR; 0: none is sent
	}{
		{"an account of the host", Channel{}, request(t, own, "ops", nil, now), true, 0},
		{"an unknown account", Channel{}, request(t, own, "nobody", nil, now), false, 0},
		{"a ticket for another's key", Channel{}, request(t, keysOf(t, "another's"), "ops", nil, now), false, errorcode.KRB_AP_ERR_MODIFIED},
		{"a clock that is six minutes late", Channel{}, request(t, own, "ops", nil, now.Add(-6*time.Minute)), false, errorcode.KRB_AP_ERR_SKEW},
		{"a clock that is four minutes late", Channel{}, request(t, own, "ops", nil, now.Add(-4*time.Minute)), true, 0},
		{"the channel, strict", Channel{CBT: CBTStrict, Binding: right}, request(t, own, "ops", right, now), true, 0},
		{"no channel, strict", Channel{CBT: CBTStrict, Binding: right}, request(t, own, "ops", nil, now), false, 0},
		{"another channel, relaxed", Channel{CBT: CBTRelaxed, Binding: right}, request(t, own, "ops", wrong, now), false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := host(own, tt.channel)
			answer, err := h.Step(tt.token)
			if (err == nil) != tt.letIn || (h.Account() == "ops") != tt.letIn {
				t.Errorf("%q: %v", h.Account(), err)
			}
			var refusal messages.KRBError
			if errors.As(err, &refusal); refusal.ErrorCode != tt.code || (answer == nil) != (tt.code == 0 && !tt.letIn) {
				t.Errorf("the host answers %x: %v", answer, err)
			}
		})
	}
}

// FuzzKerberos has clients send anything.
func FuzzKerberos(f *testing.F) {
	f.Add(request(f, keysOf(f, "another's"), "ops", nil, now))
	f.Add([]byte("\x60\x0d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00"))
	own := keysOf(f, "the host's")
	f.Fuzz(func(t *testing.T, token []byte) {
		h := host(own, Channel{})
		if _, err := h.Step(token); err == nil || h.Account() != "" {
			t.Errorf("%q is let in: %v", h.Account(), err)
		}
	})
}
