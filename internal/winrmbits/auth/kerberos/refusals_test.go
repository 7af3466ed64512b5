// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

func TestARefusedCredentialIsShownToTheKDCOnce(t *testing.T) {
	r := newRealm(t)
	wrong := func(host string) connection.Settings {
		return r.settings(func(s *connection.Settings) { s.Host, s.Password = host, bits.NewSecret("wrong") })
	}
	if failed := r.failure(t, wrong(web01)); failed.Kind != connection.Unauthorized || failed.Repeated || !strings.Contains(failed.Problem, "ops@CORP.EXAMPLE") {
		t.Errorf("%+v", failed)
	}
	for _, host := range []string{web01, "web02.corp.example"} {
		if failed := r.failure(t, wrong(host)); failed.Kind != connection.Unauthorized || !failed.Repeated {
			t.Errorf("%+v", failed)
		}
	}
	if n := r.Failures(t, "ops"); n != 1 {
		t.Errorf("the KDC counts %d failed logons", n)
	}
}

func TestRefusalsAreExplained(t *testing.T) {
	r := newRealm(t)
	keytab := r.Service(t, "HTTP/rc4.corp.example")
	r.Admin(t, "set_string HTTP/rc4.corp.example session_enctypes arcfour-hmac")
	for name, option := range map[string]string{"locked": "-allow_tix", "stale": "-pwexpire yesterday", "gone": "-expire yesterday", "rc4": "-e rc4-hmac:normal"} {
		r.Account(t, name, password, option)
	}
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	as := func(name string) func(*connection.Settings) {
		return func(s *connection.Settings) { s.Username = name }
	}
	tests := []struct {
		name   string
		change func(*connection.Settings)
		kind   connection.Kind
		texts  []string // of the problem and the remedy
	}{
		{"a wrong password", func(s *connection.Settings) { s.Password = bits.NewSecret("wrong") }, connection.Unauthorized, []string{"refused the password or keytab of ops@CORP.EXAMPLE", "PREAUTH_FAILED"}},
		{"a password with a line break", func(s *connection.Settings) { s.Password = bits.NewSecret(password + "\n") }, connection.Unauthorized, []string{"The password ends with a line break"}},
		{"an unknown account", as("nobody"), connection.Unauthorized, []string{"does not know the account nobody@CORP.EXAMPLE", "name@REALM"}},
		{"a locked account", as("locked"), connection.Unauthorized, []string{"locked@CORP.EXAMPLE is locked, disabled or expired", "Get-ADUser"}},
		{"an expired password", as("stale"), connection.Unauthorized, []string{"password of stale@CORP.EXAMPLE has expired"}},
		{"an expired account", as("gone"), connection.Unauthorized, []string{"account gone@CORP.EXAMPLE has expired"}},
		{"an account without AES keys", as("rc4"), connection.Unauthorized, []string{"no AES key for rc4@CORP.EXAMPLE", "Set the password of the account again"}},
		{"an unknown realm", func(s *connection.Settings) {
			s.Username, s.Kerberos = "ops@other.example", connection.Kerberos{Config: r.Config}
		}, connection.NoLogon, []string{"no KDC of realm OTHER.EXAMPLE", "_kerberos._tcp"}},
		{"an unknown service", func(s *connection.Settings) { s.Host = "web99.corp.example" }, connection.NoLogon, []string{"does not know the service HTTP/web99.corp.example", "WSMAN/web99.corp.example", "setspn -L web99"}},
		{"a service that is to have RC4", func(s *connection.Settings) { s.Host = "rc4.corp.example" }, connection.NoLogon, []string{"no AES ticket for HTTP/rc4.corp.example", "KerberosEncryptionType"}},
		{"an IP address", func(s *connection.Settings) { s.Host = "10.0.0.1" }, connection.NoLogon, []string{"an IP address", "or spn to its service principal name"}},
		{"a closed port", func(s *connection.Settings) { s.Kerberos.KDC = closed.Addr().String() }, connection.NoLogon, []string{closed.Addr().String(), "connection refused", "88/tcp"}},
		{"a keytab that is not there", func(s *connection.Settings) { s.Kerberos.Keytab = "/nowhere" }, connection.NoLogon, []string{"/nowhere", "no such file"}},
		{"an empty keytab", func(s *connection.Settings) { s.Kerberos.Keytab = empty }, connection.NoLogon, []string{"the file is empty"}},
		{"a keytab of another", func(s *connection.Settings) { s.Kerberos.Keytab = keytab }, connection.NoLogon, []string{"no AES key of ops@CORP.EXAMPLE", "it has keys of: HTTP/rc4.corp.example@CORP.EXAMPLE (aes256-cts-hmac-sha1-96), HTTP/rc4"}},
		{"a credential cache that is not a file", func(s *connection.Settings) { s.Kerberos.CCache = "KEYRING:user" }, connection.NoLogon, []string{"read the credential cache KEYRING:user: its tickets are in a keyring of the Linux kernel", "kinit -c FILE:"}},
		{"a krb5.conf that is none", func(s *connection.Settings) { s.Kerberos = connection.Kerberos{Config: "/nowhere/krb5.conf"} }, connection.NoLogon, []string{"/nowhere/krb5.conf"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.network.lookup = func(context.Context, string, string, string) (string, []*net.SRV, error) {
				return "", nil, &net.DNSError{Err: "no such host", Name: "_kerberos._tcp", IsNotFound: true}
			}
			failed := r.failure(t, r.settings(tt.change))
			if failed.Kind != tt.kind {
				t.Errorf("it is %s", failed.Kind)
			}
			for _, text := range tt.texts {
				if got := failed.Problem + "\n" + failed.Remedy; !strings.Contains(got, text) {
					t.Errorf("%q is not in: %s", text, got)
				}
			}
		})
	}
}

func TestClocksThatDifferAreExplained(t *testing.T) {
	r := newRealm(t)
	for _, tt := range []struct {
		ahead time.Duration // of the clock here
		want  string
	}{{time.Hour, "the clock of the KDC is 1h0m behind that of this machine"}, {-time.Hour, "the clock of the KDC is 1h0m ahead of that of this machine"}} {
		r.now = func() time.Time { return time.Now().Add(tt.ahead) }
		failed := r.failure(t, r.settings(nil))
		if failed.Kind != connection.NoLogon || !strings.Contains(failed.Problem, tt.want) {
			t.Errorf("%v", failed)
		}
		r.known = map[credential]*identity{}
	}
}

func TestAnOldCredentialCacheIsExplained(t *testing.T) {
	r := newRealm(t)
	path := r.OldCache(t, "ops", password)
	s := r.settings(func(s *connection.Settings) { s.Kerberos.CCache = path })
	for _, repeated := range []bool{false, true} {
		if failed := r.failure(t, s); failed.Kind != connection.NoLogon || !strings.Contains(failed.Remedy, "kinit") || failed.Repeated != repeated ||
			!strings.Contains(failed.Problem, path+" has no valid ticket: the ticket expired at ") {
			t.Errorf("%v", failed)
		}
	}
	r.Cache(t, "ops", password)
	if _, err := r.For(t.Context(), s); err != nil {
		t.Errorf("a cache that was renewed is not read again: %v", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	other := r.settings(func(s *connection.Settings) { s.Kerberos.CCache, s.Username = path, "x" })
	if failed := r.failure(t, other); !strings.Contains(failed.Problem, "damaged") {
		t.Errorf("%v", failed)
	}
}

// TestASilentKDCEndsWithTheContext has a KDC that accepts connections and does not answer.
func TestASilentKDCEndsWithTheContext(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	accepted := make(chan struct{})
	go func() {
		if conn, err := l.Accept(); err == nil {
			close(accepted)
			defer func() { _ = conn.Close() }()
			<-t.Context().Done()
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-accepted; cancel() }()
	_, err = NewTickets().For(ctx, connection.Settings{
		Host: web01, Username: "ops", Password: bits.NewSecret(password), Kerberos: connection.Kerberos{Realm: judges.Realm, KDC: l.Addr().String()},
	})
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("%v", err)
	}
}
