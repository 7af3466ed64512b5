// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
)

const hush = "hush-7f3a"

// everything is a value for each property. BITS refuses a dynamic job with an HTTP method other than GET.
func everything(method string, dynamic bool) bits.Properties {
	delay, timeout, longest := bits.Seconds(61), bits.Seconds(3600), bits.Seconds(7200)
	usage, writeOnly := bits.ProxyOverride, true
	location, store, hash := bits.CertificateStoreLocation("local_machine"), "MY", strings.Repeat("0a", 20)
	return bits.Properties{
		MinimumRetryDelay: &delay, NoProgressTimeout: &timeout, MaximumDownloadTime: &longest,
		TransferPolicy: []bits.CostState{"standard"}, ProxyUsage: &usage, ProxyList: []string{"http://proxy:3128"},
		ProxyBypassList: []string{"*.corp.example"}, HTTPMethod: &method, Dynamic: &dynamic,
		SecurityFlags:            []bits.SecurityFlag{"redirect_policy_disallow"},
		CertificateStoreLocation: &location, CertificateStoreName: &store, CertificateHash: &hash,
		CustomHeaders: []bits.Secret{bits.NewSecret("X-Key: " + hush)}, CustomHeadersWriteOnly: &writeOnly,
		Credential:      &bits.Credential{Username: "u", Password: bits.NewSecret(hush), Scheme: bits.AuthBasic},
		ProxyCredential: &bits.Credential{Username: "v", Password: bits.NewSecret(hush)},
	}
}

// readable is what of them can be read.
func readable(p bits.Properties) bits.Properties {
	p.CustomHeaders, p.CustomHeadersWriteOnly, p.Credential, p.ProxyCredential = nil, nil, nil, nil
	return p
}

func TestEveryPropertyReachesTheHostAndComesBackAsFarAsItCanBeRead(t *testing.T) {
	for _, c := range []struct {
		name, how string
		all       bits.Properties
	}{
		{"create", "create", everything("PUT", false)}, {"change", "change", everything("PUT", false)},
		{"create a dynamic job", "create", everything("GET", true)}, {"change to a dynamic job", "change", everything("GET", true)},
	} {
		all, how := c.all, c.how
		for i := range reflect.TypeFor[bits.Properties]().NumField() {
			if reflect.ValueOf(all).Field(i).IsZero() {
				t.Fatalf("the test sets no %s", reflect.TypeFor[bits.Properties]().Field(i).Name)
			}
		}
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				ctx, log := t.Context(), &r.logged
				var (
					job bits.Job
					err error
				)
				if how == "create" {
					s := spec("a")
					r.world.machine.Drive.Allow(`C:\ProgramData\new`, machine.AccessRule{SID: machine.SIDUsers, Rights: machine.RightDeleteChild})
					s.Properties, s.Directories, s.Files[0].LocalName = all, true, `C:\ProgramData\new\a`
					job, err = r.host.Create(ctx, pending, s)
					if open := fmt.Sprint(job.OpenToUsers); open != `[C:\ProgramData\new]` {
						t.Errorf("open to users: %s", open)
					}
				} else {
					job, err = r.host.Change(ctx, r.world.job("a"), bits.Change{Properties: all})
				}
				if err != nil {
					t.Fatal(err)
				}
				if want := readable(all); !reflect.DeepEqual(job.Properties, want) {
					t.Errorf("read is\n%+v\nwant\n%+v", job.Properties, want)
				}
				set := r.world.service.Settings(job.ID)
				if set.Credential.Password.Reveal() != hush || set.ProxyCredential.Scheme != bits.AuthNegotiate ||
					set.CustomHeaders[0].Reveal() != "X-Key: "+hush {
					t.Errorf("the host has %+v", set)
				}
				if encoded := base64.StdEncoding.EncodeToString([]byte(hush)); strings.Contains(log.String(), hush) || strings.Contains(log.String(), encoded) {
					t.Errorf("the log contains a secret: %s", log.String())
				}
			})
		})
	}
}

// The agent reads the beginnings of lines, then an LF, then all of them.
func TestSecretsArriveWholeWhereverTheirLinesWereCut(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		for part := 1; part < 500; part += 3 {
			password := bits.NewSecret(fmt.Sprintf("%s %d", hush, part))
			cut := false
			r.faults(func(e event) *fault {
				if e.verb != "send" || cut {
					return nil
				}
				cut = true
				return &fault{before: lost(io.ErrUnexpectedEOF), part: part}
			})
			_, err := r.host.Change(t.Context(), id, bits.Change{Properties: bits.Properties{
				CustomHeaders:   []bits.Secret{bits.NewSecret("X-Key: " + password.Reveal())},
				Credential:      &bits.Credential{Username: "u", Password: password, Scheme: bits.AuthBasic},
				ProxyCredential: &bits.Credential{Username: "v", Password: password},
			}})
			set := r.world.service.Settings(id)
			if err != nil || set.Credential.Password != password || set.ProxyCredential.Password != password ||
				set.CustomHeaders[0].Reveal() != "X-Key: "+password.Reveal() {
				t.Fatalf("cut after %d bytes: %v", part, err)
			}
		}
		if shells := len(r.all()); shells != 1 {
			t.Errorf("%d shells were opened", shells)
		}
	})
}

// A property that may be set before the first resume only would be refused when the change that resumed is made again.
func TestWhatAnUnansweredChangeHasSetIsNotSetAgain(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.job("a")
		r.warm()
		r.faults(func(e event) *fault {
			if e.shell == 1 && e.verb == "receive" {
				return &fault{after: errGone}
			}
			return nil
		})
		method, running := "PUT", false
		job, err := r.host.Change(t.Context(), id, bits.Change{Properties: bits.Properties{HTTPMethod: &method}, Suspended: &running})
		if err != nil || *job.HTTPMethod != method || job.State == bits.StateSuspended {
			t.Errorf("the job is %s with %+v, %v", job.State, job.Properties, err)
		}
	})
}

func TestAModuleThatLacksAParameterIsNamed(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.machine.Module = standin.Module2016
		id, dynamic := r.world.job("a"), true
		job, err := r.host.Get(t.Context(), id, "")
		if err != nil || job.Dynamic != nil || job.MinimumRetryDelay == nil || *job.MinimumRetryDelay != 600 {
			t.Errorf("the job has %+v, %v", job.Properties, err)
		}
		_, err = r.host.Change(t.Context(), id, bits.Change{Properties: bits.Properties{Dynamic: &dynamic}})
		if !errors.Is(err, bits.ErrNotSupported) {
			t.Fatalf("%v", err)
		}
		for _, part := range []string{"set:dynamic", "Set-BitsTransfer -Dynamic", "module 2.0.0.0", "Windows 10.0."} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q lacks %q", err, part)
			}
		}
	})
}

func TestAJobInErrorIsNotCompleted(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		id := r.world.transferred("a")
		if err := r.world.service.AddFile(administrator, id, file("b")); err != nil {
			t.Fatal(err)
		}
		if err := r.world.service.Fail(id, 0x80190194); err != nil {
			t.Fatal(err)
		}
		if done, err := r.host.Complete(t.Context(), id); err != nil || done.Done || done.Job.State != bits.StateError {
			t.Errorf("completed %+v, %v", done, err)
		}
	})
}
