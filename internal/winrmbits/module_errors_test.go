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
		says  []string
		not   string
	}{
		{
			name: "AllSigned by policy", setup: windows.Setup{MachinePolicy: "AllSigned", NoAssembly: true},
			says: []string{"may not load the module BitsTransfer", "the execution policy AllSigned is set by group policy (MachinePolicy)", "Turn on Script Execution", "RemoteSigned"}, not: "32-bit",
		},
		{
			name: "Restricted by policy", setup: windows.Setup{MachinePolicy: "Restricted", NoAssembly: true}, says: []string{"the execution policy Restricted"},
		},
		{name: "no module", setup: windows.Setup{Module: windows.ModuleMissing, NoAssembly: true}, says: []string{"the host has no module BitsTransfer", "DISM"}},
		{name: "a broken module", setup: windows.Setup{Module: windows.ModuleBroken, NoAssembly: true}, says: []string{"can't be loaded (System.MissingMemberException)", "not a valid PowerShell module manifest", "Import-Module BitsTransfer"}},
		{
			name: "a 32-bit PowerShell", setup: windows.Setup{Module: windows.ModuleMissing, NoAssembly: true, Process32: true},
			says: []string{"the host has no module BitsTransfer", "PowerShell is a 32-bit one", "SysWOW64"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.world.machine.Setup = test.setup
				_, err := r.host.Listing(t.Context(), false)
				wantFailure(t, err, connection.NoAgent, test.says...)
				if test.not != "" && strings.Contains(err.Error(), test.not) {
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
