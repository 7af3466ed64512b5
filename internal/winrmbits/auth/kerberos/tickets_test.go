// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	guide "github.com/winrmbits/terraform-provider-bits/internal/messages"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

const (
	password = "Pa55 wörd!"
	web01    = "web01.corp.example"
)

// realm is a KDC that counts the connections to it, and the tickets of a process.
type realm struct {
	*judges.KDC
	*Tickets

	asked atomic.Int32
}

func newRealm(t *testing.T) *realm {
	t.Helper()
	r := &realm{KDC: judges.StartKDC(t), Tickets: NewTickets()}
	dial := r.network.dial
	r.network.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		r.asked.Add(1)
		return dial(ctx, network, address)
	}
	r.Account(t, "ops", password)
	r.Service(t, "HTTP/"+web01)
	return r
}

// settings are those of a host in the realm.
func (r *realm) settings(change func(*connection.Settings)) connection.Settings {
	s := connection.Settings{
		Host: web01, Port: 5985, Auth: connection.AuthKerberos, Username: "ops", Password: bits.NewSecret(password),
		Kerberos: connection.Kerberos{Realm: judges.Realm, KDC: r.Address},
	}
	if change != nil {
		change(&s)
	}
	return s
}

// failure returns the error of a ticket for a host.
func (r *realm) failure(t *testing.T, s connection.Settings) *connection.Error {
	t.Helper()
	_, err := r.For(t.Context(), s)
	var failed *connection.Error
	if !errors.As(err, &failed) {
		t.Fatalf("no error of a connection: %v", err)
	}
	if strings.Contains(err.Error(), password) {
		t.Errorf("the error holds the password: %v", err)
	}
	if failed.Remedy == "" {
		t.Errorf("without a remedy: %v", err)
	}
	if !guide.Explains(failed.Problem) {
		t.Errorf("the guide Troubleshooting has no row for %q", failed.Problem)
	}
	return failed
}

func TestOneLogonServesManyHosts(t *testing.T) {
	r := newRealm(t)
	hosts := []string{"web01.corp.example", "web02.corp.example", "web03.corp.example"}
	for _, h := range hosts[1:] {
		r.Service(t, "HTTP/"+h)
	}
	var asking sync.WaitGroup
	for _, h := range hosts {
		asking.Go(func() {
			ticket, err := r.For(t.Context(), r.settings(func(s *connection.Settings) { s.Host = h }))
			if err != nil {
				t.Errorf("%s: %v", h, err)
			} else if got := ticket.Ticket.SName.PrincipalNameString(); got != "HTTP/"+h {
				t.Errorf("%s has a ticket for %s", h, got)
			}
		})
	}
	asking.Wait()
	if n := r.asked.Load(); n != 2+3 { // a logon is two exchanges: the KDC says first how the proof is to be made
		t.Errorf("the KDC was asked %d times", n)
	}
	if _, err := r.For(t.Context(), r.settings(nil)); err != nil || r.asked.Load() != 5 {
		t.Errorf("a ticket that is held is asked for again: %v", err)
	}
	r.Forget(r.settings(nil))
	if _, err := r.For(t.Context(), r.settings(nil)); err != nil || r.asked.Load() != 6 {
		t.Errorf("a ticket that was dropped is not asked for again: %v", err)
	}
}

// TestATicketOfACacheIsUsed has a cache that holds the ticket for the service, too.
func TestATicketOfACacheIsUsed(t *testing.T) {
	r := newRealm(t)
	for encryption, says := range map[string]string{"aes128-cts-hmac-sha1-96": "", "arcfour-hmac": "the ticket for HTTP/web01.corp.example is encrypted with rc4-hmac, and the provider supports only AES"} {
		r.Admin(t, "set_string HTTP/"+web01+" session_enctypes "+encryption)
		cache := r.Cache(t, "ops", password)
		r.Visit(t, cache, "HTTP/"+web01, encryption)
		s := r.settings(func(s *connection.Settings) { s.Kerberos.CCache, s.Username = cache, encryption })
		if says != "" {
			if failed := r.failure(t, s); !strings.Contains(failed.Problem, says) || !strings.Contains(failed.Remedy, "KerberosEncryptionType") {
				t.Errorf("%v", failed)
			}
		} else if ticket, err := r.For(t.Context(), s); err != nil || gssapi.EncryptionType(ticket.Key.KeyType) != encryption {
			t.Errorf("%v", err)
		}
	}
	if n := r.asked.Load(); n != 0 {
		t.Errorf("the KDC was asked %d times for tickets that are held", n)
	}
}

func TestATicketThatEndsIsRenewed(t *testing.T) {
	r := newRealm(t)
	ticket, err := r.For(t.Context(), r.settings(nil))
	if err != nil {
		t.Fatal(err)
	}
	r.now = func() time.Time { return ticket.End.Add(-early / 2) }
	// The KDC's own clock does not run ahead: it refuses the proof of another time.
	if failed := r.failure(t, r.settings(nil)); !strings.Contains(failed.Problem, "behind that of this machine") {
		t.Errorf("%v", failed)
	}
	r.now = time.Now
	if _, err := r.For(t.Context(), r.settings(nil)); err != nil {
		t.Errorf("a logon that failed after one that did not is not tried again: %v", err)
	}
}

// TestNamesAreUTF8 has an account and a host with letters that are not ASCII, and MIT's KDC as the judge.
func TestNamesAreUTF8(t *testing.T) {
	r := newRealm(t)
	for _, name := range []string{"Jürgen.Müller", "Борис", "山田"} {
		r.Account(t, name, password)
		host := strings.ToLower(name) + ".corp.example"
		r.Service(t, "HTTP/"+host)
		keytab, cache := r.Keytab(t, name), r.Cache(t, name, password)
		none := connection.Settings{}.Password
		for form, change := range map[string]func(*connection.Settings){
			"a password":         func(*connection.Settings) {},
			"name@REALM":         func(s *connection.Settings) { s.Username += "@CORP.EXAMPLE" },
			"a keytab":           func(s *connection.Settings) { s.Kerberos.Keytab, s.Password = keytab, none },
			"a credential cache": func(s *connection.Settings) { s.Kerberos.CCache, s.Username = cache, "" },
		} {
			t.Run(name+" by "+form, func(t *testing.T) {
				s := r.settings(func(s *connection.Settings) { s.Username, s.Host = name, host })
				change(&s)
				ticket, err := r.For(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if got := ticket.Client.PrincipalNameString() + " " + ticket.Ticket.SName.PrincipalNameString(); got != name+" HTTP/"+host {
					t.Errorf("the ticket is of and for %s", got)
				}
			})
		}
		if failed := r.failure(t, r.settings(func(s *connection.Settings) { s.Username = name + "x" })); !strings.Contains(failed.Problem, "does not know the account "+name+"x@CORP.EXAMPLE") {
			t.Errorf("%v", failed)
		}
	}
}

func TestEveryFormOfACredentialWorks(t *testing.T) {
	r := newRealm(t)
	r.Account(t, "sha384", password, "-e aes256-cts-hmac-sha384-192:normal")
	r.Account(t, "sha256", password, "-e aes128-cts-hmac-sha256-128:normal")
	r.Admin(t, "change_password -randkey -e aes256-cts:normal,aes256-cts-hmac-sha384-192:normal krbtgt/"+judges.Realm) // a key of SHA-2 allows session keys of it
	modern := r.Keytab(t, "sha384")
	keytab := r.Keytab(t, "ops")
	cache := r.Cache(t, "ops", password)
	none := connection.Settings{}.Password
	tests := map[string]func(*connection.Settings){
		"a password of AES-256 with SHA-2": func(s *connection.Settings) { s.Username = "sha384" },
		"a password of AES-128 with SHA-2": func(s *connection.Settings) { s.Username = "sha256" },
		"a keytab of AES-256 with SHA-2":   func(s *connection.Settings) { s.Username, s.Kerberos.Keytab, s.Password = "sha384", modern, none },
		"a password":                       nil,
		"name@REALM":                       func(s *connection.Settings) { s.Username = "ops@CORP.EXAMPLE" },
		"name@domain":                      func(s *connection.Settings) { s.Username = "ops@corp.example" },
		`DOMAIN\name`:                      func(s *connection.Settings) { s.Username = `CORP\ops` },
		"a suffix that is not a realm":     func(s *connection.Settings) { s.Username = "ops@corp.com" },
		"a realm in another case": func(s *connection.Settings) {
			s.Kerberos = connection.Kerberos{Config: r.Config}
			s.Username = "ops@Corp.Example"
		},
		"a krb5.conf": func(s *connection.Settings) { s.Kerberos = connection.Kerberos{Config: r.Config} },
		"a keytab with a name in another case": func(s *connection.Settings) {
			s.Username, s.Kerberos.Keytab, s.Password = "OPS@corp.example", keytab, none
		},
		"a keytab":                           func(s *connection.Settings) { s.Kerberos.Keytab, s.Password = keytab, none },
		"a credential cache":                 func(s *connection.Settings) { s.Kerberos.CCache, s.Username = cache, "" },
		"a credential cache as MIT names it": func(s *connection.Settings) { s.Kerberos.CCache = "FILE:" + cache },
		"the name of the service":            func(s *connection.Settings) { s.Host, s.Kerberos.SPN = "10.0.0.1", "HTTP/"+web01 },
		"with the realm of the service":      func(s *connection.Settings) { s.Kerberos.SPN = "HTTP/" + web01 + "@" + judges.Realm },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			ticket, err := r.For(t.Context(), r.settings(change))
			if err != nil {
				t.Fatal(err)
			}
			if got := ticket.Client.PrincipalNameString() + "@" + ticket.Realm; got != "ops@CORP.EXAMPLE" && !strings.HasPrefix(got, "sha") {
				t.Errorf("the ticket is of %s", got)
			}
			if left := time.Until(ticket.End); left < 9*time.Hour {
				t.Errorf("the ticket ends in %s", left)
			}
		})
	}
}
