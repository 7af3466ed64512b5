// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
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
)

// judged is what pyspnego says as the host.
type judged struct {
	Token, Refused       string
	Opened               []byte
	User, Domain, Target string
	Flags                uint32
	Bound, MIC, Complete bool
}

// host is pyspnego as the host's side of a logon.
type host struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

// startHost starts an interpreter that has pyspnego, or skips the test.
func startHost(t *testing.T) *host {
	t.Helper()
	path := judges.Python(t, "spnego", "no Python with pyspnego: pip install pywinrm, or set BITS_TEST_PYTHON to one that has it")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	program := exec.CommandContext(ctx, path, "-W", "ignore", "testdata/judge.py")
	var complaints bytes.Buffer
	program.Stderr = &complaints
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, in: in, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = in.Close()
		if err := program.Wait(); err != nil {
			t.Errorf("%v: %s", err, complaints.String())
		}
		cancel()
	})
	return h
}

// expect begins a logon: the account that may log on, and the host's certificate.
func (h *host) expect(t *testing.T, user, domain, password string, certificate *x509.Certificate) *host {
	var hash []byte
	if certificate != nil {
		sum := sha256.Sum256(certificate.Raw)
		hash = sum[:]
	}
	h.t = t
	h.say(map[string]any{"user": user, "domain": domain, "password": password, "certificate_hash": hash})
	return h
}

func (h *host) say(what any) {
	h.t.Helper()
	line, err := json.Marshal(what)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.in.Write(append(line, '\n')); err != nil {
		h.t.Fatal(err)
	}
}

// ask sends a token and returns the answer.
func (h *host) ask(token []byte) judged {
	h.t.Helper()
	h.say(map[string]any{"token": token})
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		h.t.Fatal(err)
	}
	var answer judged
	if err := json.Unmarshal(line, &answer); err != nil {
		h.t.Fatalf("%v: %s", err, line)
	}
	return answer
}

// logOn takes a scheme through the legs of a logon.
func (h *host) logOn(scheme Scheme) judged {
	h.t.Helper()
	var challenges []string
	var answer judged
	for range 2 {
		header, err := scheme.Next(h.t.Context(), challenges)
		if err != nil {
			h.t.Fatal(err)
		}
		token, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Negotiate "))
		if err != nil {
			h.t.Fatal(err)
		}
		answer = h.ask(token)
		challenges = []string{"Negotiate " + answer.Token, "Kerberos"}
	}
	return answer
}

// TestAnotherImplementationTakesTheLogon has pyspnego judge the messages of a logon: the response, the integrity code,
// what it is bound to.
func TestAnotherImplementationTakesTheLogon(t *testing.T) {
	python := startHost(t)
	certificate := &x509.Certificate{Raw: []byte("a certificate"), SignatureAlgorithm: x509.SHA256WithRSA}
	const password = "pä$$wörd€😀"
	machine, err := os.Hostname() // pyspnego reports its NetBIOS name
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, username, user, domain string
		https                        bool
	}{
		{"a local account over http", "ops", "ops", "", false},
		{"an account of a domain over http", `CORP\ops`, "ops", "CORP", false},
		{"an account of a domain by its principal name", "ops@corp.example", "ops@corp.example", "", false},
		{"an account with letters beyond ASCII", `CÖRP\öps`, "öps", "CÖRP", false},
		{"an account of the host itself", `.\ops`, "ops", strings.ToUpper(machine), false},
		{"a local account over https", "Administrator", "Administrator", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := connection.Settings{Host: "web01.corp.example", Port: 5985, HTTPS: tt.https, Auth: connection.AuthNTLM, Username: tt.username, Password: bits.NewSecret(password)}
			var channel *x509.Certificate
			if tt.https {
				channel = certificate
			}
			scheme, err := NewSchemes().Begin(settings, channel)
			if err != nil {
				t.Fatal(err)
			}
			got := python.expect(t, tt.user, tt.domain, password, channel).logOn(scheme)
			const strong = 1<<30 | 1<<29 | 1<<19 | 1<<5 | 1<<4 // key exchange, 128 bits, extended security, sealing, signing
			if got.Refused != "" || !got.Complete || got.User != tt.user || got.Domain != tt.domain || !got.MIC || !got.Bound ||
				got.Target != "HTTP/web01.corp.example" || got.Flags&strong != strong {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestAnotherImplementationOpensWhatIsSealed sends sealed messages both ways, and one that pyspnego sealed with a bit
// changed on the way.
func TestAnotherImplementationOpensWhatIsSealed(t *testing.T) {
	settings := connection.Settings{Host: "web01", Port: 5985, Auth: connection.AuthNTLM, Username: "ops", Password: bits.NewSecret("secret")}
	scheme, err := NewSchemes().Begin(settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := startHost(t).expect(t, "ops", "", "secret", nil)
	if got := h.logOn(scheme); got.Refused != "" {
		t.Fatal(got.Refused)
	}
	if err := scheme.Finish(nil); err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 200_000)
	_, _ = rand.Read(large)
	for _, message := range [][]byte{[]byte("<s:Envelope/>"), large, {}, []byte("<last/>")} {
		body, contentType, err := scheme.Seal(message)
		if err != nil || bytes.Contains(body, []byte("Envelope/")) {
			t.Fatalf("%v, sealed as %q", err, body)
		}
		_, token, err := unframe(body)
		if err != nil {
			t.Fatal(err)
		}
		answer := h.ask(token[4:])
		if !bytes.Equal(answer.Opened, message) {
			t.Fatalf("pyspnego opened %d bytes of %d", len(answer.Opened), len(message))
		}
		reply := reframe(t, answer.Token, len(message))
		opened, err := scheme.Open(contentType, reply)
		if slices.Reverse(opened); err != nil || !bytes.Equal(opened, message) {
			t.Fatalf("%v, opened %d bytes of %d", err, len(opened), len(message))
		}
	}
	body, contentType, err := scheme.Seal([]byte("<once/>"))
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := unframe(body)
	if err != nil {
		t.Fatal(err)
	}
	reply := reframe(t, h.ask(token[4:]).Token, len("<once/>"))
	changed := bytes.Clone(reply)
	changed[len(changed)-len("--Encrypted Boundary--\r\n")-1] ^= 1
	if _, err := scheme.Open(contentType, changed); err == nil || !strings.Contains(err.Error(), "signature is wrong") {
		t.Errorf("a changed reply: %v", err)
	}
	if _, err := scheme.Open(contentType, reply); err == nil || !strings.Contains(err.Error(), "sequence number") {
		t.Errorf("the same number again: %v", err)
	}
}

// reframe puts a token of the host into a body.
func reframe(t *testing.T, token string, length int) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	body, _, err := sealMessage(given(raw), false, make([]byte, length))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// given is a sealer that has sealed before.
type given []byte

func (g given) Seal([]byte) (header, sealed []byte, err error) { return g[:16], g[16:], nil }

func (given) Open(_, _ []byte) ([]byte, error) { panic("nothing is opened") }

func TestAnotherImplementationRefusesAnotherLogon(t *testing.T) {
	python := startHost(t)
	certificate := &x509.Certificate{Raw: []byte("a certificate"), SignatureAlgorithm: x509.SHA256WithRSA}
	between := &x509.Certificate{Raw: []byte("the certificate of an interceptor"), SignatureAlgorithm: x509.SHA256WithRSA}
	for _, tt := range []struct {
		name, password string
		seen           *x509.Certificate
		says           string
	}{
		{"a wrong password", "wrong", certificate, "Invalid NTLM response"},
		{"another channel", "right", between, "bindings do not match"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			scheme, err := NewSchemes().Begin(connection.Settings{Host: "web01", HTTPS: true, Auth: connection.AuthNTLM, Username: "ops", Password: bits.NewSecret(tt.password)}, tt.seen)
			if err != nil {
				t.Fatal(err)
			}
			if got := python.expect(t, "ops", "", "right", certificate).logOn(scheme); !strings.Contains(got.Refused, tt.says) {
				t.Errorf("%+v", got)
			}
			if header, err := scheme.Next(t.Context(), []string{"Negotiate"}); err == nil || header != "" {
				t.Errorf("tried again: %v", err)
			}
		})
	}
}
