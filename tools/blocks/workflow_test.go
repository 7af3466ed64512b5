// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is a block of a workflow and what it does.
type step struct {
	name     string   // of the step, or how it begins
	env      []string // of a run that goes another way
	exitCode int
	calls    string // what it does to the host, a line each
	check    func(t *testing.T, folder, printed string)
}

// policies is where Windows keeps the policy on tokens of local accounts.
const policies = `HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System`

const prepared = `account bitstest
group S-1-5-32-544 bitstest
registry ` + policies + ` LocalAccountTokenFilterPolicy=1
certificate CN=bits test authority
certificate CN=localhost
remoting SkipNetworkProfileCheck=True
remove Listener_2
listener HTTPS * CN=localhost
start BITS
`

const mapped = `certificate CN=bits test clients
trust CN=bits test clients
certificate CN=bitstest@localhost
set Certificate=True
map bitstest@localhost of CN=bits test clients to bitstest for *
`

// lifecycle is the call of Go's tests by a block, as an account or as none.
func lifecycle(account string) string {
	return "go test -timeout 30m -v -run ^TestAccJobLifecycle$ ./internal/provider, user '" + account + "', password '" +
		map[bool]string{true: "True", false: "False"}[account != ""] + "'\n"
}

var steps = []step{
	{
		name:  "WinRM over https",
		calls: prepared + "enable Microsoft-Windows-Bits-Client/Operational\nenable Microsoft-Windows-TaskScheduler/Operational\n",
		check: checkPrepared,
	},
	{name: "WinRM over https", env: []string{"LOG_FAILS=1"}, exitCode: 1, calls: prepared},
	{
		name:  "an acceptance test with channel bindings demanded",
		calls: "set CbtHardeningLevel=Strict\n" + lifecycle("bitstest") + "set CbtHardeningLevel=Relaxed\n",
	},
	{
		name: "an acceptance test with channel bindings demanded", env: []string{"GO_EXIT=1"}, exitCode: 1,
		calls: "set CbtHardeningLevel=Strict\n" + lifecycle("bitstest") + "set CbtHardeningLevel=Relaxed\n",
	},
	{name: "an acceptance test by Basic", calls: "set Basic=True\n" + lifecycle("bitstest") + "set Basic=False\n"},
	{
		name: "an acceptance test by Basic", env: []string{"GO_EXIT=1"}, exitCode: 1,
		calls: "set Basic=True\n" + lifecycle("bitstest") + "set Basic=False\n",
	},
	{name: "an acceptance test by a client certificate", calls: mapped + lifecycle(""), check: checkClient},
	{name: "an acceptance test by a client certificate", env: []string{"GO_EXIT=1"}, exitCode: 1, calls: mapped + lifecycle("")},
	{name: "an acceptance test by a client certificate", env: []string{"OPENSSL_FAILS=1"}, exitCode: 1, calls: mapped},
	{name: "what the host says of itself", calls: "go version, user 'bitstest', password 'True'\n", check: checkFacts},
}

// guides are the pages whose PowerShell an administrator pastes into one session, from top to bottom.
var guides = map[string]step{
	"docs/guides/getting-started.md": {calls: "remoting\n"},
	"docs/guides/preparing.md": {
		calls: "remoting\ncertificate CN=WEB01.corp.example\nlistener HTTPS * CN=WEB01.corp.example\n" +
			"rule Allow Inbound TCP 5986 from 10.0.0.0/8\nrenew HTTPS * CN=WEB01.corp.example\nregistry " + policies +
			" LocalAccountTokenFilterPolicy=1\nset CbtHardeningLevel=Strict\nset Certificate=True\n" +
			"map svc-bits@corp.example of CN=authority to .\\svc-bits for *\n",
		check: checkFingerprints,
	},
	"docs/guides/pipeline.md": {calls: "task Cancel a BITS job\ncancel nightly payload\nno task Cancel a BITS job\n"},
}

// TestGuides runs the PowerShell of each guide. That of "What your EDR will see" is the agent's, which a test beside it compares.
func TestGuides(t *testing.T) {
	powerShell := needsPowerShell(t)
	for _, page := range pages(t) {
		var all block
		for _, b := range markdownBlocks(read(t, filepath.Join(root, page))) {
			if b.language == "powershell" {
				all.text += b.text + "\n"
			}
		}
		guide, known := guides[page]
		if known != (all.text != "") && page != "docs/guides/edr.md" {
			t.Errorf("%s: it has PowerShell: %t; a test of it: %t", page, all.text != "", known)
		}
		if !known {
			continue
		}
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			all.text = read(t, "testdata/guides.ps1") + "\n[IO.File]::WriteAllText($env:CALLS, '')\n" + all.text
			guide.run(t, powerShell, all)
		})
	}
}

// checkFingerprints checks that the SHA-256 fingerprint of the certificate that is served is printed.
func checkFingerprints(t *testing.T, folder, printed string) {
	t.Helper()
	served := certificate(t, filepath.Join(folder, "served.pem"))
	if want := fmt.Sprintf("%X CN=WEB01.corp.example", sha256.Sum256(served.Raw)); !strings.Contains(printed, want) {
		t.Errorf("%q is missing in %s", want, printed)
	}
}

func needsPowerShell(t *testing.T) string {
	t.Helper()
	powerShell, err := exec.LookPath(cmp.Or(os.Getenv("BITS_TEST_PWSH"), "pwsh"))
	if err != nil {
		t.Skip("no PowerShell: set BITS_TEST_PWSH, or put pwsh on PATH")
	}
	return powerShell
}

// TestWorkflowBlocks runs every PowerShell block of the workflow for Windows as GitHub does, on stand-ins for what only Windows has.
func TestWorkflowBlocks(t *testing.T) {
	powerShell := needsPowerShell(t)
	text, err := os.ReadFile("../../.github/workflows/windows.yml")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := workflowBlocks(text)
	if err != nil {
		t.Fatal(err)
	}
	untested := map[string]bool{}
	for _, b := range blocks {
		untested[b.name] = true
	}
	for _, s := range steps {
		for _, b := range blocks {
			if strings.HasPrefix(b.name, s.name) {
				delete(untested, b.name)
				t.Run(s.name+" "+strings.Join(s.env, " "), func(t *testing.T) {
					t.Parallel()
					s.run(t, powerShell, b)
				})
			}
		}
	}
	for name := range untested {
		t.Errorf("no test of the step %q", name)
	}
}

// run runs the block of a step. What goes before it and after it is GitHub's.
// Source: "Workflow syntax for GitHub Actions", jobs.<job_id>.steps[*].shell, docs.github.com.
func (s step) run(t *testing.T, powerShell string, b block) {
	t.Helper()
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	script := read(t, "testdata/windows.ps1") + "\n$ErrorActionPreference = 'stop'\n" + b.text +
		"\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n"
	for name, text := range map[string]string{"script.ps1": script, "calls": "", "env": ""} {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), powerShell, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", ". '"+path("script.ps1")+"'")
	cmd.Env = append(os.Environ(), "CALLS="+path("calls"), "GITHUB_ENV="+path("env"), "RUNNER_TEMP="+folder, "COMPUTERNAME=WEB01", "GO_EXIT=0")
	if !strings.HasPrefix(s.name, "WinRM") {
		cmd.Env = append(cmd.Env, "BITS_USERNAME=bitstest", "BITS_PASSWORD=Pa55word")
	}
	cmd.Env = append(cmd.Env, s.env...)
	printed, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != s.exitCode {
		t.Fatalf("exit code %d, want %d: %v\n%s", code, s.exitCode, err, printed)
	}
	calls := read(t, path("calls"))
	if calls != s.calls {
		t.Errorf("it did\n%s\nwant\n%s\nprinted\n%s", calls, s.calls, printed)
	}
	if s.check != nil {
		s.check(t, folder, string(printed))
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// certificate parses the first certificate of a PEM file.
func certificate(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	found, _ := pem.Decode([]byte(read(t, path)))
	if found == nil {
		t.Fatalf("%s has no certificate", path)
	}
	parsed, err := x509.ParseCertificate(found.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// checkPrepared checks the settings for the provider, that Go accepts the host's certificate by both names, and that the password is masked
// before anything else is printed.
func checkPrepared(t *testing.T, folder, printed string) {
	t.Helper()
	ca := filepath.Join(folder, "ca.pem")
	const settings = `\ABITS_HOST=localhost\nBITS_PORT=5986\nBITS_USERNAME=bitstest\nBITS_PASSWORD=(\S{20,127})\nBITS_CA_FILE=(.*)\n\z`
	set := regexp.MustCompile(settings).FindStringSubmatch(read(t, filepath.Join(folder, "env")))
	if set == nil || set[2] != ca || !strings.HasPrefix(printed, "::add-mask::"+set[1]) || strings.Count(printed, set[1]) != 1 {
		t.Errorf("the settings are %q; printed: %s", set, printed)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate(t, ca))
	for _, name := range []string{"localhost", "WEB01"} {
		if _, err := certificate(t, filepath.Join(folder, "served.pem")).Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("the certificate as %s: %v", name, err)
		}
	}
}

// checkClient checks that Go can log on with the client's certificate and key.
func checkClient(t *testing.T, folder, _ string) {
	t.Helper()
	certificate, key := read(t, filepath.Join(folder, "BITS_CLIENT_CERT")), read(t, filepath.Join(folder, "BITS_CLIENT_KEY"))
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	if got := pair.Leaf.ExtKeyUsage; len(got) != 1 || got[0] != x509.ExtKeyUsageClientAuth {
		t.Errorf("the certificate is for %v", got)
	}
}

// checkFacts checks that each fact is printed and in a file of its own.
func checkFacts(t *testing.T, folder, printed string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(folder, "host"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text := read(t, filepath.Join(folder, "host", file.Name()))
		if text == "" || strings.Contains(text, "usage:") || !strings.Contains(printed, text) {
			t.Errorf("%s holds %q", file.Name(), text)
		}
	}
	if want := strings.Count(printed, "::group::"); len(files) != want || want < 5 {
		t.Errorf("%d files of %d facts: %s", len(files), want, printed)
	}
}
