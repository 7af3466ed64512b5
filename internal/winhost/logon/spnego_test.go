// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// mechanisms of these tests.
var (
	oidFake  = asn1.ObjectIdentifier{1, 2, 3}
	oidAlias = asn1.ObjectIdentifier{1, 2, 3, 1}
	oidOther = asn1.ObjectIdentifier{1, 2, 4}
)

// fake is a mechanism of a given number of legs, whose tokens are words.
type fake struct {
	legs    int
	account string
}

var errFake = errors.New("wrong word")

func (f *fake) Step(token []byte) ([]byte, error) {
	f.legs--
	switch {
	case string(token) == "explained":
		return []byte("because"), errFake
	case string(token) != "please":
		return nil, errFake
	case f.legs > 0:
		return []byte("again"), nil
	default:
		f.account = "anna"
		return []byte("done"), nil
	}
}

func (f *fake) Account() string                    { return f.account }
func (f *fake) MIC(message []byte) ([]byte, error) { return append([]byte("host:"), message...), nil }

func (f *fake) CheckMIC(message, mic []byte) error {
	if !bytes.Equal(mic, append([]byte("client:"), message...)) {
		return errFake
	}
	return nil
}
func (f *fake) Seal(message []byte) (_, _ []byte, _ error) { return []byte("h"), message, nil }
func (f *fake) Open(_, sealed []byte) ([]byte, error)      { return sealed, nil }

// policyOf makes a policy with the fake mechanism.
func policyOf(scheme Scheme, legs int) *Policy {
	return New(Options{
		Schemes: []Scheme{scheme},
		Mechanisms: []Mechanism{{
			Scheme: scheme, OIDs: []asn1.ObjectIdentifier{oidFake, oidAlias},
			New: func(Channel) Context { return &fake{legs: legs} },
		}},
	})
}

// list writes a list of mechanisms.
func list(mechanisms []asn1.ObjectIdentifier) []byte {
	return must(asn1.Marshal(mechanisms))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// application is the tag of a first token of GSS-API.
const application = casn1.Tag(0x60)

// explicit is the tag of the n-th field of a token.
func explicit(n uint8) casn1.Tag { return casn1.Tag(n).Constructed().ContextSpecific() }

// offer writes a client's first token.
func offer(token string, mechanisms ...asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1(application, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSPNEGO)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(casn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(list(mechanisms)) })
				b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString([]byte(token)) })
			})
		})
	})
	return b.BytesOrPanic()
}

// next writes a later token; a MIC is that of the list, or of nothing.
func next(token string, mic []byte) []byte {
	t := negTokenResp{State: acceptIncomplete, MIC: mic}
	if token != "" {
		t.Token = []byte(token)
	}
	return must(t.marshal())
}

// reply is an answer of the host as these tests write it.
type reply struct {
	state      int
	mechanism  string
	token, mic string
}

func TestNegotiations(t *testing.T) {
	const incomplete, complete, demand, rejected = acceptIncomplete, acceptComplete, requestMIC, reject
	ofClient := func(mechanisms ...asn1.ObjectIdentifier) []byte {
		return append([]byte("client:"), list(mechanisms)...)
	}
	ofHost := func(mechanisms ...asn1.ObjectIdentifier) string { return "host:" + string(list(mechanisms)) }
	tests := []struct {
		name   string
		legs   int
		tokens [][]byte
		want   []reply
		in     bool
	}{
		{
			"one leg", 1, [][]byte{offer("please", oidFake)},
			[]reply{{state: complete, mechanism: "1.2.3", token: "done"}}, true,
		},
		{
			"two legs", 2, [][]byte{offer("please", oidFake), next("please", nil)},
			[]reply{{state: incomplete, mechanism: "1.2.3", token: "again"}, {state: complete, token: "done"}}, true,
		},
		{
			"by another name, which is given back", 1, [][]byte{offer("please", oidAlias, oidFake)},
			[]reply{{state: complete, mechanism: "1.2.3.1", token: "done"}}, true,
		},
		{
			"protected", 2, [][]byte{offer("please", oidFake, oidOther), next("please", ofClient(oidFake, oidOther))},
			[]reply{
				{state: incomplete, mechanism: "1.2.3", token: "again"},
				{state: complete, token: "done", mic: ofHost(oidFake, oidOther)},
			}, true,
		},
		{
			"protected, with another list", 2, [][]byte{offer("please", oidFake, oidOther), next("please", ofClient(oidFake))},
			[]reply{{state: incomplete, mechanism: "1.2.3", token: "again"}}, false,
		},
		{
			"not the client's best", 1,
			[][]byte{offer("other", oidOther, oidFake), next("please", ofClient(oidOther, oidFake))},
			[]reply{
				{state: demand, mechanism: "1.2.3"},
				{state: complete, token: "done", mic: ofHost(oidOther, oidFake)},
			}, true,
		},
		{
			"not the client's best, protected in the end", 1,
			[][]byte{offer("other", oidOther, oidFake), next("please", nil), next("", ofClient(oidOther, oidFake))},
			[]reply{
				{state: demand, mechanism: "1.2.3"},
				{state: incomplete, token: "done", mic: ofHost(oidOther, oidFake)},
				{state: complete},
			}, true,
		},
		{
			"not the client's best, never protected", 1,
			[][]byte{offer("other", oidOther, oidFake), next("please", nil), next("", nil)},
			[]reply{{state: demand, mechanism: "1.2.3"}, {state: incomplete, token: "done", mic: ofHost(oidOther, oidFake)}}, false,
		},
		{"nothing in common", 1, [][]byte{offer("please", oidOther)}, nil, false},
		{"a wrong word", 1, [][]byte{offer("give", oidFake)}, nil, false},
		{
			"a wrong word, explained", 1, [][]byte{offer("explained", oidFake)},
			[]reply{{state: rejected, mechanism: "1.2.3", token: "because"}}, false,
		},
		{"garbage", 1, [][]byte{[]byte("garbage")}, nil, false},
		{"an offer with more behind it", 1, [][]byte{append(offer("please", oidFake), 0)}, nil, false},
		{
			"a first token twice", 2, [][]byte{offer("please", oidFake), offer("please", oidFake)},
			[]reply{{state: incomplete, mechanism: "1.2.3", token: "again"}}, false,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := policyOf(NTLM, test.legs).Connect()
			var got []reply
			var last Verdict
			for _, token := range test.tokens {
				last = c.Judge(asks("Negotiate " + base64.StdEncoding.EncodeToString(token)))
				for _, challenge := range last.Challenges {
					if text, ok := strings.CutPrefix(challenge, "Negotiate "); ok {
						got = append(got, read(t, text))
					}
				}
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(reply{})); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if test.in != (last.Account == "anna") || test.in != (last.Outcome == Proven) || !test.in && last.Outcome != Refused {
				t.Errorf("the verdict is %+v", last)
			}
		})
	}
}

// asks makes a request with a credential.
func asks(authorization string) *http.Request {
	return &http.Request{Header: http.Header{"Authorization": {authorization}}}
}

// read reads an answer of the host.
func read(t *testing.T, text string) reply {
	t.Helper()
	token, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseNegTokenResp(token)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{state: int(r.State), token: string(r.Token), mic: string(r.MIC)}
	if r.Mechanism != nil {
		got.mechanism = r.Mechanism.String()
	}
	return got
}

func TestTokensAsTheyAre(t *testing.T) {
	c := policyOf(Kerberos, 2).Connect()
	want := []Verdict{
		{Challenges: []string{"Kerberos " + base64.StdEncoding.EncodeToString([]byte("again"))}},
		{Account: "anna", Challenges: []string{"Kerberos " + base64.StdEncoding.EncodeToString([]byte("done"))}, Outcome: Proven},
		{Account: "anna"},
		{Challenges: []string{"Negotiate", "Kerberos"}, Outcome: Refused},
		{Challenges: []string{"Negotiate", "Kerberos"}},
	}
	please, wrong := base64.StdEncoding.EncodeToString([]byte("please")), base64.StdEncoding.EncodeToString([]byte("give"))
	for i, authorization := range []string{"Kerberos " + please, "kerberos " + please, "", "Kerberos " + wrong, ""} {
		if diff := cmp.Diff(want[i], c.Judge(asks(authorization))); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestCredentialsThatAreNone(t *testing.T) {
	for _, authorization := range []string{
		"Negotiate", "Negotiate %", "Negotiate ", "Basic eDp5", "NTLM TlRMTVNTUAA=", "Kerberos cGxlYXNl",
		"http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual",
	} {
		want := Verdict{Challenges: []string{"Negotiate"}, Outcome: Refused}
		if diff := cmp.Diff(want, policyOf(NTLM, 1).Connect().Judge(asks(authorization))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", authorization, diff)
		}
	}
}
