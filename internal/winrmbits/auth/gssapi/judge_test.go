// SPDX-License-Identifier: MPL-2.0

package gssapi_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/kerberos"
)

const account = "Jürgen.Müller"

// judge is MIT Kerberos in the place of a host.
type judge struct {
	in  io.Writer
	out *bufio.Scanner
}

// asked is a request to the judge, and what it said.
type asked struct {
	Do       string `json:"do"`
	Octets   []byte `json:"octets"`
	Bindings []byte `json:"bindings,omitempty"`
}

type said struct {
	Octets []byte `json:"octets"`
	Name   string `json:"name"`
	Flags  int    `json:"flags"`
	Sealed bool   `json:"sealed"`
	Header int    `json:"header"`
	Error  string `json:"error"`
}

// newJudge starts a judge that is the service of a keytab.
func newJudge(t *testing.T, k *judges.KDC, keytab string) *judge {
	t.Helper()
	interpreter := judges.Python(t, "gssapi",
		"no python-gssapi, which is MIT Kerberos' judge: pip install gssapi, or set BITS_TEST_PYTHON to a Python that has it")
	c := exec.CommandContext(t.Context(), interpreter, "testdata/acceptor.py", keytab)
	c.Env, c.Stderr = k.Environment(), os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := c.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("the judge: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 4<<20)
	return &judge{in, lines}
}

func (j *judge) ask(t *testing.T, a asked) said {
	t.Helper()
	if err := json.NewEncoder(j.in).Encode(a); err != nil {
		t.Fatal(err)
	}
	if !j.out.Scan() {
		t.Fatalf("the judge is silent: %v", j.out.Err())
	}
	var s said
	if err := json.Unmarshal(j.out.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// realm is a KDC with an account, a host's service and its judge.
type realm struct {
	kdc     *judges.KDC
	judge   *judge
	tickets *kerberos.Tickets
	host    connection.Settings
}

func newRealm(t *testing.T, encryption string) *realm {
	t.Helper()
	r := &realm{kdc: judges.StartKDC(t), tickets: kerberos.NewTickets()}
	r.kdc.Account(t, account, "secret")
	keytab := r.kdc.Service(t, "HTTP/web01.corp.example", "-e "+encryption+":normal")
	r.kdc.Admin(t, "set_string HTTP/web01.corp.example session_enctypes "+encryption)
	r.judge = newJudge(t, r.kdc, keytab)
	r.host = connection.Settings{
		Host: "web01.corp.example", Username: account, Password: bits.NewSecret("secret"),
		Kerberos: connection.Kerberos{Realm: judges.Realm, KDC: r.kdc.Address},
	}
	return r
}

// begin makes the first token to the host.
func (r *realm) begin(t *testing.T, bindings []byte) (*gssapi.Initiator, []byte) {
	t.Helper()
	ticket, err := r.tickets.For(t.Context(), r.host)
	if err != nil {
		t.Fatal(err)
	}
	i, token, err := gssapi.NewInitiator(ticket, bindings, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return i, token
}

// TestMITUnderstandsTheClient exchanges tokens and messages with MIT Kerberos in the place of the host.
func TestMITUnderstandsTheClient(t *testing.T) {
	for encryption, header := range map[string]int{ // of a sealed message; 60 is what pypsrp and others expect from Windows
		"aes256-cts-hmac-sha1-96": 60, "aes128-cts-hmac-sha1-96": 60, "aes256-cts-hmac-sha384-192": 72, "aes128-cts-hmac-sha256-128": 64,
	} {
		t.Run(encryption, func(t *testing.T) {
			r := newRealm(t, encryption)
			i, token := r.begin(t, nil)
			negotiation, err := gssapi.NegTokenInit(token)
			if err != nil {
				t.Fatal(err)
			}
			accepted := r.judge.ask(t, asked{Do: "accept", Octets: negotiation})
			if accepted.Error != "" || accepted.Name != account+"@CORP.EXAMPLE" {
				t.Fatalf("%+v", accepted)
			}
			const mutual, replay, sequence, confidential, integrity = 2, 4, 8, 16, 32
			if want := mutual | replay | sequence | confidential | integrity; accepted.Flags&want != want || accepted.Flags&1 != 0 {
				t.Errorf("the flags are %#x", accepted.Flags)
			}
			answer, err := gssapi.ParseNegTokenResp(accepted.Octets)
			if err != nil || answer.State != gssapi.Completed || !answer.Mechanism.Equal(gssapi.OIDKerberos) {
				t.Fatalf("%+v %v", answer, err)
			}
			context, err := i.Finish(answer.Token)
			if err != nil {
				t.Fatal(err)
			}
			both(t, r.judge, context, header)
		})
	}
}

// both protects messages either way.
func both(t *testing.T, j *judge, context *gssapi.Context, length int) {
	t.Helper()
	messages := [][]byte{[]byte("<a/>"), {}, bytes.Repeat([]byte("0123456789abcde"), 5000), []byte("--Encrypted Boundary--\r\n")}
	for _, message := range messages {
		header, sealed, err := context.Seal(message)
		if err != nil || len(header) != length || len(sealed) != len(message) {
			t.Fatalf("a header of %d bytes and a message of %d: %v", len(header), len(sealed), err)
		}
		if got := j.ask(t, asked{Do: "unwrap", Octets: append(header, sealed...)}); got.Error != "" || !got.Sealed || !bytes.Equal(got.Octets, message) {
			t.Fatalf("%+v", got)
		}
		for _, way := range []string{"wrap", "wrap as Windows"} {
			token := j.ask(t, asked{Do: way, Octets: message})
			if way == "wrap as Windows" && (token.Header != length || len(token.Octets) != length+len(message)) {
				t.Fatalf("MIT makes a header of %d bytes: %s", token.Header, token.Error)
			}
			opened, err := context.Open(token.Octets)
			if err != nil || !bytes.Equal(opened, message) {
				t.Fatalf("%s: %v %q", way, err, opened)
			}
		}
	}
	signature := j.ask(t, asked{Do: "sign", Octets: []byte("a list")}).Octets
	if err := context.VerifySignature([]byte("another list"), signature); !errors.Is(err, gssapi.ErrIntegrity) {
		t.Errorf("%v", err)
	}
	if err := context.VerifySignature([]byte("a list"), signature); err != nil {
		t.Error(err)
	}
	first, second := j.ask(t, asked{Do: "wrap", Octets: []byte("1")}).Octets, j.ask(t, asked{Do: "wrap", Octets: []byte("2")}).Octets
	if _, err := context.Open(second); !errors.Is(err, gssapi.ErrSequence) {
		t.Errorf("a message is lost: %v", err)
	}
	if _, err := context.Open(first); err != nil {
		t.Error(err)
	}
	if _, err := context.Open(first); !errors.Is(err, gssapi.ErrSequence) {
		t.Errorf("a message comes twice: %v", err)
	}
	for at := range second {
		changed := slices.Clone(second)
		changed[at] ^= 0x80
		if opened, err := context.Open(changed); err == nil {
			t.Fatalf("byte %d of a message is changed: %q", at, opened)
		}
	}
	if _, err := context.Open(second); err != nil {
		t.Error(err)
	}
	if _, err := context.Open(j.ask(t, asked{Do: "sign only", Octets: []byte("clear")}).Octets); err == nil || !strings.Contains(err.Error(), "not encrypted") {
		t.Errorf("a message that is readable: %v", err)
	}
}

// TestMITChecksTheChannel binds contexts to a channel, as MIT Kerberos computes it.
func TestMITChecksTheChannel(t *testing.T) {
	r := newRealm(t, "aes256-cts-hmac-sha1-96")
	data := []byte("tls-server-end-point:0123456789abcdef0123456789abcdef")
	structure := binary.LittleEndian.AppendUint32(make([]byte, 16), uint32(len(data)))
	sum := md5.Sum(append(structure, data...))
	for _, tt := range []struct {
		name     string
		bindings []byte
		accepted bool
	}{{"the channel", sum[:], true}, {"another channel", bytes.Repeat([]byte{1}, 16), false}} {
		t.Run(tt.name, func(t *testing.T) {
			_, token := r.begin(t, tt.bindings)
			got := r.judge.ask(t, asked{Do: "accept", Octets: token, Bindings: data})
			if (got.Error == "") != tt.accepted {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestAHostThatProvesNothingIsRefused answers a client without a proof.
func TestAHostThatProvesNothingIsRefused(t *testing.T) {
	r := newRealm(t, "aes256-cts-hmac-sha1-96")
	i, token := r.begin(t, nil)
	other, _ := r.begin(t, nil)
	proof := r.judge.ask(t, asked{Do: "accept", Octets: token}).Octets
	if _, err := other.Finish(proof); !errors.Is(err, gssapi.ErrMutual) {
		t.Errorf("the proof of another request: %v", err)
	}
	for at := range proof {
		changed := slices.Clone(proof)
		changed[at] ^= 1
		if _, err := i.Finish(changed); err == nil && at > len(proof)/2 { // the bytes before are only its kind
			t.Errorf("byte %d of the proof is changed", at)
		}
		if _, err := i.Finish(proof[:at]); !errors.Is(err, gssapi.ErrMutual) {
			t.Errorf("the proof ends at byte %d: %v", at, err)
		}
	}
	if _, err := i.Finish(proof); err != nil {
		t.Error(err)
	}
}
