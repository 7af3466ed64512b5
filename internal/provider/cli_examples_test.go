// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// TestCLIExamplesAreValid has the CLI validate every example of the documentation and its format.
func TestCLIExamplesAreValid(t *testing.T) {
	t.Parallel()
	wd := start(t)
	wd.provider = nil
	all, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	wd.run(0, "fmt", "-check", "-recursive", "-diff", all)
	job := readFile(t, filepath.Join(examples, "resources/bits_job/resource.tf"))
	for _, file := range exampleFiles(t, "provider/*.tf", "data-sources/*/*.tf", "resources/*/*.tf", "functions/*/*.tf", "guides/*.tf", "actions/*/*.tf") {
		t.Log(file)
		example := readFile(t, file)
		switch {
		case strings.Contains(example, "ephemeral \"vault_"): // needs another provider
			continue
		case strings.Contains(example, "action \"") && !wd.cli.Queries():
			continue
		case strings.Contains(example, "identity = {") && wd.cli.Before(1, 12), strings.Contains(example, "provider::") && wd.cli.Before(1, 8):
			continue
		}
		if strings.HasPrefix(example, "import ") { // of the resource of the first example
			example += job
		}
		wd.ownRequirements = strings.Contains(example, "required_providers")
		wd.write(example)
		wd.run(0, "validate")
	}
	if wd.cli.Queries() {
		wd.write("")
		for _, file := range exampleFiles(t, "list-resources/*/*.tfquery.hcl") {
			wd.writeHere("example.tfquery.hcl", readFile(t, file))
			wd.run(0, "validate", "-query")
		}
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
			if strings.Contains(example, "provider::") && wd.cli.Before(1, 8) || strings.Contains(example, "action \"") && !wd.cli.Queries() {
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

// TestCLIReadme plans the configuration that README.md shows as it is, and applies its resource on a host that has none of its
// directories.
func TestCLIReadme(t *testing.T) {
	t.Parallel()
	asItIs := start(t)
	asItIs.ownRequirements, asItIs.provider = true, nil
	_, configuration, _ := strings.Cut(readFile(t, "../../README.md"), "```hcl\n")
	configuration, _, _ = strings.Cut(configuration, "```")
	asItIs.write(strings.Replace(configuration, "/etc/pki/corp-ca.pem", asItIs.network.CAFile, 1))
	asItIs.plan(2).has("2 to add")
	_, block, found := strings.Cut(readFile(t, "../../README.md"), "\nresource \"bits_job\"")
	block, _, _ = strings.Cut(block, "\n}\n")
	if !found {
		t.Fatal("README.md shows no resource")
	}
	wd := start(t)
	example := exampleURLs.ReplaceAllString("resource \"bits_job\""+block+"\n}\n", wd.network.FilesURL+"/")
	wd.write(strings.Replace(exampleHosts.ReplaceAllString(example, wd.settings.Host), `", "`+wd.settings.Host, "", 1))
	wd.applyOnce().has("1 added").lacks("Warning")
	if _, err := os.Stat(wd.path(`C:\ProgramData\Acme\payload.cab`)); err != nil {
		t.Error(err)
	}
}
