package winrmbits_test

import (
	"sync"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// TestManyHostsAreOneLogonAtTheKDC asks many hosts of a realm at once.
func TestManyHostsAreOneLogonAtTheKDC(t *testing.T) {
	t.Parallel()
	const many, spn = 20, "HTTP/web01.corp.example"
	k := judges.StartKDC(t)
	keytab, err := k.Service(t.Context(), spn)
	if err != nil {
		t.Fatal(err)
	}
	farm := start(t, winhost.Config{Hosts: many, Security: winhost.Security{Auth: []logon.Scheme{logon.Kerberos}, Keytab: keytab}})
	if err := k.Account(t.Context(), "Administrator", farm.Host(0).Settings().Password.Reveal()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		change   func(*connection.Settings)
		kind     connection.Kind // "" means that every host answers
		logons   int
		failures int
	}{
		{"a wrong password", func(s *connection.Settings) { s.Password = bits.NewSecret("wrong") }, connection.Unauthorized, 0, 1},
		{"no KDC", func(s *connection.Settings) { s.Kerberos.KDC = "127.0.0.1:1" }, connection.NoLogon, 0, 1},
		{"the right password", func(*connection.Settings) {}, "", 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, err := k.Logons()
			if err != nil {
				t.Fatal(err)
			}
			for _, on := range farm.Hosts() {
				on.ResetStats()
			}
			fleet := winrmbits.NewQuickFleet()
			var hosts []*winrmbits.Host
			for _, on := range farm.Hosts() {
				s := on.Settings()
				s.Kerberos = connection.Kerberos{Realm: judges.Realm, KDC: k.Address, SPN: spn}
				tt.change(&s)
				hosts = append(hosts, fleet.Host(s))
			}
			if tt.kind != "" {
				whole, repeated := greet(t, tt.kind, hosts...)
				if got := farm.Stats(); whole != 1 || repeated != many-1 || got.HTTPRequests != 0 {
					t.Errorf("%d told whole, %d by reference, %+v", whole, repeated, got)
				}
			} else {
				var callers sync.WaitGroup
				for _, h := range hosts {
					callers.Go(func() {
						if _, err := h.Hello(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				callers.Wait()
			}
			if err := fleet.Close(t.Context()); err != nil {
				t.Error(err)
			}
			after, err := k.Logons()
			if err != nil {
				t.Fatal(err)
			}
			failures, err := k.Failures(t.Context(), "Administrator")
			if err != nil {
				t.Fatal(err)
			}
			if after-before != tt.logons || failures != tt.failures {
				t.Errorf("the KDC counts %d logons and %d that failed", after-before, failures)
			}
		})
	}
}
