// SPDX-License-Identifier: MPL-2.0

package winhost_test

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// TestContractSetup starts an agent on hosts that are not as they were installed. What keeps the module from being loaded
// is the error of every operation that needs the module, and of no other.
// Sources: about_Execution_Policies, about_Language_Modes, learn.microsoft.com.
func TestContractSetup(t *testing.T) {
	t.Parallel()
	const works = `{"v":{"count":1}}`
	importError := func(hresult, kind string) string {
		return `{"e":{"code":"refused","step":"import","hresult":` + hresult + `,"type":"` + kind + `","text":"*"}}`
	}
	for _, c := range []struct {
		name  string
		setup windows.Setup
		hello string // what hello reports at least
		list  string // what list answers at least
	}{
		{
			name: "the assembly of the cmdlets replaces a module that a policy refuses", setup: windows.Setup{MachinePolicy: "AllSigned"},
			hello: `{"policies":{"MachinePolicy":"AllSigned","Process":"Bypass"},"module":"2.0.0.0","all_users":true}`, list: works,
		},
		{
			name:  "RemoteSigned by policy allows the module, on a noisy host with a 32-bit PowerShell",
			setup: windows.Setup{MachinePolicy: "RemoteSigned", NoAssembly: true, Process32: true, Noisy: true},
			hello: `{"process64":false,"os64":true}`, list: works,
		},
		{
			name: "AllSigned by policy without the assembly", setup: windows.Setup{MachinePolicy: "AllSigned", NoAssembly: true},
			hello: `{"policies":{"MachinePolicy":"AllSigned"},"module":"","all_users":false,"parameters":{}}`,
			list:  importError("null", "System.Management.Automation.PSSecurityException"),
		},
		{
			name: "a missing module", setup: windows.Setup{Module: windows.ModuleMissing, NoAssembly: true},
			hello: `{"module":"","process64":true}`, list: importError(`"0x80070002"`, "System.IO.FileNotFoundException"),
		},
		{
			name: "a broken module", setup: windows.Setup{Module: windows.ModuleBroken, NoAssembly: true},
			hello: `{"module":""}`, list: importError("null", "System.MissingMemberException"),
		},
	} {
		compareAgents(t, c.name, func(t *testing.T, kind agentKind) string {
			t.Helper()
			w := newWorld(t, kind.agents)
			w.setup = c.setup
			v := vars{"files": w.files, "local": w.local(), "job": string(w.job(t, w.admin(), "/hold"))}
			holding("hello")(t, w, v)
			got := start(t, w, admin.caller()).call(t, v.expand(`[{"op":"hello"},{"op":"list"},
				{"op":"stat","files":[{"local_name":"{local}"}]},{"op":"history","id":"`+lostJob+`"}]`)).value(t)
			want := `[{"v":` + c.hello + `},` + c.list + `,{"v":{"files":[{"exists":true,"size":"5"}]}},{"v":{"ending":"unknown"}}]`
			if bad := mismatch("answer", parse(t, v.expand(want)), got); bad != "" {
				t.Errorf("%s\nwhole answer: %s", bad, compact(got))
			}
			return compact(normal(t, v, "", got))
		})
	}
}

// TestContractNoAgent starts an agent where PowerShell can't run it, which is said in one line and by the exit code.
// Sources: about_Language_Modes, about_Execution_Policies, learn.microsoft.com.
func TestContractNoAgent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		setup windows.Setup
		code  int
		check func(a agent.Answer) bool
	}{
		{
			name: "AppLocker or WDAC restrict the language", setup: windows.Setup{LanguageMode: "ConstrainedLanguage"}, code: agent.ExitLanguageMode,
			check: func(a agent.Answer) bool {
				return a.Fatal == agent.FatalLanguageMode && a.Mode == "ConstrainedLanguage"
			},
		},
		{
			name: "PowerShell's own cmdlets can't be loaded", setup: windows.Setup{NoUtility: true}, code: agent.ExitLoader,
			check: func(a agent.Answer) bool {
				return a.Fatal == agent.FatalLoader && strings.Contains(a.Error.Text, `module "Microsoft.PowerShell.Utility"`)
			},
		},
	} {
		for _, kind := range agentsUnderTest(t) {
			t.Run(test.name+", "+kind.name, func(t *testing.T) {
				w := newWorld(t, kind.agents)
				w.setup = test.setup
				c := launch(t, w, admin.caller())
				if test.code == agent.ExitLoader {
					c.write(t, agentUpload())
				}
				l := c.read(t)
				if l.answer.B != 0 || !test.check(l.answer) {
					t.Errorf("the loader answers %+v, error %+v", l.answer, l.answer.Error)
				}
				if code := c.exit(t); code != test.code {
					t.Errorf("exit code %d, want %d; stderr: %s", code, test.code, strings.TrimSpace(c.stderr.String()))
				}
			})
		}
	}
}

// TestAnAgentThatFailsEnds has a failure that no operation has, after the watchdog was started: its runspace must not keep the process.
func TestAnAgentThatFailsEnds(t *testing.T) {
	t.Parallel()
	for _, kind := range agentsUnderTest(t) {
		if !kind.real {
			continue // it has no such failure
		}
		t.Run(kind.name, func(t *testing.T) {
			c := startWith(t, newWorld(t, kind.agents), "$born = [Diagnostics.Stopwatch]::StartNew()", "throw 'too late'")
			if l := c.read(t); l.answer.Fatal != agent.FatalLoader || l.answer.Error.Text != "too late" {
				t.Errorf("the agent answers %+v, error %+v", l.answer, l.answer.Error)
			}
			if code := c.exit(t); code != agent.ExitLoader {
				t.Errorf("exit code %d, want %d", code, agent.ExitLoader)
			}
		})
	}
}
