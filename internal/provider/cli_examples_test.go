// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

const examples = "../../examples"

// exampleFiles returns the examples that match one of the patterns.
func exampleFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no example matches %s: %v", pattern, err)
		}
		all = append(all, files...)
	}
	return all
}

var declaredVariable = regexp.MustCompile(`(?s)variable "(\w+)" {\n(.*?)\n}`)

// setVariables sets each variable of an example that has no default.
func (wd *workingDir) setVariables(example string) {
	for _, found := range declaredVariable.FindAllStringSubmatch(example, -1) {
		if !strings.Contains(found[2], "default") {
			query := ""
			if strings.Contains(found[2], "X-Amz-Signature") { // S3 answers HEAD of a URL that is signed for GET with 403
				query = "?X-Amz-Signature=1&headstatus=403"
			}
			wd.env = append(wd.env, "TF_VAR_"+found[1]+"="+wd.network.FilesURL+"/"+found[1]+query)
		}
	}
}

// configurations returns the examples of configurations, by file name, and the HCL blocks of the documentation that are no example.
func configurations(t *testing.T) (files, blocks map[string]string) {
	t.Helper()
	files, blocks = map[string]string{}, map[string]string{}
	walk(t, examples, ".tf", func(path string) { files[path] = readFile(t, path) })
	known := map[string]bool{}
	for _, file := range files {
		known[strings.TrimSpace(file)] = true
	}
	for _, query := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") { // has a test of its own
		known[strings.TrimSpace(readFile(t, query))] = true
	}
	page := func(path string) {
		for i, found := range hclBlock.FindAllStringSubmatch(readFile(t, path), -1) {
			if !known[strings.TrimSpace(found[1])] {
				blocks[fmt.Sprintf("%s block %d", path, i+1)] = found[1]
			}
		}
	}
	walk(t, "../../docs", ".md", page)
	for _, path := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "SUPPORT.md", "tools/probe/README.md"} {
		page(filepath.Join("../..", path))
	}
	if len(files) < 30 || len(blocks) == 0 {
		t.Fatalf("%d examples and %d blocks", len(files), len(blocks))
	}
	return files, blocks
}

var hclBlock = regexp.MustCompile("(?ms)^```(?:hcl|terraform|tf)\\r?\\n(.*?)^```")

func walk(t *testing.T, folder, ext string, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ext {
			visit(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tooOld reports whether the CLI lacks what a configuration is about.
func (wd *workingDir) tooOld(config string) bool {
	for text, minor := range map[string]int{"removed {": 7, "provider::": 8, "_wo ": 11, "identity = {": 12} {
		if strings.Contains(config, text) && wd.cli.Before(1, minor) {
			return true
		}
	}
	return strings.Contains(config, "action \"") && !wd.cli.Queries()
}

var vaultSecret = regexp.MustCompile(`(?s)ephemeral "vault_.*?\n}\n|ephemeral\.vault_[\w.]+`)

// withoutVault replaces the secrets of another provider, which these tests do not have.
func withoutVault(config string) string {
	return vaultSecret.ReplaceAllStringFunc(config, func(found string) string {
		if strings.HasSuffix(found, "\n") {
			return ""
		}
		return `format("secret")`
	})
}

// TestCLIExamplesAreValid has the CLI validate every example of the documentation and its format.
func TestCLIExamplesAreValid(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.provider = nil
	all, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	if !wd.cli.Before(1, 8) { // an older one can't read calls of the provider's functions
		wd.run(0, "fmt", "-check", "-recursive", "-diff", all)
	}
	job := readFile(t, filepath.Join(examples, "resources/bits_job/resource.tf"))
	files, _ := configurations(t)
	for file, example := range files {
		if wd.tooOld(example) {
			continue
		}
		t.Log(file)
		if strings.HasPrefix(example, "import ") { // of the resource of the first example
			example += job
		}
		wd.ownRequirements = strings.Contains(example, "required_providers")
		wd.write(withoutVault(example))
		wd.run(0, "validate")
	}
	if wd.cli.Queries() {
		wd.ownRequirements = false
		wd.write("")
		for _, file := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") {
			wd.writeHere("example.tfquery.hcl", readFile(t, file))
			wd.run(0, "validate", "-query")
		}
	}
}

// TestCLIProvidersArePlanned plans a job by each example of a provider's configuration, and by each block of the documentation that is no
// example, as they are but for paths and certificates: a plan connects to no host.
func TestCLIProvidersArePlanned(t *testing.T) {
	t.Parallel()
	wd := startWith(t, winhost.Config{Security: winhost.Security{Auth: []logon.Scheme{logon.Certificate}}})
	files, blocks := configurations(t)
	all := maps.Clone(blocks)
	for file, example := range files {
		if strings.Contains(example, "provider \"bits\"") {
			all[file] = example
		}
	}
	wd.env = append(wd.env, "TF_VAR_bits_password=secret", "TF_VAR_dmz_password=secret", "TF_VAR_client_cert="+wd.settings.ClientCertificate,
		"TF_VAR_client_key="+wd.settings.ClientKey.Reveal(), "TF_VAR_files_url="+wd.network.FilesURL)
	wd.provider = nil
	for name, block := range blocks { // the format of the files is checked with that of all examples
		t.Log(name)
		wd.write(block)
		wd.run(0, "fmt", "-check", "-diff", "main.tf")
	}
	wd.writeHere("hosts.txt", "web01.corp.example\n") // of the example of a fleet
	for name, config := range all {
		if wd.tooOld(config) {
			continue
		}
		t.Log(name)
		if !strings.Contains(config, "resource \"") {
			config += strings.ReplaceAll(readFile(t, filepath.Join(examples, "resources/bits_job/resource.tf")), "payload", "planned")
		}
		wd.ownRequirements = strings.Contains(config, "required_providers")
		wd.write(withoutVault(strings.ReplaceAll(config, "/etc/pki/corp-ca.pem", wd.network.CAFile)))
		wd.plan(2).has(" to add, 0 to change, 0 to destroy")
	}
}

// TestCLIExamplesOfMovesWork plans the examples of the guides for a job that is there: one renames it, one forgets it.
func TestCLIExamplesOfMovesWork(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	moved := wd.hostExample(filepath.Join(examples, "guides/moved.tf"))
	_, job, _ := strings.Cut(moved, "}\n") // behind the block moved
	job = strings.Replace(strings.Replace(job, `"nightly"`, `"payload"`, 1), "  files = [", "  wait_for_transfer = false\n\n  files = [", 1)
	wd.write(job)
	wd.apply()
	wd.write(strings.Replace(moved, "  files = [", "  wait_for_transfer = false\n\n  files = [", 1))
	wd.plan(2).has("bits_job.payload has moved to bits_job.nightly", "0 to add, 0 to change, 0 to destroy")
	if forget := readFile(t, filepath.Join(examples, "guides/removed.tf")); !wd.tooOld(forget) {
		wd.write(forget)
		wd.apply()
		if left := wd.state().instances; len(left) > 0 || len(wd.jobs()) != 1 {
			t.Errorf("the state has %v, the host %+v", left, wd.jobs())
		}
	}
}

// TestCLIExamplesOfImportsWork runs the commands of import.sh and plans the import blocks, for a job that is on the host.
func TestCLIExamplesOfImportsWork(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.pauseAll()
	folder := filepath.Join(examples, "resources/bits_job")
	job := strings.Replace(wd.hostExample(filepath.Join(folder, "resource.tf")), "  files = [", "  wait_for_transfer = false\n\n  files = [", 1)
	wd.write(job)
	wd.apply()
	live := strings.NewReplacer("web01.corp.example", wd.settings.Host, "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", wd.job().ID)
	forget := func() { wd.run(0, "state", "rm", address) }
	commands := 0
	for line := range strings.Lines(readFile(t, filepath.Join(folder, "import.sh"))) {
		command, found := strings.CutPrefix(strings.TrimSpace(line), "terraform import bits_job.payload ")
		if !found {
			continue
		}
		commands++
		forget()
		wd.run(0, "import", address, live.Replace(strings.Trim(command, `"`)))
		wd.plan(0)
	}
	if commands != 3 {
		t.Errorf("import.sh has %d commands", commands)
	}
	for _, file := range exampleFiles(t, "resources/bits_job/import-*.tf") {
		example := readFile(t, file)
		if wd.tooOld(example) {
			continue
		}
		forget()
		wd.write(live.Replace(example) + job)
		wd.apply().has("1 imported, 0 added, 0 changed, 0 destroyed")
	}
}

var (
	exampleURLs  = regexp.MustCompile(`https://[a-z.]+\.example/`)
	exampleHosts = regexp.MustCompile(`(web|db)\d\d\.corp\.example`)
)

// arriving are the examples whose files arrive: the others need a proxy, a certificate, a content or a server that the simulated host
// does not have, and are not waited for.
var arriving = []string{"action_trigger.tf", "function.tf", "resource.tf", "resource_append.tf", "resource_gate.tf", "resource_presigned.tf"}

// TestCLIExamplesWork applies every example of a resource, a function or a trigger of actions on a simulated host, with its files; then
// nothing is left to do, and everything can be destroyed.
func TestCLIExamplesWork(t *testing.T) {
	for _, file := range exampleFiles(t, "resources/*/resource*.tf", "functions/*/function*.tf", "actions/*/action_trigger.tf") {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			example := readFile(t, file)
			wd := start(t)
			if wd.tooOld(example) {
				t.Skipf("%s CLI version %s is below the one that the example is for", wd.cli.Name, wd.cli.Version)
			}
			wd.setVariables(example)
			wd.write(example)
			wd.plan(2) // which would fail if it connected to the hosts: there are none

			example = exampleURLs.ReplaceAllString(example, wd.network.FilesURL+"/")
			example = exampleHosts.ReplaceAllString(example, wd.settings.Host)
			example = strings.ReplaceAll(example, `"D:`, `"C:`)
			upload := strings.Contains(example, `"upload"`)
			if upload {
				wd.writeFile(`C:\ProgramData\Acme\reports\web01.zip`, "")
			}
			if !slices.Contains(arriving, filepath.Base(file)) {
				wd.pauseAll()
				if !strings.Contains(example, "wait_for_transfer = false") {
					example = strings.Replace(example, "  files = [", "  wait_for_transfer = false\n\n  files = [", 1)
				}
			}
			wd.write(example)
			if strings.Contains(example, "action_trigger") {
				wd.apply().has("Actions: 1 invoked").lacks("Warning") // the next apply completes the job
			}
			wd.applyOnce().lacks("Warning")
			wd.run(0, "destroy", "-auto-approve")
			if upload {
				wd.outside("cancel") // BITS keeps a cancelled upload for up to a day, to report it to its server
			}
			wd.expectNothing()
		})
	}
}

// TestCLIReadme applies the resource that README.md shows on a host that has none of its directories.
func TestCLIReadme(t *testing.T) {
	t.Parallel()
	_, block, found := strings.Cut(readFile(t, "../../README.md"), "\nresource \"bits_job\"")
	block, _, _ = strings.Cut(block, "\n}\n")
	if !found {
		t.Fatal("README.md shows no resource")
	}
	wd := start(t)
	example := exampleURLs.ReplaceAllString("resource \"bits_job\""+block+"\n}\n", wd.network.FilesURL+"/")
	wd.write(strings.Replace(exampleHosts.ReplaceAllString(example, wd.settings.Host), `", "`+wd.settings.Host, "", 1))
	wd.apply().has("1 added").lacks("Warning")
	wd.waitFor("transferred")
	wd.applyOnce().lacks("Warning")
	if _, err := os.Stat(wd.path(`C:\ProgramData\Acme\payload.cab`)); err != nil {
		t.Error(err)
	}
}
