// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// authTransports are the ways a connection is protected.
var authTransports = []authTransport{
	{name: "http, sealed", security: Security{HTTP: true}},
	{name: "https", security: Security{}},
	{name: "https, channel bindings strict", security: Security{CBT: logon.CBTStrict}},
}

type authTransport struct {
	name     string
	security Security
}

// authScheme is a scheme with the logons that are tried in it.
type authScheme struct {
	name  string
	offer logon.Scheme
	inTLS bool // it is used inside TLS only
	cases []authCase
}

// authCase is a logon and what comes of it.
type authCase struct {
	name   string
	inTLS  bool                                                // it can happen inside TLS only
	change func(t *testing.T, h *Host, s *connection.Settings) // of the settings that work, or of the host; nil: nothing
	kind   connection.Kind                                     // "" means a shell opens
	says   []string
	failed int64 // refusals that the host counts; -1: it is not asked
}

// refused are the logons that Windows refuses without a reason.
func refused(says ...string) []authCase {
	says = append(says, "refused the credential of", "HTTP 401")
	return []authCase{
		{name: "a wrong password", kind: connection.Unauthorized, says: says, failed: 1, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Password = bits.NewSecret("wrong password")
		}},
		{name: "no password", kind: connection.Unauthorized, says: says, failed: 1, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Password = bits.Secret{}
		}},
		{name: "an unknown user", kind: connection.Unauthorized, says: append(says, "nobody"), failed: 1, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Username = "nobody"
		}},
		{name: "the user of another domain", kind: connection.Unauthorized, says: append(says, `CORP\Administrator`), failed: 1, change: func(_ *testing.T, _ *Host, s *connection.Settings) {
			s.Username = `CORP\Administrator`
		}},
		{name: "a locked account", kind: connection.Unauthorized, says: says, failed: 1, change: func(_ *testing.T, h *Host, _ *connection.Settings) {
			for range lockout {
				_, _ = h.logons.Try(h.Username, func(string) bool { return false })
			}
		}},
	}
}

// lockout is how many wrong passwords lock an account of these hosts.
const lockout = 3

// taken are the forms of a local account's name.
var taken = []authCase{
	{name: "a good password"},
	{name: "the account with a dot for its host", change: func(_ *testing.T, _ *Host, s *connection.Settings) { s.Username = `.\` + s.Username }},
	{name: "the account with its host's name", change: func(_ *testing.T, h *Host, s *connection.Settings) { s.Username = h.Computer + `\` + s.Username }},
	{name: "the account in another case", change: func(_ *testing.T, _ *Host, s *connection.Settings) { s.Username = strings.ToUpper(s.Username) }},
}

// authSchemes are all schemes.
var authSchemes = []authScheme{
	{name: "negotiate", offer: logon.NTLM, cases: append(append(append([]authCase{}, taken...), refused("Security log")...),
		authCase{name: "a proxy ends TLS", inTLS: true, kind: connection.Unauthorized, says: []string{"HTTP 401", "terminates TLS"}, failed: 1, change: between},
	)},
	{name: "basic", offer: logon.Basic, inTLS: true, cases: append(append([]authCase{}, taken...), refused("Basic works with local accounts")...)},
	{name: "certificate", offer: logon.Certificate, inTLS: true, cases: []authCase{
		{name: "a certificate that is mapped"},
		{
			name: "a certificate of another authority", kind: connection.Forbidden, says: []string{"certmapping"}, failed: 1,
			change: func(t *testing.T, _ *Host, s *connection.Settings) {
				stranger, err := newAuthority(nil)
				if err != nil {
					t.Fatal(err)
				}
				own, err := stranger.client(clientName, time.Now().Add(lifetime))
				if err != nil {
					t.Fatal(err)
				}
				s.ClientCertificate, s.ClientKey = own.certificate, bits.NewSecret(own.key)
			},
		},
		{
			name: "the mapped account is locked", kind: connection.Forbidden, says: []string{"certmapping"}, failed: 1,
			change: refused()[4].change,
		},
	}},
}

// TestLogons tries every scheme over every transport.
func TestLogons(t *testing.T) {
	t.Parallel()
	cells := 0
	for _, scheme := range authSchemes {
		for _, transport := range authTransports {
			if scheme.inTLS && transport.security.HTTP {
				continue
			}
			var cases []authCase
			for _, c := range scheme.cases {
				if !c.inTLS || !transport.security.HTTP {
					cases = append(cases, c)
				}
			}
			cells += len(cases)
			t.Run(scheme.name+" over "+transport.name, func(t *testing.T) {
				security := transport.security
				security.Auth, security.LockoutThreshold = []logon.Scheme{scheme.offer}, lockout
				network := startNetwork(t, Config{Hosts: len(cases), Security: security})
				for i, c := range cases {
					t.Run(c.name, func(t *testing.T) { c.try(t, network.Host(i), scheme.name) })
				}
			})
		}
	}
	t.Logf("%d schemes x %d transports: %d logons", len(authSchemes), len(authTransports), cells)
}

// try logs on and checks the outcome on both sides, and that no secret can be read.
func (c authCase) try(t *testing.T, h *Host, scheme string) {
	s := h.Settings()
	s.Auth = connection.Auth(scheme)
	if c.change != nil {
		c.change(t, h, &s)
	}
	var log bytes.Buffer
	said, err := converseLogged(t.Context(), debugLog(&log), s)
	noSecret(t, h, s, &log, err)
	stats := h.Stats()
	if c.kind == "" {
		if err != nil || said != "hello\r\n" || stats.Logons != 1 || stats.Connections != 1 || stats.FailedLogons != 0 || stats.ShellsOpen != 0 {
			t.Errorf("%q %v; %+v", said, err, stats)
		}
		return
	}
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != c.kind {
		t.Fatalf("%v, want %s", err, c.kind)
	}
	for _, text := range c.says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in the error: %v", text, err)
		}
	}
	if stats.Logons != 0 || stats.FailedLogons != c.failed || stats.ShellsOpened != 0 {
		t.Errorf("%d logons, %d failed, %d shells", stats.Logons, stats.FailedLogons, stats.ShellsOpened)
	}
}

// converse has a command run in a shell, and returns its output.
func converse(ctx context.Context, s connection.Settings) (string, error) {
	return converseLogged(ctx, nil, s)
}

func converseLogged(ctx context.Context, log *slog.Logger, s connection.Settings) (string, error) {
	shell, err := wsman.NewClient(log).Open(ctx, s, "echo hello", nil)
	if err != nil {
		return "", err
	}
	said := ""
	for {
		output, err := shell.Receive(ctx)
		if err != nil {
			return said, errors.Join(err, shell.Close(ctx))
		}
		if said += string(output.Stdout); output.Done {
			return said, shell.Close(ctx)
		}
	}
}
