// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestOtherClientsLogOn has pywinrm and pypsrp log on in every way they know, and reads along where they seal their messages.
func TestOtherClientsLogOn(t *testing.T) {
	t.Parallel()
	interpreter := otherClients(t)
	const hello, clearText = "hello\r\n", float64(http.StatusInternalServerError)
	tests := map[string]struct {
		security Security
		logons   int64
		failed   int64
		want     map[string]any
	}{
		"http": {
			security: Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM, logon.Basic}},
			logons:   7, // three of them for messages that are not taken then
			failed:   3,
			want: map[string]any{
				"pywinrm: NTLM": hello,
				"pywinrm: NTLM, a local account by its full name": hello,
				"pywinrm: NTLM, a wrong password":                 "refused",
				"pywinrm: NTLM in clear text":                     clearText,
				"pywinrm: Basic":                                  clearText,
				"pypsrp: NTLM":                                    hello,
				"pypsrp: NTLM in SPNEGO":                          hello,
				"pypsrp: NTLM in SPNEGO, a wrong password":        "refused",
				"pypsrp: NTLM, an unknown user":                   "refused",
				"pypsrp: NTLM in clear text":                      clearText,
			},
		},
		"https": {
			security: Security{CBT: logon.CBTStrict, Auth: []logon.Scheme{logon.NTLM, logon.Certificate}},
			logons:   6, failed: 3,
			want: map[string]any{
				"pywinrm: NTLM":                           hello,
				"pywinrm: NTLM, sealed":                   hello,
				"pywinrm: NTLM without a channel binding": "refused",
				"pywinrm: Basic":                          "refused",
				"pywinrm: certificate":                    hello,
				"pypsrp: NTLM in SPNEGO":                  hello,
				"pypsrp: NTLM in SPNEGO, sealed":          hello,
				"pypsrp: NTLM without a channel binding":  "refused",
				"pypsrp: certificate":                     hello,
			},
		},
		"sealed": {
			security: Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}, logons: 2,
			want: map[string]any{"pywinrm: NTLM": hello, "pypsrp: NTLM in SPNEGO": hello},
		},
		"unencrypted": {
			security: Security{HTTP: true, AllowUnencrypted: true, Auth: []logon.Scheme{logon.Basic, logon.NTLM}},
			logons:   4, failed: 1,
			want: map[string]any{
				"pywinrm: NTLM in clear text":      hello,
				"pywinrm: Basic":                   hello,
				"pywinrm: Basic, a wrong password": "refused",
				"pypsrp: Basic":                    hello,
				"pypsrp: NTLM in clear text":       hello,
			},
		},
	}
	described, networks, want := map[string]any{}, map[string]*Network{}, map[string]map[string]any{}
	var sealed *tap
	for name, test := range tests {
		network := startNetwork(t, Config{Security: test.security})
		settings := network.Host(0).Settings()
		if name == "sealed" {
			settings, sealed = readAlong(t, network.Host(0))
		}
		networks[name], want[name] = network, test.want
		described[name] = map[string]any{
			"url": settings.URL(), "host": settings.Host, "port": settings.Port, "username": network.Host(0).Username,
			"password": network.Host(0).Password, "ca_file": network.CAFile,
			"client_certificate": network.ClientCert, "client_key": network.ClientKey,
		}
	}
	got := judge(t, interpreter, "testdata/logons.py", described)
	all := leaveOut(t, want, got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the clients met (-want +got):\n%s", diff)
	}
	for name, test := range tests {
		s := networks[name].Stats()
		if s.ShellsOpen != 0 || all && (s.Logons != test.logons || s.FailedLogons != test.failed) {
			t.Errorf("%s: %d logons, %d failed, %d shells are open; want %d, %d and none",
				name, s.Logons, s.FailedLogons, s.ShellsOpen, test.logons, test.failed)
		}
	}
	if seen := sealed.bytes(); !bytes.Contains(seen, []byte("--Encrypted Boundary")) {
		t.Error("nothing sealed was seen")
	} else {
		unread(t, seen, "Envelope", "hello\r\n", "windows/shell", networks["sealed"].Host(0).Password)
	}
}

// judge runs a program that reads JSON and writes JSON.
func judge(t *testing.T, interpreter, program string, described any, environment ...string) (got map[string]map[string]any) {
	t.Helper()
	question, err := json.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, interpreter, "-W", "ignore", program)
	// NTLM needs MD4, which OpenSSL 3 has in its legacy provider only. An old pywinrm takes it from there.
	command.Env = append(append(os.Environ(), "OPENSSL_CONF=testdata/openssl.cnf"), environment...)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(question), &out, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return got
}

// leaveOut drops the cases that the Python's clients do not support, which a program answers with null, and reports whether there
// are none.
func leaveOut(t *testing.T, want, got map[string]map[string]any) bool {
	t.Helper()
	var judged, left []string
	for name, cases := range got {
		if cases == nil {
			left = append(left, name)
			delete(got, name)
			delete(want, name)
		}
		for what, answer := range cases {
			if answer != nil {
				judged = append(judged, name+": "+what)
				continue
			}
			left = append(left, name+": "+what)
			delete(cases, what)
			delete(want[name], what)
		}
	}
	slices.Sort(judged)
	slices.Sort(left)
	t.Logf("judged: %q; left out, for these clients do not know it: %q", judged, left)
	if len(judged) == 0 {
		t.Error("nothing is judged")
	}
	return len(left) == 0
}

// tap hands connections on and remembers what they carry.
type tap struct {
	address string
	mu      sync.Mutex
	seen    []byte
}

func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = append(t.seen, p...)
	return len(p), nil
}

func (t *tap) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.seen)
}

// listenIn opens a port that leads to an address.
func listenIn(t *testing.T, address string) *tap {
	t.Helper()
	wire := &tap{}
	wire.address = onLoopback(t, address, func(to io.Writer, from io.Reader, _ bool) { _, _ = io.Copy(io.MultiWriter(to, wire), from) }).String()
	return wire
}
