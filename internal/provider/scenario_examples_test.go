package provider_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const examples = "../../examples"

// exampleFiles gives the examples that are like one of the patterns.
func exampleFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(examples, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no example is like %s: %v", pattern, err)
		}
		all = append(all, files...)
	}
	return all
}

var declaredVariable = regexp.MustCompile(`(?s)variable "(\w+)" {\n(.*?)\n}`)

// giveVariables gives a value to each variable of an example that has no default.
func (o *operator) giveVariables(example string) {
	for _, found := range declaredVariable.FindAllStringSubmatch(example, -1) {
		if !strings.Contains(found[2], "default") {
			o.setEnv("TF_VAR_"+found[1], o.farm.FilesURL+"/"+found[1])
		}
	}
}

// olderThan reports whether the CLI is older than a version; both products count their versions alike.
func (o *operator) olderThan(major, minor int) bool {
	o.t.Helper()
	var has [2]int
	if _, err := fmt.Sscanf(o.cli.Version, "%d.%d", &has[0], &has[1]); err != nil {
		o.t.Fatal(err)
	}
	return slices.Compare(has[:], []int{major, minor}) < 0
}

// TestTheExamplesAreValid has the CLI judge every example of the documentation and its format.
func TestTheExamplesAreValid(t *testing.T) {
	t.Parallel()
	o := operate(t)
	all, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	o.run(0, "fmt", "-check", "-recursive", "-diff", all)
	valid := func(config string) {
		t.Helper()
		if strings.Contains(config, "required_providers") {
			o.writeRaw(config)
		} else {
			o.write(config)
		}
		o.run(0, "validate")
	}
	job := readFile(t, filepath.Join(examples, "resources/bits_job/resource.tf"))
	for _, file := range exampleFiles(t, "provider/*.tf", "data-sources/*/*.tf", "resources/*/*.tf", "guides/*.tf") {
		t.Log(file)
		example := readFile(t, file)
		switch {
		case strings.Contains(example, "ephemeral \"vault_"): // needs another provider
			continue
		case strings.Contains(example, "identity = {") && o.olderThan(1, 12):
			continue
		}
		if strings.HasPrefix(example, "import ") { // of the resource of the first example
			example += job
		}
		valid(example)
	}
}

var exampleURLs = regexp.MustCompile(`https://[a-z.]+\.example/`)

// TestTheExamplesWork applies every example of a resource on a simulated host, with its files and with nothing else changed;
// then nothing is left to do, and everything can be destroyed.
func TestTheExamplesWork(t *testing.T) {
	for _, file := range exampleFiles(t, "resources/*/resource*.tf") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			example := readFile(t, file)
			o := operate(t)
			o.giveVariables(example)
			o.write(example)
			o.run(2, "plan", "-detailed-exitcode") // which would fail if it asked the hosts: there are none

			example = exampleURLs.ReplaceAllString(example, o.farm.FilesURL+"/")
			example = regexp.MustCompile(`(web|db)\d\d\.corp\.example`).ReplaceAllString(example, o.settings.Host)
			example = strings.ReplaceAll(example, `"D:`, `"C:`)
			for _, folder := range []string{`C:\ProgramData\Acme\packages`, `C:\ProgramData\Acme\patches`, `C:\ProgramData\Acme\reports`, `C:\Images`} {
				place, err := o.farm.Host(0).Drive.Place(folder)
				if err == nil {
					err = os.MkdirAll(place, 0o750)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			upload := strings.Contains(example, `"upload"`)
			if upload {
				o.call(http.MethodPut, `/hosts/0/files?path=C:%5CProgramData%5CAcme%5Creports%5Cweb01.zip`, nil, nil)
			}
			if !strings.Contains(example, "wait_for_transfer = true") {
				o.do("pause")
			}
			o.write(example)
			o.apply()
			o.planIsEmpty()
			o.run(0, "destroy", "-auto-approve")
			if upload {
				o.behind("cancel", nil) // BITS keeps a cancelled upload for up to a day, to tell its server
			}
			o.nothingIsLeft()
		})
	}
}
