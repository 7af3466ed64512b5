// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// readAlong returns settings that lead to a host through a proxy that records all that passes.
func readAlong(t *testing.T, h *Host) (connection.Settings, *tap) {
	t.Helper()
	s := h.Settings()
	wire := listenIn(t, s.Address())
	_, port, err := net.SplitHostPort(wire.address)
	if err != nil {
		t.Fatal(err)
	}
	if s.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	return s, wire
}

// spellings are the forms in which a text could be read on a connection.
func spellings(text string) []string {
	var wide []byte
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	var list []string
	for _, form := range []string{text, string(wide)} {
		list = append(list, form, hex.EncodeToString([]byte(form)))
		for shift := range 3 { // base64 of a text depends on where it stands
			encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + form + "xxx"))
			list = append(list, encoded[4:4*((shift+len(form))/3)])
		}
	}
	return list
}

func unread(t *testing.T, seen []byte, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, form := range spellings(text) {
			if bytes.Contains(seen, []byte(form)) {
				t.Errorf("%q can be read, as %q", text, form)
			}
		}
	}
}

// TestNobodyReadsWhatTravelsOverHTTP has a command run over http, and reads along.
func TestNobodyReadsWhatTravelsOverHTTP(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{Security: Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}})
	s, wire := readAlong(t, network.Host(0))
	if said, err := converse(t.Context(), s); err != nil || said != "hello\r\n" {
		t.Fatalf("%q %v", said, err)
	}
	seen := wire.bytes()
	if !bytes.Contains(seen, []byte("multipart/encrypted")) || !bytes.Contains(seen, []byte("Authorization: Negotiate ")) {
		t.Fatal("nothing sealed was seen")
	}
	unread(t, seen, s.Password.Reveal(), "Envelope", "windows/shell", "echo hello", "hello\r\n", "ShellId")
	if bytes.Contains(seen, []byte("<")) && bytes.Contains(seen, []byte("</")) && bytes.Contains(seen, []byte("xmlns")) {
		t.Error("XML can be read")
	}
}

// TestTheCaptureWouldShowAPassword is the other way round: what the tests beside it look for is found where it travels readably.
func TestTheCaptureWouldShowAPassword(t *testing.T) {
	t.Parallel()
	network := startNetwork(t, Config{Security: Security{HTTP: true, AllowUnencrypted: true, Auth: []logon.Scheme{logon.Basic}}})
	s, wire := readAlong(t, network.Host(0))
	if said, err := converse(t.Context(), s); err != nil || said != "hello\r\n" {
		t.Fatalf("%q %v", said, err)
	}
	seen := wire.bytes()
	for _, text := range []string{s.Password.Reveal(), "windows/shell", "echo hello", "hello\r\n"} {
		found := false
		for _, form := range spellings(text) {
			found = found || bytes.Contains(seen, []byte(form))
		}
		if !found {
			t.Errorf("%q is not found", text)
		}
	}
}

// TestAHostThatOffersOnlyBasicLearnsNoPassword asks for a logon by Negotiate where only Basic is on offer, with messages in clear
// text allowed on both sides.
func TestAHostThatOffersOnlyBasicLearnsNoPassword(t *testing.T) {
	t.Parallel()
	for _, scheme := range []connection.Auth{connection.AuthNegotiate, connection.AuthNTLM} {
		network := startNetwork(t, Config{Security: Security{HTTP: true, AllowUnencrypted: true, Auth: []logon.Scheme{logon.Basic}}})
		s, wire := readAlong(t, network.Host(0))
		s.Auth, s.AllowUnencrypted = scheme, true
		_, err := converse(t.Context(), s)
		var failed *connection.Error
		if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), "does not accept Negotiate authentication: it offers Basic. No password was sent.") {
			t.Errorf("%s: %v", scheme, err)
		}
		seen := wire.bytes()
		if !bytes.Contains(seen, []byte(`Www-Authenticate: Basic realm="WSMAN"`)) || bytes.Contains(seen, []byte("Authorization: Basic")) {
			t.Errorf("%s: %s", scheme, seen)
		}
		unread(t, seen, s.Password.Reveal(), s.Username, "Envelope")
		if stats := network.Stats(); stats.Logons != 0 || stats.HTTPRequests != 1 {
			t.Errorf("%s: %+v", scheme, stats)
		}
	}
}
