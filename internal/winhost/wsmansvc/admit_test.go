// SPDX-License-Identifier: MPL-2.0

package wsmansvc_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/bodgit/ntlmssp"
	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// newSealedRig makes a service on plain http that takes what is sealed, and Basic as far as Windows does.
func newSealedRig(t *testing.T, schemes ...logon.Scheme) *rig {
	t.Helper()
	accounts := logon.NewAccounts(func(username string) (logon.Account, bool) {
		return logon.Account{Name: "ops", Password: "right"}, strings.EqualFold(username, "ops")
	}, 0)
	return newRigWith(t, wsmansvc.Options{Policy: logon.New(logon.Options{
		Schemes: schemes, Accounts: accounts, CBT: logon.CBTRelaxed,
		Mechanisms: []logon.Mechanism{logon.NewNTLM(logon.NTLMOptions{Computer: "WEB01", Accounts: accounts, Now: time.Now})},
	})})
}

// line is a client's connection to a rig.
type line struct {
	rig  *rig
	conn context.Context //nolint:containedctx // what a connection is in these tests
	ntlm *ntlmssp.Client
}

func (r *rig) connect() *line {
	return &line{rig: r, conn: r.svc.ConnContext(context.Background(), nil)}
}

// post sends a body of a type, with or without a credential.
func (l *line) post(authorization, contentType, body string) answer {
	l.rig.t.Helper()
	req := httptest.NewRequestWithContext(l.conn, http.MethodPost, "http://web01:5985/wsman", strings.NewReader(body))
	req.RemoteAddr = "192.0.2.7:50123"
	req.Header.Set("Content-Type", contentType)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return l.rig.do(req)
}

// soap is the type of a message that is not sealed.
const soap = "application/soap+xml;charset=UTF-8"

// logOn agrees on a security context and returns the answer to its last leg, which carries a body.
func (l *line) logOn(password, contentType string, body func() string) answer {
	l.rig.t.Helper()
	var err error
	if l.ntlm, err = ntlmssp.NewClient(ntlmssp.SetUserInfo("ops", password)); err != nil {
		l.rig.t.Fatal(err)
	}
	token, err := l.ntlm.Authenticate(nil, nil)
	if err != nil {
		l.rig.t.Fatal(err)
	}
	got := l.post("Negotiate "+base64.StdEncoding.EncodeToString(token), soap, "")
	text, ok := strings.CutPrefix(got.header.Get("WWW-Authenticate"), "Negotiate ")
	if got.status != http.StatusUnauthorized || !ok || len(got.header.Values("WWW-Authenticate")) != 1 || got.body != "" {
		l.rig.t.Fatalf("the first leg: %d %v %q", got.status, got.header, got.body)
	}
	challenge, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		l.rig.t.Fatal(err)
	}
	if token, err = l.ntlm.Authenticate(challenge, nil); err != nil {
		l.rig.t.Fatal(err)
	}
	return l.post("Negotiate "+base64.StdEncoding.EncodeToString(token), contentType, body())
}

func nothing() string { return "" }

// established returns a connection with a security context.
func (r *rig) established() *line {
	r.t.Helper()
	l := r.connect()
	if got := l.logOn("right", soap, nothing); got.status != http.StatusOK || got.body != "" || got.header.Get("WWW-Authenticate") != "" {
		r.t.Fatalf("the last leg: %d %v %q", got.status, got.header, got.body)
	}
	return l
}

// sealedType is the type of a sealed message.
const sealedType = `multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"`

// seal protects a message.
func (l *line) seal(text string) string {
	l.rig.t.Helper()
	sealed, header, err := l.ntlm.SecuritySession().Wrap([]byte(text))
	if err != nil {
		l.rig.t.Fatal(err)
	}
	return fmt.Sprintf("--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"+
		"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n--Encrypted Boundary\r\n"+
		"\tContent-Type: application/octet-stream\r\n%s%s%s--Encrypted Boundary--\r\n",
		len(text), binary.LittleEndian.AppendUint32(nil, uint32(len(header))), header, sealed)
}

// open returns the message of an answer.
func (l *line) open(a answer) string {
	l.rig.t.Helper()
	_, rest, ok := strings.Cut(a.body, "octet-stream\r\n")
	rest, end := strings.CutSuffix(rest, "--Encrypted Boundary--\r\n")
	if a.header.Get("Content-Type") != sealedType || !ok || !end || len(rest) < 20 || strings.Contains(a.body, "Envelope") {
		l.rig.t.Fatalf("not sealed: %d %v %q", a.status, a.header, a.body)
	}
	message, err := l.ntlm.SecuritySession().Unwrap([]byte(rest[20:]), []byte(rest[4:20]))
	if err != nil {
		l.rig.t.Fatal(err)
	}
	return string(message)
}

func TestWhatIsOffered(t *testing.T) {
	for _, test := range []struct {
		schemes []logon.Scheme
		want    []string
	}{
		{[]logon.Scheme{logon.NTLM}, []string{"Negotiate"}},
		{[]logon.Scheme{logon.Basic, logon.NTLM}, []string{"Negotiate", `Basic realm="WSMAN"`}},
		{[]logon.Scheme{logon.Certificate}, nil},
	} {
		rig := newSealedRig(t, test.schemes...)
		got := rig.connect().post("", soap, createMessage(""))
		if diff := cmp.Diff(test.want, got.header.Values("WWW-Authenticate")); diff != "" || got.status != http.StatusUnauthorized || got.body != "" {
			t.Errorf("%v: %d %q (-want +got):\n%s", test.schemes, got.status, got.body, diff)
		}
		if s := rig.meter.Read(); s.Logons != 0 || s.FailedLogons != 0 {
			t.Errorf("counted %+v", s)
		}
	}
}

func TestAnswersAreSealedAsTheirQuestions(t *testing.T) {
	rig := newSealedRig(t, logon.NTLM)
	l := rig.established()
	created := l.post("", sealedType, l.seal(createMessage("")))
	shell := between(l.open(created), `<rsp:ShellId>`, `</rsp:ShellId>`)
	if created.status != http.StatusOK || shell == "" {
		t.Fatalf("status %d, shell %q", created.status, shell)
	}
	fault := l.post("", sealedType, l.seal(deleteMessage("nothing")))
	if text := l.open(fault); fault.status != http.StatusInternalServerError || !strings.Contains(text, `Code="2150858843"`) {
		t.Errorf("a fault: %d %s", fault.status, text)
	}
	// Another connection of the same user has a context of its own, and the same shells.
	other := rig.established()
	if deleted := other.post("", sealedType, other.seal(deleteMessage(shell))); deleted.status != http.StatusOK {
		t.Errorf("deleted through another connection: %d", deleted.status)
	}
	if s := rig.meter.Read(); s.Logons != 2 || s.FailedLogons != 0 || s.ShellsOpen != 0 {
		t.Errorf("counted %+v", s)
	}
}

func TestMessagesThatAreNotSealedAsTheyShould(t *testing.T) {
	tests := []struct {
		name   string
		send   func(rig *rig) answer
		status int
		logons int64
		failed int64
	}{
		{"in clear text", func(rig *rig) answer {
			return rig.established().post("", soap, createMessage(""))
		}, http.StatusInternalServerError, 1, 0},
		{"in clear text, with the last leg", func(rig *rig) answer {
			return rig.connect().logOn("right", soap, func() string { return createMessage("") })
		}, http.StatusInternalServerError, 1, 0},
		{"in clear text, with Basic", func(rig *rig) answer {
			return rig.connect().post("Basic b3BzOnJpZ2h0", soap, createMessage(""))
		}, http.StatusInternalServerError, 1, 0},
		{"in clear text, with a wrong password", func(rig *rig) answer {
			return rig.connect().post("Basic b3BzOndyb25n", soap, createMessage(""))
		}, http.StatusUnauthorized, 0, 1},
		{"sealed a second time", func(rig *rig) answer {
			l := rig.established()
			body := l.seal(createMessage(""))
			l.open(l.post("", sealedType, body))
			return l.post("", sealedType, body)
		}, http.StatusBadRequest, 1, 0},
		{"sealed for another connection", func(rig *rig) answer {
			return rig.established().post("", sealedType, rig.established().seal(createMessage("")))
		}, http.StatusBadRequest, 2, 0},
		{"sealed for a context that was replaced", func(rig *rig) answer {
			l := rig.established()
			body := l.seal(createMessage(""))
			return l.logOn("right", sealedType, func() string { return body })
		}, http.StatusBadRequest, 2, 0},
		{"sealed before anything was agreed on", func(rig *rig) answer {
			return rig.connect().post("", sealedType, rig.established().seal(createMessage("")))
		}, http.StatusUnauthorized, 1, 0},
		{"sealed, with Basic", func(rig *rig) answer {
			return rig.connect().post("Basic b3BzOnJpZ2h0", sealedType, rig.established().seal(createMessage("")))
		}, http.StatusBadRequest, 2, 0},
		{"with a wrong password", func(rig *rig) answer {
			return rig.connect().logOn("wrong", soap, nothing)
		}, http.StatusUnauthorized, 0, 1},
		{"after a wrong password on the same connection", func(rig *rig) answer {
			l := rig.established()
			body := l.seal(createMessage(""))
			l.logOn("wrong", soap, nothing)
			return l.post("", sealedType, body)
		}, http.StatusUnauthorized, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rig := newSealedRig(t, logon.NTLM, logon.Basic)
			opened := int64(0)
			if test.name == "sealed a second time" {
				opened = 1
			}
			got := test.send(rig)
			if got.status != test.status || got.body != "" {
				t.Errorf("status %d, want %d; body %q", got.status, test.status, got.body)
			}
			if s := rig.meter.Read(); s.Logons != test.logons || s.FailedLogons != test.failed || s.ShellsOpened != opened {
				t.Errorf("counted %+v, want %d logons and %d failed", s, test.logons, test.failed)
			}
		})
	}
}

// TestASealedMessageWithTheLastLeg is taken: the context is there by then.
func TestASealedMessageWithTheLastLeg(t *testing.T) {
	rig := newSealedRig(t, logon.NTLM)
	l := rig.connect()
	got := l.logOn("right", sealedType, func() string { return l.seal(createMessage("")) })
	if text := l.open(got); got.status != http.StatusOK || !strings.Contains(text, "<rsp:ShellId>") {
		t.Errorf("%d %s", got.status, text)
	}
}

func TestACertificateThatStandsForNoAccount(t *testing.T) {
	rig := newSealedRig(t, logon.Certificate)
	rig.conn = rig.connect().conn
	req := rig.request(rig.conn, createMessage(""))
	req.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{{}}}
	req.Header.Set("Authorization", "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual")
	got := rig.do(req)
	got.wantFault(t, "5")
	if s := rig.meter.Read(); s.FailedLogons != 1 || !strings.Contains(got.body, "w:AccessDenied") {
		t.Errorf("counted %+v: %s", s, got.body)
	}
}

// TestAnInterceptorSeesSealedMessages has one read what a sealed Send carries, and refuse a connection that was let in.
func TestAnInterceptorSeesSealedMessages(t *testing.T) {
	rig := newSealedRig(t, logon.NTLM)
	var seen []wsmansvc.Verb
	rig.svc.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		seen = append(seen, e.Verb)
		if e.Verb == wsmansvc.Delete {
			return wsmansvc.Action{Outcome: wsmansvc.Unauthorized}
		}
		return wsmansvc.Action{}
	})
	l := rig.established()
	l.open(l.post("", sealedType, l.seal(createMessage(""))))
	for range 2 { // the second on a connection whose context is gone
		got := l.post("", sealedType, l.seal(deleteMessage("x")))
		if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != "Negotiate" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
	if diff := cmp.Diff([]wsmansvc.Verb{"", "", wsmansvc.Create, wsmansvc.Delete, ""}, seen); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
}
