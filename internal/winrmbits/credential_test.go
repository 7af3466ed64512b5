// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

var wrongPassword = &connection.Error{
	Kind: connection.Unauthorized, Host: "web00:5986", Problem: "the host refused the credential of ops.", Remedy: "Check it.",
}

// hosts returns the first n hosts.
func (r *rig) hosts(n int) []*Host {
	hosts := make([]*Host, n)
	for i := range hosts {
		hosts[i] = r.fleet.Host(settings(i))
	}
	return hosts
}

// refuseFirst has the shells of web00 fail to open from now on.
func (r *rig) refuseFirst(err error) {
	r.opens(func(_ context.Context, s connection.Settings) error {
		if s.Host == "web00" {
			return err
		}
		return nil
	})
}

func TestAWrongCredentialIsShownOnceForManyHosts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.opens(func(context.Context, connection.Settings) error {
			pass(time.Second) // so that all hosts wait for the first logon
			return wrongPassword
		})
		wantFailures(t, connection.Unauthorized, 1, 199, r.hosts(200)...)
		if r.logons != 1 {
			t.Errorf("%d logons", r.logons)
		}
		other := settings(0)
		other.Password = bits.NewSecret("the right one")
		r.opens(nil)
		hello(t, r.fleet.Host(other)) // another password is another credential
	})
}

func TestAnUnprovenCredentialIsShownToOneHostAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		logons, most := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			logons += n
			most = max(most, logons)
		}
		r.opens(func(_ context.Context, s connection.Settings) error {
			count(1)
			defer count(-1)
			pass(time.Second)
			if s.Host < "web02" { // a host that can't be reached proves nothing
				return unreachable
			}
			return nil
		})
		hosts := r.hosts(8)
		var callers sync.WaitGroup
		for _, h := range hosts[:3] {
			callers.Go(func() { _, _ = h.Hello(t.Context()) })
			synctest.Wait()
		}
		callers.Wait()
		if most != 1 {
			t.Errorf("%d at a time", most)
		}
		for _, h := range hosts[3:] {
			callers.Go(func() { hello(t, h) })
		}
		callers.Wait()
		if most != 5 {
			t.Errorf("once accepted, %d at a time", most)
		}
	})
}

// TestAHostThatWaitsForTheLogonOnASilentOneIsNotBlamed has the first logon take longer than another host's caller waits.
func TestAHostThatWaitsForTheLogonOnASilentOneIsNotBlamed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.opens(func(_ context.Context, s connection.Settings) error {
			if s.Host == "web00" {
				pass(90 * time.Second)
				return unreachable
			}
			return nil
		})
		hosts := r.hosts(2)
		var first sync.WaitGroup
		first.Go(func() { _, _ = hosts[0].Hello(t.Context()) })
		synctest.Wait()
		_, err := hosts[1].Hello(t.Context())
		wantFailure(t, err, connection.NoLogon, "the provider did not log on within")
		first.Wait()
		wait(time.Minute)
		hello(t, hosts[1]) // the failure is not remembered
	})
}

func TestACredentialThatIsRefusedLaterIsNotShownToThatHostAgain(t *testing.T) {
	tests := map[string]func(r *rig){
		"when a session is opened again": func(r *rig) {
			r.kill()
			r.refuseFirst(wrongPassword)
		},
		"within a session": func(r *rig) { r.faults(at("send", 2, fault{before: wrongPassword})) },
	}
	for name, refuse := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				refuse(r)
				wantFailures(t, connection.Unauthorized, 1, 0, r.host)
				logons := r.logons
				wantFailures(t, connection.Unauthorized, 0, 2, r.host, r.host)
				if r.logons != logons {
					t.Errorf("%d more logons", r.logons-logons)
				}
				hello(t, r.hosts(2)[1])
			})
		})
	}
}

// TestAForbiddenAccountHasAGoodCredential has a host accept the credential and refuse to open a shell.
func TestAForbiddenAccountHasAGoodCredential(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.refuseFirst(fmt.Errorf("open a shell: %w", &wsman.Fault{Code: 5}))
		if _, err := r.host.Hello(t.Context()); err == nil {
			t.Error("a shell opened")
		}
		hello(t, r.hosts(2)[1])
	})
}
