// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

func TestAWrongPasswordIsOneLogonForManyHosts(t *testing.T) {
	t.Parallel()
	const many = 200
	for _, tt := range []struct {
		name     string
		security winhost.Security
		requests int64 // only one of which proves the password
	}{
		{"Basic", basic, 1},
		{"NTLM over http", winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.NTLM}}, many + 1},
		{"NTLM over https", winhost.Security{}, many + 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := start(t, winhost.Config{Hosts: many, Security: tt.security})
			fleet := quickFleet(t)
			var hosts []*Host
			for i, on := range network.Hosts() {
				s := settingsOf(on)
				s.Password = bits.NewSecret("wrong")
				if s.Auth == connection.AuthNegotiate && i%2 == 0 {
					s.Auth = connection.AuthNTLM // the same credential
				}
				hosts = append(hosts, fleet.Host(s))
			}
			wantFailures(t, connection.Unauthorized, 1, many-1, hosts...)
			if got := network.Stats(); got.FailedLogons != 1 || got.HTTPRequests != tt.requests {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestAnotherCertificateIsAnotherCredential shows a certificate to a host that refuses all, and another to one that accepts it.
func TestAnotherCertificateIsAnotherCredential(t *testing.T) {
	t.Parallel()
	certificates := winhost.Config{Security: winhost.Security{Auth: []logon.Scheme{logon.Certificate}}}
	other, good := settingsOf(start(t, certificates).Host(0)), settingsOf(start(t, certificates).Host(0))
	refusing := settingsOf(start(t, winhost.Config{}).Host(0))
	refusing.Auth, refusing.Username, refusing.Password = connection.AuthCertificate, good.Username, good.Password
	refusing.ClientCertificate, refusing.ClientKey = other.ClientCertificate, other.ClientKey
	fleet := quickFleet(t)
	wantFailures(t, connection.Unauthorized, 1, 0, fleet.Host(refusing))
	hello(t, fleet.Host(good))
}

// TestAHostThatCanNotBeReachedCostsOneAttempt runs ten operations on a host whose port is closed, silent, or not to be
// trusted.
func TestAHostThatCanNotBeReachedCostsOneAttempt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(on *winhost.Host, s *connection.Settings) error
		kind    connection.Kind
	}{
		{"a closed port", func(on *winhost.Host, _ *connection.Settings) error { return on.Listen(winhost.Refusing) }, connection.Unreachable},
		{"a port that accepts and sends nothing", func(on *winhost.Host, s *connection.Settings) error {
			s.ConnectTimeout = 200 * time.Millisecond
			return on.Listen(winhost.Silent)
		}, connection.Silent},
		{"an untrusted certificate", func(_ *winhost.Host, s *connection.Settings) error { s.CACert = ""; return nil }, connection.Untrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			network := start(t, winhost.Config{})
			s := settingsOf(network.Host(0))
			if err := tt.prepare(network.Host(0), &s); err != nil {
				t.Fatal(err)
			}
			h := quickFleet(t).Host(s)
			wantFailures(t, tt.kind, 1, 9, h, h, h, h, h, h, h, h, h, h)
			if got := network.Stats(); got.Connections > 1 || got.HTTPRequests != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestAHostThatRefusesClearTextIsExplained asks for Basic over http where the host's AllowUnencrypted is not set.
func TestAHostThatRefusesClearTextIsExplained(t *testing.T) {
	t.Parallel()
	network := start(t, winhost.Config{Security: winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.Basic}}})
	s := settingsOf(network.Host(0))
	s.Auth, s.AllowUnencrypted = connection.AuthBasic, true
	_, err := quickFleet(t).Host(s).Hello(t.Context())
	wantFailure(t, err, connection.Forbidden, `Set-Item WSMan:\localhost\Service\AllowUnencrypted $true`)
	if got := network.Stats(); got.HTTPRequests != 1 || got.ShellsOpened != 0 {
		t.Errorf("%+v", got)
	}
}

// TestAQuotaOfTheHostIsWaitedForAndNamed opens the only shell that a host allows, and then another.
func TestAQuotaOfTheHostIsWaitedForAndNamed(t *testing.T) {
	t.Parallel()
	on := start(t, winhost.Config{Quotas: wsmansvc.Quotas{Shells: 1}}).Host(0)
	holder := quickFleet(t)
	hello(t, holder.Host(settingsOf(on)))
	impatient := func(c *wsman.Client) { c.BusyTimeout = 50 * time.Millisecond }
	_, err := quickFleet(t, impatient).Host(settingsOf(on)).Hello(t.Context())
	wantFailure(t, err, connection.Quota, "ERROR_WSMAN_QUOTA_MAX_SHELLS", "MaxShellsPerUser in winrm/config/winrs",
		"winrm get winrm/config/winrs", `Set-Item WSMan:\localhost\Shell\MaxShellsPerUser 60`)
	var once sync.Once
	on.Intercept(func(_ context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if e.Verb == wsmansvc.Create { // the client that waits has come
			once.Do(func() { go func() { _ = holder.Close(context.Background()) }() })
		}
		return wsmansvc.Action{}
	})
	patient := connect(t, on)
	hello(t, patient)
	closeFleet(t, holder)
}

func TestASessionGoesOnAfterTheServiceWasRestarted(t *testing.T) {
	t.Parallel()
	network := start(t, winhost.Config{})
	on := network.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, network.FilesURL, "a")
	for range 2 {
		get(t, h, id)
		on.DropShells()
	}
	if job, err := low(t.Context(), h, id); err != nil || job.Priority != bits.PriorityLow {
		t.Errorf("%v %v", job.Priority, err)
	}
}

func TestABrokenConnectionIsReplacedInTheSameSession(t *testing.T) {
	t.Parallel()
	network := start(t, winhost.Config{})
	on := network.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, network.FilesURL, "a")
	for range 3 {
		get(t, h, id)
		if err := on.Listen(winhost.Answering); err != nil { // breaks every connection
			t.Fatal(err)
		}
	}
	if got := on.Stats(); got.ShellsOpened != 1 {
		t.Errorf("%d shells for one session", got.ShellsOpened)
	}
}

func TestAnyTextArrivesUnchanged(t *testing.T) {
	t.Parallel()
	network := start(t, winhost.Config{})
	on := network.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, network.FilesURL, "a")
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

func TestAStoppedServiceIsNotAnErrorOfTheConnection(t *testing.T) {
	t.Parallel()
	network := start(t, winhost.Config{})
	on := network.Host(0)
	h := connect(t, on)
	id := hostJob(t, on, network.FilesURL, "a")
	on.BITS.Stop()
	if _, err := h.Get(t.Context(), id, ""); !errors.Is(err, bits.ErrServiceStopped) {
		t.Errorf("%v", err)
	}
	on.BITS.Start()
	get(t, h, id)
}
