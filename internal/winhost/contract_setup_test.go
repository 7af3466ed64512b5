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

// TestContractLanguageMode starts an agent where AppLocker or WDAC keep PowerShell from running it.
// Source: about_Language_Modes, learn.microsoft.com.
func TestContractLanguageMode(t *testing.T) {
	t.Parallel()
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			w.setup.LanguageMode = "ConstrainedLanguage"
			c := launch(t, w, admin.caller())
			l := c.read(t)
			if l.answer.B != 0 || l.answer.Fatal != agent.FatalLanguageMode || l.answer.Mode != "ConstrainedLanguage" {
				t.Errorf("the loader answers %+v", l.answer)
			}
			if code := c.exit(t); code != agent.ExitLanguageMode {
				t.Errorf("exit code %d, want %d; stderr: %s", code, agent.ExitLanguageMode, strings.TrimSpace(c.stderr.String()))
			}
		})
	}
}
