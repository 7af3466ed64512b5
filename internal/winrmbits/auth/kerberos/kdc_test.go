// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// TestASilentKDCHoldsNobodyUp has 200 hosts of a run, and a domain whose first KDC takes connections and says nothing.
func TestASilentKDCHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		tickets := d.tickets("dc01", "dc02")
		start := time.Now()
		var asking sync.WaitGroup
		for i := range 200 {
			s := d.settings(func(s *connection.Settings) {
				s.Host, s.Kerberos.KDC = fmt.Sprintf("web%03d.corp.example", i), "dc01,dc02,dc03"
			})
			asking.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), connection.DefaultConnectTimeout)
				defer cancel()
				if _, err := tickets.For(ctx, s); err != nil {
					t.Errorf("%s: %v", s.Host, err)
				}
			})
		}
		asking.Wait()
		if took := time.Since(start); took != 2*stagger {
			t.Errorf("it took %s", took)
		}
		if d.proofs != 1 {
			t.Errorf("%d proofs of the password", d.proofs)
		}
		silent := func(address string) bool { return address != "dc03:88" }
		if i := slices.IndexFunc(d.asked[3:], silent); i >= 0 {
			t.Errorf("%s is asked again, after another has answered", d.asked[3+i])
		}
	})
}

// TestAProofGoesToOneKDC has the KDC that asked for the proof die: each KDC that has a wrong proof counts it, so the next one gets
// it only once that is certain.
func TestAProofGoesToOneKDC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		tickets := d.tickets("dead")
		dial, dials := tickets.network.dial, 0
		tickets.network.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials == 2 {
				address = "dead:88"
			}
			return dial(ctx, network, address)
		}
		start := time.Now()
		if _, err := tickets.For(t.Context(), d.settings(func(s *connection.Settings) { s.Kerberos.KDC = "dc01,dc02" })); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != kdcTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

// TestALostProofIsNotShownToAllKDCs has a network that cuts off the answers to a proof: a wrong one would count at each KDC, and
// lock the account.
func TestALostProofIsNotShownToAllKDCs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		tickets := d.tickets()
		tickets.network.dial = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				defer func() { _ = there.Close() }()
				request, err := readMessage(there)
				if err != nil {
					return
				}
				answer := d.answer(request)
				if _, err := gssapi.ParseError(answer); err == nil {
					_, _ = there.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(answer))), answer...))
				}
			}()
			return here, nil
		}
		s := d.settings(func(s *connection.Settings) { s.Kerberos.KDC = "dc01,dc02,dc03,dc04,dc05" })
		for _, repeated := range []bool{false, true, false} {
			failed := failureOf(t, tickets, s)
			if d.proofs != maxProofs || failed.Repeated != repeated || !strings.Contains(failed.Problem, "is not sent again") {
				t.Errorf("%d proofs: %v", d.proofs, failed)
			}
			if repeated {
				<-time.After(retryAfter)
			}
		}
	})
}

// TestOnlyARefusalLasts has a network that is down and comes back, and a password that is wrong and stays so.
func TestOnlyARefusalLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		tickets := d.tickets()
		up := tickets.network.dial
		tickets.network.dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route to host") }
		if failed := failureOf(t, tickets, d.settings(nil)); failed.Repeated || !strings.Contains(failed.Problem, "dc01:88: no route to host") {
			t.Errorf("%v", failed)
		}
		tickets.network.dial = up
		if failed := failureOf(t, tickets, d.settings(nil)); !failed.Repeated {
			t.Errorf("another host of the same moment waits, too: %v", failed)
		}
		<-time.After(retryAfter)
		if _, err := tickets.For(t.Context(), d.settings(nil)); err != nil {
			t.Errorf("a network that is back is not noticed: %v", err)
		}
		wrong := d.settings(func(s *connection.Settings) { s.Password = bits.NewSecret("wrong") })
		for range 3 {
			if failed := failureOf(t, tickets, wrong); failed.Kind != connection.Unauthorized {
				t.Errorf("%v", failed)
			}
			<-time.After(time.Hour)
		}
		if d.proofs != 2 {
			t.Errorf("%d proofs: one is right and one is wrong", d.proofs)
		}
	})
}

// TestManyDeadKDCsEndWithinTheConnectTimeout has a firewall drop everything.
func TestManyDeadKDCsEndWithinTheConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		var names []string
		for i := range 40 {
			names = append(names, fmt.Sprintf("dc%02d", i))
		}
		tickets := d.tickets(names...)
		start := time.Now()
		failed := failureOf(t, tickets, d.settings(func(s *connection.Settings) { s.Kerberos.KDC = strings.Join(names, ",") }))
		if took := time.Since(start); took >= connection.DefaultConnectTimeout || len(d.asked) != maxKDCs {
			t.Errorf("%d were asked in %s", len(d.asked), took)
		}
		if !strings.Contains(failed.Problem, "dc02:88: no reply within 10s; and 17 more") || strings.Contains(failed.Problem, "dc03") {
			t.Errorf("%v", failed)
		}
	})
}

// TestTheDomainNamesItsKDCs has records of DNS as net.Resolver returns them: by priority, and at random by weight.
func TestTheDomainNamesItsKDCs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDomain()
		tickets := d.tickets("far")
		tickets.network.lookup = func(context.Context, string, string, string) (string, []*net.SRV, error) {
			return "", []*net.SRV{{Target: "far.", Port: 88}, {Target: "near.", Port: 8088, Priority: 10}}, nil
		}
		if _, err := tickets.For(t.Context(), d.settings(func(s *connection.Settings) { s.Kerberos.KDC = "" })); err != nil {
			t.Error(err)
		}
		if want := []string{"far:88", "near:8088", "near:8088", "near:8088"}; !slices.Equal(d.asked, want) {
			t.Errorf("%v were asked", d.asked)
		}
	})
}
