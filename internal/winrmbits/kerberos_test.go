// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"sync"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestManyHostsAreOneLogonAtTheKDC asks many hosts of a realm at once.
func TestManyHostsAreOneLogonAtTheKDC(t *testing.T) {
	t.Parallel()
	const many, spn = 20, "HTTP/web01.corp.example"
	k := judges.StartKDC(t)
	keytab := k.Service(t, spn)
	network := start(t, winhost.Config{Hosts: many, Security: winhost.Security{Auth: []logon.Scheme{logon.Kerberos}, Keytab: keytab}})
	k.Account(t, "Administrator", network.Host(0).Settings().Password.Reveal())
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
			before := k.Logons(t)
			for _, on := range network.Hosts() {
				on.ResetStats()
			}
			fleet := quickFleet(t)
			var hosts []*Host
			for _, on := range network.Hosts() {
				s := settingsOf(on)
				s.Kerberos = connection.Kerberos{Realm: judges.Realm, KDC: k.Address, SPN: spn}
				tt.change(&s)
				hosts = append(hosts, fleet.Host(s))
			}
			if tt.kind == "" {
				var callers sync.WaitGroup
				for _, h := range hosts {
					callers.Go(func() { hello(t, h) })
				}
				callers.Wait()
			} else {
				wantFailures(t, tt.kind, 1, many-1, hosts...)
				if got := network.Stats(); got.HTTPRequests != 0 {
					t.Errorf("%+v", got)
				}
			}
			closeFleet(t, fleet)
			after := k.Logons(t)
			failures := k.Failures(t, "Administrator")
			if after-before != tt.logons || failures != tt.failures {
				t.Errorf("the KDC counts %d logons and %d that failed", after-before, failures)
			}
		})
	}
}
