package winrmbits_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// greet says hello to hosts at once, and counts what failed: told whole, and by reference.
func greet(t *testing.T, kind connection.Kind, hosts ...*winrmbits.Host) (whole, repeated int) {
	t.Helper()
	var mu sync.Mutex
	var callers sync.WaitGroup
	for _, h := range hosts {
		callers.Go(func() {
			_, err := h.Hello(t.Context())
			var failed *connection.Error
			mu.Lock()
			defer mu.Unlock()
			switch {
			case !errors.As(err, &failed) || failed.Kind != kind:
				t.Errorf("%v, want %s", err, kind)
			case failed.Repeated:
				repeated++
			default:
				whole++
			}
		})
	}
	callers.Wait()
	return whole, repeated
}

func TestAWrongPasswordIsOneLogonForManyHosts(t *testing.T) {
	t.Parallel()
	const many = 200
	for _, tt := range []struct {
		name     string
		security winhost.Security
		requests int64
	}{
		{"Basic", basic, 1},
		{"NTLM over http", winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}, 2},
		{"NTLM over https", winhost.Security{}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			farm := start(t, winhost.Config{Hosts: many, Security: tt.security})
			fleet := winrmbits.NewQuickFleet()
			var hosts []*winrmbits.Host
			for i, on := range farm.Hosts() {
				s := on.Settings()
				s.Password = bits.NewSecret("wrong")
				if s.Auth == connection.AuthNegotiate && i%2 == 0 {
					s.Auth = connection.AuthNTLM // the same credential
				}
				hosts = append(hosts, fleet.Host(s))
			}
			whole, repeated := greet(t, connection.Unauthorized, hosts...)
			if got := farm.Stats(); whole != 1 || repeated != many-1 || got.FailedLogons != 1 || got.HTTPRequests != tt.requests {
				t.Errorf("%d told whole, %d by reference, %+v", whole, repeated, got)
			}
			if err := fleet.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAnotherCertificateIsAnotherCredential has a certificate refused by a host that takes none, and another shown to one that does.
func TestAnotherCertificateIsAnotherCredential(t *testing.T) {
	t.Parallel()
	certificates := winhost.Security{Auth: []logon.Scheme{logon.Certificate}}
	other, good := start(t, winhost.Config{Security: certificates}).Host(0).Settings(), start(t, winhost.Config{Security: certificates}).Host(0).Settings()
	refusing := start(t, winhost.Config{}).Host(0).Settings()
	refusing.Auth, refusing.Username, refusing.Password = connection.AuthCertificate, good.Username, good.Password
	refusing.ClientCertificate, refusing.ClientKey = other.ClientCertificate, other.ClientKey
	fleet := winrmbits.NewQuickFleet()
	greet(t, connection.Unauthorized, fleet.Host(refusing))
	if _, err := fleet.Host(good).Hello(t.Context()); err != nil {
		t.Error(err)
	}
	if err := fleet.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAHostThatIsNotThereCostsOneAttempt has ten resources on a host whose port is closed, silent, or not to be
// trusted.
func TestAHostThatIsNotThereCostsOneAttempt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(on *winhost.Host, s *connection.Settings) error
		kind    connection.Kind
	}{
		{"a closed port", func(on *winhost.Host, _ *connection.Settings) error { return on.Listen(winhost.Refusing) }, connection.Unreachable},
		{"a port that accepts and says nothing", func(on *winhost.Host, s *connection.Settings) error {
			s.ConnectTimeout = 200 * time.Millisecond
			return on.Listen(winhost.Silent)
		}, connection.Silent},
		{"an untrusted certificate", func(_ *winhost.Host, s *connection.Settings) error { s.CACert = ""; return nil }, connection.Untrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			farm := start(t, winhost.Config{})
			s := farm.Host(0).Settings()
			if err := tt.prepare(farm.Host(0), &s); err != nil {
				t.Fatal(err)
			}
			fleet := winrmbits.NewQuickFleet()
			ten := make([]*winrmbits.Host, 10)
			for i := range ten {
				ten[i] = fleet.Host(s)
			}
			whole, repeated := greet(t, tt.kind, ten...)
			if got := farm.Stats(); whole != 1 || repeated != 9 || got.Connections > 1 || got.HTTPRequests != 0 {
				t.Errorf("%d told whole, %d by reference, %+v", whole, repeated, got)
			}
			if err := fleet.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestASessionGoesOnAfterTheServiceWasRestarted(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	on := farm.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, farm.FilesURL, "a")
	for range 2 {
		if _, err := h.Get(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
		on.DropShells()
	}
	low := bits.PriorityLow
	if job, err := h.Change(t.Context(), id, bits.Change{Priority: &low}); err != nil || job.Priority != low {
		t.Errorf("%v %v", job.Priority, err)
	}
}

func TestConnectionsThatBreakAreMadeAgain(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	on := farm.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, farm.FilesURL, "a")
	for range 3 {
		if _, err := h.Get(t.Context(), id, ""); err != nil {
			t.Fatal(err)
		}
		if err := on.Listen(winhost.Answering); err != nil { // breaks every connection
			t.Fatal(err)
		}
	}
	if got := on.Stats(); got.ShellsOpened != 1 {
		t.Errorf("%d shells for one session", got.ShellsOpened)
	}
}

func TestAnyTextArrivesAsItIs(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	on := farm.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, farm.FilesURL, "a")
	for _, text := range []string{"a\"b'c$(x)`\n😀", "</rsp:Stream>]]>&amp;", "\u2028\u007f\t\\u0041", "日本語"} {
		job, err := h.Change(t.Context(), id, bits.Change{DisplayName: &text})
		if err != nil || job.DisplayName != text {
			t.Errorf("%q came back as %q: %v", text, job.DisplayName, err)
		}
		if there, err := on.BITS.Job(on.Account, id); err != nil || there.DisplayName != text {
			t.Errorf("%q is %q on the host: %v", text, there.DisplayName, err)
		}
	}
}

func TestAStoppedServiceIsNoTransportError(t *testing.T) {
	t.Parallel()
	farm := start(t, winhost.Config{})
	on := farm.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, farm.FilesURL, "a")
	on.BITS.Stop()
	if _, err := h.Get(t.Context(), id, ""); !errors.Is(err, bits.ErrServiceStopped) {
		t.Errorf("%v", err)
	}
	on.BITS.Start()
	if _, err := h.Get(t.Context(), id, ""); err != nil {
		t.Errorf("%v", err)
	}
}
