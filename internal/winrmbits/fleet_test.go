// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	manyHosts = 200

	deadHost, silentHost, slowHost, fullHost = 0, 1, 2, 3 // the first, so that none is asked before them
)

// gates is a fleet of hosts over one connection each, NTLM over http, some of which are in trouble.
type gates struct {
	world  *world
	fleet  *Fleet
	hosts  []*Host
	gates  map[string]*gate // by address
	silent sync.WaitGroup
}

// dial reaches the host of an address.
func (g *gates) dial(ctx context.Context, network, address string) (net.Conn, error) {
	switch g.index(address) {
	case deadHost:
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	case silentHost:
		client, server := net.Pipe()
		g.silent.Go(func() { _, _ = io.Copy(io.Discard, server) })
		return client, nil
	}
	return g.gates[address].listener.dial(ctx, network, address)
}

func (g *gates) index(address string) int {
	for i, h := range g.hosts {
		if h.settings.Address() == address {
			return i
		}
	}
	return -1
}

// acrossGates runs a test in a bubble with many hosts, of which limit may have a session at once; 0: all.
func acrossGates(t *testing.T, limit int, test func(t *testing.T, g *gates)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := &gates{world: newWorld(t), gates: map[string]*gate{}}
		defer g.world.service.Close()
		client := wsman.NewClient(nil)
		client.Dial = g.dial
		g.fleet = fleetOver(client, nil)
		for i := range manyHosts {
			s := settings(i)
			s.MaxSessions = limit
			quotas := wsmansvc.Quotas{}
			if i == fullHost {
				quotas.Shells = -1
			}
			one, end := startGate(g.world, &s, false, quotas)
			defer end()
			if i == slowHost {
				one.spoil = func(int) trouble { return slowly }
			}
			g.gates[s.Address()] = one
			g.hosts = append(g.hosts, g.fleet.Host(s))
		}
		defer g.silent.Wait()
		defer closeFleet(t, g.fleet)
		test(t, g)
	})
}

// slowly takes five seconds for each request.
func slowly(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	pass(5 * time.Second)
	next.ServeHTTP(w, r)
}

// TestOthersEndAsIfHostsInTroubleWereNotThere has no time pass for a host that is well, also where hosts in trouble hold half of the
// sessions that may be open.
func TestOthersEndAsIfHostsInTroubleWereNotThere(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 8} {
		t.Run(fmt.Sprint("max_sessions ", limit), func(t *testing.T) { othersEnd(t, limit) })
	}
}

func othersEnd(t *testing.T, limit int) {
	t.Helper()
	acrossGates(t, limit, func(t *testing.T, g *gates) {
		began := time.Now()
		took, failed := make([]time.Duration, manyHosts), make([]error, manyHosts)
		var callers sync.WaitGroup
		for i, h := range g.hosts {
			callers.Go(func() {
				_, failed[i] = h.Hello(t.Context())
				took[i] = time.Since(began)
			})
			if i <= fullHost {
				synctest.Wait() // so that it is asked first
			}
		}
		callers.Wait()
		for i := fullHost + 1; i < manyHosts; i++ {
			if failed[i] != nil || took[i] != 0 {
				t.Errorf("host %d: after %s, %v", i, took[i], failed[i])
			}
		}
		wantFailure(t, failed[deadHost], connection.Unreachable, "")
		wantFailure(t, failed[silentHost], connection.Silent, "accepted the connection but did not respond within 30s")
		wantFailure(t, failed[fullHost], connection.Quota, "")
		if failed[slowHost] != nil {
			t.Error(failed[slowHost])
		}
	})
}

// TestAWrongPasswordIsProvenOnceThoughHostsAreInTrouble has every host but the silent one answer what comes before the proof.
func TestAWrongPasswordIsProvenOnceThoughHostsAreInTrouble(t *testing.T) {
	t.Parallel()
	acrossGates(t, 0, func(t *testing.T, g *gates) {
		var mu sync.Mutex
		var callers sync.WaitGroup
		whole, repeated := 0, 0
		for _, h := range g.hosts {
			s := h.settings
			s.Password = bits.NewSecret("wrong")
			callers.Go(func() {
				_, err := g.fleet.Host(s).Hello(t.Context())
				var failed *connection.Error
				mu.Lock()
				defer mu.Unlock()
				switch {
				case !errors.As(err, &failed):
					t.Error(err)
				case failed.Kind != connection.Unauthorized:
				case failed.Repeated:
					repeated++
				default:
					whole++
				}
			})
		}
		callers.Wait()
		proofs := int64(0)
		for _, one := range g.gates {
			proofs += one.proofs.Load()
		}
		if proofs != 1 || whole != 1 || repeated != manyHosts-3 {
			t.Errorf("%d proofs, %d refusals and %d that refer to one", proofs, whole, repeated)
		}
	})
}
