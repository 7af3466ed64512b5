// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/messages"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/sspi"
)

// windowsSession is a session of Windows that seals as reversed does.
type windowsSession struct {
	reversed

	proof string // what the host has to answer
}

func (s windowsSession) Finish(answer []byte) error {
	if string(answer) != s.proof {
		return &sspi.Error{Code: 0x80090322}
	}
	return nil
}

func (windowsSession) VerifySignature(message, mic []byte) error {
	if !bytes.Equal(backwards(message), mic) {
		return errors.New("the signature is wrong")
	}
	return nil
}

// asThisAccount is a client whose ticket Windows has, or an error.
func asThisAccount(t *testing.T, certificate *x509.Certificate, err error) *negotiateKerberos {
	t.Helper()
	s := connection.Settings{Host: "web01.corp.example", Port: 5985, HTTPS: certificate != nil, Auth: connection.AuthKerberos}
	k := newKerberos(NewSchemes(), s, certificate).(*negotiateKerberos)
	k.windows = func(_ context.Context, spn string, channel []byte) (sspi.Session, []byte, error) {
		if spn != "HTTP/web01.corp.example" || !bytes.Equal(channel, endpoint(certificate)) {
			t.Errorf("a ticket for %s, bound to %q", spn, channel)
		}
		return windowsSession{proof: "proof"}, []byte("token"), err
	}
	return k
}

// TestALogonAsThisAccount asks no KDC: Windows has the ticket.
func TestALogonAsThisAccount(t *testing.T) {
	list, err := gssapi.MechanismList()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		certificate *x509.Certificate
		token, mic  string
		says        string // "" for a logon
	}{
		{"over http", nil, "proof", "", ""},
		{"over https", &x509.Certificate{Raw: []byte("a certificate")}, "proof", "", ""},
		{"with a signature of the mechanisms", nil, "proof", string(backwards(list)), ""},
		{"with another signature", nil, "proof", "another", "the signature is wrong"},
		{"of a host that proves nothing", nil, "nothing", "", "SEC_E_WRONG_PRINCIPAL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := asThisAccount(t, tt.certificate, nil)
			header, err := k.Next(t.Context(), nil)
			if err != nil || k.Established() {
				t.Fatal(header, err)
			}
			negotiation, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Negotiate "))
			if want, _ := gssapi.NegTokenInit([]byte("token")); !bytes.Equal(negotiation, want) {
				t.Errorf("%q", negotiation)
			}
			var mic []byte
			if tt.mic != "" {
				mic = []byte(tt.mic)
			}
			answer := base64.StdEncoding.EncodeToString(response(t, gssapi.Completed, gssapi.OIDKerberos, []byte(tt.token), mic))
			err = k.Finish([]string{"Negotiate " + answer})
			if tt.says != "" {
				if err == nil || !strings.Contains(err.Error(), tt.says) || k.Established() {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || !k.Established() {
				t.Fatal(err)
			}
			body, contentType, err := k.Seal([]byte("hello"))
			if err != nil || (tt.certificate == nil) != (string(body) == framed) {
				t.Errorf("%q, %v", body, err)
			}
			if opened, err := k.Open(contentType, body); err != nil || string(opened) != "hello" {
				t.Errorf("%q, %v", opened, err)
			}
		})
	}
}

// TestALogonAsThisAccountThatWindowsRefusesIsExplained has the errors of machines and accounts without a domain, and one of no meaning here.
func TestALogonAsThisAccountThatWindowsRefusesIsExplained(t *testing.T) {
	for code, says := range map[uint32]string{
		0x80090303: "setspn -Q", 0x8009030C: "set username and password", 0x8009030E: "SEC_E_NO_CREDENTIALS", 0x80090311: "nltest /dsgetdc:",
		0x80090322: "setspn -Q", 0x80090324: "w32tm /resync", 0x80090305: "failed with 0x80090305",
	} {
		_, err := asThisAccount(t, nil, &sspi.Error{Code: code}).Next(t.Context(), nil)
		var failed *connection.Error
		if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), says) ||
			!strings.Contains(err.Error(), "could not log on to HTTP/web01.corp.example as the account that runs Terraform: ") {
			t.Errorf("%x: %v", code, err)
		}
		if failed != nil && !messages.Explains(failed.Problem) {
			t.Errorf("the guide Troubleshooting has no row for %q", failed.Problem)
		}
	}
	if _, _, err := sspi.Begin(t.Context(), "HTTP/nobody.invalid", nil); err == nil {
		t.Error("a ticket for nobody's service")
	}
}
