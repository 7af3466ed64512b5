// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"errors"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

func TestAHostWhoseModuleCanNotBeLoadedIsExplained(t *testing.T) {
	for _, test := range []struct {
		name  string
		setup windows.Setup
		texts []string
		not   string
	}{
		{"AllSigned by policy", windows.Setup{MachinePolicy: "AllSigned", NoAssembly: true}, []string{
			"can't load the module BitsTransfer", "group policy (MachinePolicy) sets the execution policy AllSigned",
			"Turn on Script Execution", "RemoteSigned",
		}, "32-bit"},
		{"Restricted by policy", windows.Setup{MachinePolicy: "Restricted", NoAssembly: true}, []string{
			"the execution policy Restricted",
		}, "32-bit"},
		{"no module", windows.Setup{Module: windows.ModuleMissing, NoAssembly: true}, []string{
			"the host has no module BitsTransfer", "DISM",
		}, "32-bit"},
		{"a broken module", windows.Setup{Module: windows.ModuleBroken, NoAssembly: true}, []string{
			"can't be loaded: ", "not a valid PowerShell module manifest", "Import-Module BitsTransfer",
		}, "32-bit"},
		{"a 32-bit PowerShell", windows.Setup{Module: windows.ModuleMissing, NoAssembly: true, Process32: true}, []string{
			"the host has no module BitsTransfer", "a 32-bit process of 64-bit Windows", "SysWOW64",
		}, "by policy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.world.machine.Setup = test.setup
				_, err := r.host.Listing(t.Context(), false)
				wantFailure(t, err, connection.NoAgent, test.texts...)
				if strings.Contains(err.Error(), test.not) {
					t.Errorf("%q is in the error: %v", test.not, err)
				}
				if errors.Is(err, bits.ErrNotFound) {
					t.Error("a missing module is taken for a missing job")
				}
			})
		})
	}
}

func TestAConstrainedLanguageModeIsExplained(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.machine.Setup.LanguageMode = "ConstrainedLanguage"
		_, err := r.host.Hello(t.Context())
		wantFailure(t, err, connection.NoAgent, "(ConstrainedLanguage)", "WDAC")
	})
}

func TestTheNoiseOfAHostIsIgnored(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.machine.Setup.Noisy = true
		r.world.job("payload")
		if jobs := list(t, r.host, false); len(jobs) != 1 {
			t.Errorf("%d jobs", len(jobs))
		}
	})
}

func TestTheErrorOfAStoppedOrDisabledServiceHasItsCode(t *testing.T) {
	for _, test := range []struct {
		name string
		stop func(w *world)
		want error
	}{
		{"stopped", func(w *world) { w.service.Stop() }, bits.ErrServiceStopped},
		{"disabled", func(w *world) { w.service.Disable() }, bits.ErrServiceDisabled},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				test.stop(r.world)
				hello, err := r.host.Hello(t.Context())
				if err != nil || hello.AllUsers {
					t.Errorf("hello reports %+v, %v", hello, err)
				}
				if _, err := r.host.Listing(t.Context(), false); !errors.Is(err, test.want) {
					t.Errorf("the error of a list is %v", err)
				}
			})
		})
	}
}
