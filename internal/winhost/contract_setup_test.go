package winhost_test

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// setupCase is a host that is not as it was installed.
type setupCase struct {
	name   string
	setup  windows.Setup
	as     role                         // "": admin
	change func(t *testing.T, w *world) // nil: nothing else
	hello  string                       // what hello says at least
	list   string                       // what list answers at least
}

// setupCases: what keeps BITS from being used is told by hello and by every operation that it stops, and by no other.
// Sources: about_Execution_Policies, about_Language_Modes, "Service return values" of System error codes, learn.microsoft.com.
func setupCases() []setupCase {
	const works = `{"v":{"count":1}}`
	refusedBy := func(step, hresult, kind string) string {
		return `{"code":"refused","step":"` + step + `","hresult":` + hresult + `,"type":"` + kind + `","text":"*"}`
	}
	policy := refusedBy("import", "null", "System.Management.Automation.PSSecurityException")
	missing := refusedBy("import", `"0x80070002"`, "System.IO.FileNotFoundException")
	broken := refusedBy("import", "null", "System.MissingMemberException")
	stopped := refusedBy("read", `"0x80070426"`, "System.Runtime.InteropServices.COMException")
	disabled := refusedBy("read", `"0x80070422"`, "System.Runtime.InteropServices.COMException")
	return []setupCase{
		{
			name: "a Windows as it was installed has no problem", hello: `{"problem":null,"process64":true,"os64":true,"module":"2.0.0.0"}`, list: works,
		},
		{
			name: "AllSigned by policy is got around by the assembly of the cmdlets", setup: windows.Setup{MachinePolicy: "AllSigned"},
			hello: `{"problem":null,"policies":{"MachinePolicy":"AllSigned","Process":"Bypass"},"module":"2.0.0.0"}`, list: works,
		},
		{
			name: "so is Restricted", setup: windows.Setup{MachinePolicy: "Restricted"},
			hello: `{"problem":null,"policies":{"MachinePolicy":"Restricted"},"all_users":true}`, list: works,
		},
		{
			name: "RemoteSigned by policy lets the module in", setup: windows.Setup{MachinePolicy: "RemoteSigned", NoAssembly: true}, hello: `{"problem":null}`, list: works,
		},
		{
			name: "AllSigned by policy without the assembly is told with the policy", setup: windows.Setup{MachinePolicy: "AllSigned", NoAssembly: true},
			hello: `{"problem":` + policy + `,"policies":{"MachinePolicy":"AllSigned"},"module":"","all_users":false}`, list: `{"e":` + policy + `}`,
		},
		{
			name: "a missing module is told", setup: windows.Setup{Module: windows.ModuleMissing, NoAssembly: true},
			hello: `{"problem":` + missing + `,"module":""}`, list: `{"e":` + missing + `}`,
		},
		{
			name: "a broken module is told", setup: windows.Setup{Module: windows.ModuleBroken, NoAssembly: true},
			hello: `{"problem":` + broken + `,"module":""}`, list: `{"e":` + broken + `}`,
		},
		{
			name: "a missing module whose cmdlets are there is none", setup: windows.Setup{Module: windows.ModuleMissing}, hello: `{"problem":null,"all_users":true}`, list: works,
		},
		{
			name: "a 32-bit PowerShell on 64-bit Windows is told, and works", setup: windows.Setup{Process32: true},
			hello: `{"problem":null,"process64":false,"os64":true}`, list: works,
		},
		{
			name: "a stopped service is told", change: func(_ *testing.T, w *world) { w.service.Stop() },
			hello: `{"problem":` + stopped + `,"module":"2.0.0.0","all_users":false}`, list: `{"e":` + stopped + `}`,
		},
		{
			name: "a disabled service is told", change: func(_ *testing.T, w *world) { w.service.Disable() },
			hello: `{"problem":` + disabled + `}`, list: `{"e":` + disabled + `}`,
		},
		{
			name: "an account that is no administrator has no problem, and sees its own jobs", as: user,
			hello: `{"problem":null,"elevated":false,"all_users":false}`, list: `{"v":{"count":0,"all_users":false}}`,
		},
		{
			name: "noise on stdout and stderr is noise", setup: windows.Setup{Noisy: true}, hello: `{"problem":null}`, list: works,
		},
	}
}

// TestContractSetup starts an agent on hosts of many kinds.
func TestContractSetup(t *testing.T) {
	for _, c := range setupCases() {
		answers := map[string]string{}
		for _, kind := range agentsUnderTest(t) {
			t.Run(c.name+": "+kind.name, func(t *testing.T) {
				w := newWorld(t, kind.agents)
				w.setup = c.setup
				v := vars{"local": w.local(), "job": string(w.job(t, w.admin(), "/hold"))}
				holding("hello")(t, w, v)
				if c.change != nil {
					c.change(t, w)
				}
				as := c.as
				if as == "" {
					as = admin
				}
				got := start(t, w, as.caller()).call(t, v.expand(`[{"op":"hello"},{"op":"list","fields":["id"]},
					{"op":"stat","files":[{"local_name":"{local}"}]},{"op":"history","id":"`+lostJob+`"}]`)).value(t)
				want := `[{"v":` + c.hello + `},` + c.list + `,{"v":{"files":[{"exists":true,"size":"5"}]}},{"v":{"ending":"unknown"}}]`
				if bad := mismatch("answer", parse(t, v.expand(want)), got); bad != "" {
					t.Errorf("%s\nwhole answer: %s", bad, compact(got))
				}
				answers[kind.name] = compact(normal(t, v, "", got))
			})
		}
		if script, both := answers["agent.ps1"]; both && script != answers["stand-in"] {
			t.Errorf("%s: the stand-in answers\n%s\nand the real agent\n%s", c.name, answers["stand-in"], script)
		}
	}
}

// TestContractLanguageMode starts an agent where AppLocker or WDAC keep PowerShell from running it.
// Source: about_Language_Modes, learn.microsoft.com.
func TestContractLanguageMode(t *testing.T) {
	for _, kind := range agentsUnderTest(t) {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t, kind.agents)
			w.setup.LanguageMode = "ConstrainedLanguage"
			c := launch(t, w, admin.caller())
			l := c.read(t)
			if l.answer.B != 0 || l.answer.Fatal != agent.FatalLanguageMode || l.answer.Mode != "ConstrainedLanguage" {
				t.Errorf("the loader says %+v", l.answer)
			}
			if code := c.exit(t); code != agent.ExitLanguageMode {
				t.Errorf("exit code %d, want %d; stderr: %s", code, agent.ExitLanguageMode, strings.TrimSpace(c.stderr.String()))
			}
		})
	}
}
