// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// inRealm is a client that has sent its token to a host, without any KDC, and the host's context and answer.
func inRealm(t testing.TB) (*negotiateKerberos, logon.Context, []byte) {
	t.Helper()
	const realm = "CORP.EXAMPLE"
	keys := keytab.New()
	now := time.Now().UTC().Truncate(time.Second)
	if err := keys.AddEntry("HTTP/web01", realm, "the host's", now, 1, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		t.Fatal(err)
	}
	client, service := types.NewPrincipalName(1, "ops"), types.NewPrincipalName(2, "HTTP/web01")
	ticket, key, err := messages.NewTicket(client, realm, service, realm, types.NewKrbFlags(), keys, etypeID.AES256_CTS_HMAC_SHA1_96, 1,
		now, now, now.Add(time.Hour), now)
	if err != nil {
		t.Fatal(err)
	}
	k := newKerberos(NewSchemes(), connection.Settings{Host: "web01", Port: 5985, Auth: connection.AuthKerberos}, nil).(*negotiateKerberos)
	own, token, err := gssapi.NewInitiator(gssapi.Ticket{Client: client, Realm: realm, Ticket: ticket, Key: key, End: now.Add(time.Hour)}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	k.initiator = ownInitiator{own}
	host := logon.NewKerberos(logon.KerberosOptions{
		Keytab: keys, Now: func() time.Time { return now }, Account: func(name, _ string) string { return name },
	}).New(logon.Channel{})
	answer, err := host.Step(token)
	if err != nil || host.Account() != "ops" {
		t.Fatalf("%s %v", host.Account(), err)
	}
	return k, host, answer
}

// response is an answer of SPNEGO. A state of NoState, a mechanism, token or MIC of nil is left out.
func response(t testing.TB, state asn1.Enumerated, mechanism asn1.ObjectIdentifier, token, mic []byte) []byte {
	t.Helper()
	text, err := asn1.MarshalWithParams(gssapi.NegTokenResp{State: state, Mechanism: mechanism, Token: token, MIC: mic}, "explicit,tag:1")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestEveryFormOfAProofIsTaken has hosts that answer differently, and messages either way after it.
func TestEveryFormOfAProofIsTaken(t *testing.T) {
	signed := func(t *testing.T, host logon.Context) []byte {
		t.Helper()
		list, err := gssapi.MechanismList()
		if err != nil {
			t.Fatal(err)
		}
		mic, err := host.MIC(list)
		if err != nil {
			t.Fatal(err)
		}
		return mic
	}
	tests := map[string]func(t *testing.T, host logon.Context, proof []byte) []byte{
		"Kerberos' own": func(_ *testing.T, _ logon.Context, proof []byte) []byte { return proof },
		"without its frame": func(t *testing.T, _ logon.Context, proof []byte) []byte {
			_, message, err := gssapi.Unframe(proof)
			if err != nil {
				t.Fatal(err)
			}
			return message
		},
		"in SPNEGO": func(t *testing.T, _ logon.Context, proof []byte) []byte {
			return response(t, gssapi.Completed, gssapi.OIDKerberos, proof, nil)
		},
		"in SPNEGO, as Windows calls it": func(t *testing.T, _ logon.Context, proof []byte) []byte {
			return response(t, gssapi.Completed, gssapi.OIDMicrosoft, proof, nil)
		},
		"in SPNEGO, with nothing but the token": func(t *testing.T, _ logon.Context, proof []byte) []byte {
			return response(t, gssapi.NoState, nil, proof, nil)
		},
		"in SPNEGO, with a signature": func(t *testing.T, host logon.Context, proof []byte) []byte {
			return response(t, gssapi.Completed, gssapi.OIDKerberos, proof, signed(t, host))
		},
	}
	for name, form := range tests {
		t.Run(name, func(t *testing.T) {
			k, host, proof := inRealm(t)
			if k.Established() {
				t.Error("a message may travel before the host is proven")
			}
			if err := k.Finish([]string{"Negotiate " + base64.StdEncoding.EncodeToString(form(t, host, proof))}); err != nil {
				t.Fatal(err)
			}
			if header, err := k.Next(t.Context(), nil); header != "" || err != nil || !k.Established() {
				t.Errorf("%q %v", header, err)
			}
			for range 2 {
				header, sealed, err := k.context.Seal([]byte("question"))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := host.Open(header, sealed); string(got) != "question" || err != nil {
					t.Fatalf("%q %v", got, err)
				}
				if header, sealed, err = host.Seal([]byte("answer")); err != nil {
					t.Fatal(err)
				}
				if got, err := k.context.Open(header, sealed); string(got) != "answer" || err != nil {
					t.Fatalf("%q %v", got, err)
				}
			}
		})
	}
}

// TestAHostThatIsNotProvenIsAnError has hosts accept the client all the same.
func TestAHostThatIsNotProvenIsAnError(t *testing.T) {
	challenge := func(b []byte) []string { return []string{"Negotiate " + base64.StdEncoding.EncodeToString(b)} }
	refusal := messages.NewKRBError(types.NewPrincipalName(2, "HTTP/web01"), "CORP.EXAMPLE", errorcode.KRB_AP_ERR_MODIFIED, "")
	text, err := refusal.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	_, _, another := inRealm(t)
	_, _, proof := inRealm(t)
	tests := []struct {
		name       string
		challenges func(proof []byte) []string
		says       string
	}{
		{"nothing", func([]byte) []string { return nil }, "did not prove"},
		{"the scheme alone", func([]byte) []string { return []string{"Negotiate"} }, "did not prove"},
		{"no base64", func([]byte) []string { return []string{"Negotiate *"} }, "did not prove"},
		{"no token", func([]byte) []string { return challenge([]byte("hello")) }, "did not prove"},
		{"a completed negotiation without a token", func([]byte) []string { return challenge(response(t, 0, gssapi.OIDKerberos, nil, nil)) }, "has no proof"},
		{"a negotiation that goes on", func(p []byte) []string { return challenge(response(t, 1, gssapi.OIDKerberos, p, nil)) }, "the negotiation is not complete"},
		{"a rejection", func(p []byte) []string { return challenge(response(t, 2, gssapi.OIDKerberos, p, nil)) }, "the negotiation is not complete"},
		{"a wrong signature", func(p []byte) []string { return challenge(response(t, 0, gssapi.OIDKerberos, p, make([]byte, 28))) }, "did not prove"},
		{"the proof for another", func([]byte) []string { return challenge(another) }, "setspn -Q HTTP/web01"},
		{"a refusal", func([]byte) []string { return challenge(text) }, "can't decrypt the ticket for HTTP/web01"},
		{"the proof of another host", func([]byte) []string { return challenge(proof) }, "did not prove"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, _, proof := inRealm(t)
			err := k.Finish(tt.challenges(proof))
			var failed *connection.Error
			if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
			if k.Established() {
				t.Error("a message may travel")
			}
		})
	}
	k := newKerberos(NewSchemes(), connection.Settings{Host: "web01"}, nil)
	if err := k.Finish(nil); err == nil {
		t.Error("a host accepts a client without a logon")
	}
}

// TestATicketIsNotTakenWithoutAReason has the host refuse it: nothing weaker is tried, and the credential is not blamed.
func TestATicketIsNotTakenWithoutAReason(t *testing.T) {
	k, _, _ := inRealm(t)
	header, err := k.Next(t.Context(), []string{"Negotiate", "Basic realm=\"WSMAN\""})
	var failed *connection.Error
	if header != "" || !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), "without a reason") {
		t.Errorf("%q %v", header, err)
	}
	if header, err = k.Next(t.Context(), []string{"Basic realm=\"WSMAN\""}); header != "" || !errors.Is(err, ErrNotOffered) {
		t.Errorf("%q %v", header, err)
	}
}

// FuzzAProof has a host answer the ticket with anything.
func FuzzAProof(f *testing.F) {
	k, host, proof := inRealm(f)
	_, message, err := gssapi.Unframe(proof)
	if err != nil {
		f.Fatal(err)
	}
	mic, err := host.MIC(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{proof, message, response(f, 0, gssapi.OIDKerberos, proof, mic), response(f, -1, nil, nil, nil)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if context, err := k.prove(answer); (context == nil) == (err == nil) {
			t.Errorf("%v %v", context, err)
		}
	})
}
